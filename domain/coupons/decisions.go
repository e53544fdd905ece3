package coupons

import (
	"context"
	"slices"
	"strconv"
	"time"

	"pointbridge/domain"
)

// Decide closes a case with what a person decided; whatever has to be done for it goes on without the request. Errors:
// validation_failed, permission_denied, idempotency_key_missing, idempotency_key_reused, review_not_found, review_already_decided,
// outcome_not_allowed, second_person_required, coupon_already_used, own_coupon, cancellation_limit_exceeded.
func (s *Service) Decide(ctx context.Context, d Decision) (Review, bool, error) {
	if d.Key == "" {
		return Review{}, false, domain.Refuse(domain.CodeKeyMissing)
	}
	if !domain.NoteFits(d.Note) || d.Outcome.NeedsNote() && !domain.NoteSays(d.Note) {
		return Review{}, false, domain.Refuse(domain.CodeValidation, "field", "note")
	}
	review, err := s.Store.Review(ctx, d.ReviewID)
	if err != nil {
		return Review{}, false, err
	}
	if err := s.Policy.mayDo(domain.Act(d.Outcome), d.Caller); err != nil {
		return Review{}, false, s.refusedEnding(ctx, d.Caller, operationDecision, review.Code, err)
	}
	now, q := s.Clock.Now(), s.about(review.Code, d.Caller)
	q.ReviewID, q.Request = d.ReviewID, RequestKey{CallerID: d.Caller.ID, Operation: operationDecision, Key: d.Key,
		Hash: hashOf(strconv.FormatInt(d.ReviewID, 10), string(d.Outcome), d.Note)}
	replayed, proposed, next := false, false, ""
	st, err := s.decide(ctx, q, func(k Case) (Change, error) {
		if replayed = k.Replay != nil; replayed {
			return Change{}, sameRequest(k, q.Request)
		}
		ch, err := s.verdict(k, d, now)
		if err != nil {
			return Change{}, err
		}
		if proposed = ch.Proposal != nil; !proposed {
			ch.Verdict = &Verdict{ReviewID: d.ReviewID, Outcome: d.Outcome, Note: d.Note, By: d.Caller.Name, Actor: d.Caller.ID, At: now}
		}
		next = ""
		for _, also := range ch.Also {
			next = also.Coupon.Code
		}
		ch.Request = &Request{Key: q.Request, Answer: AnswerAccepted, At: now}
		return ch, nil
	})
	if err != nil {
		return Review{}, false, s.refusedEnding(ctx, d.Caller, operationDecision, review.Code, err)
	}
	if !replayed && !proposed && st.Coupon.OnTheWay() && st.Coupon.ParkedAt == nil {
		s.goOn(ctx, st)
	}
	if !replayed && next != "" {
		s.goOnWith(ctx, next)
	}
	review, err = s.Store.Review(ctx, d.ReviewID)
	return review, replayed, err
}

// goOnWith runs the steps of a coupon that was made by another one's change. What cannot be read now is the sweep's.
func (s *Service) goOnWith(ctx context.Context, code string) {
	st, err := s.Catalogue.ByCode(ctx, code)
	if err != nil {
		s.Logger.WarnContext(ctx, "a reissue is left to the sweep", "error", err)
		return
	}
	s.goOn(ctx, st)
}

// verdict says what a decision changes.
func (s *Service) verdict(k Case, d Decision, now time.Time) (Change, error) {
	c := k.State.Coupon
	switch {
	case !k.Review.Open:
		return Change{}, domain.Refuse(domain.CodeReviewDecided)
	case !slices.Contains(k.Review.Outcomes(now), d.Outcome):
		return Change{}, domain.Refuse(domain.CodeOutcomeNotAllowed, "outcomes", k.Review.Outcomes(now))
	case d.auto && k.Review.RecentCases >= s.Policy.Auto.Cases: // another one was opened in the same moment
		return Change{}, domain.Refuse(domain.CodeOutcomeNotAllowed, "outcomes", k.Review.Outcomes(now))
	case owns(d.Caller, k):
		return Change{}, domain.Refuse(domain.CodeOwnCoupon)
	}
	if proposal, err := s.agreed(k, d, now); err != nil || proposal.Proposal != nil {
		return proposal, err
	}
	action := domain.ActionReviewDecided
	if d.auto {
		action = domain.ActionReviewAuto
	}
	was := c.Status
	line := func(after domain.Coupon) []domain.AuditEntry {
		return []domain.AuditEntry{entry(after, d.Caller, action, was, now, "review", d.ReviewID, "outcome", string(d.Outcome))}
	}
	switch d.Outcome {
	case OutcomeReissue:
		return s.intendReissue(c, d, now, line)
	case OutcomeGrant:
		return s.intendGrant(c, now, line)
	case OutcomeReturnPoints:
		if k.Review.Kind.OfOrder() {
			return s.returnUnused(k, d, line)
		}
		return s.returnSuspended(k, d, line)
	case OutcomeForfeit:
		c.Status = domain.Forfeited
		return Change{Coupon: c, Project: true, Audit: line(c), Jobs: []domain.Job{{Kind: domain.JobMetafield, CustomerID: c.CustomerID}}}, nil
	case OutcomeTakeBack:
		return s.takeAgain(k, now, line)
	case OutcomeApplied, OutcomeNotApplied:
		return s.settleByHand(k, d.Outcome == OutcomeApplied, now, line)
	case OutcomeAcceptLoss, OutcomeRefuse:
	}
	return Change{Coupon: c, Audit: line(c)}, nil
}

