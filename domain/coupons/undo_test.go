package coupons_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

// owner is the customer whose coupon it is, as the storefront vouches for them.
func owner() domain.Caller { return domain.Shopper("storefront").As("8812370934") }

// undoable is a world with one coupon that its owner can take back for half an hour.
func undoable(t *testing.T) (*world, string, *coupons.Service) {
	t.Helper()
	w, code := couponstest.WithCoupon(t, func(w *world) { w.Policy.SelfCancel = 24 * time.Hour })
	return w, code, w.Service(nil)
}

func TestTheOwnerTakesAnUnusedCouponBackByTheStepsOfACancellation(t *testing.T) {
	t.Parallel()
	w, code, s := undoable(t)
	for n, want := range []bool{false, true} { // the same form twice
		got, err := s.Undo(t.Context(), coupons.Undo{Caller: owner(), Code: code, Key: "u1"})
		expect.MustEqual(t, "err", err, nil, n)
		expect.Equal(t, "got.Replayed", got.Replayed, want, n)
		expect.Equal(t, "got.Coupon.Status", got.Coupon.Status, domain.Cancelling, n)
		w.Pass(s)
	}
	c := w.Last()
	expect.Equal(t, "c.Status", c.Status, domain.Cancelled)
	expect.Equal(t, "c.Reason", c.Reason, domain.ReasonUndone)
	expect.Equal(t, "c.CancelActor", c.CancelActor, "member:8812370934")
	expect.Equal(t, "given back", w.Count(domain.ActionPointsGivenBack), 1)
	if n := len(w.Out.Mails); n != 2 || w.Out.Mails[1].Kind != domain.MailCancelled {
		t.Errorf("mails: %+v", w.Out.Mails)
	}
	w.Balanced()
}

func TestNobodyElseTakesACouponBack(t *testing.T) {
	t.Parallel()
	w, code, s := undoable(t)
	staff := couponstest.Manager()
	staff.CustomerID = "8812370934"
	for name, who := range map[string]domain.Caller{"another customer": domain.Shopper("storefront").As("1"),
		"somebody unknown": domain.Shopper("storefront"), "a person of the staff, whose membership it is": staff,
		"the POS": {ID: "key:1", Role: domain.RolePOS, CustomerID: "8812370934"}} {
		_, err := s.Undo(t.Context(), coupons.Undo{Caller: who, Code: code, Key: "u1"})
		if domain.CodeOf(err) != domain.CodeCouponNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Undo(t.Context(), coupons.Undo{Caller: owner(), Code: code}); domain.CodeOf(err) !=
		domain.CodeKeyMissing {
		t.Errorf("without a key: %v", err)
	}
	expect.Equal(t, "w.Last().Status", w.Last().Status, domain.Active)
}

func TestACouponIsTakenBackOnlyWithinItsTimeAndWhereItIsOffered(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)
	within := coupons.Policy{SelfCancel: 30 * time.Minute}
	paid := domain.Coupon{Status: domain.Active, Points: 500, ActivatedAt: &made,
		ExpiresAt: made.Add(time.Hour)}
	free, again, waiting, campaign := paid, paid, paid, paid
	free.Points, again.ReissuedFrom, waiting.Status, campaign.Campaign = 0, "70934-AAAAAA-500", domain.Pending, "spring"
	for name, c := range map[string]struct {
		policy coupons.Policy
		coupon domain.Coupon
		can    bool
	}{
		"one that points were spent on": {within, paid, true}, "a campaign's that points were spent on": {within, campaign, true},
		"one that cost nothing": {within, free, false}, "one that replaces a used one": {within, again, false},
		"one on its way": {within, waiting, false}, "where it is not offered": {coupons.Policy{}, paid, false},
	} {
		until := c.policy.UndoUntil(c.coupon)
		expect.Equal(t, "can", until.Equal(made.Add(30*time.Minute)), c.can, name, until)
	}
	w, code, _ := undoable(t)
	w.Policy.SelfCancel = time.Minute
	s := w.Service(nil)
	w.Clock.Advance(time.Minute)
	_, err := s.Undo(t.Context(), coupons.Undo{Caller: owner(), Code: code, Key: "u1"})
	refusedWith(t, err, domain.CodeUndoOver)
	expect.Equal(t, "recorded", w.Count(domain.ActionCancellationRefused), 1)
	w.Policy.SelfCancel = 0
	_, err = w.Service(nil).Undo(t.Context(), coupons.Undo{Caller: owner(), Code: code, Key: "u1"})
	refusedWith(t, err, domain.CodeUndoNotOffered)
	expect.Equal(t, "w.Last().Status", w.Last().Status, domain.Active)
}

func TestACouponThatIsUsedMeanwhileStaysUsed(t *testing.T) {
	t.Parallel()
	w, code, s := undoable(t)
	expect.MustThat(t, "the order takes the code", w.Out.PlaceOrder(code))
	_, err := s.Undo(t.Context(), coupons.Undo{Caller: owner(), Code: code, Key: "u1"})
	if domain.CodeOf(err) != domain.CodeCouponUsed {
		w.Pass(s) // the order came to light when the code was deactivated
	}
	c := w.Last()
	expect.Equal(t, "c.Status", c.Status, domain.Used)
	expect.Equal(t, "given back", w.Count(domain.ActionPointsGivenBack), 0)
	w.Balanced()
}
