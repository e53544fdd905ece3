package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestAnOrderIsDecidedOnce: however often it is seen, with one set of jobs; of a person's orders as many pass as may,
// also where the later one came to light first.
// covers: 003-08
func TestAnOrderIsDecidedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.Follow = func(d decisions.Decision) []domain.Job {
			return []domain.Job{{Kind: domain.JobKind("told " + string(d.Answer.Outcome))}}
		}
		second := w.see(2, 1, taro())
		wants(t, "the second, which came to light first", second, decisions.Allow, "")
		first := w.see(1, 2, taro())
		wants(t, "the first", first, decisions.Refuse, decisions.ReasonAlreadyUsed)
		third := w.see(3, 0, taro())
		wants(t, "the third", third, decisions.Refuse, decisions.ReasonAlreadyUsed)
		for range 2 {
			if d := w.see(3, 0, taro()); d.PublicID != third.PublicID {
				t.Errorf("it is decided again as %s", d.PublicID)
			}
		}
		if len(w.jobs) != 3 || w.count(`SELECT count(*) FROM decisions`) != 3 ||
			w.count(`SELECT count(*) FROM identity_uses`) != 3 {
			t.Errorf("%d jobs follow", len(w.jobs))
		}
		stored, err := w.store.Identity.ByID(t.Context(), third.PublicID)
		if err != nil || stored.Request.OrderID != "gid://shopify/Order/3" || !stored.Request.At.Equal(noon) {
			t.Errorf("it is of %s at %s, %v", stored.Request.OrderID, stored.Request.At, err)
		}
	})
}

// TestAnOrderIsHeldToEveryRule: also to those of what the buyer paid in and of how often they have bought before, which
// an order tells of as well as a cart does; what it does not tell is not held against it.
// covers: 003-22, 003-24
func TestAnOrderIsHeldToEveryRule(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) { p.Currencies, p.NewCustomersOnly = []string{"JPY"}, true })
		before := func(n int) *int { return &n }
		for n, tc := range []struct {
			currency string
			before   *int
			want     decisions.Reason
		}{
			{"JPY", before(0), ""}, {"", nil, ""}, {"USD", before(0), decisions.ReasonWrongCurrency},
			{"JPY", before(1), decisions.ReasonNewCustomersOnly}, {"USD", before(3), decisions.ReasonWrongCurrency},
		} {
			o := w.used(n, 0, identity.Shown{Emails: []string{fmt.Sprint(n, "@example.com")}})
			o.Currency, o.OrdersBefore = tc.currency, tc.before
			d, err := w.SeeUse(t.Context(), o)
			expect.MustEqual(t, "err", err, nil, n)
			expect.Equal(t, "reason", d.Answer.Reason, tc.want, n)
			expect.Equal(t, "the shop's money", w.count(fmt.Sprintf(`SELECT count(*) FROM identity_uses
				WHERE order_id = '%s' AND currency = 'JPY'`, o.Use.OrderID)), 1, n)
		}
	})
}

