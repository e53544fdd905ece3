package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func linked(t *testing.T, s *store.Store, id, gid string) (domain.Customer, error) {
	t.Helper()
	return s.Members.LinkCustomer(t.Context(), id, gid, domain.AuditEntry{At: noon, Actor: "shopify:9",
		Action: "customer.linked", CustomerID: id, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"source": "metafield"}})
}

func links(t *testing.T, s *store.Store) (n int64) {
	t.Helper()
	if err := s.DB().QueryRowContext(t.Context(),
		"SELECT count(*) FROM audit WHERE action = 'customer.linked'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWhichNumbersMembersHave is what an import asks of numbers that lost their zeros, a whole part of a file at once.
func TestWhichNumbersMembersHave(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		for _, id := range []string{"0012", "12"} {
			_, err := linked(t, s, id, "gid://shopify/Customer/"+id)
			expect.MustEqual(t, "err", err, nil)
		}
		asked := []string{"0012", "00012"}
		for n := range 1000 {
			asked = append(asked, fmt.Sprintf("%020d", n))
		}
		there, err := s.Members.WhichAreMembers(t.Context(), asked)
		expect.Equal(t, "err", err, nil)
		expect.Equal(t, "members", fmt.Sprint(there), "[0012]")
	})
}

// covers: H-30
func TestLinkCustomer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		const gid = "gid://shopify/Customer/9"
		is := func(err error, code domain.Code) bool { return errors.Is(err, &domain.Error{Code: code}) }

		if _, err := s.Members.CustomerByGID(t.Context(), gid); !is(err, domain.CodeCustomerNotFound) {
			t.Fatalf("nobody is linked: %v", err)
		}
		got, err := linked(t, s, "new-1", gid)
		if err != nil || got.ID != "new-1" || got.ShopifyCustomerGID != gid || links(t, s) != 1 {
			t.Fatalf("a member who was not known: %+v, %v", got, err)
		}
		{
			found, err := s.Members.CustomerByGID(t.Context(), gid)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "found.ID", found.ID, "new-1")
		}
		// Neither takes anybody away from anybody, and neither leaves an entry in the audit.
		for id, other := range map[string]string{"new-1": "gid://shopify/Customer/10", "new-2": gid} {
			if _, err := linked(t, s, id, other); !is(err, domain.CodeCustomerAlreadyLinked) {
				t.Errorf("%s as %s: %v", id, other, err)
			}
		}
		if _, err := s.Members.Customer(t.Context(), "new-2"); !is(err, domain.CodeCustomerNotFound) ||
			links(t, s) != 1 {
			t.Errorf("a refused link left something: %v", err)
		}

		free := domain.Customer{ID: "free", Name: "山田", Email: "a@example.com", CreatedAt: noon, UpdatedAt: noon}
		for range 2 { // two members without a link are two, and neither is found by having none
			if _, _, err := s.Members.SaveCustomer(t.Context(), free, domain.AuditEntry{At: noon, Actor: "test",
				Action: "customer.updated", Outcome: domain.OutcomeDone}); err != nil {
				t.Fatal(err)
			}
			free.ID = "free-2"
		}
		if _, err := s.Members.CustomerByGID(t.Context(), ""); !is(err, domain.CodeCustomerNotFound) {
			t.Errorf("no link at all finds somebody: %v", err)
		}
		got, err = linked(t, s, "free", "gid://shopify/Customer/11")
		if err != nil || got.Name != "山田" || got.Email != "a@example.com" ||
			got.ShopifyCustomerGID != "gid://shopify/Customer/11" {
			t.Errorf("a member who was known: %+v, %v", got, err)
		}
	})
}

// TestLinksAtOnce lets many customers of the shop claim one member at the same moment: one is linked, and stays it.
// covers: H-30
func TestLinksAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		free := domain.Customer{ID: "known", CreatedAt: noon, UpdatedAt: noon}
		if _, _, err := s.Members.SaveCustomer(t.Context(), free, domain.AuditEntry{At: noon, Actor: "test",
			Action: "customer.updated", Outcome: domain.OutcomeDone}); err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"known", "unknown"} {
			before := links(t, s)
			won := make([]bool, 12)
			var wg sync.WaitGroup
			for i := range won {
				wg.Go(func() {
					_, err := linked(t, s, id, fmt.Sprintf("gid://shopify/Customer/%s%d", map[bool]string{true: "1",
						false: "2"}[id == "known"], i))
					won[i] = err == nil
					expect.That(t, "err == nil || errors.Is(…) || errors.Is(…)",
						err == nil ||
							errors.Is(err, &domain.Error{Code: domain.CodeCustomerAlreadyLinked}) ||
							errors.Is(err, domain.ErrConflict), id, err)
				})
			}
			wg.Wait()
			winners := 0
			for _, w := range won {
				if w {
					winners++
				}
			}
			if winners != 1 || links(t, s) != before+1 {
				t.Errorf("%d of %d were linked to %s, %d lines in the audit", winners, len(won), id,
					links(t, s)-before)
			}
		}
	})
}

// TestALinkTellsTheProjector: whoever becomes a customer of the shop has a metafield there at once, by whichever way it
// was said; what changes nothing there tells nobody.
func TestALinkTellsTheProjector(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		var heard []domain.Job
		s.SetWake(func(jobs []domain.Job) { heard = append(heard, jobs...) })
		save := func(c domain.Customer) error {
			c.CreatedAt, c.UpdatedAt = noon, noon
			_, _, err := s.Members.SaveCustomer(t.Context(), c, domain.AuditEntry{At: noon, Actor: "test",
				Action: "customer.updated", Outcome: domain.OutcomeDone})
			return err
		}
		told := func(what string, want int, err error) {
			t.Helper()
			expect.Equal(t, what+": err", err, nil)
			jobs := make([]domain.Job, want)
			for i := range jobs {
				jobs[i] = domain.Job{Kind: domain.JobProject}
			}
			expect.Equal(t, what+": told", append([]domain.Job{}, heard...), jobs)
			heard = nil
		}
		told("a member without a link", 0, save(domain.Customer{ID: "m1"}))
		told("their link", 1, save(domain.Customer{ID: "m1", ShopifyCustomerGID: "gid://shopify/Customer/1"}))
		written(t, s, "d1")
		told("another name", 0, save(domain.Customer{ID: "m1", Name: "山田", ShopifyCustomerGID: "gid://shopify/Customer/1"}))
		told("another customer", 1, save(domain.Customer{ID: "m1", ShopifyCustomerGID: "gid://shopify/Customer/2"}))
		told("no link any more", 0, save(domain.Customer{ID: "m1"}))
		_, err := linked(t, s, "m1", "gid://shopify/Customer/3")
		told("a link by the shop", 1, err)

		told("somebody else", 0, save(domain.Customer{ID: "m2"}))
		for _, err := range []error{save(domain.Customer{ID: "m2", ShopifyCustomerGID: "gid://shopify/Customer/3"}),
			save(domain.Customer{ID: "m3", ShopifyCustomerGID: "gid://shopify/Customer/3"})} {
			expect.Equal(t, "another's customer", domain.CodeOf(err), domain.CodeCustomerAlreadyLinked)
		}
		told("what was refused", 0, nil)
	})
}
