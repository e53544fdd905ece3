package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// counted is a queue that counts what is inserted, and fails when it is told to.
type counted struct {
	inserted atomic.Int64
	fail     atomic.Bool
}

func (q *counted) enqueue(_ context.Context, _ *sql.Tx, jobs []domain.Job) error {
	if q.fail.Load() {
		return errors.New("the queue is full")
	}
	q.inserted.Add(int64(len(jobs)))
	return nil
}

func delivery(id string) webhooks.Delivery {
	return webhooks.Delivery{WebhookID: id, EventID: "e-1", Topic: webhooks.OrdersCreate, Shop: "demo.myshopify.com",
		APIVersion:  "2026-10",
		TriggeredAt: noon.Add(-time.Second), ReceivedAt: noon, Digest: sha256.Sum256([]byte(id)),
		Order: "gid://shopify/Order/1", Outcome: webhooks.Queued}
}

var orderJob = []domain.Job{{Kind: domain.JobOrder, Ref: "gid://shopify/Order/1"}}

func TestKeepDelivery(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, q := db.Open(t, now, nil), &counted{}
		s.SetEnqueue(q.enqueue)
		ctx := t.Context()
		want := delivery("w-1")
		q.fail.Store(true)
		if fresh, err := s.Webhooks.KeepDelivery(ctx, want, orderJob); err == nil || fresh {
			t.Fatal("kept without its job")
		}
		if _, err := s.Webhooks.Delivery(ctx, "w-1"); domain.CodeOf(err) != domain.CodeNotFound {
			t.Fatalf("a delivery without its job was stored: %v", err)
		}
		q.fail.Store(false)
		for round, fresh := range []bool{true, false, false} {
			if got, err := s.Webhooks.KeepDelivery(ctx, want, orderJob); err != nil || got != fresh {
				t.Fatalf("round %d: %v, %v", round, got, err)
			}
		}
		got, err := s.Webhooks.Delivery(ctx, "w-1")
		if err != nil || got != want || q.inserted.Load() != 1 {
			t.Errorf("%d jobs, %+v, %v", q.inserted.Load(), got, err)
		}
		if err := s.Webhooks.DeliveryDone(ctx, "w-1"); err != nil {
			t.Fatal(err)
		}
		got, err = s.Webhooks.Delivery(ctx, "w-1")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "got.Outcome", got.Outcome, webhooks.Done)
	})
}

func TestDoubledDeliveriesAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, q := db.Open(t, now, nil), &counted{}
		s.SetEnqueue(q.enqueue)
		var wg sync.WaitGroup
		var fresh atomic.Int64
		for range 16 {
			wg.Go(func() {
				ok, err := s.Webhooks.KeepDelivery(t.Context(), delivery("w-1"), orderJob)
				if err != nil {
					t.Error(err)
				}
				if ok {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if fresh.Load() != 1 || q.inserted.Load() != 1 {
			t.Errorf("%d were fresh, %d jobs", fresh.Load(), q.inserted.Load())
		}
	})
}

// TestAnIdIsNobodysToTake: ids come in headers, which nobody signs.
func TestAnIdIsNobodysToTake(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		first := delivery("w-1")
		if fresh, err := s.Webhooks.KeepDelivery(t.Context(), first, nil); err != nil || !fresh {
			t.Fatal(fresh, err)
		}
		body, topic := first, first
		body.Digest = sha256.Sum256([]byte("another"))
		topic.Topic = webhooks.OrdersUpdated
		for what, d := range map[string]webhooks.Delivery{"another body": body, "another topic": topic} {
			if fresh, err := s.Webhooks.KeepDelivery(t.Context(), d, nil); !errors.Is(err, webhooks.ErrOtherDelivery) ||
				fresh {
				t.Errorf("%s under a known id: %v, %v", what, fresh, err)
			}
		}
	})
}

