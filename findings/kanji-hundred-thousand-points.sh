#!/usr/bin/env bash
# A library for Japanese text reads 十万, a hundred thousand, as 1000100000, and 1.5万 as 150000.
#
# Guess: what a campaign's text promises in kanji is read as the number that it says: 十, 百 and 千 before 万 or 億 count these, 十万 as
# 二十万 does. The README has toNumericFromKanji make '156000000' of '1億5600万' and '12300401567' of '百二三億四十万千五六十七', where
# 百 and 十 stand for nothing but their places, and toNumeric keep the point of 3.1415.
set -euo pipefail
version=0.2.4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "japanese-string-utils@$version" > /dev/null
cat > main.js <<'JS'
const { toNumericFromKanji } = require('japanese-string-utils');

const written = { 十万: 100000, '10万': 100000, 二十万: 200000, 百万: 1000000, '100万': 1000000, 五百万: 5000000, 千万: 10000000,
  一千万: 10000000, 十億: 1000000000, 十万三: 100003, '1.5万': 15000, '1万5千': 15000 };
for (const [kanji, number] of Object.entries(written)) console.log(`${kanji}|${number}|${toNumericFromKanji(kanji)}`);

// Every tenth number below a million. 一 stands before 万, and never before 千, 百 and 十.
const digits = '〇一二三四五六七八九';
const below = (n) => ['千', '百', '十', ''].map((place, i) => {
  const digit = Math.floor(n / 10 ** (3 - i)) % 10;
  return digit === 0 ? '' : (digit === 1 && place ? '' : digits[digit]) + place;
}).join('');
const kanji = (n) => (n >= 10000 ? below(Math.floor(n / 10000)) + '万' : '') + below(n % 10000);
const wrong = [];
for (let n = 10; n < 1000000; n += 10) if (toNumericFromKanji(kanji(n)) !== String(n)) wrong.push(n);
console.log(`10, 20 … 999990|99999 right|${99999 - wrong.length} right`);
console.log(`the wrong ones|none|${wrong[0]} to ${wrong.at(-1)}`);
JS
node main.js > seen.txt
(echo 'written|expected|read'; cat seen.txt) | column -t -s '|'
cat > before.txt <<'TEXT'
十万|100000|1000100000
10万|100000|100000
二十万|200000|200000
百万|1000000|10001000000
100万|1000000|1000000
五百万|5000000|5000000
千万|10000000|100010000000
一千万|10000000|10000000
十億|1000000000|10001000000000
十万三|100003|1000100003
1.5万|15000|150000
1万5千|15000|15000
10, 20 … 999990|99999 right|98999 right
the wrong ones|none|100000 to 109990
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see value in domain/identity/address_japan.go"; exit 1; }
echo "seen (japanese-string-utils $version): a 十, 百 or 千 that begins the number, right before 万 or 億, is read as two numbers, one behind the other"
echo "in Pointbridge: value in domain/identity/address_japan.go reads the numbers of houses alone; amounts and points come as figures"
