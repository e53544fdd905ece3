package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestDecisionsAreListedByReasonTimeAndWhatWaits: each filter by itself, newest first.
func TestDecisionsAreListedByReasonTimeAndWhatWaits(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		w.now = noon.Add(time.Hour)
		refused, passed := w.ask(taro()), w.ask(stranger)
		if _, err := w.Judge(t.Context(), boss, passed.PublicID, decisions.NotAbuse, ""); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter decisions.Filter
			want   int
		}{
			"all":                {decisions.Filter{}, 3},
			"a reason":           {decisions.Filter{Reason: decisions.ReasonAlreadyUsed}, 1},
			"another reason":     {decisions.Filter{Reason: decisions.ReasonWrongCurrency}, 0},
			"refused or flagged": {decisions.Filter{Stopped: true, Unjudged: true}, 1},
			"judged":             {decisions.Filter{Judged: true}, 1},
			"from the hour on":   {decisions.Filter{From: noon.Add(time.Hour)}, 2},
			"before the hour":    {decisions.Filter{To: noon.Add(time.Hour)}, 1},
		} {
			c.filter.Limit = 10
			page, more, err := w.List(t.Context(), c.filter)
			expect.MustEqual(t, "err", err, nil, name)
			expect.MustEqual(t, "more", more, false, name)
			expect.Equal(t, "len(page)", len(page), c.want, name)
		}
		if refused.Answer.Outcome != decisions.Refuse {
			t.Errorf("taro is %s", refused.Answer.Outcome)
		}
	})
}

// TestFiguresByTheShopsDays: decisions stand on the day that they were made on in the shop's zone, and people who came
// again are found by their prints, whichever key made them.
// covers: 002-41
func TestFiguresByTheShopsDays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		if err != nil {
			t.Fatal(err)
		}
		w.see(1, 5, taro())
		w.see(2, 4, stranger)
		w.Keys = ring(2)
		w.see(3, 3, taro())
		w.now = noon.Add(5 * time.Hour) // it is tomorrow in Tokyo
		w.ask(taro())
		desk := decisions.Desk{Service: *w.Service, Gallery: w.store.Identity, Zone: tokyo}
		today := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, 0, 0, 0, time.UTC)
		for _, campaign := range []string{"summer", ""} {
			r, err := desk.Report(t.Context(), campaign, today, today.AddDate(0, 0, 1))
			if err != nil {
				t.Fatal(err)
			}
			if r.Days[0].Decided != 3 || r.Days[1].Decided != 1 || r.Days[1].Refused != 1 || r.Total.Refused != 2 ||
				r.Total.ByReason[decisions.ReasonAlreadyUsed] != 2 {
				t.Errorf("%q: %d and %d were decided, %d refused", campaign, r.Days[0].Decided, r.Days[1].Decided,
					r.Total.Refused)
			}
			if r.Repeat.Uses != 3 || r.Repeat.Again != 1 {
				t.Errorf("%q: %d of %d uses were by somebody who came again", campaign, r.Repeat.Again, r.Repeat.Uses)
			}
		}
		if _, err := desk.Report(t.Context(), "winter", today, today); domain.CodeOf(err) != domain.CodeCampaignNotFound {
			t.Errorf("a campaign that there is not: %v", err)
		}
	})
}

// TestWhatIsKnownOfAPerson: uses and decisions with something in common, and what the rules make of it; verdicts, and
// nothing of an erased one.
// covers: 003-25
func TestWhatIsKnownOfAPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		w.see(2, 4, stranger)
		d := w.ask(taro())
		desk := decisions.Desk{Service: *w.Service, Gallery: w.store.Identity, Zone: time.UTC}
		p, err := desk.Person(t.Context(), d.PublicID)
		if err != nil || len(p.Uses) != 1 || p.Uses[0].Order != "#1" || !p.Uses[0].Likely || len(p.Others) != 1 ||
			p.Blocked || len(p.Shown) == 0 {
			t.Fatalf("%d uses and %d decisions, %v", len(p.Uses), len(p.Others), err)
		}
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.Abuse, ""); err != nil {
			t.Fatal(err)
		}
		if p, err = desk.Person(t.Context(), d.PublicID); err != nil || !p.Blocked {
			t.Errorf("a verdict stands against them, and it is not said: %v", err)
		}
		if _, err := desk.Person(t.Context(), "dec_none"); domain.CodeOf(err) != domain.CodeDecisionNotFound {
			t.Errorf("no decision: %v", err)
		}
		if _, err := w.store.Identity.Forget(t.Context(), noon.Add(day), 100); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.Person(t.Context(), d.PublicID); domain.CodeOf(err) != domain.CodeDecisionErased {
			t.Errorf("an erased decision: %v", err)
		}
	})
}

