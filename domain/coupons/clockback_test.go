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
	*outside
	clock interface{ Advance(time.Duration) }
	lost  bool
}

func (b *backwards) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	e, err := b.outside.Deduct(ctx, m)
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
		"keys are not safe to replay": func(w *world) { w.out.keys, w.pos.Replay = false, false },
		"the points are spent": func(w *world) {
			w.out.balances["8812370934"] = 500
			w.out.keys = false
		},
	} {
		t.Run("an act that was sent before it does not pass for one that was never sent: "+name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			set(w)
			before := w.out.balances["8812370934"]
			s := w.service(&couponstest.Ports{Store: w.db, Ledger: &backwards{outside: w.out, clock: w.clock}, Shop: w.out})
			if _, err := s.Convert(t.Context(), conversion(500, "k1")); err != nil {
				t.Fatal(err)
			}
			w.rest(s)
			if got := w.out.balances["8812370934"]; w.db.coupons[0].Status != domain.Active ||
				len(w.out.entries) != 1 || got != before-500 {
				t.Errorf("balance %d, %+v, %+v", got, w.db.coupons[0], w.out.entries)
			}
		})
	}
}
