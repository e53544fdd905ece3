package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func customerUpdate(id, gid string) webhooks.Delivery {
	d := delivery(id)
	d.Topic, d.Order, d.Customer = webhooks.CustomersUpdate, "", gid
	return d
}

func TestKeepCustomerUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		active(t, s, pending("1", 100))
		ctx := t.Context()
		written(t, s, "d1")
		var heard atomic.Int64
		s.SetWake(func(jobs []domain.Job) { heard.Add(int64(len(jobs))) })
		c, err := s.Members.Customer(ctx, "1")
		if err != nil || c.ShopifyCustomerGID == "" {
			t.Fatal(err)
		}
		keep := func(id, gid string) (webhooks.Outcome, bool) {
			t.Helper()
			outcome, fresh, err := s.Webhooks.KeepCustomerUpdate(ctx, customerUpdate(id, gid))
			if err != nil {
				t.Fatal(err)
			}
			return outcome, fresh
		}

		// Somebody else's customer, and a member without a link, whose gid is empty as all theirs are.
		for id, gid := range map[string]string{"w-1": "gid://shopify/Customer/999", "w-2": ""} {
			outcome, fresh := keep(id, gid)
			expect.Equal(t, "outcome", outcome, webhooks.Ignored, gid)
			expect.Equal(t, "fresh", fresh, true, gid)
			if _, err := s.Webhooks.Delivery(ctx, id); domain.CodeOf(err) != domain.CodeNotFound {
				t.Errorf("%q left a trace: %v", gid, err)
			}
		}
		expect.Equal(t, "told of what is nobody's", heard.Load(), int64(0))
		expect.Equal(t, "what is to be looked at for nobody", len(claimed(t, s, noon)), 0)

		// A burst, each of it twice, is one look.
		var wg sync.WaitGroup
		for n := range 20 {
			wg.Go(func() {
				if _, _, err := s.Webhooks.KeepCustomerUpdate(ctx, customerUpdate(fmt.Sprint("w-3-", n%10),
					c.ShopifyCustomerGID)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		expect.That(t, "the projector is told", heard.Load() > 0)
		if outcome, fresh := keep("w-3-1", c.ShopifyCustomerGID); outcome != webhooks.Queued || fresh {
			t.Errorf("repeated: %s, %v", outcome, fresh)
		}

		// What is told while somebody is at it is looked at once more, and is not forgotten by what they found.
		p := claimedOne(t, s, noon)
		expect.Equal(t, "what is known of the metafield", p.Digest, metafields.DigestUnknown)
		expect.Equal(t, "looks that were asked for", p.Wanted, 2)
		keep("w-4", c.ShopifyCustomerGID)
		settle(t, s, noon, metafields.Settled{CustomerID: "1", Written: p.Wanted, Digest: "d2"})
		p = claimedOne(t, s, noon)
		expect.Equal(t, "what is known of it, told meanwhile", p.Digest, metafields.DigestUnknown)
		settle(t, s, noon, metafields.Settled{CustomerID: "1", Digest: "d2"})
		p = claimedOne(t, s, noon)
		expect.Equal(t, "what is known of it, not written", p.Digest, metafields.DigestUnknown)
		settle(t, s, noon, metafields.Settled{CustomerID: "1", Written: p.Wanted, Digest: "d3"})
		expect.Equal(t, "what is left to look at", len(claimed(t, s, noon)), 0)
	})
}
