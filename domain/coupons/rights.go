package coupons

import (
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// Who may do what moves or frees the value of a coupon is one table, domain.ActRules. Here it is asked: by every way
// that leads to such an act, the console, the API and the POS alike.

// rule finds what the table says of an act of the caller's role.
func (p Policy) rule(act domain.Act, who domain.Caller) (domain.ActRule, bool) {
	rule, ok := p.Acts[domain.ActKey{Act: act, Role: who.Role}]
	return rule, ok && (!rule.Person || !who.Machine)
}

// mayDo refuses what the table does not allow to the caller at all.
func (p Policy) mayDo(act domain.Act, who domain.Caller) error {
	if _, ok := p.rule(act, who); !ok {
		return domain.Refuse(domain.CodePermissionDenied)
	}
	return nil
}

// MayDo refuses what the table does not allow to the caller at all.
func (p Policy) MayDo(act domain.Act, who domain.Caller) error { return p.mayDo(act, who) }

// SumWithinCap refuses what many coupons together exceed of the caller's cap, as one of that many points would.
func (p Policy) SumWithinCap(act domain.Act, who domain.Caller, points, today int64) error {
	if rule, ok := p.rule(act, who); !ok || !rule.Capped {
		return p.mayDo(act, who)
	}
	return p.checkCap(who.Role, points, today)
}

// NeedsTwo reports whether so many points take a second person.
func (p Policy) NeedsTwo(points int64) bool { return p.needsTwo(points) }

// withinCap refuses what exceeds the caller's cap, where the act is capped.
func (p Policy) withinCap(act domain.Act, who domain.Caller, in Locked) error {
	rule, ok := p.rule(act, who)
	switch {
	case !ok:
		return domain.Refuse(domain.CodePermissionDenied)
	case !rule.Capped:
		return nil
	}
	return p.checkCap(who.Role, in.State.Coupon.Points, in.MovedToday)
}

// about asks what is needed to decide about a coupon for this caller.
func (s *Service) about(code string, who domain.Caller) Question {
	_, capped := s.Policy.Caps[who.Role]
	return Question{Code: code, Actor: who.ID, DayStart: s.Policy.DayStart(s.Clock.Now()), Capped: capped,
		PersonID: who.PersonID, MakerID: who.MakerID}
}

// owns reports whether the coupon is the caller's own: nobody decides about theirs.
func owns(who domain.Caller, in Locked) bool {
	return in.Own || who.CustomerID != "" && who.CustomerID == in.State.Coupon.CustomerID
}

// agreed refuses what exceeds the caller's cap, and where an act takes two people it gives the proposal that the
// first one's decision is. A zero Change means that the decision is to be carried out. A return of points is held to
// its cap where the coupon's state was looked at.
func (s *Service) agreed(in Locked, d Decision, now time.Time) (Change, error) {
	act, c := domain.Act(d.Outcome), in.State.Coupon
	if act != domain.ActReturnPoints {
		if err := s.Policy.withinCap(act, d.Caller, in); err != nil {
			return Change{}, err
		}
	}
	rule, _ := s.Policy.rule(act, d.Caller)
	if !rule.SecondPerson || !s.Policy.needsTwo(c.Points) && (!rule.Always || s.Policy.ForfeitAlone) {
		return Change{}, nil
	}
	p := in.Review.Proposal
	if p == nil || p.Outcome != d.Outcome || !byPerson(p.Actor) {
		proposal := &reviews.Proposal{ReviewID: d.ReviewID, Outcome: d.Outcome, Note: d.Note, By: d.Caller.Name,
			Actor: d.Caller.ID, At: now}
		return Change{Coupon: c, Proposal: proposal,
			Audit: []domain.AuditEntry{domain.EntryOf(c, d.Caller, domain.ActionReviewProposed, c.Status, now,
				"review", d.ReviewID, "outcome", string(d.Outcome))}}, nil
	}
	if p.Actor == d.Caller.ID || in.Entangled {
		return Change{}, domain.Refuse(domain.CodeSecondPerson, "outcome", string(d.Outcome), "limit",
			s.Policy.FourEyes)
	}
	return Change{}, nil
}

// byPerson reports whether an actor is a person. What a program's key proposed, before keys could not, counts for
// nothing: nobody knows whose it was.
func byPerson(actor string) bool { return strings.HasPrefix(actor, domain.StaffMark) }
