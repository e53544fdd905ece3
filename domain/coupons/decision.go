package coupons

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// Decide closes a review with what a person decided; whatever has to be done for it goes on without the request.
// Errors: validation_failed, permission_denied, idempotency_key_missing, idempotency_key_reused, review_not_found,
// review_already_decided, outcome_not_allowed, second_person_required, coupon_already_used, own_coupon,
// cancellation_limit_exceeded.
func (s *Service) Decide(ctx context.Context, d Decision) (reviews.Review, bool, error) {
	if err := d.check(); err != nil {
		return reviews.Review{}, false, err
	}
	review, err := s.Store.Review(ctx, d.ReviewID)
	if err != nil {
		return reviews.Review{}, false, err
	}
	if err := s.Policy.mayDo(domain.Act(d.Outcome), d.Caller); err != nil {
		return reviews.Review{}, false, s.refusedEnding(ctx, d.Caller, operationDecision, review.Code, err)
	}
	now, q := s.Clock.Now(), s.about(review.Code, d.Caller)
	q.ReviewID, q.Request = d.ReviewID, d.request()
	var ch Change
	replayed := false
	st, err := s.decide(ctx, q, func(in Locked) (_ Change, err error) {
		ch = Change{}
		if replayed = in.Replay != nil; replayed {
			return ch, sameRequest(in, q.Request)
		}
		if ch, err = s.verdict(in, d, now); err != nil {
			return Change{}, err
		}
		if ch.Proposal == nil {
			ch.Verdict = &reviews.Verdict{ReviewID: d.ReviewID, Outcome: d.Outcome, Note: d.Note, By: d.Caller.Name,
				Actor: d.Caller.ID, At: now}
		}
		ch.Request = &Request{Key: q.Request, Answer: AnswerAccepted, At: now}
		return ch, nil
	})
	if err != nil {
		return reviews.Review{}, false, s.refusedEnding(ctx, d.Caller, operationDecision, review.Code, err)
	}
	if !replayed && ch.Proposal == nil && st.toMove() {
		s.goOn(ctx, st)
	}
	for _, next := range ch.Also {
		s.goOnWith(ctx, next.Coupon.Code)
	}
	review, err = s.Store.Review(ctx, d.ReviewID)
	return review, replayed, err
}

func (d Decision) check() error {
	switch {
	case d.Key == "":
		return domain.Refuse(domain.CodeKeyMissing)
	case !domain.NoteFits(d.Note), d.Outcome.NeedsNote() && !domain.NoteSays(d.Note):
		return domain.Refuse(domain.CodeValidation, "field", "note")
	default:
		return nil
	}
}

