#!/usr/bin/env bash
# Shopify's library for storefronts of one's own reads the moment in a metafield by the machine's clock: an offer that ends at noon GMT
# ends at three in the morning for a browser in Tokyo and at five in the afternoon for a server in New York.
#
# Guess: a date_time without a zone is GMT wherever it is read: Shopify's list of metafield types has such a value as ISO 8601 "without
# a presumed timezone", and GMT where none is given. A list of moments is read as each of them is.
set -euo pipefail
version=2026.4.4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit --legacy-peer-deps "@shopify/hydrogen-react@$version" react@18.3.1 react-dom@18.3.1 > /dev/null
cat > main.mjs <<'JS'
import { parseMetafield } from '@shopify/hydrogen-react';

const read = (type, value) => [parseMetafield({ namespace: 'loyalty', key: 'until', type, value }).parsedValue].flat()
  .map((moment) => moment.toISOString()).join(' ');
for (const value of ['2026-11-30T12:00:00', '2026-11-30T12:00:00Z', '2026-07-01T12:00:00']) {
  const expected = value.replace('Z', '') + '.000Z';
  const seen = [read('date_time', value), read('list.date_time', JSON.stringify([value]))];
  console.log([process.env.TZ, value, expected, ...seen].join('|'));
}
console.log([process.env.TZ, '2026-11-30', '2026-11-30T00:00:00.000Z', read('date', '2026-11-30'), read('list.date', '["2026-11-30"]')].join('|'));
JS
for zone in UTC Asia/Tokyo America/New_York; do TZ=$zone node main.mjs; done > seen.txt
(echo 'machine|value|expected|read|read in a list'; cat seen.txt) | column -t -s '|'
cat > before.txt <<'TEXT'
UTC|2026-11-30T12:00:00|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z
UTC|2026-11-30T12:00:00Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z
UTC|2026-07-01T12:00:00|2026-07-01T12:00:00.000Z|2026-07-01T12:00:00.000Z|2026-07-01T12:00:00.000Z
UTC|2026-11-30|2026-11-30T00:00:00.000Z|2026-11-30T00:00:00.000Z|2026-11-30T00:00:00.000Z
Asia/Tokyo|2026-11-30T12:00:00|2026-11-30T12:00:00.000Z|2026-11-30T03:00:00.000Z|2026-11-30T03:00:00.000Z
Asia/Tokyo|2026-11-30T12:00:00Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z
Asia/Tokyo|2026-07-01T12:00:00|2026-07-01T12:00:00.000Z|2026-07-01T03:00:00.000Z|2026-07-01T03:00:00.000Z
Asia/Tokyo|2026-11-30|2026-11-30T00:00:00.000Z|2026-11-30T00:00:00.000Z|2026-11-30T00:00:00.000Z
America/New_York|2026-11-30T12:00:00|2026-11-30T12:00:00.000Z|2026-11-30T17:00:00.000Z|2026-11-30T17:00:00.000Z
America/New_York|2026-11-30T12:00:00Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z|2026-11-30T12:00:00.000Z
America/New_York|2026-07-01T12:00:00|2026-07-01T12:00:00.000Z|2026-07-01T16:00:00.000Z|2026-07-01T16:00:00.000Z
America/New_York|2026-11-30|2026-11-30T00:00:00.000Z|2026-11-30T00:00:00.000Z|2026-11-30T00:00:00.000Z
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see Value in domain/metafields/value.go"; exit 1; }
echo "seen (@shopify/hydrogen-react $version): a day alone is read in GMT, a day with a time by the machine's zone, unless the text has a Z"
echo "in Pointbridge: Value in domain/metafields/value.go writes every moment with its Z, which is read alike everywhere"
