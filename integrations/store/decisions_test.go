package store_test

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestAPersonIsKnownAgain: whoever used a code is refused another one, by their account or as a guest with the same
// e-mail; somebody who lives with them is asked about, and a stranger passes.
// covers: 003-07, 003-24, 003-17
func TestAPersonIsKnownAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		wants(t, "the first", w.ask(taro()), decisions.Allow, "")
		wants(t, "the order", w.see(1, 2, taro()), decisions.Allow, "")
		d := w.ask(taro())
		wants(t, "again", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		if !d.Answer.Enforced || !strings.HasPrefix(d.PublicID, "dec_") || d.Campaign != "summer" ||
			d.Answer.Signals[0].Kind != "customer" || d.Answer.Signals[0].Matched[0].Order != "#1" {
			t.Errorf("the answer %s has the signals %v", d.PublicID, d.Answer.Signals)
		}
		wants(t, "a guest with the e-mail", w.ask(identity.Shown{Emails: []string{"TARO@example.com"}}),
			decisions.Refuse, decisions.ReasonAlreadyUsed)
		address := identity.Shown{Emails: []string{"x@example.com"}, Addresses: taro().Addresses}
		wants(t, "the address alone", w.ask(address), decisions.AllowFlagged, "")
		wants(t, "who lives there", w.ask(hanako()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		wants(t, "a stranger", w.ask(identity.Shown{Emails: []string{"y@example.com"}, Names: taro().Names}),
			decisions.Allow, "")
		wants(t, "somebody who shows nothing", w.ask(identity.Shown{}), decisions.Allow, "")
		wants(t, "a throw-away mailbox", w.ask(identity.Shown{Emails: []string{"z@Trash.Example"}}),
			decisions.AllowFlagged, "")
		if !slices.Contains(w.told.told, "summer checkout refuse") || slices.Contains(w.told.told, "leaked summer") {
			t.Errorf("it was counted as %v", w.told.told)
		}
	})
}

// TestStoredDecisionsNameNobody: nothing that a shopper showed stands in any table but the customer's number at their
// own order.
func TestStoredDecisionsNameNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 2, taro())
		w.ask(taro())
		var dump strings.Builder
		for _, table := range []string{"decisions", "identity_digests", "identity_uses", "audit", "campaigns"} {
			w.dump(&dump, table, "customer_gid")
		}
		for _, raw := range []string{"taro@", "example.com", "9012345678", "203.0.113", "山田", "Ginza", "ginza",
			"Customer/7", "customer/7"} {
			if strings.Contains(dump.String(), raw) {
				t.Errorf("%s is in the database", raw)
			}
		}
		if !strings.Contains(dump.String(), "SUMMER-1") {
			t.Error("the tables were not read")
		}
	})
}

// TestReplay: a stored decision is made again with the same answer, after everything around it has changed; another
// version says what it would have said.
// covers: 003-11, D-12
func TestReplay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 2, taro())
		address := identity.Shown{Addresses: taro().Addresses}
		d := w.ask(address)
		wants(t, "under the first version", d, decisions.AllowFlagged, "")
		w.protect(func(p *decisions.Policy) {
			p.Preset, p.Alone = decisions.Custom, []identity.Kind{identity.Address}
		})
		next := w.ask(address)
		wants(t, "the next decision", next, decisions.Refuse, decisions.ReasonAlreadyUsed)
		if next.Answer.PolicyVersion != 2 {
			t.Errorf("it was made under version %d", next.Answer.PolicyVersion)
		}
		w.void(w.used(1, 2, taro()))
		again, err := w.Replay(t.Context(), d.PublicID, 0)
		if err != nil || !again.Same || again.Answer.Outcome != decisions.AllowFlagged {
			t.Errorf("again: %s, the same %v, %v", again.Answer.Outcome, again.Same, err)
		}
		other, err := w.Replay(t.Context(), d.PublicID, 2)
		if err != nil || other.Same || other.Answer.Outcome != decisions.Refuse {
			t.Errorf("under version 2: %s, %v", other.Answer.Outcome, err)
		}
		for _, c := range []struct {
			id      string
			version int
			want    domain.Code
		}{{d.PublicID, 3, domain.CodeCampaignNotFound}, {"dec_none", 0, domain.CodeDecisionNotFound}} {
			if _, err := w.Replay(t.Context(), c.id, c.version); domain.CodeOf(err) != c.want {
				t.Errorf("%s under %d: %v", c.id, c.version, err)
			}
		}
	})
}

// TestOffShadowAndTrial: off decides nothing and keeps nothing of a person, shadow keeps and enforces nothing, a trial tells and keeps
// nothing.
// covers: 003-14
func TestOffShadowAndTrial(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 2, taro())
		q := decisions.Question{Campaign: "summer", Stage: decisions.StageIssue, Shown: taro()}
		before := w.count(`SELECT count(*) FROM decisions`)
		d, err := w.Trial(t.Context(), q, nil)
		if err != nil {
			t.Fatal(err)
		}
		wants(t, "a trial", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		twice := decisions.NewPolicy(decisions.Basic)
		twice.UsesPerPerson = 2
		if d, err = w.Trial(t.Context(), q, &twice); err != nil {
			t.Fatal(err)
		}
		wants(t, "a trial of other rules", d, decisions.Allow, "")
		twice.Threshold, twice.Preset, twice.Mode = 9, decisions.Custom, ""
		if _, err := w.Trial(t.Context(), q, &twice); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("a trial of bad rules: %v", err)
		}
		w.protect(func(p *decisions.Policy) { p.Mode = decisions.Off })
		off := w.ask(taro())
		wants(t, "off", off, decisions.Allow, "")
		if d := w.see(2, 1, taro()); off.PublicID != "" || d.PublicID != "" ||
			w.count(`SELECT count(*) FROM decisions`) != before {
			t.Error("something is decided where nothing is")
		}
		if all, named := w.count(`SELECT count(*) FROM identity_uses`), w.count(`SELECT count(*) FROM identity_uses u
			WHERE customer_gid <> '' OR EXISTS (SELECT 1 FROM identity_digests d WHERE d.subject = 'use'
			AND d.subject_id = u.id)`); all != 2 || named != 1 {
			t.Errorf("%d uses are kept and %d name somebody, want the order's money alone", all, named)
		}
		w.protect(func(p *decisions.Policy) { p.Mode = decisions.Shadow })
		shadow := w.ask(taro())
		wants(t, "shadow", shadow, decisions.Refuse, decisions.ReasonAlreadyUsed)
		if shadow.Answer.Enforced || shadow.PublicID == "" {
			t.Error("the shadow is enforced, or not kept")
		}
	})
}

