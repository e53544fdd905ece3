package store_test

import (
	"errors"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

func asRefusal(err error, refusal **domain.Error) bool { return errors.As(err, refusal) }

// TestNotAbuseTellsTwoPersonsApart: later decisions count nothing between them, in either direction; each of them is
// counted as before, and so is everybody else in the house.
// covers: 003-22
func TestNotAbuseTellsTwoPersonsApart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.Judged = func(d decisions.Decision, j decisions.Judgement) []domain.Job {
			return []domain.Job{{Kind: domain.JobKind(j)}}
		}
		w.see(1, 5, taro())
		d := w.see(2, 4, hanako())
		wants(t, "hanako's order", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		for range 2 {
			judged, err := w.Judge(t.Context(), boss, d.PublicID, decisions.NotAbuse, "they are married")
			if err != nil || judged.Verdict.Is != decisions.NotAbuse || judged.Verdict.By != "Boss" {
				t.Fatalf("the verdict is %q by %s, %v", judged.Verdict.Is, judged.Verdict.By, err)
			}
		}
		if len(w.jobs) != 1 || countAuditEntries(t, w.store, domain.ActionDecisionJudged) != 1 {
			t.Errorf("%d jobs follow", len(w.jobs))
		}
		_, err := w.Judge(t.Context(), boss, d.PublicID, decisions.Abuse, "")
		if domain.CodeOf(err) != domain.CodeVerdictGiven {
			t.Errorf("the other verdict: %v", err)
		}
		w.void(w.used(2, 4, hanako()))
		wants(t, "hanako again", w.ask(hanako()), decisions.Allow, "")
		wants(t, "taro again", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		child := hanako()
		child.CustomerID, child.Emails = "", []string{"jiro@example.com"}
		wants(t, "their child", w.ask(child), decisions.Refuse, decisions.ReasonAlreadyUsed)
		w.see(3, 0, hanako())
		wants(t, "hanako after an order of her own", w.ask(hanako()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		w.void(w.used(1, 5, taro()))
		wants(t, "taro beside hanako's order", w.ask(taro()), decisions.Allow, "")
	})
}

// TestNobodyJudgesThemselves: neither as the one who asked nor as one of those whom they were taken for, whichever key
// made the digests; a colleague does.
func TestNobodyJudgesThemselves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.Self = w.store.Identity.Self
		hired := func(email, member string) domain.Caller {
			person, err := w.store.Staff.AddStaff(t.Context(), domain.Staff{Email: email, Name: email, Role: domain.RoleStoreManager,
				CustomerID: member, PasswordHash: domain.NoPassword, CreatedAt: noon}, domain.AuditEntry{At: noon, Actor: "test", Action: "staff.added",
				Outcome: domain.OutcomeDone})
			expect.MustEqual(t, "err", err, nil)
			return person.Caller()
		}
		_, _, err := w.store.Members.SaveCustomer(t.Context(), domain.Customer{ID: "8812370934", ShopifyCustomerGID: taro().CustomerID,
			Email: "elsewhere@example.com", CreatedAt: noon, UpdatedAt: noon}, domain.AuditEntry{At: noon, Actor: "test",
			Action: "customer.linked", Outcome: domain.OutcomeDone})
		expect.MustEqual(t, "err", err, nil)
		w.see(1, 5, taro())
		d := w.see(2, 4, hanako())
		wants(t, "hanako's order", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		w.Keys = ring(2)
		for name, who := range map[string]domain.Caller{"hanako by her mail address": hired("hanako@example.com", ""),
			"taro by his membership": hired("sato@example.com", "8812370934")} {
			_, err := w.Judge(t.Context(), who, d.PublicID, decisions.NotAbuse, "")
			expect.Equal(t, name, domain.CodeOf(err), domain.CodeOwnCoupon)
		}
		_, err = w.Judge(t.Context(), hired("suzuki@example.com", ""), d.PublicID, decisions.NotAbuse, "")
		expect.Equal(t, "a colleague", err, nil)
	})
}

// TestNobodyIsToldApartFromThemselves: where the e-mail or the customer is the same, a verdict changes no later
// decision.
func TestNobodyIsToldApartFromThemselves(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		again := taro()
		again.CustomerID, again.Phones = "", []string{"+819012340000"}
		d := w.see(2, 4, again)
		wants(t, "the same e-mail", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.NotAbuse, "let it pass"); err != nil {
			t.Fatal(err)
		}
		if n := w.count(`SELECT count(*) FROM identity_digests WHERE subject IN ('pair_a', 'pair_b')`); n != 0 {
			t.Errorf("%d digests tell them apart", n)
		}
		wants(t, "the third time", w.ask(again), decisions.Refuse, decisions.ReasonAlreadyUsed)
	})
}

