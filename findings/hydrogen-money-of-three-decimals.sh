#!/usr/bin/env bash
# Shopify's component for amounts in storefronts of one's own writes all currencies with two decimals once it is asked for the amount
# alone without trailing zeros: 1.005 dinars of Bahrain are 1.01.
#
# Guess: what two properties say of an amount, both say together: it loses its currency, and its fraction where that is nothing but
# zeros. Shopify's page on useMoney, which the component asks, has a fraction stay that is more than zeros.
set -euo pipefail
version=2026.4.4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit --legacy-peer-deps "@shopify/hydrogen-react@$version" react@18.3.1 react-dom@18.3.1 > /dev/null
cat > main.mjs <<'JS'
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Money, ShopifyProvider } from '@shopify/hydrogen-react';

const shop = {
  storeDomain: 'https://example.myshopify.com', storefrontToken: 'token', storefrontApiVersion: '2026-04',
  countryIsoCode: 'US', languageIsoCode: 'EN',
};
const bare = { withoutCurrency: true };
const short = { withoutTrailingZeros: true };
for (const [amount, currencyCode] of [['1.005', 'BHD'], ['12.345', 'KWD'], ['12.0', 'KWD'], ['12.5', 'USD'], ['500.0', 'JPY']]) {
  const written = [{}, bare, short, { ...bare, ...short }].map((how) => {
    const money = createElement(Money, { data: { amount, currencyCode }, ...how });
    return renderToStaticMarkup(createElement(ShopifyProvider, shop, money)).replace(/<[^>]*>/g, '').replace(/\u00a0/g, ' ').trim();
  });
  console.log([amount, ...written].join('|'));
}
JS
node main.mjs > seen.txt
printf 'amount|as it is|without currency|without trailing zeros|without both\n' | cat - seen.txt | column -t -s '|'
cat > before.txt <<'TEXT'
1.005|BHD 1.005|1.005|BHD 1.005|1.01
12.345|KWD 12.345|12.345|KWD 12.345|12.35
12.0|KWD 12.000|12.000|KWD 12|12
12.5|$12.50|12.50|$12.50|12.50
500.0|¥500|500|¥500|500
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see Decimal in domain/money.go"; exit 1; }
echo "expected: 1.005 and 12.345 in the last column as well"
echo "seen (@shopify/hydrogen-react $version): the last of the four ways knows no currency, only two decimals, and rounds to them"
echo "in Pointbridge: Decimal in domain/money.go writes an amount with its currency's decimals, and events tell it in the smallest unit"
