package repository

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

// rowOfRule is a row of the table of docs/campaigns.md: rules, the shop's discount, given out, cart, order.
var rowOfRule = regexp.MustCompile("(?m)^\\|[^|]*\\|([^|]*`[^|]*)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|$")

// native tells whether a condition stands on the discount of a kind of codes.
func native(kind campaigns.Codes, need decisions.Need) bool {
	c := decisions.Condition{Need: need, Key: "JPY", Number: 1, Values: []string{"gid://shopify/Segment/1"}}
	left := campaigns.Native(campaigns.Offer{Codes: kind}, decisions.Policy{Conditions: []decisions.Condition{c}}, "JPY").Ours
	return len(left) == 0
}

// TestTheTableOfRulesIsWhatTheCodeDoes: each rule stands in the table once; what it says of the shop's discount is what
// Native puts there, and what it says of the time at which codes are given out is when the rule is asked.
// covers: 001-46, 001-21
func TestTheTableOfRulesIsWhatTheCodeDoes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("docs/campaigns.md")
	expect.MustEqual(t, "err", err, nil)
	seen := map[decisions.Need]int{}
	for _, row := range rowOfRule.FindAllStringSubmatch(string(text), -1) {
		for _, need := range decisions.Needs() {
			if !strings.Contains(row[1], "`"+string(need)+"`") {
				continue
			}
			seen[need]++
			somewhere := native(campaigns.Personal, need) || native(campaigns.Batch, need) || native(campaigns.Shared, need)
			expect.Equal(t, string(need)+" on the discount", strings.TrimSpace(row[2]) != "–", somewhere)
			expect.Equal(t, string(need)+" when given out", strings.TrimSpace(row[3]) == "yes", !need.OfCart())
			expect.Equal(t, string(need)+" in the cart", strings.TrimSpace(row[4]), "yes")
			expect.Equal(t, string(need)+" of an order", strings.TrimSpace(row[5]), "yes")
		}
	}
	for _, need := range decisions.Needs() {
		expect.Equal(t, "rows of "+string(need), seen[need], 1)
	}
}
