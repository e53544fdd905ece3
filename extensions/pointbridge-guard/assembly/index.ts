// The checkout's guard: it takes entered codes away, with a sentence, that a campaign would refuse anyway. It knows
// only what stands in its two metafields. Whatever is missing there, or is not as it should be, is no reason for anything.
// docs/checkout-function.md says what is in them.

import * as host from "./host";
import { holds } from "./marks";
import { mailMark, phoneMark } from "./person";

// The reasons, in the order in which they are looked for; the first that holds is said.
const NONE: u8 = 0, PAUSED: u8 = 1, BLOCKED: u8 = 2, USED: u8 = 3, ONE: u8 = 4;
const REASONS: u8 = 4;
const UNKNOWN: u8 = 255;
// More codes than a cart takes, longer than a code can be, more families than there is room for.
const MOST_CODES: u32 = 25;
const LONGEST_CODE: u32 = 255;
const LONGEST_TEXT: u32 = 1200;
const MOST_FAMILIES: u32 = 64;
const NO_FAMILY: u8 = 255;

const codes = memory.data(6400); // MOST_CODES of 256 bytes
const lengths = memory.data(100);
const familyOf = memory.data(25);
const reasonOf = memory.data(25);
const reasonOfFamily = memory.data(64);
const prefix = memory.data(32);
const scratch = memory.data(1200);
const long = memory.data(12288);
const key = memory.data(16);

// The buyer's marks; 0 for none.
let mail: u64, mail2: u64, phone: u64;

export function run(): void {
  const root = host.input();
  const config = host.at(root, "discount.guard.jsonValue");
  const entered = host.at(root, "enteredDiscountCodes");
  let count = host.count(entered);
  if (count > MOST_CODES) count = MOST_CODES;
  if (host.isOne(host.at(config, "v"))) {
    readCodes(entered, count, host.at(config, "families"));
    readBuyer(host.at(root, "cart.buyerIdentity"), config);
    judge(root, config, entered, count);
  } else {
    count = 0;
  }
  answer(host.at(root, "localization.language.isoCode"), config, entered, count);
}

// readCodes finds the family of each code.
function readCodes(entered: i64, count: u32, families: i64): void {
  const all = mostOf(families);
  for (let i: u32 = 0; i < count; i++) {
    const text = codes + (i << 8);
    const length = host.text(host.at(host.item(entered, i), "code"), text, LONGEST_CODE);
    store<u32>(lengths + (i << 2), length);
    for (let j: u32 = 0; j < length; j++) store<u8>(text + j, upper(load<u8>(text + j)));
    let found = NO_FAMILY;
    for (let f: u32 = 0; f < all && found == NO_FAMILY; f++) {
      const wanted = host.text(host.at(host.item(families, f), "prefix"), prefix, 32);
      if (wanted > 0 && wanted <= length && memory.compare(prefix, text, wanted) == 0) found = <u8>f;
    }
    store<u8>(familyOf + i, found);
    store<u8>(reasonOf + i, NONE);
  }
}

function mostOf(families: i64): u32 {
  const all = host.count(families);
  return all > MOST_FAMILIES ? MOST_FAMILIES : all;
}

function upper(c: u8): u8 {
  return c >= 97 && c <= 122 ? c - 32 : c;
}

function readBuyer(buyer: i64, config: i64): void {
  mail = 0;
  mail2 = 0;
  phone = 0;
  if (!readKey(host.at(config, "key"))) return;
  mail = mailMark(key, scratch, host.text(host.at(buyer, "email"), scratch, LONGEST_TEXT));
  mail2 = mailMark(key, scratch, host.text(host.at(buyer, "customer.email"), scratch, LONGEST_TEXT));
  phone = phoneMark(key, scratch, host.text(host.at(buyer, "phone"), scratch, LONGEST_TEXT));
}

// readKey reads 32 hexadecimal digits.
function readKey(v: i64): bool {
  if (host.text(v, scratch, 32) != 32) return false;
  for (let i = 0; i < 16; i++) {
    const high = hex(load<u8>(scratch + (i << 1))), low = hex(load<u8>(scratch + (i << 1) + 1));
    if ((high | low) < 0) return false;
    store<u8>(key + i, <u8>((high << 4) | low));
  }
  return true;
}

function hex(c: u8): i32 {
  if (c >= 48 && c <= 57) return c - 48;
  if (c >= 97 && c <= 102) return c - 87;
  return -1;
}