// TestTheSameWordsUnderAnotherId says of every topic whether its body means something once.
func TestTheSameWordsUnderAnotherId(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, q := db.Open(t, now, nil), &counted{}
		s.SetEnqueue(q.enqueue)
		keep := func(topic webhooks.Topic, id string, at time.Time) bool {
			d := delivery(string(topic) + id)
			d.Topic, d.Digest, d.ReceivedAt = topic, sha256.Sum256([]byte("words")), at
			fresh, err := s.Webhooks.KeepDelivery(t.Context(), d, orderJob)
			if err != nil {
				t.Fatal(err)
			}
			return fresh
		}
		for topic, want := range map[webhooks.Topic][2]bool{ // at once, and after more than a day
			webhooks.OrdersUpdated: {true, true}, webhooks.RefundsCreate: {true, true}, webhooks.CustomersDelete: {true,
				true},
			webhooks.CustomersMerge: {true, true}, webhooks.AppUninstalled: {true, true},
			webhooks.DiscountsUpdate: {false, false}, webhooks.DiscountsDelete: {false, false},
			webhooks.DataRequest: {false, false}, webhooks.CustomersRedact: {false, true}, webhooks.ShopRedact: {false,
				true},
		} {
			if !keep(topic, "-1", noon) {
				t.Fatalf("%s: the first is not taken", topic)
			}
			jobs := q.inserted.Load()
			if got := keep(topic, "-2", noon.Add(time.Hour)); got != want[0] {
				t.Errorf("%s again: taken %v", topic, got)
			}
			if got := keep(topic, "-3", noon.Add(25*time.Hour+time.Second)); got != want[1] {
				t.Errorf("%s again a day later: taken %v", topic, got)
			}
			more := int64(0)
			for _, taken := range want {
				if taken {
					more++
				}
			}
			if got := q.inserted.Load() - jobs; got != more {
				t.Errorf("%s: %d jobs followed", topic, got)
			}
		}
	})
}

func TestTheSameWordsAtTheSameMoment(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		var wg sync.WaitGroup
		var fresh atomic.Int64
		for n := range 12 {
			wg.Go(func() {
				d := delivery("w-" + strconv.Itoa(n))
				d.Topic, d.Digest = webhooks.DataRequest, sha256.Sum256([]byte("words"))
				ok, err := s.Webhooks.KeepDelivery(t.Context(), d, nil)
				if err != nil {
					t.Error(err)
				}
				if ok {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if fresh.Load() != 1 {
			t.Errorf("%d were taken", fresh.Load())
		}
	})
}

func TestForgetDeliveries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for i, id := range []string{"w-1", "w-2", "w-3"} {
			d := delivery(id)
			d.ReceivedAt = noon.Add(time.Duration(i) * day)
			if _, err := s.Webhooks.KeepDelivery(t.Context(), d, nil); err != nil {
				t.Fatal(err)
			}
		}
		n, err := s.Webhooks.ForgetDeliveries(t.Context(), noon.Add(2*day))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "n", n, 2)
		if _, err := s.Webhooks.Delivery(t.Context(), "w-3"); err != nil {
			t.Error(err)
		}
	})
}

const gidA, gidB = "gid://shopify/Customer/7001", "gid://shopify/Customer/7002"

func linkedTo(t *testing.T, s *store.Store, id, gid string) {
	t.Helper()
	c := domain.Customer{ID: id, ShopifyCustomerGID: gid, Name: "Taro", Email: "taro@example.com", Phone: "090",
		Locale: "ja", Rank: "gold", CreatedAt: noon, UpdatedAt: noon}
	if _, _, err := s.Members.SaveCustomer(t.Context(), c, domain.AuditEntry{At: noon, Actor: "t",
		Action: "customer.linked", CustomerID: id, Outcome: domain.OutcomeDone}); err != nil {
		t.Fatal(err)
	}
}

func mergeEntry(member, holder string) domain.AuditEntry {
	e := domain.AuditEntry{At: noon, Actor: "system", Action: "customer.merged", CustomerID: member,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"holder": holder}}
	if holder != "" {
		e.Outcome = domain.OutcomeRefused
	}
	return e
}

func gidOf(t *testing.T, s *store.Store, id string) string {
	t.Helper()
	c, err := s.Members.Customer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.ShopifyCustomerGID
}