func (d Decision) request() RequestKey {
	return RequestKey{CallerID: d.Caller.ID, Operation: operationDecision, Key: d.Key,
		Hash: hashOf(strconv.FormatInt(d.ReviewID, 10), string(d.Outcome), d.Note)}
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

// decide asks the store until the answer is not that somebody was faster. The second time the earlier request is
// seen, also when it is this one, whose commit was in doubt; a database that then cannot be asked leaves it under
// way.
func (s *Service) decide(ctx context.Context, q Question, decide func(Locked) (Change, error)) (State, error) {
	var err error
	doubt := false
	for range openTries {
		var st State
		st, err = s.Store.Decide(ctx, q, decide)
		if !errors.Is(err, domain.ErrConflict) && (!doubt || !errors.Is(err, domain.ErrUnavailable)) {
			return st, err
		}
		doubt = doubt || errors.Is(err, domain.ErrUnavailable)
	}
	return State{}, &domain.Error{Code: domain.CodeRequestInProgress, RetryAfter: askAgain, Err: err}
}

// sameRequest refuses a key that was used for something else.
func sameRequest(in Locked, key RequestKey) error {
	if in.Replay.Key.Hash != key.Hash || in.Replay.CouponID != in.State.Coupon.ID {
		return domain.Refuse(domain.CodeKeyReused)
	}
	return nil
}

// verdict says what a decision changes.
func (s *Service) verdict(in Locked, d Decision, now time.Time) (Change, error) {
	if err := s.mayDecide(in, d, now); err != nil {
		return Change{}, err
	}
	if proposal, err := s.agreed(in, d, now); err != nil || proposal.Proposal != nil {
		return proposal, err
	}
	action := domain.ActionReviewDecided
	if d.auto {
		action = domain.ActionReviewAuto
	}
	f := s.at(in.State)
	c := f.st.Coupon
	was := c.Status
	decided := func(after domain.Coupon) []domain.AuditEntry {
		return []domain.AuditEntry{domain.EntryOf(after, d.Caller, action, was, now,
			"review", d.ReviewID, "outcome", string(d.Outcome))}
	}
	switch d.Outcome {
	case reviews.OutcomeReissue:
		return f.intendReissue(d, now, decided)
	case reviews.OutcomeGrant:
		return f.intendGrant(now, decided)
	case reviews.OutcomeReturnPoints:
		if in.Review.Kind.OfOrder() || in.Review.Kind == reviews.Restored && in.State.Coupon.Status == domain.Active {
			return s.returnUnused(in, d, decided)
		}
		return s.returnSuspended(in, d, decided)
	case reviews.OutcomeForfeit:
		c.Status = domain.Forfeited
		return Change{Coupon: c, Project: true, Audit: decided(c),
			Jobs: []domain.Job{{Kind: domain.JobMail, CouponID: c.ID, Mail: domain.MailForfeited}}}, nil
	case reviews.OutcomeTakeBack:
		return f.intendTakeBack(now, decided)
	case reviews.OutcomeApplied, reviews.OutcomeNotApplied:
		return f.unpark(d.Outcome == reviews.OutcomeApplied, in.Review.Evidence, now, decided)
	case reviews.OutcomeAcceptLoss, reviews.OutcomeRefuse:
	}
	return Change{Coupon: c, Audit: decided(c)}, nil
}

// mayDecide refuses what the review's state, or who decides, forbids.
func (s *Service) mayDecide(in Locked, d Decision, now time.Time) error {
	switch {
	case !in.Review.Open:
		return domain.Refuse(domain.CodeReviewDecided)
	case !slices.Contains(in.Review.Outcomes(now), d.Outcome),
		d.auto && in.Review.RecentReviews >= s.Policy.Auto.Reviews: // another one was opened in the same moment
		return domain.Refuse(domain.CodeOutcomeNotAllowed, "outcomes", in.Review.Outcomes(now))
	case owns(d.Caller, in):
		return domain.Refuse(domain.CodeOwnCoupon)
	default:
		return nil
	}
}

// recording makes the audit entries of a decision from the coupon as the decision leaves it.
type recording func(domain.Coupon) []domain.AuditEntry

// withDecision adds the entry of a decision to a step that has an entry of its own for the move: each move has one.
func withDecision(ch Change, decided recording) Change {
	for _, e := range decided(ch.Coupon) {
		e.From = e.To
		ch.Audit = append(ch.Audit, e)
	}
	return ch
}

// returnSuspended hands a suspended coupon to the steps of a cancellation: they ask once more whether it was used.
func (s *Service) returnSuspended(in Locked, d Decision, decided recording) (Change, error) {
	was := in.State.Coupon
	if was.UsedAt != nil {
		return Change{}, domain.Refuse(domain.CodeCouponUsed)
	}
	if err := s.Policy.withinCap(domain.ActReturnPoints, d.Caller, in); err != nil {
		return Change{}, err
	}
	by := Cancellation{Caller: d.Caller, Reason: was.Reason, Note: was.Note}
	c := s.at(in.State).begun(by, domain.Cancelling)
	// The code has been deactivated for as long as the review was open, and may have been switched on again by hand: it
	// is deactivated anew.
	c.Unfinished, c.DeactivatedAt = false, nil
	return Change{Coupon: c, Audit: decided(c)}, nil
}

// returnUnused cancels a coupon that is still good although an order held its code, as anybody would cancel it: if the
// code turns out to be used, nothing is given back and the review is open again.
func (s *Service) returnUnused(in Locked, d Decision, decided recording) (Change, error) {
	if err := s.mayEnd(in, d.Caller, domain.ActReturnPoints); err != nil {
		return Change{}, err
	}
	by := Cancellation{Caller: d.Caller, Reason: domain.ReasonOrderCancelled, Note: d.Note}
	return withDecision(s.at(in.State).cancelling(by), decided), nil
}

// unpark writes down what the POS's own records say of a parked movement, and lets the steps go on from there. shown is
// what the review showed.
func (f flow) unpark(applied bool, shown *domain.Evidence, now time.Time, decided recording) (Change, error) {
	i := slices.IndexFunc(f.st.Movements, func(m domain.Movement) bool { return m.State == domain.MovementParked })
	if i < 0 || f.st.Coupon.ParkedAt == nil {
		return Change{}, domain.Refuse(domain.CodeReviewDecided)
	}
	m := f.st.Movements[i]
	f.st.Coupon.ParkedAt = nil
	var ch Change
	switch c := f.st.Coupon; {
	case applied:
		ch = f.appliedByHand(m, handled(m, shown))
	case m.Kind == domain.Take:
		ch = f.takeRefused(m, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct",
			Reason: "not_applied"})
	case m.Kind == domain.GiveBack && c.UsedAt != nil:
		ch = f.withdrawn(m, orders.Sighting{OrderID: c.UsedOrderID, OrderName: c.UsedOrder, At: *c.UsedAt})
	default:
		// The credit never arrived, so it is sent again, as if for the first time. Meanwhile somebody may have switched
		// the code on: it is deactivated once more.
		if m.CustomerID != c.CustomerID || m.POS != f.s.Till { // under a key of its own: its content is another one
			key, err := newUUID(f.s.Random)
			if err != nil {
				return Change{}, err
			}
			m.CustomerID, m.Key, m.POS, m.Account = c.CustomerID, key, f.s.Till, ""
		}
		m.State, m.CreatedAt, m.Before = domain.MovementOpen, now, nil
		c = f.s.extended(c, now)
		c.DeactivatedAt = nil
		ch = Change{Coupon: c, Movements: []domain.Movement{m}}
	}
	return withDecision(ch, decided), nil
}

