#!/usr/bin/env bash
# Of two libraries that write a date with its Japanese era, one takes the day from UTC and the year from the machine's clock: in Japan
# an era begins at nine in the morning, and in America the first of January is in the year before.
#
# Guess: the day that is written, or whose midnight is given, is the day whose era and year come out, wherever the program runs.
# wareki's README has the same: of '2019-05-01' comes the first year of Reiwa. 1 January 2020 was in the second.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit wareki@1.0.0 @smarthr/wareki@1.3.1 > /dev/null
cat > main.mjs <<'JS'
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const wareki = require('wareki');
const { dateToWareki } = require('@smarthr/wareki');
const year = (text) => text.replace(/年.*/, '');
for (const [y, m, d] of [[1989, 1, 7], [1989, 1, 8], [2019, 4, 30], [2019, 5, 1], [2020, 1, 1]]) {
  const text = [y, m, d].map((part) => String(part).padStart(2, '0')).join('-');
  const midnight = new Date(y, m - 1, d);
  const shown = [wareki(text), wareki(midnight), year(dateToWareki(text).result), year(dateToWareki(midnight).result)];
  console.log([process.env.TZ, text, ...shown].join('|'));
}
JS
for zone in UTC Asia/Tokyo America/New_York; do TZ=$zone node main.mjs; done > seen.txt
printf 'machine|day|wareki of the text|wareki of its midnight|@smarthr/wareki of the text|of its midnight\n' | cat - seen.txt | column -t -s '|'
echo "expected: the same four times in each row"
cat > before.txt <<'TEXT'
UTC|1989-01-07|昭和64|昭和64|昭和64|昭和64
UTC|1989-01-08|平成元|平成元|平成元|平成元
UTC|2019-04-30|平成31|平成31|平成31|平成31
UTC|2019-05-01|令和元|令和元|令和元|令和元
UTC|2020-01-01|令和2|令和2|令和2|令和2
Asia/Tokyo|1989-01-07|昭和64|昭和64|昭和64|昭和64
Asia/Tokyo|1989-01-08|平成元|昭和64|平成元|平成元
Asia/Tokyo|2019-04-30|平成31|平成31|平成31|平成31
Asia/Tokyo|2019-05-01|令和元|平成31|令和元|令和元
Asia/Tokyo|2020-01-01|令和2|令和2|令和2|令和2
America/New_York|1989-01-07|昭和64|昭和64|昭和64|昭和64
America/New_York|1989-01-08|平成元|平成元|平成元|平成元
America/New_York|2019-04-30|平成31|平成31|平成31|平成31
America/New_York|2019-05-01|令和元|令和元|令和元|令和元
America/New_York|2020-01-01|令和元|令和2|令和2|令和2
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see domain/day.go"; exit 1; }
echo "seen: wareki 1.0.0 holds moments against eras that begin at midnight UTC; @smarthr/wareki 1.3.1 goes by the days alone"
echo "in Pointbridge: domain/day.go takes a day from the shop's zone, never from the machine's"
