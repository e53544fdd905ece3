package store_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// anybody shows some values of few, so that many have something in common.
func anybody(draw *rand.Rand) identity.Shown {
	one := func(form string) []string {
		if draw.IntN(3) == 0 {
			return nil
		}
		return []string{fmt.Sprintf(form, draw.IntN(12))}
	}
	s := identity.Shown{Emails: append(one("a%d@example.com"), one("b%d@example.com")...), Phones: one("+8190123400%02d"),
		IPs: one("203.0.113.%d"), Devices: one("device-%d"), Names: one("Taro %d")}
	if draw.IntN(2) == 0 {
		s.CustomerID = fmt.Sprint("gid://shopify/Customer/", draw.IntN(12))
	}
	return s
}

// TestOneStatementReadsWhatTwoDo: among uses of two campaigns, with digests under an older and a newer key, whatever is
// asked for, one statement gives the same uses and blocks, and of each use all digests that can make a difference.
func TestOneStatementReadsWhatTwoDo(t *testing.T) {
	t.Parallel()
	w := decide(t, storetest.Postgres(t))
	w.make("winter", "WINTER-", decisions.High)
	draw := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same people every time
	var campaigns []int64
	for _, key := range []string{"summer", "winter"} {
		c, err := w.store.Campaigns.ByKey(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		campaigns = append(campaigns, c.ID)
	}
	keep := func(n int) {
		print, _ := ring(1 + n%2).Print(asWritten{}.Forms(anybody(draw)))
		u := decisions.Use{CampaignID: campaigns[n%3%2], OrderID: fmt.Sprint("o", n), Order: fmt.Sprint("#", n), Code: "C",
			At: noon.Add(-time.Duration(n) * time.Hour), SeenAt: noon, Source: decisions.FromImport, Test: n%7 == 0}
		if n%5 == 0 {
			u.VoidReason = "refunded"
		}
		if _, err := w.store.Identity.KeepUse(t.Context(), u, print); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 90 {
		keep(n)
	}
	w.Keys = ring(2)
	if _, err := w.Judge(t.Context(), boss, w.ask(anybody(draw)).PublicID, decisions.Abuse, ""); err != nil {
		t.Fatal(err)
	}
	found, blocked := 0, 0
	for range 60 {
		asked, _ := ring(2).Candidates(asWritten{}.Forms(anybody(draw)))
		once, two, err := w.store.Identity.LookBothWays(t.Context(), campaigns[draw.IntN(2)], asked, noon)
		if err != nil {
			t.Fatal(err)
		}
		expect.Equal(t, "the number of uses", len(once.Uses), len(two.Uses))
		expect.Equal(t, "Blocked", once.Blocked, two.Blocked)
		for _, u := range two.Uses {
			i := slices.IndexFunc(once.Uses, func(o decisions.KnownUse) bool { return o.ID == u.ID })
			if i < 0 {
				t.Fatalf("%s is not found", u.Order)
			}
			u.Print, once.Uses[i].Print = sorted(mattering(u, asked)), sorted(once.Uses[i].Print)
			if !reflect.DeepEqual(once.Uses[i], u) {
				t.Errorf("%s is read as\n%v\nwant\n%v", u.Order, once.Uses[i], u)
			}
		}
		found += len(two.Uses)
		if two.Blocked {
			blocked++
		}
	}
	expect.That(t, "many uses are found, and somebody is blocked", found > 500 && blocked > 0, found, blocked)
}

// TestAnOlderUseKeepsWhatLedToNewerOnes: a use that is found by its e-mail, behind an IP that as many newer ones have as
// are looked at, still has that IP in common.
func TestAnOlderUseKeepsWhatLedToNewerOnes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		c, err := w.store.Campaigns.ByKey(t.Context(), "summer")
		if err != nil {
			t.Fatal(err)
		}
		shown := identity.Shown{Emails: []string{"old@example.com"}, IPs: []string{"203.0.113.1"}}
		print, _ := ring(1).Print(asWritten{}.Forms(shown))
		old := decisions.Use{CampaignID: c.ID, OrderID: "old", Code: "C", At: noon.Add(-1000 * time.Hour), SeenAt: noon,
			Source: decisions.FromImport}
		if _, err := w.store.Identity.KeepUse(t.Context(), old, print); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			`WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 230)
				INSERT INTO identity_uses (campaign_id, order_id, code, used_at, source, seen_at)
				SELECT campaign_id, 'n' || n, 'C', seen_at, 'import', seen_at FROM s, identity_uses WHERE order_id = 'old'`,
			`INSERT INTO identity_digests (subject, subject_id, kind, digest, key_version, campaign_id, at)
				SELECT 'use', u.id, d.kind, d.digest, d.key_version, d.campaign_id, u.used_at
				FROM identity_digests d, identity_uses u WHERE d.kind = 'ip' AND u.order_id LIKE 'n%'`,
		} {
			if _, err := w.store.DB().ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		asked, _ := ring(1).Candidates(asWritten{}.Forms(shown))
		known, err := w.store.Identity.Look(t.Context(), c.ID, asked, noon)
		if err != nil || len(known.Uses) != 201 {
			t.Fatalf("%d uses, %v", len(known.Uses), err)
		}
		for _, u := range known.Uses {
			want := 1
			if u.OrderID == "old" {
				want = 2
			}
			expect.Equal(t, "the kinds that "+u.OrderID+" shows", len(u.Print), want)
		}
	})
}

