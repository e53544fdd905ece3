package couponstest

import (
	"fmt"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
)

// Promise is what a POS keeps of what the saga relies on.
type Promise struct {
	Name string
	POS  coupons.Capabilities
}

// Promises are the kinds of POS that the saga must be right with.
func Promises() []Promise {
	return []Promise{
		{"safe keys", coupons.Capabilities{Replay: true, Lookup: coupons.LookupExact}},
		{"references asked for by name", coupons.Capabilities{Lookup: coupons.LookupExact}},
		{"references read in a window", coupons.Capabilities{Lookup: coupons.LookupScan}},
		{"amounts and times alone", coupons.Capabilities{Lookup: coupons.LookupAmount}},
		{"nothing", coupons.Capabilities{Lookup: coupons.LookupNone}},
	}
}

// Promise lets the world's POS keep no more than that.
func (w *World) Promise(p coupons.Capabilities) { w.POS, w.Out.Keys = p, p.Replay }

// ByHand is the person who looks into the POS's own records, which have a name for everything, and decides whatever is
// unsettled. It returns how much that was.
func (w *World) ByHand(s *coupons.Service) (decided int) {
	w.T.Helper()
	for {
		i := slices.IndexFunc(w.DB.Reviews, func(r reviews.Review) bool { return r.Open && r.Kind == reviews.Unsettled })
		if i < 0 {
			return decided
		}
		decided++
		review := w.DB.Reviews[i]
		outcome := reviews.OutcomeNotApplied
		if w.Out.Times(w.parked(review.CouponID).Reference) > 0 {
			outcome = reviews.OutcomeApplied
		}
		if _, _, err := s.Decide(w.T.Context(), coupons.Decision{Caller: Manager(), ReviewID: review.ID,
			Outcome: outcome, Key: fmt.Sprintf("by-hand-%d-%d", review.ID, decided)}); err != nil {
			w.T.Fatal(err)
		}
		w.Drain(s)
		w.Rest(s)
	}
}

// parked is the movement of a coupon that a person has to look for.
func (w *World) parked(couponID int64) domain.Movement {
	for _, m := range w.DB.Movements {
		if m.CouponID == couponID && m.State == domain.MovementParked {
			return m
		}
	}
	w.T.Fatalf("no movement of coupon %d is parked", couponID)
	return domain.Movement{}
}
