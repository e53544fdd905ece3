#!/usr/bin/env bash
# Two implementations of Google's libphonenumber, asked for the same Japanese numbers, do not agree.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > numbers.txt <<'TEXT'
090-1234-5678
060-1234-5678
090-1234-5678様
090-1234-5678（自宅）
TEXT

cat > main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		number, err := phonenumbers.Parse(lines.Text(), "JP")
		fmt.Println(err == nil && phonenumbers.IsValidNumber(number))
	}
}
GO
cat > main.js <<'JS'
const util = require('google-libphonenumber').PhoneNumberUtil.getInstance();
for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
  let valid = false;
  try { valid = util.isValidNumber(util.parse(line, 'JP')); } catch { /* not a number for it */ }
  console.log(valid);
}
JS
go mod init finding >/dev/null 2>&1
go get github.com/nyaruka/phonenumbers@v1.8.1 >/dev/null 2>&1
npm install --silent --no-fund --no-audit google-libphonenumber@3.2.47 >/dev/null

go run . < numbers.txt | paste -sd' ' > go.txt
node main.js < numbers.txt | paste -sd' ' > js.txt
echo "numbers:   $(paste -sd' ' numbers.txt)"
echo "expected:  the same answer twice, valid for each"
echo "Go         nyaruka/phonenumbers 1.8.1:     $(cat go.txt)"
echo "JavaScript google-libphonenumber 3.2.47:   $(cat js.txt)"
[ "$(cat go.txt)" = "true false false false" ] && [ "$(cat js.txt)" = "true true true true" ] || { echo "this has changed; see integrations/phones"; exit 1; }
echo "seen: the Go library knows no 060 numbers and reads nothing where words follow; integrations/phones makes up for both"
