// SipHash-2-4, of which a mark is the lower half.

let v0: u64, v1: u64, v2: u64, v3: u64;

function round(): void {
  v0 += v1; v1 = rotl<u64>(v1, 13); v1 ^= v0; v0 = rotl<u64>(v0, 32);
  v2 += v3; v3 = rotl<u64>(v3, 16); v3 ^= v2;
  v0 += v3; v3 = rotl<u64>(v3, 21); v3 ^= v0;
  v2 += v1; v1 = rotl<u64>(v1, 17); v1 ^= v2; v2 = rotl<u64>(v2, 32);
}

function block(m: u64): void {
  v3 ^= m;
  round();
  round();
  v0 ^= m;
}

// mark hashes a text that stands in memory, with a key of 16 bytes.
export function mark(key: usize, text: usize, length: u32): u32 {
  const k0 = load<u64>(key), k1 = load<u64>(key + 8);
  v0 = k0 ^ 0x736f6d6570736575;
  v1 = k1 ^ 0x646f72616e646f6d;
  v2 = k0 ^ 0x6c7967656e657261;
  v3 = k1 ^ 0x7465646279746573;
  let i: u32 = 0;
  for (; i + 8 <= length; i += 8) block(load<u64>(text + i));
  let last: u64 = (<u64>length) << 56;
  for (let shift: u64 = 0; i < length; i++, shift += 8) last |= (<u64>load<u8>(text + i)) << shift;
  block(last);
  v2 ^= 0xff;
  round();
  round();
  round();
  round();
  return <u32>(v0 ^ v1 ^ v2 ^ v3);
}
