#!/usr/bin/env bash
# Shopify's library for languages reads an amount that it wrote itself as a hundred or a thousand times as much, where the sign of the
# currency has a dot: 12,50 kr. of Denmark come back as 1250.
#
# Guess: unformatCurrency of what formatCurrency wrote, with the same object and currency, is the amount again. Its README has
# unformatCurrency turn a localized currency string into one that JavaScript reads, € 1,25 into 1.25.
set -euo pipefail
version=7.14.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit --legacy-peer-deps "@shopify/react-i18n@$version" react@18.3.1 react-dom@18.3.1 > /dev/null
cat > main.js <<'JS'
const { I18n } = require('@shopify/react-i18n');

const cases = [['da', 'DKK', 12.5], ['da', 'DKK', -500.25], ['da', 'DKK', 500], ['da', 'SEK', 12.5], ['da', 'EUR', 12.5], ['ar', 'KWD', 12.5],
  ['ar', 'KWD', 500], ['sv', 'SEK', 12.5], ['de', 'EUR', 1250.5], ['en', 'KWD', 12.5], ['ja', 'JPY', 1500]];
for (const [locale, currency, amount] of cases) {
  const i18n = new I18n([{}], { locale, currency });
  const written = i18n.formatCurrency(amount, { currency, form: 'short' });
  const bare = i18n.formatCurrency(amount, { currency, form: 'none' });
  const shown = written.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u200e\u200f]/g, '');
  console.log([locale, amount, shown, i18n.unformatCurrency(written, currency), i18n.unformatCurrency(bare, currency)].join('|'));
}
JS
node main.js > seen.txt
printf 'language|amount|written|read back|read back, written without its sign\n' | cat - seen.txt | column -t -s '|'
cat > before.txt <<'TEXT'
da|12.5|12,50 kr.|1250.00|12.50
da|-500.25|-500,25 kr.|-50025.00|-500.25
da|500|500,00 kr.|50000.00|500.00
da|12.5|12,50 kr.|1250.00|12.50
da|12.5|12,50 €|12.50|12.50
ar|12.5|12.500 د.ك.|12500.000|12.500
ar|500|500.000 د.ك.|500000.000|500.000
sv|12.5|12,50 kr|12.50|12.50
de|1250.5|1.250,50 €|1250.50|1250.50
en|12.5|KWD 12.500|12.500|12.500
ja|1500|￥1,500|1500.00|1500.00
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see ParseMoney in domain/money.go"; exit 1; }
echo "expected: the amount, in both columns"
echo "seen (@shopify/react-i18n $version): the dot of the sign is taken for the decimals' one, and those that were there join the number"
echo "in Pointbridge: ParseMoney in domain/money.go reads plain decimals alone, and refuses what has a sign of a currency"
