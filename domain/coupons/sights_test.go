package coupons_test

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

// held is a POS's history that answers nobody until the gate is open.
type held struct {
	coupons.History
	gate   chan struct{}
	inside atomic.Int64
}

func (h *held) Entries(ctx context.Context, id string, from, to time.Time) ([]coupons.Entry, error) {
	h.inside.Add(1)
	defer h.inside.Add(-1)
	<-h.gate
	return h.History.Entries(ctx, id, from, to)
}

// TestEverybodyConvertsAtATillThatIsLookedAt lets more members convert than may be looked at together: a till that
// answers so many questions a second would otherwise be asked by all of them for what none can finish.
func TestEverybodyConvertsAtATillThatIsLookedAt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := byAmount(t)
		ports := w.Whole()
		till := &held{History: ports.Past, gate: make(chan struct{})}
		ports.Past = till
		s := w.Service(&ports)
		const many = 12
		for i := range many {
			id := "member-" + strconv.Itoa(i)
			w.DB.Customers[id] = domain.Customer{ID: id, ShopifyCustomerGID: "gid://shopify/Customer/9" + strconv.Itoa(i)}
			w.Out.Balances[id] = 500
		}
		var wg sync.WaitGroup
		for i := range many {
			wg.Go(func() {
				ask := couponstest.Conversion(500, "key-"+strconv.Itoa(i))
				ask.CustomerID = "member-" + strconv.Itoa(i)
				got, err := s.Convert(t.Context(), ask)
				expect.Equal(t, "err", err, nil)
				expect.Equal(t, "got.Coupon.Status", got.Coupon.Status, domain.Active)
			})
		}
		synctest.Wait()
		expect.Equal(t, "members looked at together", till.inside.Load(), 4)
		close(till.gate)
		wg.Wait()
	})
}