// appliedByHand is the commit that the lost answer would have led to.
func (f flow) appliedByHand(m domain.Movement, got Entry) Change {
	switch m.Kind {
	case domain.Take:
		return f.taken(m, got)
	case domain.TakeBack:
		return f.takenBack(m, got)
	case domain.Grant:
		return f.granted(m, got)
	case domain.GiveBack:
	}
	return f.givenBack(m, got)
}

// DecideAlone decides a fresh review where the rules leave it to the service. It is asked only where the buyer's
// money went back. Errors: domain.ErrConflict: try again.
func (s *Service) DecideAlone(ctx context.Context, r reviews.Review) error {
	outcome := s.Policy.Auto.Outcome(r, s.Clock.Now())
	if outcome == "" || s.Policy.needsTwo(r.Coupon.Points) {
		return nil
	}
	_, _, err := s.Decide(ctx, Decision{Caller: domain.System(), ReviewID: r.ID, Outcome: outcome,
		Key: "auto-" + strconv.FormatInt(r.ID, 10), auto: true})
	if domain.CodeOf(err) == domain.CodeRequestInProgress && err != nil {
		return domain.ErrConflict
	}
	if refusal := new(domain.Error); errors.As(err, &refusal) {
		return nil // somebody was faster
	}
	return err
}
