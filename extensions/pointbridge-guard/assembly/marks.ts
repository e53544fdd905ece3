// Lists of marks: 32 bits each, the greater byte first, in base64 without a line or padding.

function digit(c: u8): i32 {
  if (c >= 65 && c <= 90) return c - 65;
  if (c >= 97 && c <= 122) return c - 71;
  if (c >= 48 && c <= 57) return c + 4;
  if (c == 43) return 62;
  if (c == 47) return 63;
  return -1;
}

// holds tells whether a list has one of three marks, each beside a bit that no mark itself has; 0 is none. It reads the
// list once: instructions are counted. What follows a sign that does not belong there is not read.
export function holds(list: usize, length: u32, a: u64, b: u64, c: u64): bool {
  if ((a | b | c) == 0) return false;
  let bits: u64 = 0;
  let have: u64 = 0;
  for (let i: u32 = 0; i < length; i++) {
    const d = digit(load<u8>(list + i));
    if (d < 0) return false;
    bits = (bits << 6) | <u64>d;
    have += 6;
    if (have >= 32) {
      have -= 32;
      const mark = 0x100000000 | (bits >> have);
      if (mark == a || mark == b || mark == c) return true;
      bits &= ((<u64>1) << have) - 1;
    }
  }
  return false;
}
