package console

import (
	"testing"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

// TestWhomAVerdictWouldRefuse: the page says whom "abuse" would refuse before anybody gives it.
func TestWhomAVerdictWouldRefuse(t *testing.T) {
	t.Parallel()
	shown := func(kinds ...identity.Kind) (list []decisions.ShownKind) {
		for _, k := range kinds {
			list = append(list, decisions.ShownKind{Kind: k, Count: 1})
		}
		return list
	}
	for what, c := range map[string]struct {
		request decisions.Request
		want    string
	}{
		"a server names an e-mail":   {decisions.Request{Shown: shown(identity.Email)}, ""},
		"a server names an address":  {decisions.Request{Shown: shown(identity.Address)}, "_nobody"},
		"a customer types an e-mail": {decisions.Request{ByShopper: true, Shown: shown(identity.Customer, identity.Email)}, "_account"},
		"a guest types an e-mail":    {decisions.Request{ByShopper: true, Shown: shown(identity.Email)}, "_nobody"},
	} {
		page := decisionPage{Decision: decisions.Decision{Request: c.request}}
		expect.Equal(t, what, page.AbuseWhat(), "decision.verdict.abuse.what"+c.want)
	}
}