// mattering keeps of a print what is asked for, and e-mails of the last day.
func mattering(u decisions.KnownUse, asked identity.Print) identity.Print {
	kept := identity.Print{}
	for kind, list := range u.Print {
		for _, d := range list {
			if kind == identity.Email && noon.Sub(u.At) <= decisions.EmailWindow || slices.Contains(asked[kind], d) {
				kept[kind] = append(kept[kind], d)
			}
		}
	}
	return kept
}

func sorted(p identity.Print) identity.Print {
	for _, list := range p {
		slices.SortFunc(list, func(a, b identity.Digest) int { return slices.Compare(a.Sum[:], b.Sum[:]) })
	}
	return p
}

// TestWherePairsAreEverythingIsRead: whoever was told apart from somebody is compared by all that both showed, also by
// what a request does not show.
func TestWherePairsAreEverythingIsRead(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		d := w.see(2, 4, hanako())
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.NotAbuse, "his wife"); err != nil {
			t.Fatal(err)
		}
		asked, _ := ring(1).Candidates(asWritten{}.Forms(hanako()))
		known, err := w.store.Identity.Look(t.Context(), d.CampaignID, asked, noon)
		if err != nil || len(known.Pairs) != 1 || len(known.Uses) != 2 {
			t.Fatalf("%d pairs and %d uses, %v", len(known.Pairs), len(known.Uses), err)
		}
		whole, _ := ring(1).Print(asWritten{}.Forms(taro()))
		for _, u := range known.Uses {
			if u.Order == "#1" && !reflect.DeepEqual(sorted(u.Print), sorted(whole)) {
				t.Errorf("of the other one %d kinds are read, want %d", len(u.Print), len(whole))
			}
		}
	})
}