func TestMergeLinks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		t.Run("the member and the coupons follow", func(t *testing.T) {
			s := db.Open(t, now, nil)
			linkedTo(t, s, "1", gidA)
			k := active(t, s, pending("1", 100)).Coupon
			if _, err := s.DB().ExecContext(t.Context(), `UPDATE coupons SET shopify_customer_gid = '`+gidA+
				`'`); err != nil {
				t.Fatal(err)
			}
			const wanted = `SELECT projection_wanted FROM customers WHERE id = '1'`
			before := howMany(t, s, wanted)
			for range 2 {
				if err := s.Webhooks.MergeLinks(t.Context(), gidA, gidB, noon, mergeEntry); err != nil {
					t.Fatal(err)
				}
			}
			st, err := s.Coupons.Load(t.Context(), k.ID)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "st.Coupon.ShopifyCustomerGID", st.Coupon.ShopifyCustomerGID, gidB)
			expect.That(t, "st.Coupon.Version != k.Version", st.Coupon.Version != k.Version, st.Coupon.Version)
			expect.Equal(t, `gidOf(t, s, "1")`, gidOf(t, s, "1"), gidB)
			expect.Equal(t, "changes that the metafield has to show", howMany(t, s, wanted), before+1)
			if people, err := s.Privacy.PeopleOf(t.Context(), gidA); err != nil || len(people) != 1 ||
				people[0].CustomerGID != gidB {
				t.Errorf("behind the customer who is gone: %v, %v", people, err)
			}
		})
	})
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		t.Run("two members are one customer: a person has to say who it is", func(t *testing.T) {
			s := db.Open(t, now, nil)
			linkedTo(t, s, "1", gidA)
			linkedTo(t, s, "2", gidB)
			for range 2 {
				if err := s.Webhooks.MergeLinks(t.Context(), gidA, gidB, noon, mergeEntry); err != nil {
					t.Fatal(err)
				}
			}
			if a, b := gidOf(t, s, "1"), gidOf(t, s, "2"); a != "" || b != gidB {
				t.Errorf("%q and %q", a, b)
			}
			if n := entries(t, s, "customer.merged"); n != 1 {
				t.Errorf("%d entries", n)
			}
		})
	})
}

func entries(t *testing.T, s *store.Store, action string) (n int) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM audit WHERE action = '`+action+
		`'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestUnlinkAndLinkAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		linkedTo(t, s, "1", gidA)
		for range 2 {
			err := s.Webhooks.Unlink(t.Context(), gidA, noon, func(member string) domain.AuditEntry {
				return domain.AuditEntry{At: noon, Actor: "system", Action: "customer.unlinked", CustomerID: member,
					Outcome: domain.OutcomeDone}
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if gid := gidOf(t, s, "1"); gid != "" || entries(t, s, "customer.unlinked") != 1 {
			t.Errorf("linked to %q, %d entries", gid, entries(t, s, "customer.unlinked"))
		}
		linkedTo(t, s, "1", gidB)
		people, err := s.Privacy.PeopleOf(t.Context(), gidA)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(people)", len(people), 1, people)
		expect.MustEqual(t, "people[0].CustomerID", people[0].CustomerID, "1")
		expect.Equal(t, "people[0].CustomerGID", people[0].CustomerGID, gidB)
	})
}

func TestAnInstallationIsKeptAsItIsAndOfTwoWritersOneLoses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		is, err := s.Webhooks.Installation(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "is.State", is.State, webhooks.Installed)
		entry := domain.AuditEntry{At: noon, Actor: "system", Action: "shop.uninstalled", Outcome: domain.OutcomeDone}
		next := webhooks.Installation{State: webhooks.Confirmed, ReportedAt: noon, ConfirmedAt: noon.Add(time.Minute),
			AskedAt: noon.Add(time.Hour), Refused: 59 * time.Minute, Version: is.Version}
		if err := s.Webhooks.SetInstallation(t.Context(), next, entry); err != nil {
			t.Fatal(err)
		}
		if err := s.Webhooks.SetInstallation(t.Context(), webhooks.Installation{State: webhooks.Installed},
			entry); !errors.Is(err, domain.ErrConflict) {
			t.Errorf("the second of two writers is not told: %v", err)
		}
		next.Version++
		if is, err = s.Webhooks.Installation(t.Context()); err != nil || is != next ||
			entries(t, s, "shop.uninstalled") != 1 {
			t.Errorf("%+v, %v, %d entries", is, err, entries(t, s, "shop.uninstalled"))
		}
		if err := s.Webhooks.SetInstallation(t.Context(), webhooks.Installation{State: webhooks.Installed,
			Version: is.Version}, domain.AuditEntry{}); err != nil {
			t.Fatal(err)
		}
		is, err = s.Webhooks.Installation(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "is.State", is.State, webhooks.Installed)
		expect.Equal(t, "is.ReportedAt.IsZero()", is.ReportedAt.IsZero(), true)
	})
}
