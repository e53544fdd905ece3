#!/usr/bin/env bash
# Two JavaScript libraries for money treat an amount below zero otherwise than the same amount above: a line of an order gets back
# more or less than it gave, and the next major version of one of them does not.
#
# Guess: what is divided among the lines of an order, 7 points in shares of 7 to 3, is divided in the same way when it goes back, as
# -7; and half a unit that was rounded up to a unit when it was taken is a unit when it is given back.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit dinero1@npm:dinero.js@1.9.1 dinero2@npm:dinero.js@2.0.2 currency.js@2.0.4 > /dev/null
cat > main.mjs <<'JS'
import { createRequire } from 'node:module';
import { allocate, dinero, toSnapshot } from 'dinero2';
import { JPY } from 'dinero2/currencies';

const require = createRequire(import.meta.url);
const Dinero = require('dinero1');
const currency = require('currency.js');
const divide = {
  'dinero.js 1.9.1': (amount, shares) => Dinero({ amount, precision: 0 }).allocate(shares).map((part) => part.getAmount()),
  'dinero.js 2.0.2': (amount, shares) => allocate(dinero({ amount, currency: JPY }), shares).map((part) => toSnapshot(part).amount),
};
for (const [library, parts] of Object.entries(divide)) {
  for (const [amount, shares] of [[7, [7, 3]], [100, [1, 1, 1]]]) {
    console.log(`${library}|${amount} by ${shares.join(':')}|${parts(amount, shares).join(' ')}|${parts(-amount, shares).join(' ')}`);
  }
}
const whole = (amount) => currency(amount, { precision: 0 }).value;
console.log(`currency.js 2.0.4|2.5 in whole units|${whole(2.5)}|${whole(-2.5)}`);
console.log(`currency.js 2.0.4|7 by 1:1:1|${currency(7, { precision: 0 }).distribute(3)}|${currency(-7, { precision: 0 }).distribute(3)}`);
JS
node main.mjs > seen.txt
printf 'library|what|taken|given back\n' | cat - seen.txt | column -t -s '|'
echo "expected: the same figures, with a minus"
cat > before.txt <<'TEXT'
dinero.js 1.9.1|7 by 7:3|5 2|-4 -3
dinero.js 1.9.1|100 by 1:1:1|34 33 33|-33 -33 -34
dinero.js 2.0.2|7 by 7:3|5 2|-5 -2
dinero.js 2.0.2|100 by 1:1:1|34 33 33|-34 -33 -33
currency.js 2.0.4|2.5 in whole units|3|-2
currency.js 2.0.4|7 by 1:1:1|3,2,2|-3,-2,-2
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see docs/orders.md"; exit 1; }
echo "seen: dinero.js 1 rounds each part down, which below zero is up; currency.js rounds halves towards the larger number"
echo "in Pointbridge: docs/orders.md has a coupon give its points back whole, so that nothing is divided twice"
