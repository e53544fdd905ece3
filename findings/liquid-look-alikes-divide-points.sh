#!/usr/bin/env bash
# Two engines that run Liquid outside Shopify reckon with whole numbers, such as points, otherwise than Shopify.
#
# Guess: {{ points | divided_by: 100 }} is what Shopify's page on divided_by says: a whole number divided by a whole number is rounded
# down to one, and the remainder has the sign of the divisor, as in Ruby, in which Shopify's Liquid is written. Ruby is not run here.
set -euo pipefail
liquidjs=10.30.1
osteele=v1.6.0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > templates.txt <<'TEXT'
{{ 1250 | divided_by: 100 }}|12
{{ -1250 | divided_by: 100 }}|-13
{{ -1250 | modulo: 100 }}|50
TEXT
cat > main.js <<'JS'
const { Liquid } = require('liquidjs');
const engine = new Liquid();
for (const line of require('fs').readFileSync('templates.txt', 'utf8').trim().split('\n')) {
  console.log(engine.parseAndRenderSync(line.slice(0, line.lastIndexOf('|'))));
}
JS
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/osteele/liquid"
)

func main() {
	text, err := os.ReadFile("templates.txt")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(text)) {
		said, err := liquid.NewEngine().ParseAndRenderString(line[:strings.LastIndex(line, "|")], nil)
		if err != nil {
			panic(err)
		}
		fmt.Println(said)
	}
}
GO
npm init -y > /dev/null
npm install --silent --no-fund --no-audit "liquidjs@$liquidjs" > /dev/null
go mod init finding > /dev/null 2>&1
go get "github.com/osteele/liquid@$osteele" > /dev/null 2>&1
node main.js > js.txt
go run . > go.txt
sed 's/.*|//' templates.txt > shopify.txt
sed 's/|[^|]*$//; s/ | / \\| /' templates.txt | paste -d'~' - shopify.txt js.txt go.txt > table.txt
(echo "template~Shopify~liquidjs $liquidjs~osteele/liquid $osteele"; cat table.txt) | tr -d '\\' | column -t -s '~'
[ "$(paste -sd' ' js.txt)" = "12.5 -12.5 50" ] && [ "$(paste -sd' ' go.txt)" = "12 -12 -50" ] ||
  { echo "this has changed; see integrations/sim/shopify/theme.go"; exit 1; }
echo "seen: one gives fractions, the other cuts towards zero"
echo "in Pointbridge: integrations/sim/shopify/theme.go runs no Liquid in the simulated theme, and says so where some stood"
