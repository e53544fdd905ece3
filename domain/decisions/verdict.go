package decisions

import (
	"cmp"
	"context"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Judge keeps what a person says of a decision. "Not abuse" tells this person apart from those whom the decision took
// them for: between them later decisions count nothing. "Abuse" blocks the person in this campaign, by customer and
// e-mail, of a shopper's own question by customer alone. Of an order whose decision was erased a verdict names nobody
// and keeps no note; what else follows from it, such as that the order is let go, does. The same verdict again changes nothing. Errors: domain.CodeDecisionNotFound,
// domain.CodeDecisionErased before an order, domain.CodeVerdictGiven for the other verdict, domain.CodeOwnCoupon for whoever is
// the person, or one of those whom the decision took them for.
func (s Service) Judge(ctx context.Context, caller domain.Caller, publicID string, is Judgement,
	note string) (Decision, error) {
	if is != Abuse && is != NotAbuse {
		return Decision{}, domain.Refuse(domain.CodeValidation, "field", "verdict")
	}
	if !domain.NoteFits(note) {
		return Decision{}, domain.Refuse(domain.CodeValidation, "field", "note")
	}
	d, err := s.Decisions.ByID(ctx, publicID)
	switch {
	case err != nil:
		return Decision{}, err
	case d.Verdict.Is == is:
		return d, nil
	case d.Verdict.Is != "":
		return Decision{}, domain.Refuse(domain.CodeVerdictGiven)
	case d.Erased && d.Request.Stage != StageOrder:
		return Decision{}, domain.Refuse(domain.CodeDecisionErased)
	case d.Erased:
		return s.judge(ctx, caller, d, Verdict{Is: is, By: cmp.Or(caller.Name, caller.ID), At: s.Now()}, Pair{}, nil)
	}
	if _, err := s.current(ctx); err != nil {
		return Decision{}, err
	}
	own, others, err := s.Verdicts.Prints(ctx, d, d.resembled())
	if err != nil {
		return Decision{}, err
	}
	if err := s.aboutOthers(ctx, caller, append(others[:len(others):len(others)], own)); err != nil {
		return Decision{}, err
	}
	var pair Pair
	var blocked identity.Print
	if is == NotAbuse {
		pair = s.toldApart(own, others)
	}
	switch {
	case is == Abuse:
		blocked = only(own, d.Request.blockable()...)
	case d.Answer.Reason == ReasonNotEligible: // "not abuse" lifts the block by which they were refused
		blocked = only(own, identity.Customer, identity.Email)
	}
	v := Verdict{Is: is, By: cmp.Or(caller.Name, caller.ID), At: s.Now(), Note: note}
	return s.judge(ctx, caller, d, v, pair, blocked)
}

// blockable are the kinds by which "abuse" blocks a person. A shopper who asks by themselves may type anybody's address,
// and nobody is blocked for what somebody else typed.
func (r Request) blockable() []identity.Kind {
	if r.ByShopper {
		return []identity.Kind{identity.Customer}
	}
	return []identity.Kind{identity.Customer, identity.Email}
}

// Blocks tells whether "abuse" would block anybody.
func (r Request) Blocks() bool {
	return slices.ContainsFunc(r.Shown, func(s ShownKind) bool { return slices.Contains(r.blockable(), s.Kind) })
}

// aboutOthers refuses whoever is one of those whom a verdict would be about, by customer, e-mail or phone.
func (s Service) aboutOthers(ctx context.Context, caller domain.Caller, people []identity.Print) error {
	if s.Self == nil {
		return nil
	}
	all, err := s.Self(ctx, caller)
	if err != nil {
		return err
	}
	for _, shown := range all {
		print, err := s.Keys.Candidates(s.Canonical.Forms(shown))
		if err != nil {
			return err
		}
		self := s.raised(print)
		for _, p := range people {
			if len(s.sameAs(self, only(p, identity.Customer, identity.Email, identity.Phone))) > 0 {
				return domain.Refuse(domain.CodeOwnCoupon)
			}
		}
	}
	return nil
}

func (s Service) judge(ctx context.Context, caller domain.Caller, d Decision, v Verdict, pair Pair,
	blocked identity.Print) (Decision, error) {
	var jobs []domain.Job
	if s.Judged != nil {
		jobs = s.Judged(d, v.Is)
	}
	done, err := s.Verdicts.Judge(ctx, d, v, pair, blocked, jobs, domain.AuditEntry{At: v.At, Actor: caller.ID,
		ActorName: caller.Name, Credential: caller.Credential, Action: domain.ActionDecisionJudged,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"decision": d.PublicID, "campaign": d.Campaign,
			"verdict": string(v.Is), "before": string(d.Answer.Outcome), "paired": len(pair.A) > 0,
			"blocked": v.Is == Abuse && len(blocked) > 0, "unblocked": v.Is == NotAbuse && len(blocked) > 0}})
	if err != nil {
		return Decision{}, err
	}
	if done {
		s.Observer.Judged(d.Campaign, d.Answer.Outcome, v.Is)
	}
	d.Verdict = v
	return d, nil
}

// maxApart is how many earlier uses a verdict is about.
const maxApart = 200

// resembled are the uses that this decision held against the person, or might have.
func (d Decision) resembled() []PastUse {
	var uses []PastUse
	for _, u := range d.Facts.Uses {
		if u.countable(d.Request) && len(uses) < maxApart {
			uses = append(uses, u)
		}
	}
	return uses
}

// toldApart is a pair of persons by what tells them apart: customers and e-mails, or where somebody showed neither
// phones and devices. Whoever has the customer or an e-mail in common is the same person whatever the verdict is: else
// a person could be told apart from themselves, and use codes for ever.
func (s Service) toldApart(own identity.Print, others []identity.Print) Pair {
	mine, all := s.raised(own), identity.Print{}
	for _, other := range others {
		if len(s.raised(only(other, identity.Customer, identity.Email)).same(mine)) > 0 {
			continue
		}
		for kind, digests := range other {
			all[kind] = append(all[kind], digests...)
		}
	}
	a, b := s.apartBy(own, all), s.apartBy(all, own)
	if len(a) == 0 || len(b) == 0 {
		return Pair{}
	}
	return Pair{A: a, B: b}
}

// apartBy keeps what stands for one person beside another.
func (s Service) apartBy(p, other identity.Print) identity.Print {
	if by := only(p, identity.Customer, identity.Email); len(by) > 0 {
		return by
	}
	theirs, by := s.raised(other), identity.Print{}
	for kind, digests := range only(p, identity.Phone, identity.Device) {
		for _, d := range digests {
			if len(s.raised(identity.Print{kind: {d}}).same(theirs)) == 0 {
				by[kind] = append(by[kind], d)
			}
		}
	}
	return by
}

// only keeps some kinds of a print.
func only(p identity.Print, kinds ...identity.Kind) identity.Print {
	kept := identity.Print{}
	for _, kind := range kinds {
		if len(p[kind]) > 0 {
			kept[kind] = p[kind]
		}
	}
	return kept
}