function judge(root: i64, config: i64, entered: i64, count: u32): void {
  const families = host.at(config, "families");
  const own = host.at(root, "cart.buyerIdentity.customer.guard.jsonValue");
  const known = host.isOne(host.at(own, "v"));
  memory.fill(reasonOfFamily, UNKNOWN, MOST_FAMILIES);
  for (let i: u32 = 0; i < count; i++) {
    const f = load<u8>(familyOf + i);
    if (f == NO_FAMILY || !rejectable(entered, i)) continue;
    const family = host.item(families, f);
    let reason = load<u8>(reasonOfFamily + f);
    if (reason == UNKNOWN) {
      reason = NONE;
      if (host.isTrue(host.at(family, "paused"))) reason = PAUSED;
      else if (marked(family, "blocked") || (known && named(host.at(own, "blocked"), family))) reason = BLOCKED;
      else if (marked(family, "used") || (known && named(host.at(own, "used"), family))) reason = USED;
      store<u8>(reasonOfFamily + f, reason);
    }
    store<u8>(reasonOf + i, reason);
  }
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(familyOf + i) != NO_FAMILY && load<u8>(reasonOf + i) == NONE && rejectable(entered, i) &&
      placeTaken(entered, i, count)) store<u8>(reasonOf + i, ONE);
  }
}

// A code that says nothing of whether it can be rejected is left alone.
function rejectable(entered: i64, i: u32): bool {
  return host.isTrue(host.at(host.item(entered, i), "rejectable"));
}

// placeTaken tells whether another code has the family's place: one that is applied already, wherever it stands, or
// else the first that is not rejected for another reason.
function placeTaken(entered: i64, i: u32, count: u32): bool {
  for (let j: u32 = 0; j < count; j++) {
    if (load<u8>(familyOf + j) != load<u8>(familyOf + i) || same(i, j) || load<u8>(reasonOf + j) != NONE) continue;
    if (j < i || host.isFalse(host.at(host.item(entered, j), "rejectable"))) return true;
  }
  return false;
}

function same(i: u32, j: u32): bool {
  const length = load<u32>(lengths + (i << 2));
  return length == load<u32>(lengths + (j << 2)) && memory.compare(codes + (i << 8), codes + (j << 8), length) == 0;
}

function marked(family: i64, list: string): bool {
  const length = host.text(host.at(family, list), long, host.LONGEST);
  return holds(long, length, mail, mail2, phone);
}

// named tells whether a list of keys has this family's.
function named(list: i64, family: i64): bool {
  const length = host.text(host.at(family, "key"), scratch, 64);
  if (length == 0) return false;
  const count = host.count(list);
  for (let i: u32 = 0; i < count; i++) {
    const other = host.text(host.item(list, i), scratch + 64, 64);
    if (other == length && memory.compare(scratch, scratch + 64, length) == 0) return true;
  }
  return false;
}

// answer rejects the codes of each reason that there is a sentence for.
function answer(language: i64, config: i64, entered: i64, count: u32): void {
  const texts = textsIn(language, config);
  let operations: u32 = 0;
  for (let r: u8 = 1; r <= REASONS; r++) {
    if (countOf(r, count) > 0 && sentence(texts, r) > 0) operations++;
  }
  host.object(1);
  host.say("operations");
  host.array(operations);
  for (let r: u8 = 1; r <= REASONS; r++) {
    const rejected = countOf(r, count), length = rejected > 0 ? sentence(texts, r) : 0;
    if (length > 0) reject(entered, r, count, rejected, length);
  }
  host.endArray();
  host.endObject();
}

function reject(entered: i64, r: u8, count: u32, rejected: u32, length: u32): void {
  host.object(1);
  host.say("enteredDiscountCodesReject");
  host.object(2);
  host.say("codes");
  host.array(rejected);
  for (let i: u32 = 0; i < count; i++) {
    if (load<u8>(reasonOf + i) != r) continue;
    host.object(1);
    host.say("code");
    // As it was typed: the copy in memory is in capitals.
    host.sayText(long, host.text(host.at(host.item(entered, i), "code"), long, LONGEST_CODE));
    host.endObject();
  }
  host.endArray();
  host.say("message");
  host.sayText(scratch, length);
  host.endObject();
  host.endObject();
}

function countOf(r: u8, count: u32): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < count; i++) if (load<u8>(reasonOf + i) == r) found++;
  return found;
}

// textsIn are those of the buyer's language, or else of the one that is the default.
function textsIn(language: i64, config: i64): i64 {
  const all = host.at(config, "texts");
  let length = host.text(language, scratch, 16);
  let texts = host.member(all, scratch, length);
  if (length > 0 && host.text(host.at(texts, "one"), long, LONGEST_TEXT) > 0) return texts;
  length = host.text(host.at(config, "default"), scratch, 16);
  return host.member(all, scratch, length);
}

function sentence(texts: i64, r: u8): u32 {
  const reason = r == PAUSED ? "paused" : r == BLOCKED ? "blocked" : r == USED ? "used" : "one";
  return host.text(host.at(texts, reason), scratch, LONGEST_TEXT);
}
