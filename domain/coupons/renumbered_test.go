package coupons_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// TestPointsOfAMemberWithAnotherNumberGoThere: a credit that the POS refused because the number is nobody's waits for a
// person, keeps the number that it was sent under, and is sent to the new one, under a key of its own, when they say so.
func TestPointsOfAMemberWithAnotherNumberGoThere(t *testing.T) {
	t.Parallel()
	w, code := couponstest.WithCoupon(t, func(*world) {})
	w.Out.Refuse["add"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "add",
		Reason: domain.ReasonCustomerNotFound}
	s := w.Service(nil)
	couponstest.Cancel(s, t, code)
	w.Drain(s)
	w.Rest(s)
	back := func() domain.Movement {
		st, err := w.DB.Load(t.Context(), 1)
		expect.MustEqual(t, "err", err, nil)
		return *st.Movement(domain.GiveBack)
	}
	parked := back()
	expect.MustEqual(t, "a person has to look", parked.State, domain.MovementParked)

	const next = "9900000001"
	member := w.DB.Customers[w.DB.Coupons[0].CustomerID]
	member.ID = next
	w.DB.Customers[next] = member
	w.DB.Coupons[0].CustomerID = next
	w.DB.Coupons[0].Version++
	delete(w.Out.Refuse, "add")
	expect.That(t, "the number it was sent under is kept", back().CustomerID != next, back().CustomerID)
	_, _, err := s.Decide(t.Context(), couponstest.Decision(reviews.OutcomeNotApplied, "d1"))
	expect.MustEqual(t, "err", err, nil)
	w.Drain(s)
	w.Rest(s)
	sent := back()
	expect.Equal(t, "the number it is sent to", sent.CustomerID, next)
	expect.Equal(t, "its state", sent.State, domain.MovementApplied)
	expect.That(t, "its key is another one", sent.Key != parked.Key)
	expect.Equal(t, "its reference is the same", sent.Reference, parked.Reference)
}
