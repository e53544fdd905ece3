#!/usr/bin/env bash
# A library for coupon codes with check signs accepts a code in which a Y was typed for a 0, or a 0 for a Y: another code, and valid.
#
# Guess: one wrong sign is found. Its README has the last sign of each group tell whether the others are right, and takes only O, I, Z
# and S for the figures that look like them.
set -euo pipefail
version=0.4.5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "coupon-code@$version" > /dev/null
cat > main.js <<'JS'
const { validate } = require('coupon-code');

const signs = [...'0123456789ABCDEFGHJKLMNPQRTUVWXY'];
const valid = (code) => validate(code, { parts: 1 }) === code;
const codes = signs.flatMap((a) => signs.flatMap((b) => signs.map((c) => {
  const check = signs.find((sign) => valid(a + b + c + sign));
  return a + b + c + check;
})));
const passed = new Map();
let typed = 0;
for (const code of codes) {
  for (let place = 0; place < code.length; place++) {
    for (const sign of signs.filter((other) => other !== code[place])) {
      typed++;
      const wrong = code.slice(0, place) + sign + code.slice(place + 1);
      if (!valid(wrong)) continue;
      const pair = [code[place], sign].sort().join(' and ');
      passed.set(pair, (passed.get(pair) ?? 0) + 1);
    }
  }
}
console.log(`codes of one group|${codes.length}`);
console.log(`with one wrong sign|${typed}`);
for (const [pair, times] of passed) console.log(`of them accepted, ${pair} exchanged|${times}`);
JS
node main.js > seen.txt
column -t -s '|' seen.txt
echo "expected: none is accepted"
cat > before.txt <<'TEXT'
codes of one group|32768
with one wrong sign|4063232
of them accepted, 0 and Y exchanged|6144
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see domain/code.go"; exit 1; }
echo "seen (coupon-code $version): there are 32 signs, and the check sign is a rest of 31, so that the first and the last weigh the same"
echo "in Pointbridge: codes of domain/code.go have no check sign and neither 0 nor O among what is drawn; what was typed is looked up"
