package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func renumber(t *testing.T, s *store.Store, from, to string) (domain.Customer, error) {
	t.Helper()
	at := noon.Add(time.Hour)
	return s.Members.Renumber(t.Context(), from, to, at, func(n int) domain.AuditEntry {
		return domain.AuditEntry{At: at, Actor: "staff:1", Action: domain.ActionCustomerRenumbered, CustomerID: to,
			Outcome: domain.OutcomeDone, Detail: map[string]any{"from": from, "to": to, "coupons": n}}
	})
}

func wantNumberRefused(t *testing.T, err error, code domain.Code, reason string) {
	t.Helper()
	var refused *domain.Error
	expect.MustThat(t, "it is refused", errors.As(err, &refused), err)
	expect.MustEqual(t, "the refusal", refused.Code, code)
	if reason != "" {
		expect.MustEqual(t, "its reason", refused.Params["reason"], any(reason))
	}
}

func howMany(t *testing.T, s *store.Store, query string, args ...any) (n int) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestANewNumberTakesAlongAllThatIsTheMembers and leaves under the old one what happened there.
func TestANewNumberTakesAlongAllThatIsTheMembers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "100")
		first, second := active(t, s, pending("100", 500)), active(t, s, pending("100", 300))
		until, since := noon.Add(time.Hour), noon
		if err := s.Members.NoteRefusal(t.Context(), "100", func(members.RefusalCount, bool) (members.RefusalCount,
			[]domain.AuditEntry) {
			return members.RefusalCount{Refusals: 2, Since: &since, LockedUntil: &until}, nil
		}); err != nil {
			t.Fatal(err)
		}
		moved, err := renumber(t, s, "100", "200")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the number", moved.ID, "200")
		expect.Equal(t, "the link", moved.ShopifyCustomerGID, "gid://shopify/Customer/100")
		expect.Equal(t, "the name", moved.Name, "山田")
		expect.That(t, "the lock", moved.LockedUntil != nil && moved.LockedUntil.Equal(until), moved.LockedUntil)
		for _, st := range []coupons.State{first, second} {
			got, err := s.Coupons.ByCode(t.Context(), st.Coupon.Code)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "whose coupon", got.Coupon.CustomerID, "200")
			expect.Equal(t, "whose movement it was", got.Movement(domain.Take).CustomerID, "100")
			_, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon})
			expect.That(t, "who read it before begins anew", errors.Is(err, domain.ErrConflict), err)
		}
		spent, err := s.Members.SpentSince(t.Context(), "200", noon.Add(-time.Hour))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the day's limit", spent, 800)
		expect.Equal(t, "refusals that count", howMany(t, s, "SELECT refusals FROM customers WHERE id = '200'"), 2)
		_, err = s.Members.Customer(t.Context(), "100")
		expect.Equal(t, "the old number", domain.CodeOf(err), domain.CodeCustomerNotFound)
		former, err := s.Members.FormerNumbers(t.Context(), "200")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "numbers before", len(former), 1)
		expect.Equal(t, "the number before", former[0], "100")
		holder, err := s.Members.HolderOf(t.Context(), "100")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "who has it", holder.ID, "200")
		expect.Equal(t, "on record", howMany(t, s, `SELECT count(*) FROM audit WHERE action = 'customer.renumbered'`), 1)
		p := claimedOne(t, s, noon)
		expect.Equal(t, "whose metafield is behind", p.CustomerID, "200")
		expect.Equal(t, "what it lists", len(p.Coupons), 2)
	})
}

// TestANumberIsOneMembersForEver: nobody is made anew under it, and its own member can have it back.
func TestANumberIsOneMembersForEver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "100")
		customer(t, s, "900")
		active(t, s, pending("100", 500))
		_, err := renumber(t, s, "100", "200")
		expect.MustEqual(t, "err", err, nil)
		_, _, err = s.Members.SaveCustomer(t.Context(), domain.Customer{ID: "100", CreatedAt: noon, UpdatedAt: noon},
			domain.AuditEntry{At: noon, Actor: "key:1", Action: "customer.linked", Outcome: domain.OutcomeDone})
		wantNumberRefused(t, err, domain.CodeRenumbered, "")
		_, err = linked(t, s, "100", "gid://shopify/Customer/7")
		wantNumberRefused(t, err, domain.CodeRenumbered, "")
		_, err = renumber(t, s, "900", "100")
		wantNumberRefused(t, err, domain.CodeNumberTaken, "former")
		_, err = s.Members.Customer(t.Context(), "900")
		expect.MustEqual(t, "nothing became of it", err, nil)
		_, err = renumber(t, s, "200", "300")
		expect.MustEqual(t, "err", err, nil)
		former, _ := s.Members.FormerNumbers(t.Context(), "300")
		expect.Equal(t, "numbers before", len(former), 2)
		back, err := renumber(t, s, "300", "100")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the first number again", back.ID, "100")
		former, _ = s.Members.FormerNumbers(t.Context(), "100")
		expect.Equal(t, "numbers before", len(former), 2, former)
		expect.Equal(t, "coupons", howMany(t, s, `SELECT count(*) FROM coupons WHERE customer_id = '100'`), 1)
	})
}

