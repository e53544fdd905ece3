#!/usr/bin/env bash
# Shopify's date library reads a time with an offset, as Shopify's webhooks write theirs, an hour wrong near the change of the
# machine's own clock, for about as many hours as the offset has, although the text says all that is needed.
#
# Guess: parseDateString("2026-03-08T12:00:00+09:00") is 03:00 UTC wherever it is read; its README says that the end of the text is
# the offset.
set -euo pipefail
version=2.1.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "@shopify/dates@$version" > /dev/null
cat > main.js <<'JS'
const { parseDateString } = require('@shopify/dates');
const halfHour = 30 * 60 * 1000;
for (const [ending, minutes] of [['Z', 0], ['+09:00', 540], ['-05:00', -300]]) {
  let wrong = 0, first = '';
  for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += halfHour) {
    const written = new Date(at + minutes * 60 * 1000).toISOString().slice(0, 19) + ending;
    const read = parseDateString(written).getTime();
    if (read === at) continue;
    wrong++;
    first ||= `${written} is ${new Date(at).toISOString()}, read as ${new Date(read).toISOString()}`;
  }
  console.log(`${process.env.TZ}|${ending}|${wrong}|${first}`);
}
JS
for zone in UTC Asia/Tokyo America/New_York Europe/Paris Australia/Sydney; do TZ=$zone node main.js; done > seen.txt
printf 'machine|offset|wrong half hours of 2026|the first\n' | cat - seen.txt | column -t -s '|'
echo "expected: none"
cut -d'|' -f1-3 seen.txt > counts.txt
cat > before.txt <<'TEXT'
UTC|Z|0
UTC|+09:00|0
UTC|-05:00|0
Asia/Tokyo|Z|0
Asia/Tokyo|+09:00|0
Asia/Tokyo|-05:00|0
America/New_York|Z|0
America/New_York|+09:00|38
America/New_York|-05:00|18
Europe/Paris|Z|0
Europe/Paris|+09:00|38
Europe/Paris|-05:00|18
Australia/Sydney|Z|0
Australia/Sydney|+09:00|38
Australia/Sydney|-05:00|18
TEXT
cmp -s before.txt counts.txt || { echo "this has changed; see docs/events.md"; exit 1; }
echo "seen (@shopify/dates $version): it adds the offset to the hours of the machine's own clock; where that has no summer time, all is well"
echo "in Pointbridge: docs/events.md promises UTC, which is read rightly everywhere; Shopify's times are read by Go's time package"