// TestGuestsAreToldApartByPhone: where nobody showed an e-mail.
func TestGuestsAreToldApartByPhone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) {
			p.Preset, p.Signals, p.Alone = decisions.Custom, identity.Counted(), []identity.Kind{identity.Address}
		})
		guest := func(phone string) identity.Shown {
			return identity.Shown{Phones: []string{phone}, Addresses: taro().Addresses}
		}
		w.see(1, 5, guest("1"))
		d := w.see(2, 4, guest("2"))
		wants(t, "another guest at the locker", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.NotAbuse, ""); err != nil {
			t.Fatal(err)
		}
		w.void(w.used(2, 4, guest("2")))
		wants(t, "the second guest", w.ask(guest("2")), decisions.Allow, "")
		wants(t, "the first guest", w.ask(guest("1")), decisions.Refuse, decisions.ReasonAlreadyUsed)
	})
}

// TestAbuseBlocksThePerson: by customer and e-mail in this campaign, and not by where they live.
func TestAbuseBlocksThePerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		d := w.ask(taro())
		if _, err := w.Judge(t.Context(), boss, d.PublicID, decisions.Abuse, "resold"); err != nil {
			t.Fatal(err)
		}
		wants(t, "the person", w.ask(taro()), decisions.Refuse, decisions.ReasonNotEligible)
		wants(t, "the e-mail", w.ask(identity.Shown{Emails: taro().Emails}), decisions.Refuse, decisions.ReasonNotEligible)
		wants(t, "the account", w.ask(identity.Shown{CustomerID: taro().CustomerID}), decisions.Refuse,
			decisions.ReasonNotEligible)
		wants(t, "who lives there", w.ask(hanako()), decisions.Allow, "")
		again := w.ask(identity.Shown{CustomerID: taro().CustomerID, Emails: taro().Emails})
		_, err := w.Judge(t.Context(), boss, again.PublicID, decisions.NotAbuse, "a mistake")
		expect.MustEqual(t, "err", err, nil)
		wants(t, "the person, once the block is lifted", w.ask(taro()), decisions.Allow, "")
		w.make("winter", "WINTER-", decisions.High)
		other, err := w.Ask(t.Context(), decisions.Question{Campaign: "winter", Stage: decisions.StageCart, Shown: taro()})
		if err != nil {
			t.Fatal(err)
		}
		wants(t, "another campaign", other, decisions.Allow, "")
		for name, c := range map[string]struct {
			id   string
			is   decisions.Judgement
			note string
			want domain.Code
		}{
			"no decision": {"dec_x", decisions.Abuse, "", domain.CodeDecisionNotFound},
			"no verdict":  {other.PublicID, "perhaps", "", domain.CodeValidation},
			"no note":     {other.PublicID, decisions.Abuse, "\x00", domain.CodeValidation},
		} {
			_, err := w.Judge(t.Context(), boss, c.id, c.is, c.note)
			expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), c.want, name, err)
		}
	})
}

// TestVerdictsAreCounted by outcome, of one campaign or of all, and from a moment on.
// covers: 003-22
func TestVerdictsAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(1, 5, taro())
		for n, is := range []decisions.Judgement{decisions.Abuse, decisions.Abuse, decisions.NotAbuse} {
			shown := []identity.Shown{taro(), hanako(), {Emails: []string{"x@example.com"}}}[n]
			if _, err := w.Judge(t.Context(), boss, w.ask(shown).PublicID, is, ""); err != nil {
				t.Fatal(err)
			}
		}
		want := []decisions.Heard{{Outcome: decisions.Allow, Is: decisions.NotAbuse, Count: 1},
			{Outcome: decisions.Refuse, Is: decisions.Abuse, Count: 2}}
		for campaign, want := range map[string][]decisions.Heard{"": want, "summer": want, "points": nil, "winter": nil} {
			heard, err := w.store.Identity.Heard(t.Context(), campaign, noon)
			expect.MustEqual(t, "err", err, nil, campaign)
			expect.Equal(t, "heard", heard, want, campaign)
		}
		if heard, err := w.store.Identity.Heard(t.Context(), "", noon.Add(day)); err != nil || len(heard) != 0 {
			t.Errorf("of tomorrow: %v, %v", heard, err)
		}
	})
}

// TestAbuseOfAShoppersOwnQuestionBlocksNoTypedAddress: whoever types somebody else's address into the cart gets nobody
// but themselves refused.
func TestAbuseOfAShoppersOwnQuestionBlocksNoTypedAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		typed := identity.Shown{CustomerID: "gid://shopify/Customer/66", Emails: taro().Emails}
		for what, shown := range map[string]identity.Shown{"a guest": {Emails: taro().Emails}, "a customer": typed} {
			d, err := w.Ask(t.Context(), decisions.Question{Code: "summer-new", Stage: decisions.StageCart, Shown: shown,
				ByShopper: true})
			expect.MustEqual(t, "err", err, nil)
			kept, err := w.Decisions.ByID(t.Context(), d.PublicID)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, what+" asked by themselves", kept.Request.ByShopper, true)
			expect.Equal(t, what+" can be blocked", kept.Request.Blocks(), shown.CustomerID != "")
			_, err = w.Judge(t.Context(), boss, d.PublicID, decisions.Abuse, "")
			expect.MustEqual(t, "err", err, nil)
			wants(t, "whose address it is, after "+what, w.ask(taro()), decisions.Allow, "")
		}
		wants(t, "who typed it", w.ask(identity.Shown{CustomerID: typed.CustomerID}), decisions.Refuse,
			decisions.ReasonNotEligible)
	})
}
