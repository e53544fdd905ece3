package coupons_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

func TestACodeIsNotRemovedFromTheShopByOurClockAlone(t *testing.T) {
	t.Parallel()
	w := issued(t)
	w.Out.Behind = 400 * couponstest.Day // ours was set forward
	w.Clock.Advance(400 * couponstest.Day)
	s := w.Service(nil)
	err := s.Sweep(t.Context())
	if err != nil || len(w.DB.Jobs) == 0 {
		t.Fatalf("%d jobs, %v", len(w.DB.Jobs), err)
	}
	id := w.DB.Coupons[0].ID
	if err := s.RemoveDiscount(t.Context(), id); domain.ReasonOf(err) != "still_active" || len(w.Out.Codes) != 1 ||
		w.DB.Coupons[0].DiscountDeletedAt != nil {
		t.Errorf("%v, codes %v", err, w.Out.Codes)
	}
	for name, answer := range map[string]*domain.UpstreamError{
		"frozen": {Kind: domain.KindAuth, Reason: "http_402"}, "no such store": {Kind: domain.KindAuth,
			Reason: "http_404"},
		"away": {Kind: domain.KindUnavailable}, "nonsense": {Kind: domain.KindUnknown},
		"refused": {Kind: domain.KindRefused, Reason: "http_400"},
	} {
		w.Out.Refuse["finddiscount"] = answer
		if err := s.RemoveDiscount(t.Context(), id); !errors.Is(err, error(answer)) || len(w.Out.Codes) != 1 {
			t.Errorf("%s: %v, codes %v", name, err, w.Out.Codes)
		}
	}
	delete(w.Out.Refuse, "finddiscount")
	w.Out.Behind = 0
	if err := s.RemoveDiscount(t.Context(), id); err != nil || len(w.Out.Codes) != 0 {
		t.Errorf("once Shopify says so too: %v, codes %v", err, w.Out.Codes)
	}
}

// TestAConversionIsNotCalledFailedOnABareStatus: the first answer of the POS was lost, the points were taken; what
// stands between it and us then answers for it.
func TestAConversionIsNotCalledFailedOnABareStatus(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"http_403", "http_400", "route_missing"} {
		w := couponstest.NewWorld(t)
		w.POS = coupons.Capabilities{Replay: true}
		m := &couponstest.Mortal{LoseAt: 1, Inner: w.Whole()}
		p := m.Ports()
		s := w.Service(&p)
		w.Out.OnAct = func(act string) {
			if act == "deduct" && len(w.Out.Entries) == 1 {
				w.Out.Refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct",
					Reason: reason}
			}
		}
		_, _ = s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		for range 5 {
			w.Clock.Advance(time.Minute)
			_ = s.Advance(t.Context(), w.DB.Coupons[0].ID)
		}
		if c := w.DB.Coupons[0]; c.Status != domain.Pending || len(w.Out.Entries) != 1 {
			t.Fatalf("%s: %s with %d entries", reason, c.Status, len(w.Out.Entries))
		}
		w.Out.OnAct = nil
		delete(w.Out.Refuse, "deduct")
		w.Clock.Advance(time.Minute)
		w.Rest(s)
		if c := w.DB.Coupons[0]; c.Status != domain.Active || len(w.Out.Entries) != 1 {
			t.Errorf("%s: then %s with %d entries", reason, c.Status, len(w.Out.Entries))
		}
	}
}

// TestAUsedCodeStaysUntilItsOrderIsRecorded: the shop counts a use of a code that is over here, and the order comes
// later: before it does the code is not removed. What has not come as far back as orders can be read does not come.
// covers: 002-23, 002-24
func TestAUsedCodeStaysUntilItsOrderIsRecorded(t *testing.T) {
	t.Parallel()
	for name, comes := range map[string]bool{"the order comes": true, "it never comes": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := issued(t)
			s := w.Service(nil)
			c := w.Last()
			expect.MustEqual(t, "placed", w.Out.PlaceOrder(c.Code), true)
			w.Clock.Advance(c.ExpiresAt.Sub(w.Clock.Now()) + s.Policy.Retention + time.Hour)
			expect.MustEqual(t, "err", s.Sweep(t.Context()), nil)
			expect.MustEqual(t, "status", w.Last().Status, domain.Expired)
			err := s.RemoveDiscount(t.Context(), c.ID)
			expect.Equal(t, "reason", domain.ReasonOf(err), "order_not_recorded")
			expect.Equal(t, "codes", len(w.Out.Codes), 1)
			if comes {
				expect.MustEqual(t, "err", w.Orders(s).SeeOrder(t.Context(), w.Out.Orders[0]), nil)
				expect.Equal(t, "status", w.Last().Status, domain.Used)
			} else {
				w.Clock.Advance(61 * couponstest.Day)
			}
			expect.Equal(t, "err", s.RemoveDiscount(t.Context(), c.ID), nil)
			expect.Equal(t, "codes", len(w.Out.Codes), 0)
		})
	}
}

// TestNoCodeWaitsBehindThoseThatMayNotGo: more codes than a round looks at are still alive in the shop. They are left for
// a day, so that the next round comes to the one behind them; after it they are asked about again.
func TestNoCodeWaitsBehindThoseThatMayNotGo(t *testing.T) {
	t.Parallel()
	w := issued(t)
	s := w.Service(nil)
	first := w.Last()
	const stuck = 205 // a round looks at 200
	for n := range stuck {
		c := first
		c.ID, c.Code, c.DiscountID = int64(n+2), fmt.Sprint("OLD-", n), fmt.Sprint("gid://shopify/DiscountCodeNode/old", n)
		w.DB.Coupons = append(w.DB.Coupons, c)
	}
	for n := range w.DB.Coupons {
		c := &w.DB.Coupons[n]
		c.Status = domain.Expired
		found := *w.Out.Codes[first.Code]
		found.ID, found.Codes = c.DiscountID, []string{c.Code}
		if found.Status = "ACTIVE"; n == stuck {
			found.Status = "EXPIRED" // the one behind them
		}
		found.EndsAt = first.ExpiresAt.Add(1000 * couponstest.Day)
		w.Out.Codes[c.Code] = &found
	}
	w.Clock.Advance(first.ExpiresAt.Sub(w.Clock.Now()) + s.Policy.Retention + time.Hour)
	round := func() (asked int) {
		w.DB.Jobs = nil
		expect.MustEqual(t, "err", s.Sweep(t.Context()), nil)
		for _, j := range w.DB.Jobs {
			if j.Kind == domain.JobRemoveDiscount {
				asked++
				_ = w.Work(s, j)
			}
		}
		return asked
	}
	expect.Equal(t, "the first round", round(), 200)
	expect.Equal(t, "the second round", round(), 6)
	expect.That(t, "the one behind them is removed", w.DB.Coupons[stuck].DiscountDeletedAt != nil)
	expect.Equal(t, "the third round", round(), 0)
	w.Clock.Advance(25 * time.Hour)
	expect.Equal(t, "after a day", round(), 200)
}
