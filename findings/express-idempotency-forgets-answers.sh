#!/usr/bin/env bash
# A middleware of Express for Idempotency-Key remembers what is sent by json, send and sendStatus, without its Location; after an
# answer that ends otherwise, repetitions are told that the first request is still under way, although it is over.
#
# Guess: the same key with the same request gets the same answer, however a handler of Express gives it. The README asks for nothing
# else: a success (2xx) is kept, and what failed is reported by reportError.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit express-idempotency@1.0.6 express@4.21.2 > /dev/null
cat > main.js <<'JS'
const { Readable } = require('node:stream');
const express = require('express');
const { idempotency, getSharedIdempotencyService } = require('express-idempotency');

const ways = {
  json: (response) => response.status(201).location('/movements/1').json({ points: 500 }),
  send: (response) => response.status(201).location('/movements/1').send('500'),
  sendStatus: (response) => response.sendStatus(204),
  end: (response) => response.status(204).end(),
  stream: (response) => Readable.from(['500']).pipe(response.status(201).type('text/plain')),
};
let booked = 0;
const till = express();
till.use(express.json(), idempotency());
till.post('/:way', (request, response) => {
  if (getSharedIdempotencyService().isHit(request)) return;
  booked++;
  ways[request.params.way](response);
});
till.use((error, request, response, next) => response.headersSent ? next(error) : response.send(error.message));
const listener = till.listen(0, '127.0.0.1', async () => {
  const ask = async (way) => {
    const answer = await fetch(`http://127.0.0.1:${listener.address().port}/${way}`, { method: 'POST', body: '{"points":500}',
      headers: { 'Idempotency-Key': `key of ${way}`, 'Content-Type': 'application/json' } });
    const text = await answer.text();
    return answer.status === 409 ? `409 ${text}` : [answer.status, answer.headers.get('Location'), text].filter(Boolean).join(' ');
  };
  for (const way of Object.keys(ways)) {
    booked = 0;
    const [first, , third] = [await ask(way), await ask(way), await ask(way)];
    console.log([way, first, third, booked].join('|'));
  }
  listener.close();
  listener.closeAllConnections();
});
JS
node main.js > seen.txt
printf 'answered by|first answer|the third|booked\n' | cat - seen.txt | column -t -s '|'
echo "expected: the first answer each time"
cat > before.txt <<'TEXT'
json|201 /movements/1 {"points":500}|201 {"points":500}|1
send|201 /movements/1 500|201 500|1
sendStatus|204|204|1
end|204|409 A previous request is still in progress for this key.|1
stream|201 500|409 A previous request is still in progress for this key.|1
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see docs/pos-contract.md"; exit 1; }
echo "seen (express-idempotency 1.0.6): it listens to send alone, and of the headers it keeps Content-Type"
echo "in Pointbridge: docs/pos-contract.md says what a POS has to answer again, and that request_in_progress stays unknown"