// TestTwoMembersAreNotMadeOne where both may be somebody; a new number that the POS told of before is taken.
func TestTwoMembersAreNotMadeOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		unlinked := func(id, name string) {
			_, _, err := s.Members.SaveCustomer(t.Context(), domain.Customer{ID: id, Name: name, Rank: "gold",
				CreatedAt: noon, UpdatedAt: noon}, domain.AuditEntry{At: noon, Actor: "test", Action: "customer.linked",
				Outcome: domain.OutcomeDone})
			expect.MustEqual(t, "err", err, nil)
		}
		for _, id := range []string{"100", "200", "300"} {
			customer(t, s, id)
			active(t, s, pending(id, 500))
		}
		customer(t, s, "201")
		_, err := renumber(t, s, "100", "201")
		wantNumberRefused(t, err, domain.CodeNumberTaken, "linked")
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE customers SET shopify_customer_gid = '' WHERE id = '200'`); err != nil {
			t.Fatal(err)
		}
		_, err = renumber(t, s, "100", "200")
		wantNumberRefused(t, err, domain.CodeNumberTaken, "coupons")
		expect.Equal(t, "coupons of both", howMany(t, s,
			`SELECT count(*) FROM coupons WHERE customer_id IN ('100', '200')`), 2)

		unlinked("301", "山田 花子")
		moved, err := renumber(t, s, "300", "301")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "what the POS told of the new number", moved.Name+" "+moved.Rank, "山田 花子 gold")
		expect.Equal(t, "what it did not", moved.Email, "a@example.com")
		expect.Equal(t, "the link", moved.ShopifyCustomerGID, "gid://shopify/Customer/300")
	})
}

// TestNoNumberChangesWhilePointsAreUnderWay: a movement is settled under the number that it was sent with.
func TestNoNumberChangesWhilePointsAreUnderWay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "100")
		st := open(t, s, pending("100", 500))
		_, err := renumber(t, s, "100", "200")
		wantNumberRefused(t, err, domain.CodeMovementInProgress, "")
		parked := st.Movements[0]
		parked.State = domain.MovementParked
		st, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon, Movements: []domain.Movement{parked}})
		expect.MustEqual(t, "err", err, nil)
		_, err = renumber(t, s, "100", "200")
		expect.MustEqual(t, "what a person has to settle moves", err, nil)
		got, err := s.Coupons.Load(t.Context(), st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the number it was sent under", got.Movement(domain.Take).CustomerID, "100")
		// Sent again, it is under the new number and a key of its own, and both are kept.
		again := *got.Movement(domain.Take)
		again.State, again.CustomerID, again.Key = domain.MovementOpen, "200", "another key"
		_, err = s.Coupons.Commit(t.Context(), coupons.Change{Coupon: got.Coupon, Movements: []domain.Movement{again},
			Audit: []domain.AuditEntry{{At: noon, Actor: "test", Action: "review.decided",
				Outcome: domain.OutcomeDone}, {At: noon, Actor: "test", Action: "review.decided",
				Outcome: domain.OutcomeDone}}})
		expect.MustEqual(t, "err", err, nil)
		got, err = s.Coupons.Load(t.Context(), st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the number", got.Movement(domain.Take).CustomerID, "200")
		expect.Equal(t, "the key", got.Movement(domain.Take).Key, "another key")
	})
}

// TestConversionsAndANewNumberAtOnce: each conversion is wholly before the move or finds nobody, and no coupon stays
// behind.
func TestConversionsAndANewNumberAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		customer(t, s, "100")
		kept := active(t, s, pending("100", 500))
		var wg sync.WaitGroup
		for range 6 {
			change := pending("100", 100)
			wg.Go(func() {
				st, err := s.Coupons.Open(t.Context(), opening(change), func(in coupons.Intake) (coupons.Change, error) {
					if in.Busy {
						return coupons.Change{}, domain.ErrConflict
					}
					return change, nil
				})
				if err != nil {
					return
				}
				take := st.Movements[0]
				take.State = domain.MovementApplied
				if _, err := s.Coupons.Commit(t.Context(), coupons.Change{Coupon: st.Coupon,
					Movements: []domain.Movement{take}}); err != nil {
					t.Errorf("a movement that was under way: %v", err)
				}
			})
		}
		wg.Go(func() {
			for range 200 {
				_, err := renumber(t, s, "100", "200")
				if err == nil {
					return
				}
				if code := domain.CodeOf(err); code != domain.CodeMovementInProgress &&
					!errors.Is(err, domain.ErrConflict) && !errors.Is(err, domain.ErrUnavailable) {
					t.Errorf("the move: %v", err)
				}
			}
		})
		wg.Wait()
		if _, err := s.Members.Customer(t.Context(), "100"); err == nil {
			_, err = renumber(t, s, "100", "200")
			expect.MustEqual(t, "err", err, nil)
		}
		expect.Equal(t, "coupons that stayed behind", howMany(t, s,
			`SELECT count(*) FROM coupons WHERE customer_id <> '200'`), 0)
		got, err := s.Coupons.ByCode(t.Context(), kept.Coupon.Code)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "the coupon of before", got.Coupon.CustomerID, "200")
	})
}
