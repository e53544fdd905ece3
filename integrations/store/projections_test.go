package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// lasts is how long the claims of these tests are.
const lasts = time.Minute

// claimed claims whatever is behind.
func claimed(t *testing.T, s *store.Store, at time.Time) []metafields.Projection {
	t.Helper()
	list, err := s.Metafields.ClaimProjections(t.Context(), at, at.Add(lasts), 100)
	expect.MustEqual(t, "err of a claim", err, nil)
	return list
}

func claimedOne(t *testing.T, s *store.Store, at time.Time) metafields.Projection {
	t.Helper()
	list := claimed(t, s, at)
	expect.MustEqual(t, "metafields that are behind", len(list), 1)
	return list[0]
}

// settle ends claims that were made at a time.
func settle(t *testing.T, s *store.Store, made time.Time, list ...metafields.Settled) {
	t.Helper()
	expect.MustEqual(t, "err", s.Metafields.SettleProjections(t.Context(), made.Add(lasts), list), nil)
}

// written writes the metafield that is behind.
func written(t *testing.T, s *store.Store, digest string) {
	t.Helper()
	p := claimedOne(t, s, noon)
	settle(t, s, noon, metafields.Settled{CustomerID: p.CustomerID, Written: p.Wanted, Digest: digest})
}

// change has a member's metafield written again.
func change(t *testing.T, s *store.Store, member string) {
	t.Helper()
	active(t, s, pending(member, 100))
}

func TestProjectionIsClaimedByOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		change(t, s, "1")
		p := claimedOne(t, s, noon)
		expect.Equal(t, "whose", p.CustomerID, "1")
		expect.Equal(t, "changes", p.Wanted, 1)
		expect.Equal(t, "digest", p.Digest, "")
		expect.Equal(t, "coupons", len(p.Coupons), 1)
		expect.That(t, "a customer of the shop", p.CustomerGID != "")
		expect.Equal(t, "claimed beside it", len(claimed(t, s, noon.Add(lasts-time.Second))), 0)

		// The claim of a process that died ends; what that one still says afterwards is not heard.
		again := claimedOne(t, s, noon.Add(lasts))
		settle(t, s, noon, metafields.Settled{CustomerID: "1", Written: 1, Digest: "of the dead"})
		expect.Equal(t, "claimed beside the second", len(claimed(t, s, noon.Add(lasts+time.Second))), 0)
		settle(t, s, noon.Add(lasts), metafields.Settled{CustomerID: "1", Written: again.Wanted, Digest: "d1"})
		expect.Equal(t, "behind once it is written", len(claimed(t, s, noon.Add(time.Hour))), 0)

		// A change that comes while it is written is written again, over what was written.
		change(t, s, "1")
		p = claimedOne(t, s, noon)
		expect.Equal(t, "digest", p.Digest, "d1")
		change(t, s, "1")
		settle(t, s, noon, metafields.Settled{CustomerID: "1", Written: p.Wanted, Digest: "d2"})
		open(t, s, pending("1", 100))
		next := claimedOne(t, s, noon)
		expect.Equal(t, "changes", next.Wanted, p.Wanted+1)
		expect.Equal(t, "coupons, without the one on its way", len(next.Coupons), 3)
		expect.Equal(t, "digest", next.Digest, "d2")
	})
}

func TestProjectionsWaitAsLongAsTheyAreToldTo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for n := range 3 {
			customer(t, s, fmt.Sprint(n))
			change(t, s, fmt.Sprint(n))
		}
		list := claimed(t, s, noon)
		expect.MustEqual(t, "behind", len(list), 3)
		settle(t, s, noon, metafields.Settled{CustomerID: "0", Written: 1, Digest: "d0"},
			metafields.Settled{CustomerID: "1", Digest: "d1", After: noon.Add(time.Hour)},
			metafields.Settled{CustomerID: "2", Digest: "d2", After: noon.Add(time.Second)})
		expect.Equal(t, "due at once", len(claimed(t, s, noon)), 0)
		expect.Equal(t, "due after a second", claimedOne(t, s, noon.Add(time.Second)).CustomerID, "2")
		settle(t, s, noon.Add(time.Second), metafields.Settled{CustomerID: "2", Written: 1, Digest: "d2"})
		expect.Equal(t, "due before its hour", len(claimed(t, s, noon.Add(time.Hour-time.Second))), 0)
		p := claimedOne(t, s, noon.Add(time.Hour))
		expect.Equal(t, "due after its hour", p.CustomerID, "1")
		expect.Equal(t, "what is known of it", p.Digest, "d1")
	})
}

func TestProjectionsOfNobodyInTheShopAreNotClaimed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		change(t, s, "1")
		p := claimedOne(t, s, noon)
		// They become somebody else in the shop while it is written: that one's metafield begins anew, and at once.
		entry := func(string) domain.AuditEntry {
			return domain.AuditEntry{At: noon, Actor: "system", Action: "customer.unlinked", CustomerID: "1",
				Outcome: domain.OutcomeDone}
		}
		expect.MustEqual(t, "err", s.Webhooks.Unlink(t.Context(), p.CustomerGID, noon, entry), nil)
		settle(t, s, noon, metafields.Settled{CustomerID: "1", Written: p.Wanted, Digest: "of the former customer"})
		expect.Equal(t, "behind without a link", len(claimed(t, s, noon.Add(time.Hour))), 0)
		_, err := s.Members.LinkCustomer(t.Context(), "1", "gid://shopify/Customer/77", domain.AuditEntry{At: noon,
			Actor: "system", Action: "customer.linked", CustomerID: "1", Outcome: domain.OutcomeDone})
		expect.MustEqual(t, "err of the link", err, nil)
		p = claimedOne(t, s, noon)
		expect.Equal(t, "whose", p.CustomerGID, "gid://shopify/Customer/77")
		expect.Equal(t, "what is known of it", p.Digest, "")
	})
}

// TestProjectionsAreSharedOut: of any number of processes that claim at once, each customer is claimed by one.
func TestProjectionsAreSharedOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		const members = 40
		for n := range members {
			customer(t, s, fmt.Sprint(n))
			change(t, s, fmt.Sprint(n))
		}
		var (
			all sync.WaitGroup
			mu  sync.Mutex
		)
		times := map[string]int{}
		for range 4 {
			all.Go(func() {
				for {
					list, err := s.Metafields.ClaimProjections(t.Context(), noon, noon.Add(lasts), 7)
					expect.Equal(t, "err", err, nil)
					if len(list) == 0 {
						return
					}
					mu.Lock()
					for _, p := range list {
						times[p.CustomerID]++
						expect.Equal(t, "coupons of "+p.CustomerID, len(p.Coupons), 1)
						expect.Equal(t, "the coupon's customer", p.Coupons[0].CustomerID, p.CustomerID)
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		rest := claimed(t, s, noon)
		expect.Equal(t, "claimed", len(times)+len(rest), members)
		for id, n := range times {
			expect.Equal(t, "claims of "+id, n, 1)
		}
	})
}