type recording func(domain.Coupon) []domain.AuditEntry

// returnSuspended hands a suspended coupon to the steps of a cancellation: they ask once more whether it was used.
func (s *Service) returnSuspended(k Case, d Decision, line recording) (Change, error) {
	if k.State.Coupon.UsedAt != nil {
		return Change{}, domain.Refuse(domain.CodeCouponUsed)
	}
	if err := s.Policy.withinCap(domain.ActReturnPoints, d.Caller, k); err != nil {
		return Change{}, err
	}
	st := k.State
	c := s.begun(st, Cancellation{Caller: d.Caller, Reason: st.Coupon.Reason, Note: st.Coupon.Note}, domain.Cancelling)
	// The code has been dead for as long as the case was open, and may have been switched on again by hand: it is ended anew.
	c.Unfinished, c.DeactivatedAt = false, nil
	return Change{Coupon: c, Audit: line(c)}, nil
}

// returnUnused cancels a coupon that is still good although an order held its code, as anybody would cancel it: if the code
// turns out to be used, nothing is given back and the case is open again.
func (s *Service) returnUnused(k Case, d Decision, line recording) (Change, error) {
	if err := s.mayEnd(k, d.Caller, domain.ActReturnPoints); err != nil {
		return Change{}, err
	}
	ch := s.cancelling(k.State, Cancellation{Caller: d.Caller, Reason: domain.ReasonOrderCancelled, Note: d.Note})
	return withDecision(ch, line), nil
}

// takeAgain intends the movement that takes the points a second time.
func (s *Service) takeAgain(k Case, now time.Time, line recording) (Change, error) {
	c := s.extended(k.State.Coupon, now)
	again, err := s.intend(domain.TakeBack, c, now)
	if err != nil {
		return Change{}, err
	}
	if k.State.Movement(domain.TakeBack) != nil {
		return Change{}, domain.Refuse(domain.CodeOutcomeNotAllowed, "outcomes", []Outcome{OutcomeAcceptLoss})
	}
	c.Unfinished = true
	return Change{Coupon: c, Movements: []domain.Movement{again}, Audit: line(c)}, nil
}

// takenBack ends it: the points are taken again.
func (s *Service) takenBack(st State, again domain.Movement, got Entry) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Unfinished, c.LeaseUntil, c.Attempts = false, now, 0
	again = settled(again, got, now)
	e := moved(c, again, domain.ActionPointsTakenBack, now)
	e.From = c.Status
	return Change{Coupon: c, Movements: []domain.Movement{again}, Audit: []domain.AuditEntry{e}}
}

// takeBackRefused opens the case again: the customer has spent the points.
func (s *Service) takeBackRefused(st State, again domain.Movement, err error) Change {
	now := s.Clock.Now()
	c := st.Coupon
	c.Unfinished, c.LeaseUntil, c.Attempts = false, now, 0
	again.State, again.SettledAt = domain.MovementRefused, &now
	e := entry(c, domain.System(), domain.ActionPointsTakeBackRefused, c.Status, now, "detail", detailOf(err))
	e.Outcome = domain.OutcomeRefused
	return Change{Coupon: c, Movements: []domain.Movement{again}, Review: ReviewUsedAfterRefund, Audit: []domain.AuditEntry{e}}
}

// settleByHand writes down what the till's own records say of a parked movement, and lets the steps go on from there.
func (s *Service) settleByHand(k Case, applied bool, now time.Time, line recording) (Change, error) {
	st := k.State
	i := slices.IndexFunc(st.Movements, func(m domain.Movement) bool { return m.State == domain.MovementParked })
	if i < 0 || st.Coupon.ParkedAt == nil {
		return Change{}, domain.Refuse(domain.CodeReviewDecided)
	}
	m := st.Movements[i]
	st.Coupon.ParkedAt = nil
	var ch Change
	switch {
	case applied:
		ch = s.appliedByHand(st, m)
	case m.Kind == domain.Take:
		ch = s.takeRefused(st, m, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct", Reason: "not_applied"})
	case m.Kind == domain.GiveBack && st.Coupon.UsedAt != nil:
		ch = s.withdrawn(st, m)
	default:
		// The credit never arrived, so it is sent again, as if for the first time. Meanwhile somebody may have switched the code
		// on: it is ended once more.
		m.State, m.CreatedAt = domain.MovementOpen, now
		c := s.extended(st.Coupon, now)
		c.DeactivatedAt = nil
		ch = Change{Coupon: c, Movements: []domain.Movement{m}}
	}
	return withDecision(ch, line), nil
}

// withDecision adds the line of a decision to a step that has a line of its own for the move: each move has one.
func withDecision(ch Change, line recording) Change {
	for _, decided := range line(ch.Coupon) {
		decided.From = decided.To
		ch.Audit = append(ch.Audit, decided)
	}
	return ch
}

// appliedByHand is the commit that the lost answer would have led to.
func (s *Service) appliedByHand(st State, m domain.Movement) Change {
	got := Entry{ID: "by hand"}
	switch m.Kind {
	case domain.Take:
		return s.taken(st, m, got)
	case domain.TakeBack:
		return s.takenBack(st, m, got)
	case domain.Grant:
		return s.granted(st, m, got)
	case domain.GiveBack:
	}
	return s.returned(st, m, got)
}