// TestQuestionsThatAreRefused: each with the field, and nothing is kept.
func TestQuestionsThatAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		long, less, many := strings.Repeat("x", 513), -1, make([]string, 6)
		for name, c := range map[string]struct {
			change func(*decisions.Question)
			field  string
		}{
			"neither campaign nor code": {func(q *decisions.Question) { q.Code = "" }, "campaign"},
			"a key in capitals":         {func(q *decisions.Question) { q.Campaign = "Summer" }, "campaign"},
			"a long code":               {func(q *decisions.Question) { q.Code = long }, "code"},
			"a code with a zero":        {func(q *decisions.Question) { q.Code = "a\x00" }, "code"},
			"no stage":                  {func(q *decisions.Question) { q.Stage = "" }, "stage"},
			"an order's stage":          {func(q *decisions.Question) { q.Stage = decisions.StageOrder }, "stage"},
			"a currency's name":         {func(q *decisions.Question) { q.Currency = "yen" }, "cart.currency"},
			"orders below nothing":      {func(q *decisions.Question) { q.OrdersBefore = &less }, "customer.orders"},
			"a long e-mail":             {func(q *decisions.Question) { q.Shown.Emails = []string{long} }, "customer.email"},
			"six phones":                {func(q *decisions.Question) { q.Shown.Phones = many }, "customer.phone"},
			"six addresses": {func(q *decisions.Question) {
				q.Shown.Addresses = make([]identity.PostalAddress, 6)
			}, "address"},
			"a long city": {func(q *decisions.Question) {
				q.Shown.Addresses = []identity.PostalAddress{{City: long}}
			}, "address"},
		} {
			q := decisions.Question{Code: "SUMMER-1", Stage: decisions.StageCart}
			c.change(&q)
			_, err := w.Ask(t.Context(), q)
			var refusal *domain.Error
			expect.That(t, "asRefusal(err, &refusal)", asRefusal(err, &refusal), name, err)
			expect.Equal(t, "refusal.Code", refusal.Code, domain.CodeValidation, name, err)
			expect.Equal[any](t, `refusal.Params["field"]`, refusal.Params["field"], c.field, name, err)
		}
		for _, q := range []decisions.Question{{Campaign: "winter", Stage: decisions.StageCart},
			{Code: "WINTER-1", Stage: decisions.StageCart}} {
			_, err := w.Ask(t.Context(), q)
			expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeCampaignNotFound, err, q.Campaign,
				q.Code)
		}
		if n := w.count(`SELECT count(*) FROM decisions`); n != 0 {
			t.Errorf("%d decisions are kept", n)
		}
	})
}

// TestListOfDecisions: the newest first, page by page, by each filter.
// covers: 003-13
func TestListOfDecisions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 2, taro())
		for range 3 {
			w.ask(taro())
		}
		w.ask(identity.Shown{Phones: taro().Phones})
		if _, err := w.Judge(t.Context(), boss, w.ask(taro()).PublicID, decisions.Abuse, ""); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter decisions.Filter
			want   int
		}{
			"all":              {decisions.Filter{}, 6},
			"refused":          {decisions.Filter{Outcome: decisions.Refuse}, 4},
			"to look at":       {decisions.Filter{Outcome: decisions.AllowFlagged, Unjudged: true}, 1},
			"of orders":        {decisions.Filter{Stage: decisions.StageOrder}, 1},
			"of an order":      {decisions.Filter{OrderID: "gid://shopify/Order/1"}, 1},
			"judged":           {decisions.Filter{Verdict: decisions.Abuse}, 1},
			"of the campaign":  {decisions.Filter{Campaign: "summer"}, 6},
			"of another":       {decisions.Filter{Campaign: "points"}, 0},
			"of none that is":  {decisions.Filter{Campaign: "winter"}, 0},
			"refused, unheard": {decisions.Filter{Outcome: decisions.Refuse, Unjudged: true}, 3},
		} {
			seen, last := 0, int64(0)
			for more := true; more; {
				var page []decisions.Decision
				var err error
				c.filter.Limit, c.filter.Before = 2, last
				if page, more, err = w.List(t.Context(), c.filter); err != nil {
					t.Fatal(err)
				}
				for _, d := range page {
					if last != 0 && d.ID >= last {
						t.Errorf("%s: %d after %d", name, d.ID, last)
					}
					last = d.ID
					seen++
				}
			}
			if seen != c.want {
				t.Errorf("%s: %d, want %d", name, seen, c.want)
			}
		}
	})
}
