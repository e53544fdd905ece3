#!/usr/bin/env bash
# A Node library for Idempotency-Key lets two requests with one key be carried out when they come together after the key's first life:
# the first of them finds the old entry, clears it and claims nothing.
#
# Guess: of two requests that come together with one key one is carried out and the other is told that it is under way, whether the
# key is new or was used long ago and has ended. The package calls itself "Race-Condition free"; a key ends cacheTTLMS after its use,
# a day when nothing is said.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit @node-idempotency/core@1.0.11 @node-idempotency/storage-adapter-memory@1.0.2 > /dev/null
cat > main.js <<'JS'
const { Idempotency } = require('@node-idempotency/core');
const { MemoryStorageAdapter } = require('@node-idempotency/storage-adapter-memory');

// The clock is the script's own, so that a day passes at once.
let day = 0;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given) { super(...(given.length ? given : [RealDate.now() + day * 24 * 60 * 60 * 1000])); }
};

const keys = new Idempotency(new MemoryStorageAdapter());
const request = (key) => ({ method: 'POST', path: '/debits', headers: { 'Idempotency-Key': key }, body: { points: 500 } });
const fate = (come) => come.then((answer) => answer ? 'first answer' : 'carried out', (error) => error.message);
const together = async (when, key) => {
  const fates = await Promise.all([1, 2].map(() => fate(keys.onRequest(request(key)))));
  console.log([when, ...fates].join('|'));
};
(async () => {
  await together('new', 'answered');
  await keys.onResponse(request('answered'), { body: { balance: 750 } });
  await together('a moment later', 'answered');
  await together('new, and its process dies', 'unanswered');
  day = 2;
  await together('two days later', 'answered');
  await together('two days later, no answer then', 'unanswered');
})();
JS
node main.js > seen.txt
printf 'key|one request|the other, beside it\n' | cat - seen.txt | column -t -s '|'
echo "expected: never two that are carried out"
cat > before.txt <<'TEXT'
new|carried out|A request is outstanding for this Idempotency-Key
a moment later|first answer|first answer
new, and its process dies|carried out|A request is outstanding for this Idempotency-Key
two days later|carried out|carried out
two days later, no answer then|carried out|carried out
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see docs/pos-contract.md"; exit 1; }
echo "seen (@node-idempotency/core 1.0.11, storage-adapter-memory 1.0.2): an entry that has ended is still in the way of a claim, and then gone"
echo "in Pointbridge: docs/pos-contract.md asks a POS for keys of 30 days and for references for ever, which a debit is held against as well"
