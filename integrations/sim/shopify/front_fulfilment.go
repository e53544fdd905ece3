package shopify

import "strings"

// shownRisk is what was said of an order's risk, for people.
type shownRisk struct {
	Level string // a text's key
	Facts []string
}

// shownFulfilment is how far an order is sent, what holds it, and what was said of its risk.
type shownFulfilment struct {
	Held               []string // what each hold says
	Sent               bool
	CanSend, CanUnhold bool
	Risks              []shownRisk
}

func fulfilmentFor(o Order) shownFulfilment {
	s := shownFulfilment{Sent: true, CanSend: o.CancelledAt == nil}
	for _, part := range o.Parts() {
		s.Sent = s.Sent && part.Done
		s.CanSend = s.CanSend && part.status(&o) == fulfilmentOpen
		for _, h := range part.Holds {
			s.Held = append(s.Held, h.Notes)
		}
	}
	s.CanUnhold = len(s.Held) > 0 && o.CancelledAt == nil
	for _, a := range o.Assessments {
		r := shownRisk{Level: "risk_" + strings.ToLower(a.Level)}
		for _, f := range a.Facts {
			r.Facts = append(r.Facts, f.Text)
		}
		s.Risks = append(s.Risks, r)
	}
	return s
}
