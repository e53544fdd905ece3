package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// asked is a queue that remembers what is inserted.
type asked struct {
	mu   sync.Mutex
	jobs []domain.Job
}

func (q *asked) enqueue(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, jobs...)
	return nil
}

func customerUpdate(id, gid string) webhooks.Delivery {
	d := delivery(id)
	d.Topic, d.Order, d.Customer = webhooks.CustomersUpdate, "", gid
	return d
}

// written writes a member's metafield, whatever is to be written.
func written(t *testing.T, s *store.Store, digest string) {
	t.Helper()
	p, err := s.Metafields.ClaimProjection(t.Context(), "1", noon, noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Metafields.ProjectionWritten(t.Context(), "1", p.Wanted, digest); err != nil {
		t.Fatal(err)
	}
}

func TestKeepCustomerUpdate(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, q := db.Open(t, now, nil), &asked{}
		customer(t, s, "1")
		active(t, s, pending("1", 100))
		s.SetEnqueue(q.enqueue)
		ctx := t.Context()
		written(t, s, "d1")
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
		look := func(want int, digest string) {
			t.Helper()
			p, err := s.Metafields.ClaimProjection(ctx, "1", noon, noon.Add(time.Minute))
			if err != nil || p.Digest != digest || len(q.jobs) != want {
				t.Fatalf("%d jobs, %+v, %v", len(q.jobs), p, err)
			}
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
		look(0, "d1")
		if err := s.Metafields.ReleaseProjection(ctx, "1", "d1"); err != nil {
			t.Fatal(err)
		}

		// A burst, each of it twice, is one job.
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
		expect.MustEqual(t, "len(q.jobs)", len(q.jobs), 1, q.jobs)
		expect.MustEqual(t, "q.jobs[0].Kind", q.jobs[0].Kind, domain.JobMetafield)
		expect.MustEqual(t, "q.jobs[0].CustomerID", q.jobs[0].CustomerID, "1")
		if outcome, fresh := keep("w-3-1", c.ShopifyCustomerGID); outcome != webhooks.Queued || fresh {
			t.Errorf("repeated: %s, %v", outcome, fresh)
		}

		// What is told while somebody is at it has a job of its own, and is not forgotten by what they found.
		look(1, metafields.DigestUnknown)
		keep("w-4", c.ShopifyCustomerGID)
		if err := s.Metafields.ProjectionWritten(ctx, "1", 2, "d2"); err != nil {
			t.Fatal(err)
		}
		look(2, metafields.DigestUnknown)
		if err := s.Metafields.ReleaseProjection(ctx, "1", "d2"); err != nil {
			t.Fatal(err)
		}
		look(2, metafields.DigestUnknown)
		if err := s.Metafields.ProjectionWritten(ctx, "1", 3, "d3"); err != nil {
			t.Fatal(err)
		}
		look(2, "d3")
	})
}
