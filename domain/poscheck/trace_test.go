package poscheck_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
	"pointbridge/test/expect"
)

func TestATraceSaysWhetherBothSidesAgree(t *testing.T) {
	t.Parallel()
	movement := func(state domain.MovementState, reference, entry string) domain.Movement {
		return domain.Movement{Kind: domain.Take, State: state, CustomerID: "member", Points: 5, Reference: reference,
			EntryID: entry}
	}
	booked := func(lookup coupons.Lookup, unfiltered bool) poscheck.POS {
		f := &fake{points: 50}
		for _, reference := range []string{"A", "B"} {
			_, _ = f.Deduct(t.Context(), domain.Movement{Points: 5, Reference: reference, Key: reference})
		}
		f.unfiltered = unfiltered
		return poscheck.POS{Ledger: f, History: f, Promised: coupons.Capabilities{Lookup: lookup}, Clock: &clock{}}
	}
	for name, c := range map[string]struct {
		pos  poscheck.POS
		m    domain.Movement
		want poscheck.Verdict
	}{
		"applied and there": {booked(coupons.LookupExact, false), movement(domain.MovementApplied, "A", "0"),
			poscheck.Held},
		"applied and another entry": {booked(coupons.LookupExact, false), movement(domain.MovementApplied, "A", "1"),
			poscheck.NotHeld},
		"applied and not there": {booked(coupons.LookupExact, false), movement(domain.MovementApplied, "C", ""),
			poscheck.NotHeld},
		"refused and not there": {booked(coupons.LookupExact, false), movement(domain.MovementRefused, "C", ""),
			poscheck.Held},
		"refused and there": {booked(coupons.LookupExact, false), movement(domain.MovementRefused, "A", ""),
			poscheck.NotHeld},
		"open and not there": {booked(coupons.LookupExact, false), movement(domain.MovementOpen, "C", ""),
			poscheck.Unknown},
		"parked and there": {booked(coupons.LookupExact, false), movement(domain.MovementParked, "A", ""),
			poscheck.Unknown},
		"several of one name": {booked(coupons.LookupExact, true), movement(domain.MovementApplied, "A", "0"),
			poscheck.NotHeld},
		"its entry among those of its amount": {booked(coupons.LookupAmount, false),
			movement(domain.MovementApplied, "A", "1"), poscheck.Held},
		"two of its amount, and no entry is known": {booked(coupons.LookupAmount, false),
			movement(domain.MovementOpen, "A", ""), poscheck.Unknown},
		"applied, and no entry is its own": {booked(coupons.LookupAmount, false),
			movement(domain.MovementApplied, "A", "7"), poscheck.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := c.pos.Trace(t.Context(), []domain.Movement{c.m})
			expect.MustEqual(t, "trails", len(got), 1)
			expect.MustEqual(t, "verdict", got[0].Verdict, c.want, got[0].Entries, got[0].Err)
		})
	}
}
