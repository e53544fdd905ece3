#!/usr/bin/env bash
# Three libraries that make one spelling of a mail address join mailboxes of different people and split one person's.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
npm install --silent --no-fund --no-audit normalize-email@1.1.1 email-normalizer@1.0.0 validator@13.15.35 >/dev/null

cat > main.js <<'JS'
const ways = {
  'normalize-email 1.1.1': require('normalize-email'),
  'email-normalizer 1.0.0': (email) => require('email-normalizer').normalizeEmail({ email }),
  'validator 13.15.35': require('validator').normalizeEmail,
};
// Dots count at Outlook.com. The nickname of a disposable address at Yahoo is not the name of its owner's mailbox
// (help.yahoo.com/kb/SLN28815.html): nothing says that taro@yahoo.com is the same person's. icloud.com, me.com and mac.com are one mailbox; plus signs make tags at all of
// Outlook.com's domains, the Japanese ones too; Proton takes dots, hyphens and underscores for nothing.
const pairs = [
  ['a.b@live.com', 'ab@live.com', false],
  ['taro-shop@yahoo.com', 'taro@yahoo.com', false],
  ['ab@icloud.com', 'ab@me.com', true],
  ['ab+shop@hotmail.co.jp', 'ab@hotmail.co.jp', true],
  ['a-b@proton.me', 'ab@proton.me', true],
];
for (const [one, other, expected] of pairs) {
  for (const [name, way] of Object.entries(ways)) {
    console.log(`${name}|${one}|${other}|${expected}|${way(one) === way(other)}`);
  }
}
JS
node main.js > seen.txt
printf 'library|one|other|one mailbox|seen\n' | cat - seen.txt | column -t -s '|'

cat > before.txt <<'TEXT'
normalize-email 1.1.1|a.b@live.com|ab@live.com|false|true
email-normalizer 1.0.0|a.b@live.com|ab@live.com|false|true
validator 13.15.35|a.b@live.com|ab@live.com|false|false
normalize-email 1.1.1|taro-shop@yahoo.com|taro@yahoo.com|false|false
email-normalizer 1.0.0|taro-shop@yahoo.com|taro@yahoo.com|false|false
validator 13.15.35|taro-shop@yahoo.com|taro@yahoo.com|false|true
normalize-email 1.1.1|ab@icloud.com|ab@me.com|true|false
email-normalizer 1.0.0|ab@icloud.com|ab@me.com|true|false
validator 13.15.35|ab@icloud.com|ab@me.com|true|false
normalize-email 1.1.1|ab+shop@hotmail.co.jp|ab@hotmail.co.jp|true|false
email-normalizer 1.0.0|ab+shop@hotmail.co.jp|ab@hotmail.co.jp|true|false
validator 13.15.35|ab+shop@hotmail.co.jp|ab@hotmail.co.jp|true|false
normalize-email 1.1.1|a-b@proton.me|ab@proton.me|true|false
email-normalizer 1.0.0|a-b@proton.me|ab@proton.me|true|false
validator 13.15.35|a-b@proton.me|ab@proton.me|true|false
TEXT
cmp -s before.txt seen.txt || { echo "this has changed; see domain/identity/email_providers.go"; exit 1; }
echo "seen: none of them can decide alone who is one person; domain/identity has a table of its own, with sources"
