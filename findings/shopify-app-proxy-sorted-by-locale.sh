#!/usr/bin/env bash
# Shopify's JavaScript library refuses what its app proxy signs where a link has a parameter in capitals, or one whose name begins
# another's.
#
# Guess: the library sorts a query as Shopify's page on app proxies does (its Ruby code sorts the pairs, name=value, by their
# bytes, and joins them), so that whatever a mail or an advertisement puts behind a link is accepted.
set -euo pipefail
version=13.1.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "@shopify/shopify-api@$version" > /dev/null
cat > main.mjs <<'JS'
import '@shopify/shopify-api/adapters/node';
import { createHmac } from 'node:crypto';
import { shopifyApi } from '@shopify/shopify-api';

const secret = 'a made-up secret';
const { utils } = shopifyApi({ apiKey: 'key', apiSecretKey: secret, hostName: 'app.example.com', apiVersion: '2026-01',
  isEmbeddedApp: true, logger: { level: 0 } });
const pairsSorted = (query) => Object.entries(query)
  .map(([name, value]) => Buffer.from(`${name}=${[value].flat().join(',')}`))
  .sort(Buffer.compare).join('');
const links = {
  'nothing behind it': {},
  'a newsletter': { utm_source: 'mail', utm_medium: 'email' },
  'a parameter twice': { ids: ['1', '2'] },
  'Snapchat (ScCid)': { ScCid: '0f1e2d3c' },
  'page and page2': { page: '1', page2: '2' },
  'ref and ref-id': { ref: 'a', 'ref-id': 'b' },
};
for (const [name, behind] of Object.entries(links)) {
  const query = { shop: 'mori.myshopify.com', logged_in_customer_id: '', path_prefix: '/apps/points',
    timestamp: String(Math.floor(Date.now() / 1000)), ...behind };
  const signature = createHmac('sha256', secret).update(pairsSorted(query)).digest('hex');
  console.log(`${name}|${await utils.validateHmac({ ...query, signature }, { signator: 'appProxy' })}`);
}
JS
node main.mjs > seen.txt
printf 'a link with|accepted\n' | cat - seen.txt | column -t -s '|'
echo "expected: true six times"
printf '%s\n' 'nothing behind it|true' 'a newsletter|true' 'a parameter twice|true' 'Snapchat (ScCid)|false' 'page and page2|false' \
  'ref and ref-id|false' > before.txt
cmp -s before.txt seen.txt || { echo "this has changed; see canonicalTexts in integrations/shopify/proxy_page.go"; exit 1; }
echo "seen (@shopify/shopify-api $version): names alone are sorted, by localeCompare: capitals beside small letters, shorter ones first"
echo "in Pointbridge: canonicalTexts in integrations/shopify/proxy_page.go sorts pairs by bytes, and takes names by bytes as well"
