package app

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

// TestTheTableOfScopesIsTheCodesOwn: whoever sets a store up grants what the guide says, so it names each scope that
// anything asks for, and no other.
func TestTheTableOfScopesIsTheCodesOwn(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/setup.md")
	expect.MustEqual(t, "err", err, nil)
	toml, err := os.ReadFile("../shopify.app.toml")
	expect.MustEqual(t, "err", err, nil)
	_, table, _ := strings.Cut(string(guide), "| what you use | scopes |")
	table, _, _ = strings.Cut(table, "\n\n")
	said := regexp.MustCompile("`((?:read|write)_[a-z_]+)`").FindAllStringSubmatch(table, -1)
	var documented, wanted []string
	for _, s := range said {
		documented = append(documented, s[1])
	}
	everything := Config{OrderTag: "t", IdentityTagOrder: "t", IdentityRisk: true, IdentityHold: true}
	for _, s := range everything.wantedShop().Scopes {
		wanted = append(wanted, s.Name)
		if s.Or != "" {
			wanted = append(wanted, s.Or)
		}
	}
	all := decisions.Policy{NewCustomersOnly: true}
	for _, need := range decisions.Needs() {
		all.Conditions = append(all.Conditions, decisions.Condition{Need: need, Number: 365})
	}
	wanted = append(wanted, all.Scopes()...)
	granted := regexp.MustCompile(`(?m)^scopes = "([a-z_,]+)"`).FindStringSubmatch(string(toml))
	expect.MustEqual(t, "the app's own list", len(granted), 2)
	wanted = append(wanted, strings.Split(granted[1], ",")...)
	for _, list := range []*[]string{&documented, &wanted} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	expect.Equal(t, "scopes", documented, wanted)
}

// TestTheTableOfPOSsIsTheCodesOwn: whoever has a POS of a kind fills in what the guide says and nothing else is missing.
func TestTheTableOfPOSsIsTheCodesOwn(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/setup.md")
	expect.MustEqual(t, "err", err, nil)
	for name, kind := range posKinds {
		row := regexp.MustCompile("(?m)^\\|[^|]*\\| `" + name + "`[^|]*\\| ([^|]*)\\|").FindStringSubmatch(string(guide))
		expect.MustEqual(t, name+": cells of its row", len(row), 2)
		needed, empty, _ := strings.Cut(row[1], "; leave")
		settings := regexp.MustCompile("`([A-Z_]+)`")
		var named []string
		for _, s := range settings.FindAllStringSubmatch(needed, -1) {
			named = append(named, s[1])
		}
		expect.Equal(t, name+": needs", named, kind.needs)
		// What stands first in .env.example and is not for this kind has to be left empty.
		for _, v := range Variables() {
			if v.Needed && strings.HasPrefix(v.Name, "POS_") {
				expect.Equal(t, name+": leaves "+v.Name+" empty", strings.Contains(empty, "`"+v.Name+"`"),
					!slices.Contains(kind.needs, v.Name))
			}
		}
	}
}
