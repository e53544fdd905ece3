package coupons

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"pointbridge/domain"
)

// autoFresh is how old a case can be that the service decides by itself: one that was left open is a person's, also when the
// rules have changed since.
const autoFresh = 24 * time.Hour

// outcome is what the rules decide about so many points; empty leaves it to a person.
func (a Auto) outcome(points int64) Outcome {
	switch {
	case points < a.ReissueBelow:
		return OutcomeReissue
	case points < a.GrantBelow:
		return OutcomeGrant
	default:
		return ""
	}
}

// decideAlone decides a fresh case where the rules leave it to the service. It is asked only where the buyer's money went back.
// Errors: domain.ErrConflict: try again.
func (s *Service) decideAlone(ctx context.Context, r Review) error {
	outcome, now := s.Policy.Auto.outcome(r.Coupon.Points), s.Clock.Now()
	switch {
	case outcome == "", !r.Open, s.Policy.needsTwo(r.Coupon.Points):
		return nil
	case r.Problem != "", r.Proposal != nil, !now.Before(r.OpenedAt.Add(autoFresh)):
		return nil // somebody is at it
	case r.Coupon.ReissuedFrom != "", r.RecentReviews >= s.Policy.Auto.Reviews, r.Reason == reasonFraud, r.Reason == ReasonPartiallyRefunded, r.Reason == ReasonUnreadable:
		return nil // what happens again and again is looked at
	case !slices.Contains(r.Outcomes(now), outcome):
		return nil
	}
	_, _, err := s.Decide(ctx, Decision{Caller: domain.System(), ReviewID: r.ID, Outcome: outcome, Key: "auto-" + strconv.FormatInt(r.ID, 10), auto: true})
	if domain.CodeOf(err) == domain.CodeRequestInProgress && err != nil {
		return domain.ErrConflict
	}
	if refusal := new(domain.Error); errors.As(err, &refusal) {
		return nil // somebody was faster
	}
	return err
}