// TestAPersonIsReadInAsManyStatementsAsAnybody: however much an order shows.
func TestAPersonIsReadInAsManyStatementsAsAnybody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		much := taro()
		for n := range 4 {
			much.Emails = append(much.Emails, fmt.Sprint(n, "@example.com"))
			much.Phones = append(much.Phones, fmt.Sprint("+8190123456", n))
			much.IPs = append(much.IPs, fmt.Sprint("203.0.113.", n))
		}
		w.see(1, 5, much)
		print, err := ring(1).Candidates(asWritten{}.Forms(much))
		expect.MustEqual(t, "err", err, nil)
		asked := store.CountStatements(w.store)
		alike, err := w.store.Identity.Alike(t.Context(), w.see(1, 5, much).CampaignID, print)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "uses", len(alike.Uses), 1)
		expect.Equal(t, "decisions", len(alike.Decisions), 1)
		few := w.ask(identity.Shown{Emails: taro().Emails})
		before := asked.Load()
		_, err = w.store.Identity.Alike(t.Context(), few.CampaignID, print)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "statements", asked.Load()-before, 5)
	})
}

// past is a shop's orders by pages of one; it answers no more after so many calls.
type past struct {
	orders []identity.Order
	calls  int
	ends   int
}

func (p *past) OrdersShown(_ context.Context, from, to time.Time, after string) (identity.OrderPage, error) {
	if p.calls++; p.ends > 0 && p.calls > p.ends {
		return identity.OrderPage{}, context.DeadlineExceeded
	}
	var in []identity.Order
	for _, o := range p.orders {
		if !o.CreatedAt.Before(from) && o.CreatedAt.Before(to) {
			in = append(in, o)
		}
	}
	at := 0
	_, _ = fmt.Sscan(after, &at)
	page := identity.OrderPage{}
	if at < len(in) {
		page.Orders = in[at : at+1]
	}
	if at+1 < len(in) {
		page.Next = fmt.Sprint(at + 1)
	}
	return page, nil
}

// TestAnImportIsResumedAndDecidesNothing: what was cut off goes on, nothing is read twice, and who was here before is
// known afterwards.
func TestAnImportIsResumedAndDecidesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		shop := &past{ends: 2}
		for n := range 4 {
			shop.orders = append(shop.orders, identity.Order{ID: fmt.Sprint("gid://shopify/Order/", n), Name: fmt.Sprint("#", n),
				CreatedAt: noon.Add(-time.Duration(n*10+1) * time.Hour), Codes: []string{fmt.Sprint("summer-", n), "OTHER"},
				Shown: taro()})
		}
		reader := decisions.Importer{Shop: shop, Service: *w.Service, Imports: w.store.Identity,
			Now: func() time.Time { return noon }}
		if _, err := reader.Run(t.Context(), 3); err == nil {
			t.Fatal("it was not cut off")
		}
		shop.ends = 0
		i, err := reader.Run(t.Context(), 3)
		if err != nil || i.State != decisions.ImportDone || i.Orders != 4 || i.Uses != 4 || i.Read != 3 {
			t.Fatalf("%s: %d orders, %d uses, %v", i.State, i.Orders, i.Uses, err)
		}
		if n := w.count(`SELECT count(*) FROM decisions`); n != 0 {
			t.Errorf("%d decisions were made about the past", n)
		}
		if d := w.ask(taro()); d.Answer.Reason != decisions.ReasonAlreadyUsed {
			t.Errorf("who was here before is %s", d.Answer.Outcome)
		}
		for _, days := range []int{0, -1, decisions.MaxImportDays + 1} {
			if _, err := reader.Run(t.Context(), days); err == nil {
				t.Errorf("%d days are read", days)
			}
		}
	})
}

// stranger has nothing in common with anybody.
var stranger = identity.Shown{Emails: []string{"stranger@example.com"}}
