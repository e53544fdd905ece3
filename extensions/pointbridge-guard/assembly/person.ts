// The forms in which an e-mail address and a phone number are compared. domain/guard has the same rules in Go, and a
// test holds one against the other: whoever changes a rule changes it there.

import { mark } from "./sip";

// The longest address and number that are read, with the letter of their kind and room for gmail.com.
const LONGEST_FORM: u32 = 320;
const form = memory.data(336);

// mailMark is the mark of an address that stands in memory; none is 0.
export function mailMark(key: usize, text: usize, length: u32): u64 {
  while (length > 0 && load<u8>(text) == 32) { text++; length--; }
  while (length > 0 && load<u8>(text + length - 1) == 32) length--;
  if (length == 0 || length > LONGEST_FORM) return 0;
  let at: i32 = -1;
  for (let i: u32 = 0; i < length; i++) {
    let c = load<u8>(text + i);
    if (c <= 32 || c >= 127) return 0;
    if (c == 64) {
      if (at >= 0) return 0;
      at = i;
    }
    if (c >= 65 && c <= 90) c += 32;
    store<u8>(text + i, c);
  }
  if (at <= 0 || <u32>at == length - 1) return 0;
  const gmail = is(text + at + 1, length - at - 1, "gmail.com") || is(text + at + 1, length - at - 1, "googlemail.com");
  store<u8>(form, 101); // e
  let end: u32 = 1;
  for (let i: u32 = 0; i < <u32>at; i++) {
    const c = load<u8>(text + i);
    if (gmail && c == 43) break;
    if (gmail && c == 46) continue;
    store<u8>(form + end++, c);
  }
  if (end == 1) return 0;
  if (gmail) return finished(key, write(end, "@gmail.com"));
  memory.copy(form + end, text + at, length - at);
  return finished(key, end + length - at);
}

// phoneMark is the mark of a number in international form; none is 0. Signs between the digits do not count.
export function phoneMark(key: usize, text: usize, length: u32): u64 {
  store<u8>(form, 112); // p
  let end: u32 = 1;
  if (length == 0 || load<u8>(text) != 43) return 0;
  for (let i: u32 = 1; i < length; i++) {
    const c = load<u8>(text + i);
    if (c == 32 || c == 45 || c == 40 || c == 41 || c == 46) continue;
    if (c < 48 || c > 57 || end > 15) return 0;
    store<u8>(form + end++, c);
  }
  if (end < 9) return 0;
  return finished(key, end);
}

// A mark stands beside a bit, so that a mark of 0 is one.
function finished(key: usize, length: u32): u64 {
  return 0x100000000 | <u64>mark(key, form, length);
}

function is(text: usize, length: u32, want: string): bool {
  if (length != <u32>want.length) return false;
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(text + i) != <u8>load<u16>(changetype<usize>(want) + (<usize>i << 1))) return false;
  }
  return true;
}

function write(end: u32, text: string): u32 {
  for (let i = 0; i < text.length; i++) {
    store<u8>(form + end++, <u8>load<u16>(changetype<usize>(text) + (<usize>i << 1)));
  }
  return end;
}
