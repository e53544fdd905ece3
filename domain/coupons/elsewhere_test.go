package coupons_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// TestAMovementOfAnotherPOSIsLeftAlone: its answer was lost when the settings came to name another POS. That one is
// neither sent the movement nor asked for it; with the first POS it is settled, and a person can be asked instead.
func TestAMovementOfAnotherPOSIsLeftAlone(t *testing.T) {
	t.Parallel()
	for _, promise := range couponstest.Promises() {
		t.Run(promise.Name, func(t *testing.T) {
			t.Parallel()
			w := couponstest.NewWorld(t)
			w.Promise(promise.POS)
			d := &deaf{Outside: w.Out, booked: []bool{true}}
			at := func(till string) *coupons.Service {
				p := w.Whole()
				p.Ledger = d
				s := w.Service(&p)
				s.Till = till
				return s
			}
			first := at("generic https://a.example")
			_, err := first.Convert(t.Context(), couponstest.Conversion(500, "k1"))
			expect.MustEqual(t, "err", err, nil)
			w.Drain(first)
			c := w.DB.Coupons[0]
			if c.ParkedAt != nil {
				return // a POS that promises nothing leaves it to a person at once
			}
			other := at("square https://b.example")
			w.Clock.Advance(time.Minute)
			err = other.Advance(t.Context(), c.ID)
			expect.MustThat(t, "it is not settled there", err != nil)
			expect.Equal(t, "why", domain.ReasonOf(err), "another_pos")
			expect.Equal(t, "attempts", d.tries, 1)
			if promise.POS.Replay {
				w.Clock.Advance(time.Minute)
				w.Rest(at("generic https://a.example"))
				isSettled(t, w)
				return
			}
			other.PutDown = true
			w.Clock.Advance(time.Minute)
			expect.MustEqual(t, "err", other.Advance(t.Context(), c.ID), nil)
			expect.MustEqual(t, "reviews", len(w.DB.Reviews), 1)
			expect.Equal(t, "its kind", w.DB.Reviews[0].Kind, reviews.Unsettled)
			expect.Equal(t, "attempts", d.tries, 1)
		})
	}
}
