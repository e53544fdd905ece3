package reviews

import (
	"slices"
	"time"
)

// Auto lets the service decide about small voided orders without a person: below how many points a code is reissued,
// or points are granted. Zero is off; one of them can be on. Reviews is from how many reviews of a person in thirty
// days on, this one included, a person decides all the same.
type Auto struct {
	ReissueBelow int64
	GrantBelow   int64
	Reviews      int
}

// autoFresh is how old a review can be that the service decides by itself: one that was left open is a person's, also
// when the rules have changed since.
const autoFresh = 24 * time.Hour

// of is what the rules decide about so many points; empty leaves it to a person.
func (a Auto) of(points int64) Outcome {
	switch {
	case points == 0:
		return "" // what a code is worth that cost nothing is not measured in points: a person decides
	case points < a.ReissueBelow:
		return OutcomeReissue
	case points < a.GrantBelow:
		return OutcomeGrant
	default:
		return ""
	}
}

// Outcome is what the rules decide about a review; empty leaves it to a person. It is asked only where the buyer's
// money went back.
func (a Auto) Outcome(r Review, now time.Time) Outcome {
	outcome := a.of(r.Coupon.Points)
	switch {
	case outcome == "", !r.Open:
		return ""
	case r.Problem != "", r.Proposal != nil, !now.Before(r.OpenedAt.Add(autoFresh)):
		return "" // somebody is at it
	case r.Coupon.ReissuedFrom != "", r.RecentReviews >= a.Reviews, r.Reason == reasonFraud,
		r.Reason == ReasonPartiallyRefunded, r.Reason == ReasonUnreadable:
		return "" // what happens again and again is looked at
	case !slices.Contains(r.Outcomes(now), outcome):
		return ""
	}
	return outcome
}