// TestADecisionIsKeptTheSameWithJobsAndWithout: the same columns and digests, and of an order's code once.
func TestADecisionIsKeptTheSameWithJobsAndWithout(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		d := w.ask(taro())
		print, _ := ring(1).Print(asWritten{}.Forms(taro()))
		d.Request.Stage = decisions.StageOrder
		columns := func(id int64) string {
			var text string
			if err := w.store.DB().QueryRowContext(t.Context(), fmt.Sprintf(`SELECT '' || campaign_id || policy_version ||
				stage || at || outcome || reason || score || enforced || code || request || facts || answer || (SELECT count(*)
				FROM identity_digests i WHERE subject = 'decision' AND subject_id = d.id AND i.at = d.at AND
				i.campaign_id = d.campaign_id AND EXISTS (SELECT 1 FROM identity_digests u WHERE u.subject = 'use' AND
				u.kind = i.kind AND u.digest = i.digest AND u.key_version = i.key_version)) FROM decisions d WHERE id = %d`,
				id)).Scan(&text); err != nil {
				t.Fatal(err)
			}
			return text
		}
		var texts []string
		for n, jobs := range [][]domain.Job{nil, {{Kind: domain.JobTag, Ref: "gid://shopify/Order/2"}}} {
			d.PublicID, d.Request.OrderID = fmt.Sprint("dec_kept", n), fmt.Sprint("gid://shopify/Order/", n)
			kept, fresh, err := w.store.Identity.Keep(t.Context(), d, print, jobs)
			if err != nil || !fresh || kept.ID == 0 {
				t.Fatalf("%d: fresh %v, %v", n, fresh, err)
			}
			texts = append(texts, columns(kept.ID))
			other := d
			other.PublicID += "-again"
			again, fresh, err := w.store.Identity.Keep(t.Context(), other, print, jobs)
			if err != nil || fresh || again.ID != kept.ID || again.PublicID != kept.PublicID {
				t.Errorf("%d again: %s, fresh %v, %v", n, again.PublicID, fresh, err)
			}
		}
		expect.Equal(t, "what is kept", texts[0], texts[1])
		expect.That(t, "all digests are kept", strings.HasSuffix(texts[0], fmt.Sprint("}", len(print))), texts[0])
		d.CampaignID, d.PublicID, d.Request.OrderID = 1000, "dec_nowhere", "gid://shopify/Order/9"
		if _, _, err := w.store.Identity.Keep(t.Context(), d, print, nil); err == nil {
			t.Error("a decision of no campaign is kept")
		}
		if n := w.count(`SELECT count(*) FROM identity_digests WHERE campaign_id = 1000`); n != 0 {
			t.Errorf("of what failed %d digests are kept", n)
		}
	})
}

// TestDecisionsAreFoundInEveryPart: however many decisions lie between them, a person's page and an erasure find all.
func TestDecisionsAreFoundInEveryPart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		var last decisions.Decision
		for _, id := range []int{1, 16382, 16384, 70_000} {
			jump := fmt.Sprintf(`ALTER TABLE decisions ALTER COLUMN id RESTART WITH %d`, id)
			if db.Dialect == "sqlite" {
				jump = fmt.Sprintf(`REPLACE INTO sqlite_sequence (rowid, name, seq)
					VALUES ((SELECT rowid FROM sqlite_sequence WHERE name = 'decisions'), 'decisions', %d)`, id-1)
			}
			if _, err := w.store.DB().ExecContext(t.Context(), jump); err != nil {
				t.Fatal(err)
			}
			before := w.ask(hanako())
			last = w.ask(taro())
			expect.Equal(t, "the beginning of an id", last.PublicID[:11], before.PublicID[:11])
			expect.That(t, "ids differ", last.PublicID != before.PublicID, last.PublicID)
			expect.Equal(t, "the number", last.ID, int64(id+1))
		}
		desk := decisions.Desk{Service: *w.Service, Gallery: w.store.Identity, Zone: time.UTC}
		p, err := desk.Person(t.Context(), last.PublicID)
		if err != nil || len(p.Others) != 7 { // hanako lives with taro
			t.Errorf("%d other decisions, %v", len(p.Others), err)
		}
		gone, err := w.store.Identity.Erase(t.Context(), taro().CustomerID, personOf(1, taro()), noon)
		if err != nil || gone.Decisions != 4 {
			t.Errorf("%d decisions are erased, %v", gone.Decisions, err)
		}
		gone, err = w.store.Identity.Erase(t.Context(), hanako().CustomerID, personOf(1, hanako()), noon)
		if err != nil || gone.Decisions != 4 || w.count(`SELECT count(*) FROM identity_digests`) != 0 {
			t.Errorf("%d decisions are erased, %v", gone.Decisions, err)
		}
		gone, err = w.store.Identity.Erase(t.Context(), "", personOf(1, taro()), noon)
		if err != nil || gone.Decisions != 0 {
			t.Errorf("where nothing is kept %d decisions are erased, %v", gone.Decisions, err)
		}
	})
}