// TestOrdersAtOnce: of two orders of one person that come to light in the same moment the later one is refused, or both
// are known when it is looked at again; neither is decided twice.
func TestOrdersAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		var all sync.WaitGroup
		for n := range 6 {
			all.Go(func() {
				if _, err := w.SeeUse(t.Context(), w.used(n/2, 2-n/2, taro())); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if w.count(`SELECT count(*) FROM decisions`) != 3 || w.count(`SELECT count(*) FROM identity_uses`) != 3 {
			t.Error("an order is decided twice, or not at all")
		}
		wants(t, "the next", w.see(9, 0, taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
	})
}

// TestOrdersThatAreNotDecided: tests, imports, voided ones and those too old; what is void counts for nothing.
func TestOrdersThatAreNotDecided(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		for n, change := range []func(*decisions.Use){
			func(u *decisions.Use) { u.Test = true },
			func(u *decisions.Use) { u.VoidReason = "cancelled" },
			func(u *decisions.Use) { u.At = w.now.Add(-401 * day) },
			func(u *decisions.Use) { u.Code = "WINTER-1" },
		} {
			o := w.used(n, 3, taro())
			change(&o.Use)
			d, err := w.SeeUse(t.Context(), o)
			expect.MustEqual(t, "err", err, nil, n)
			expect.Equal(t, "d.PublicID", d.PublicID, "", n)
		}
		wants(t, "after them", w.ask(taro()), decisions.Allow, "")
		imported := w.used(8, 3, taro())
		imported.Use.Source = decisions.FromImport
		if d, err := w.SeeUse(t.Context(), imported); err != nil || d.PublicID != "" {
			t.Errorf("an import: %s, %v", d.PublicID, err)
		}
		wants(t, "after an import", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		for range 2 {
			w.void(imported)
		}
		wants(t, "after it was refunded", w.ask(taro()), decisions.Allow, "")
		if _, err := w.SeeUse(t.Context(), imported); err != nil {
			t.Fatal(err)
		}
		wants(t, "as it was in the same second", w.ask(taro()), decisions.Allow, "")
		imported.Use.SeenAt = w.now.Add(-time.Hour)
		if _, err := w.SeeUse(t.Context(), imported); err != nil {
			t.Fatal(err)
		}
		wants(t, "as it was before", w.ask(taro()), decisions.Allow, "")
		imported.Use.SeenAt = w.now.Add(time.Second)
		if _, err := w.SeeUse(t.Context(), imported); err != nil {
			t.Fatal(err)
		}
		wants(t, "when it stands again", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
	})
}

// TestWhatOneOrderShowsIsNoBurden: more values than a form has are left out, and the order is decided all the same.
func TestWhatOneOrderShowsIsNoBurden(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		shown := taro()
		for n := range 40 {
			shown.Emails = append(shown.Emails, fmt.Sprint(n, "@example.com"))
			shown.Addresses = append(shown.Addresses, identity.PostalAddress{Line1: fmt.Sprint(n)})
		}
		shown.Devices = []string{string(make([]byte, 5000))}
		wants(t, "the order", w.see(1, 1, shown), decisions.Allow, "")
		wants(t, "the next", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		if n := w.count(`SELECT count(*) FROM identity_digests WHERE subject = 'use'`); n != 5+5+4 {
			t.Errorf("%d digests are kept", n)
		}
	})
}

// TestAnOfficeCostsAsMuchAsAPerson: of hundreds of orders behind one IP the newest are looked at, and few are kept with
// the decision; a person's own order among them is found by what is theirs.
// covers: T-08
func TestAnOfficeCostsAsMuchAsAPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.make("office", "OFFICE-", decisions.High)
		digest := func(kind identity.Kind, text string) identity.Digest { return ring(1).versions(kind, text)[0] }
		c, err := w.store.Campaigns.ByKey(t.Context(), "office")
		if err != nil {
			t.Fatal(err)
		}
		for n := range 450 {
			print := identity.Print{identity.IP: {digest(identity.IP, "203.0.113.7")},
				identity.Email: {digest(identity.Email, fmt.Sprint(n, "@example.com"))}}
			if _, err := w.store.Identity.KeepUse(t.Context(), decisions.Use{CampaignID: c.ID, OrderID: fmt.Sprint("o", n),
				Code: "OFFICE-1", At: noon.Add(-time.Duration(450-n) * time.Minute), Source: decisions.FromImport,
				SeenAt: noon}, print); err != nil {
				t.Fatal(err)
			}
		}
		asked := identity.Print{identity.IP: {digest(identity.IP, "203.0.113.7")},
			identity.Email: {digest(identity.Email, "3@example.com")}}
		known, err := w.store.Identity.Look(t.Context(), c.ID, asked, noon)
		if err != nil || len(known.Uses) != 201 {
			t.Fatalf("%d uses are looked at, %v", len(known.Uses), err)
		}
		has := func(order string) bool {
			return slices.ContainsFunc(known.Uses, func(u decisions.KnownUse) bool {
				return u.OrderID == order && len(u.Print) == 2
			})
		}
		if !has("o3") || !has("o449") || !has("o250") || has("o249") {
			t.Error("it is not the newest two hundred and the person's own")
		}
		d, err := w.Ask(t.Context(), decisions.Question{Campaign: "office", Stage: decisions.StageCart,
			Shown: identity.Shown{IPs: []string{"203.0.113.7"}, Emails: []string{"new@example.com"}}})
		if err != nil || len(d.Facts.Uses) != decisions.MaxUsesPerPerson || d.Facts.EmailsPerIP != 200 {
			t.Errorf("%d uses and %d e-mails are kept, %v", len(d.Facts.Uses), d.Facts.EmailsPerIP, err)
		}
		wants(t, "somebody in the office", d, decisions.AllowFlagged, "")
	})
}
