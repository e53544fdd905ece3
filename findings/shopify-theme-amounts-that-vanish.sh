#!/usr/bin/env bash
# Shopify's library for amounts in themes writes nothing at all in four of the eight formats that a shop can choose, and reads a price
# of one decimal as a tenth of it.
#
# Guess: formatMoney(cents, format) heeds every format that Shopify's page on currency formatting lists (help.shopify.com, "Formatting
# how currency displays to your customers"; the amounts expected below are its own examples), and a text such as '3.5' is an amount in
# dollars, as the function's comment has it of '3.00'.
set -euo pipefail
version=4.1.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "@shopify/theme-currency@$version" > /dev/null
cp node_modules/@shopify/theme-currency/currency.js currency.mjs
cat > main.mjs <<'JS'
import { formatMoney } from './currency.mjs';

const formats = {
  amount: '1,134.65',
  amount_no_decimals: '1,135',
  amount_with_comma_separator: '1.134,65',
  amount_no_decimals_with_comma_separator: '1.135',
  amount_with_apostrophe_separator: "1'134.65",
  amount_no_decimals_with_space_separator: '1 135',
  amount_with_space_separator: '1 134,65',
  amount_with_period_and_space_separator: '1 134.65',
};
for (const [format, expected] of Object.entries(formats)) {
  console.log(`113465|Fr. {{ ${format} }}|Fr. ${expected}|${formatMoney(113465, `Fr. {{ ${format} }}`)}`);
}
for (const dollars of ['3.00', '3.5']) {
  console.log(`'${dollars}'|\${{amount}}|$${Number(dollars).toFixed(2)}|${formatMoney(dollars, '${{amount}}')}`);
}
JS
node main.mjs > seen.txt
(echo 'amount|format|expected|written'; cat seen.txt) | column -t -s '|'
cat > before.txt <<'TEXT'
113465|Fr. {{ amount }}|Fr. 1,134.65|Fr. 1,134.65
113465|Fr. {{ amount_no_decimals }}|Fr. 1,135|Fr. 1,135
113465|Fr. {{ amount_with_comma_separator }}|Fr. 1.134,65|Fr. 1.134,65
113465|Fr. {{ amount_no_decimals_with_comma_separator }}|Fr. 1.135|Fr. 1.135
113465|Fr. {{ amount_with_apostrophe_separator }}|Fr. 1'134.65|Fr. 
113465|Fr. {{ amount_no_decimals_with_space_separator }}|Fr. 1 135|Fr. 
113465|Fr. {{ amount_with_space_separator }}|Fr. 1 134,65|Fr. 
113465|Fr. {{ amount_with_period_and_space_separator }}|Fr. 1 134.65|Fr. 
'3.00'|${{amount}}|$3.00|$3.00
'3.5'|${{amount}}|$3.50|$0.35
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see Money in templates/format.go"; exit 1; }
echo "seen (@shopify/theme-currency $version): a format that it does not know leaves the sign of the currency alone; a text only loses its point"
echo "in Pointbridge: Money in templates/format.go writes amounts by currency and language, so that no text of a shop's settings is read"
