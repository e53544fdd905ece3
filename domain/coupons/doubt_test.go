package coupons_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// doubtful is a store that loses the answer to one first commit, which was made or was not.
type doubtful struct {
	couponstest.Store
	w     *world
	at    int // which commit's answer is lost, counted from 1
	made  bool
	away  int // how often the database cannot be asked afterwards
	opens int
}

var errDoubt = fmt.Errorf("the connection broke: %w, %w", domain.ErrConflict, domain.ErrUnavailable)

// Open implements coupons.Store.
func (d *doubtful) Open(ctx context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	d.opens++
	switch {
	case d.opens == d.at && !d.made:
		return coupons.State{}, errDoubt
	case d.opens == d.at:
		if _, err := d.Store.Open(ctx, o, decide); err != nil {
			return coupons.State{}, err
		}
		return coupons.State{}, errDoubt
	case d.opens > d.at && d.away > 0:
		d.away--
		d.w.Clock.Advance(couponstest.RequestWait)
		return coupons.State{}, domain.ErrUnavailable
	}
	return d.Store.Open(ctx, o, decide)
}

// TestACommitInDoubtIsLookedUpBeforeAnythingIsSaid: whether it was made or not, and whether the database can be asked
// at once or not, the request is never told that it failed, and its points are taken once.
func TestACommitInDoubtIsLookedUpBeforeAnythingIsSaid(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 2} {
		for _, made := range []bool{true, false} {
			for _, away := range []int{0, 1} {
				t.Run(fmt.Sprintf("commit %d, made %v, asked in vain %d times", at, made, away), func(t *testing.T) {
					t.Parallel()
					w := couponstest.NewWorld(t)
					if at == 2 { // the second commit starts over, because the shop has the first code from elsewhere
						w.Out.Codes["70934-333333-500"] = &coupons.FoundDiscount{ID: "gid://foreign",
							Codes: []string{"70934-333333-500"}, CustomerGID: "gid://other"}
						w.Random = io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{1}, 6)), rand.Reader)
					}
					s := w.Service(&couponstest.Ports{Store: &doubtful{Store: w.DB, w: w, at: at, made: made,
						away: away},
						Ledger: w.Out, Shop: w.Out})
					got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k1"))
					if code := domain.CodeOf(err); err != nil && code != domain.CodeRequestInProgress &&
						code != domain.CodeConversionInProgress {
						t.Fatalf("told %v", err)
					}
					if err == nil && got.Coupon.Status != domain.Active && got.Coupon.Status != domain.Pending {
						t.Fatalf("told %s", got.Coupon.Status)
					}
					w.Pass(s)
					again, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k1"))
					if err != nil || w.Out.Balances["8812370934"] != 750 {
						t.Errorf("asked again: %+v, %v, balance %d", again, err, w.Out.Balances["8812370934"])
					}
					w.Rest(w.Service(nil))
					active := 0
					for _, c := range w.DB.Coupons {
						if c.Status == domain.Active {
							active++
						}
					}
					if active != 1 {
						t.Errorf("%d coupons", active)
					}
					w.Balanced()
				})
			}
		}
	}
}

// TestACancellationInDoubtIsUnderWay: its repetition gets the answer.
func TestACancellationInDoubtIsUnderWay(t *testing.T) {
	t.Parallel()
	for _, made := range []bool{true, false} {
		t.Run(fmt.Sprintf("made %v", made), func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(*world) {})
			lost := &lostDecision{Store: w.DB, made: made}
			_, err := w.Service(&couponstest.Ports{Store: lost, Ledger: w.Out, Shop: w.Out}).Cancel(t.Context(),
				couponstest.Cancellation(code, "c1"))
			refusedWith(t, err, domain.CodeRequestInProgress)
			s := w.Service(nil)
			if _, err := s.Cancel(t.Context(), couponstest.Cancellation(code, "c1")); err != nil {
				t.Fatal(err)
			}
			w.Pass(s)
			if w.Out.Balances["8812370934"] != 1250 {
				t.Errorf("balance %d", w.Out.Balances["8812370934"])
			}
			w.Balanced()
		})
	}
}

// lostDecision loses the answer to a decision, and cannot be asked afterwards.
type lostDecision struct {
	couponstest.Store
	made  bool
	asked bool
}

// Decide implements coupons.Store.
func (d *lostDecision) Decide(ctx context.Context, q coupons.Question, decide func(coupons.Locked) (coupons.Change,
	error)) (coupons.State, error) {
	if d.asked {
		return coupons.State{}, domain.ErrUnavailable
	}
	d.asked = true
	if d.made {
		if _, err := d.Store.Decide(ctx, q, decide); err != nil {
			return coupons.State{}, err
		}
	}
	return coupons.State{}, errDoubt
}
