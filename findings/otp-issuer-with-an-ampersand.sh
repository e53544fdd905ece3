#!/usr/bin/env bash
# pquerna/otp writes the name of a shop such as "Mori & Co" into an authenticator's address so that the name ends at the &.
#
# Guess: Generate escapes the issuer for where it stands, so that its own reader and another one read it whole.
set -euo pipefail
otp=v1.5.0
otpauth=9.5.2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

func main() {
	for _, issuer := range []string{"Mori", "森の店", "Mori & Co"} {
		made, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: "mori@example.com"})
		if err != nil {
			panic(err)
		}
		read, err := otp.NewKeyFromURL(made.URL())
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s|%s|%s\n", issuer, read.Issuer(), made.URL())
	}
}
GO
cat > main.js <<'JS'
const { URI } = require('otpauth');
for (const line of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
  const [issuer, read, address] = line.split('|');
  let other;
  try { other = URI.parse(address).issuer; } catch (e) { other = e.message; }
  console.log(`${issuer}|${read}|${other}`);
}
JS
go mod init finding > /dev/null 2>&1
go get "github.com/pquerna/otp@$otp" > /dev/null 2>&1
npm install --silent --no-fund --no-audit "otpauth@$otpauth" > /dev/null
go run . > made.txt
node main.js < made.txt > seen.txt
printf "issuer|pquerna/otp $otp|otpauth $otpauth\n" | cat - seen.txt | column -t -s '|'
echo "expected: the issuer three times in each line"
printf '%s\n' 'Mori|Mori|Mori' '森の店|森の店|森の店' 'Mori & Co|Mori |Invalid URI format' > before.txt
cmp -s before.txt seen.txt || { echo "this has changed; see escape in integrations/totp/totp.go"; exit 1; }
echo "seen: its own reader takes the & for the end of the name; the other one refuses the address"
echo "in Pointbridge: integrations/totp writes the address itself, every sign escaped"
