package store_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// TestCommitTellsTheTruth writes random changes, usual and unusual ones, and compares what Commit returned with what
// stands in the database: neither way of writing may leave a field out.
func TestCommitTellsTheTruth(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		rapid.Check(t, func(rt *rapid.T) {
			c := pending("1", 100)
			c.Coupon.ReissuedFrom = rapid.SampledFrom([]string{"", "", "one of " + c.Coupon.Code}).Draw(rt, "from")
			c.Coupon.FirstCode = rapid.SampledFrom([]string{"", "", "first"}).Draw(rt, "first")
			c.Coupon.Attempts = rapid.SampledFrom([]int{0, 0, 2}).Draw(rt, "tried")
			c.Movements[0].EntryID = rapid.SampledFrom([]string{"", "", "e0"}).Draw(rt, "entry")
			st, err := s.Coupons.Open(t.Context(), opening(c), func(coupons.Intake) (coupons.Change, error) { return c, nil })
			if err != nil {
				rt.Fatal(err)
			}
			same(rt, s, st)
			take := st.Movements[0]
			take.State = domain.MovementApplied
			for range rapid.IntRange(1, 4).Draw(rt, "commits") {
				change := coupons.Change{Coupon: anyFields(rt, st.Coupon),
					Movements: []domain.Movement{anyAnswer(rt, take)}, Audit: make([]domain.AuditEntry,
						rapid.IntRange(0, 2).Draw(rt, "audit")), Project: rapid.Bool().Draw(rt, "project")}
				for i := range change.Audit {
					change.Audit[i] = c.Audit[0]
				}
				if st, err = s.Coupons.Commit(t.Context(), change); err != nil {
					rt.Fatal(err)
				}
				same(rt, s, st)
			}
		})
	})
}

// same compares what was returned with what is stored.
func same(rt *rapid.T, s *store.Store, st coupons.State) {
	rt.Helper()
	stored, err := s.Coupons.Load(rt.Context(), st.Coupon.ID)
	if err != nil {
		rt.Fatal(err)
	}
	if !reflect.DeepEqual(plain(stored.Coupon), plain(st.Coupon)) || !reflect.DeepEqual(stored.Movements,
		st.Movements) {
		rt.Fatalf("(-returned +stored):\n%s\n%s", cmp.Diff(st.Coupon, stored.Coupon,
			cmpopts.IgnoreTypes(domain.Rate{})),
			cmp.Diff(st.Movements, stored.Movements))
	}
}

// plain replaces what has no one representation.
func plain(c domain.Coupon) domain.Coupon {
	c.Rate = domain.Rate{}
	return c
}

func anyFields(rt *rapid.T, c domain.Coupon) domain.Coupon {
	text := rapid.SampledFrom([]string{"", "one", "two"})
	c.Status = rapid.SampledFrom([]domain.Status{domain.Pending, domain.Active, domain.Failed, domain.Used,
		domain.Cancelling}).Draw(rt, "status")
	c.ActivatedAt, c.UsedAt, c.CancelledAt = anyTime(rt, "activated"), anyTime(rt, "used"), anyTime(rt, "cancelled")
	c.ParkedAt, c.DiscountDeletedAt, c.EndSetUntil = anyTime(rt, "parked"), anyTime(rt, "deleted"),
		anyTime(rt, "end set")
	c.Terms = text.Draw(rt, "terms")
	c.UsedOrder, c.CancelledBy = text.Draw(rt, "order"), text.Draw(rt, "by")
	c.Reason, c.Note, c.SupersededBy = text.Draw(rt, "reason"), text.Draw(rt, "note"), text.Draw(rt, "superseded")
	// A code has one successor, so no two draws are alike.
	c.ReissuedFrom = rapid.SampledFrom([]string{"", "one of " + c.Code, "two of " + c.Code}).Draw(rt, "reissued")
	c.DiscountID, c.Attempts = "gid://shopify/DiscountCodeNode/1", rapid.IntRange(0, 3).Draw(rt, "attempts")
	c.LeaseUntil = noon.Add(time.Duration(rapid.Int64Range(0, 1e12).Draw(rt, "lease"))).Truncate(time.Microsecond)
	c.Failure = nil
	if rapid.Bool().Draw(rt, "failure") {
		c.Failure = &domain.Failure{Code: domain.CodeConversionFailed, Detail: text.Draw(rt, "detail")}
	}
	return c
}

// anyTime leaves a field empty more often than not, as the usual changes do.
func anyTime(rt *rapid.T, label string) *time.Time {
	if rapid.IntRange(0, 4).Draw(rt, label) > 0 {
		return nil
	}
	at := noon.Add(time.Minute)
	return &at
}

func anyAnswer(rt *rapid.T, m domain.Movement) domain.Movement {
	if rapid.Bool().Draw(rt, "answered") {
		balance := rapid.Int64Range(0, 1000).Draw(rt, "balance")
		m.Balance, m.EntryID, m.SettledAt = &balance, "e1", &noon
	}
	m.Odd = rapid.Bool().Draw(rt, "odd")
	return m
}

func TestAParkedCouponIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "1")
		c := pending("1", 100)
		st := open(t, s, c)
		st.Coupon.ParkedAt = &noon
		st.Movements[0].State = domain.MovementParked
		st, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Movements: st.Movements,
			Review: "unsettled", Audit: c.Audit})
		if err != nil {
			t.Fatal(err)
		}
		later := noon.Add(time.Hour)
		if _, err := s.Coupons.Claim(t.Context(), st.Coupon.ID, later, later.Add(time.Minute)); !errors.Is(err,
			domain.ErrConflict) {
			t.Fatalf("a parked coupon was claimed: %v", err)
		}
		st.Coupon.ParkedAt = nil
		st.Movements[0].State = domain.MovementApplied
		if _, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Movements: st.Movements,
			Audit: c.Audit}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Coupons.Claim(t.Context(), st.Coupon.ID, later, later.Add(time.Minute)); err != nil {
			t.Fatalf("a coupon that a person has decided on stays parked: %v", err)
		}
	})
}
