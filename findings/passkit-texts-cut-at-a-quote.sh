#!/usr/bin/env bash
# A generator of Apple Wallet passes writes a text with a quotation mark into a file in which that mark ends the text, and drops every
# text of a template's file that has no blanks around its equals sign, with the language where no other text is left.
#
# Guess: localize('en', …) writes texts for pass.strings as Apple's page on string resources has them: quotation marks and backslashes
# behind a backslash. What a template's own pass.strings has stays, blanks or none: there they mean nothing, as in Apple's old property
# lists.
set -euo pipefail
version=3.6.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "passkit-generator@$version" fflate@0.8.2 > /dev/null
# A certificate of one's own, which no phone would take, signs for the test.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -days 2 \
  -subj '/CN=Pass Type ID: pass.com.example/UID=pass.com.example/OU=EXAMPLE' 2> /dev/null
cat > main.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { strFromU8, unzipSync } from 'fflate';
import { PKPass } from 'passkit-generator';

const certificate = readFileSync('certificate.pem');
const certificates = { wwdr: certificate, signerCert: certificate, signerKey: readFileSync('key.pem') };
const coupon = JSON.stringify({ formatVersion: 1, passTypeIdentifier: 'pass.com.example', teamIdentifier: 'EXAMPLE',
  organizationName: 'Mori', description: 'A coupon', serialNumber: '1', coupon: {} });
const say = (name, template, texts, expected) => {
  const files = { 'pass.json': Buffer.from(coupon), 'icon.png': Buffer.from('a picture') };
  if (template) files['en.lproj/pass.strings'] = Buffer.from(template);
  const pass = new PKPass(files, certificates);
  if (texts) pass.localize('en', texts);
  const file = unzipSync(pass.getAsBuffer())['en.lproj/pass.strings'];
  const written = file ? strFromU8(file).split('\n').join(' ⏎ ') : 'no such file';
  console.log([name, expected, written].join('|'));
};
say('a text', '', { offer: '500 points' }, '"offer" = "500 points";');
say('a quotation mark', '', { offer: 'Any 5" disc' }, String.raw`"offer" = "Any 5\" disc";`);
say('a backslash', '', { offer: String.raw`A\B` }, String.raw`"offer" = "A\\B";`);
say('a template, and a text', '"name" = "Points";\n', { offer: '500' }, '"name" = "Points"; ⏎ "offer" = "500";');
say('without blanks, and a text', '"name"="Points";\n', { offer: '500' }, '"name" = "Points"; ⏎ "offer" = "500";');
say('without blanks', '"name"="Points";\n', undefined, '"name" = "Points";');
JS
node main.mjs > seen.txt
(echo 'what is given|expected|written'; cat seen.txt) | column -t -s '|'
cat > before.txt <<'TEXT'
a text|"offer" = "500 points";|"offer" = "500 points";
a quotation mark|"offer" = "Any 5\" disc";|"offer" = "Any 5" disc";
a backslash|"offer" = "A\\B";|"offer" = "A\B";
a template, and a text|"name" = "Points"; ⏎ "offer" = "500";|"name" = "Points"; ⏎ "offer" = "500";
without blanks, and a text|"name" = "Points"; ⏎ "offer" = "500";|"offer" = "500";
without blanks|"name" = "Points";|no such file
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see marshal in domain/guard/shop.go"; exit 1; }
echo "seen (passkit-generator $version): texts are put between quotation marks as they are; a line is read only with blanks around its ="
echo "in Pointbridge: marshal in domain/guard/shop.go has an encoder write what a shop says in its own words"
