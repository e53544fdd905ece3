#!/usr/bin/env bash
# A Node client of Shopify's Admin API that may repeat requests repeats a creation whose answer was lost, although Shopify may have
# carried it out: one call makes two gift cards.
#
# Guess: with maxRetries a creation is sent again when Shopify says 429, and so has made nothing, as the README has it ("where when a
# 429 error occurs, the request is automatically retried after waiting"); a creation whose answer never comes is an error that the
# caller sees, who can look what there is.
set -euo pipefail
version=3.15.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "shopify-api-node@$version" > /dev/null
cat > main.js <<'JS'
const http = require('node:http');
const Shopify = require('shopify-api-node');

// The shop stands in for Shopify: its first answer is a refusal or gets lost, and each request that is not refused makes a card.
let first, maxRetries, requests, cards;
const shop = http.createServer((request, response) => {
  request.resume().on('end', () => {
    requests++;
    if (requests === 1 && first === '429') return response.writeHead(429, { 'Retry-After': '0.1' }).end('{}');
    cards++;
    if (requests === 1 && first === 'lost') return request.socket.destroy();
    response.writeHead(201).end(JSON.stringify({ gift_card: { id: cards }, data: { giftCardCreate: { giftCard: { id: cards } } } }));
  });
});
shop.listen(0, '127.0.0.1', async () => {
  const ways = {
    'giftCard.create': (shopify) => shopify.giftCard.create({ initial_value: '500' }),
    'graphql': (shopify) => shopify.graphql('mutation { giftCardCreate(input: {initialValue: "500"}) { giftCard { id } } }'),
  };
  for (const [way, make] of Object.entries(ways)) {
    for ([first, maxRetries] of [['429', 2], ['lost', 2], ['lost', 0]]) {
      requests = cards = 0;
      const shopify = new Shopify({ shopName: 'example', accessToken: 'token', apiVersion: '2025-10', maxRetries });
      shopify.baseUrl = { protocol: 'http:', hostname: '127.0.0.1', port: shop.address().port };
      const told = await make(shopify).then(() => 'done', (error) => error.code);
      console.log([way, maxRetries, first, cards, told].join('|'));
    }
  }
  shop.close();
  shop.closeAllConnections();
});
JS
node main.js > seen.txt
printf 'call|maxRetries|first answer|cards made|the caller is told\n' | cat - seen.txt | column -t -s '|'
echo "expected: never more than one card"
cat > before.txt <<'TEXT'
giftCard.create|2|429|1|done
giftCard.create|2|lost|2|done
giftCard.create|0|lost|1|ECONNRESET
graphql|2|429|1|done
graphql|2|lost|2|done
graphql|0|lost|1|ECONNRESET
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see integrations/upstream/sent.go"; exit 1; }
echo "seen (shopify-api-node $version): a POST is repeated after a lost connection as a read is; the second card is told of, the first is not"
echo "in Pointbridge: integrations/upstream/sent.go tells lost answers from requests that never left, and only the queue repeats, after a look"
