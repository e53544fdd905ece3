// What a Function gets from Shopify: values of the input, and a writer of the output. Nothing here allocates.

@external("shopify_function_v2", "shopify_function_input_get")
declare function inputGet(): i64;
@external("shopify_function_v2", "shopify_function_input_read_utf8_str")
declare function inputReadString(source: usize, into: usize, length: usize): void;
@external("shopify_function_v2", "shopify_function_input_get_obj_prop")
declare function inputGetProperty(object: i64, name: usize, length: usize): i64;
@external("shopify_function_v2", "shopify_function_input_get_at_index")
declare function inputGetAt(list: i64, index: u32): i64;
@external("shopify_function_v2", "shopify_function_output_new_utf8_str")
declare function outputString(text: usize, length: usize): i32;
@external("shopify_function_v2", "shopify_function_output_new_object")
declare function outputObject(members: u32): i32;
@external("shopify_function_v2", "shopify_function_output_finish_object")
declare function outputObjectEnd(): i32;
@external("shopify_function_v2", "shopify_function_output_new_array")
declare function outputArray(items: u32): i32;
@external("shopify_function_v2", "shopify_function_output_finish_array")
declare function outputArrayEnd(): i32;

// A value is a number, or a tag in bits 46 to 49 with a length in bits 32 to 45 and an address in the lower 32.
const BOXED: u64 = 0x7ffc000000000000;
const BOXED_MASK: u64 = 0xfffc000000000000;
const TAG_BOOL: u32 = 1;
const TAG_STRING: u32 = 3;
const TAG_ARRAY: u32 = 5;
// UNKNOWN_LENGTH stands for every length that does not fit. Nothing that is read here is that long.
const UNKNOWN_LENGTH: u32 = 0x3fff;

export const LONGEST: u32 = 12288;
const name = memory.data(64);

// @ts-ignore: a decorator
@inline
function tagOf(v: i64): u32 {
  if (((<u64>v) & BOXED_MASK) != BOXED) return 0xff;
  return <u32>(v >> 46) & 0xf;
}

// @ts-ignore: a decorator
@inline
function lengthOf(v: i64): u32 {
  return <u32>(v >> 32) & UNKNOWN_LENGTH;
}

export function input(): i64 {
  return inputGet();
}

// at follows a path of names with dots between them. Where one is missing the answer is a value of no use, and so is
// whatever is asked of that.
export function at(v: i64, path: string): i64 {
  let length = 0;
  for (let i = 0; i < path.length; i++) {
    const c = load<u16>(changetype<usize>(path) + (<usize>i << 1));
    if (c == 46) {
      v = inputGetProperty(v, name, length);
      length = 0;
    } else {
      store<u8>(name + length++, <u8>c);
    }
  }
  return inputGetProperty(v, name, length);
}

// member asks an object for a member whose name stands in memory.
export function member(v: i64, text: usize, length: u32): i64 {
  return inputGetProperty(v, text, length);
}

export function isTrue(v: i64): bool {
  return tagOf(v) == TAG_BOOL && <u32>v != 0;
}

export function isFalse(v: i64): bool {
  return tagOf(v) == TAG_BOOL && <u32>v == 0;
}

export function isOne(v: i64): bool {
  return v == reinterpret<i64>(1.0);
}

// count is how many items a list has; what is none, or is longer than any that is meant, has none.
export function count(v: i64): u32 {
  if (tagOf(v) != TAG_ARRAY || lengthOf(v) == UNKNOWN_LENGTH) return 0;
  return lengthOf(v);
}

export function item(v: i64, index: u32): i64 {
  return inputGetAt(v, index);
}

// text reads a string and returns its length in bytes; 0 for what is no string or longer than most.
export function text(v: i64, into: usize, most: u32): u32 {
  if (tagOf(v) != TAG_STRING) return 0;
  const length = lengthOf(v);
  if (length == UNKNOWN_LENGTH || length > most) return 0;
  inputReadString(<usize>(<u32>v), into, length);
  return length;
}

export function say(text: string): void {
  for (let i = 0; i < text.length; i++) {
    store<u8>(name + i, <u8>load<u16>(changetype<usize>(text) + (<usize>i << 1)));
  }
  outputString(name, text.length);
}

export function sayText(text: usize, length: u32): void {
  outputString(text, length);
}

export function object(members: u32): void {
  outputObject(members);
}

export function endObject(): void {
  outputObjectEnd();
}

export function array(items: u32): void {
  outputArray(items);
}

export function endArray(): void {
  outputArrayEnd();
}
