package reviews_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// covers: 003-17
func TestRisk(t *testing.T) {
	t.Parallel()
	opened := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := opened.Add(-d); return &at }
	matches := func(n int, outcome reviews.Outcome) (list []reviews.Match) {
		for i := range n {
			list = append(list, reviews.Match{ReviewID: int64(i + 1), OrderName: fmt.Sprint("#", i), Outcome: outcome})
		}
		return list
	}
	review0 := func(set func(*reviews.Review)) reviews.Review {
		r := reviews.Review{ID: 9, Kind: reviews.OrderCancelled, Reason: "customer", Code: "A", OpenedAt: opened,
			Coupon: reviews.Subject{Status: domain.Used, Chain: []string{"A"}}}
		if set != nil {
			set(&r)
		}
		return r
	}
	for name, tc := range map[string]struct {
		review reviews.Review
		facts  reviews.Circumstances
		score  int
		want   string
	}{
		"nothing is known": {review0(nil), reviews.Circumstances{}, 0, ""},
		"the shop calls it fraud": {review0(func(r *reviews.Review) { r.Reason = "fraud" }), reviews.Circumstances{},
			40, "fraud 1 40"},
		"a declined payment": {review0(func(r *reviews.Review) { r.Reason = "declined" }),
			reviews.Circumstances{}, 15, "declined 1 15"},
		"suspended by staff": {review0(func(r *reviews.Review) { r.Kind, r.Reason = reviews.SuspectedFraud, "" }),
			reviews.Circumstances{}, 40, "suspected 1 40"},
		"used beside its points": {review0(func(r *reviews.Review) { r.Kind, r.Reason = reviews.UsedAfterRefund, "" }),
			reviews.Circumstances{}, 20, "used_after_refund 1 20"},
		"one earlier case": {review0(nil), reviews.Circumstances{Matches: matches(1, "")}, 15, "earlier 1 15"},
		"many earlier cases": {review0(nil), reviews.Circumstances{Matches: matches(7, reviews.OutcomeReissue)},
			45, "earlier 7 45"},
		"an earlier forfeit": {review0(nil), reviews.Circumstances{Matches: matches(2, reviews.OutcomeForfeit)},
			60, "forfeited 2 30, earlier 2 30"},
		"a reissue": {review0(func(r *reviews.Review) { r.Code, r.Coupon.Chain = "B", []string{"A", "B"} }),
			reviews.Circumstances{}, 15, "reissued 1 15"},
		"a reissue of a reissue's": {review0(func(r *reviews.Review) {
			r.Code, r.Coupon.Chain = "D", []string{"A", "B", "C", "D"}
		}),
			reviews.Circumstances{}, 30, "reissued 3 30"},
		"later reissues say nothing": {review0(func(r *reviews.Review) { r.Coupon.Chain = []string{"A", "B", "C"} }),
			reviews.Circumstances{}, 0, ""},
		"other members": {review0(nil), reviews.Circumstances{SameEmail: 3, SamePhone: 1}, 20,
			"same_email 3 10, same_phone 1 10"},
		"soon": {review0(nil), reviews.Circumstances{UsedAt: ago(24*time.Hour - time.Second)}, 10,
			"soon 1 10"},
		"not so soon":   {review0(nil), reviews.Circumstances{UsedAt: ago(24 * time.Hour)}, 0, ""},
		"four refusals": {review0(nil), reviews.Circumstances{Refused: 4}, 0, ""},
		"five refusals": {review0(nil), reviews.Circumstances{Refused: 5}, 10, "refused 5 10"},
		"everything": {review0(func(r *reviews.Review) {
			r.Reason, r.Code, r.Coupon.Chain = "fraud", "C", []string{"A", "B", "C"}
		}),
			reviews.Circumstances{Matches: matches(20, reviews.OutcomeForfeit), SameEmail: 1, SamePhone: 1,
				UsedAt: ago(0), Refused: 99}, 100,
			"fraud 1 40, forfeited 20 30, earlier 20 45, reissued 2 30, " +
				"same_email 1 10, same_phone 1 10, soon 1 10, refused 99 10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := tc.review.Risk(tc.facts)
			var said []string
			for _, s := range got.Signals {
				said = append(said, fmt.Sprint(s.Signal, " ", s.Count, " ", s.Weight))
			}
			text := strings.Join(said, ", ")
			expect.Equal(t, "got.Score", got.Score, tc.score)
			expect.Equal(t, "text", text, tc.want)
			expect.Equal(t, "len(got.Matches)", len(got.Matches), len(tc.facts.Matches))
		})
	}
	if len(reviews.Signals()) != 11 {
		t.Errorf("%d signals", len(reviews.Signals()))
	}
}
