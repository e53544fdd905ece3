package decisions_test

import (
	"time"

	. "pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// enforced is a policy under a preset that is acted on, with no weak signals.
func enforced(preset Preset) Policy {
	p := NewPolicy(preset)
	p.Mode, p.Weak = Enforce, WeakSettings{}
	return p
}

// exact counts all five kinds, two of which must be the same; none is enough alone.
func exact() Policy {
	p := enforced(Custom)
	p.Signals, p.Threshold = identity.Counted(), 2
	return p
}

func asked() Request {
	return Request{Campaign: "summer", Code: "SUMMER-1", Stage: StageCheckout, At: noon, Currency: "JPY",
		Shown: []ShownKind{{identity.Email, 1}, {identity.IP, 1}}}
}

// facts are those of a live campaign and a good code, with a use for each list of kinds that are the same, a day
// apart and the newest first.
func facts(same ...[]identity.Kind) Facts {
	f := Facts{Campaign: CampaignLive, Code: CodeValid, Owner: OwnerAnybody}
	for n, kinds := range same {
		f.Uses = append(f.Uses, used(n+1, kinds...))
	}
	return f
}

func used(days int, same ...identity.Kind) PastUse {
	number := string(rune('A' + days%26))
	return PastUse{OrderID: "gid://shopify/Order/" + number, Order: "#" + number, Code: "SUMMER-" + number,
		At: noon.AddDate(0, 0, -days), Same: same}
}

func kinds(list ...identity.Kind) []identity.Kind { return list }

const product = "gid://shopify/Product/1"

func number(n int) *int { return &n }

// breaks1 adds a condition, and what is known of it.
func breaks1(c Condition, state State) func(*Request, *Policy, *Facts) {
	return func(_ *Request, p *Policy, f *Facts) {
		p.Conditions = append(p.Conditions, c)
		f.Held = append(f.Held, Held{Condition: c.ID(), State: state})
	}
}
