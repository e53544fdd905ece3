package coupons_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// backwards is a POS that books, loses its first answer, and meanwhile the clock of the machine is set back.
type backwards struct {
	*couponstest.Outside
	clock interface{ Advance(time.Duration) }
	lost  bool
}

func (b *backwards) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	e, err := b.Outside.Deduct(ctx, m)
	if b.lost {
		return e, err
	}
	b.lost = true
	b.clock.Advance(-5 * time.Second)
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "pos", Act: "deduct"}
}

// covers: H-14, T-10
func TestClockGoesBack(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(*world){
		"keys are not safe to replay": func(w *world) { w.Out.Keys, w.POS.Replay = false, false },
		"the points are spent": func(w *world) {
			w.Out.Balances["8812370934"] = 500
			w.Out.Keys = false
		},
	} {
		t.Run("an act that was sent before it does not pass for one that was never sent: "+name, func(t *testing.T) {
			t.Parallel()
			w := couponstest.NewWorld(t)
			set(w)
			before := w.Out.Balances["8812370934"]
			s := w.Service(&couponstest.Ports{Store: w.DB, Ledger: &backwards{Outside: w.Out, clock: w.Clock},
				Shop: w.Out})
			if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.Rest(s)
			if got := w.Out.Balances["8812370934"]; w.DB.Coupons[0].Status != domain.Active ||
				len(w.Out.Entries) != 1 || got != before-500 {
				t.Errorf("balance %d, %+v, %+v", got, w.DB.Coupons[0], w.Out.Entries)
			}
		})
	}
}
