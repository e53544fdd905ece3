package store_test

import (
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/guard"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

const (
	usedSummer    = `{"v":1,"used":["summer"],"blocked":[]}`
	blockedSummer = `{"v":1,"used":["summer"],"blocked":["summer"]}`
)

// TestTheGuardIsToldWhoHasUsedAFamilyUp: the customer by name, and everybody by the marks of what the rules take alone
// for a person; an order that came to nothing is forgotten again, and so is the customer.
func TestTheGuardIsToldWhoHasUsedAFamilyUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.settle()
		w.see(1, 5, taro())
		w.settle()
		_, used, blocked := w.said()
		w.wantsMarks("used up", used, taro().Emails, nil) // a phone alone is nobody under the preset medium
		w.wantsMarks("blocked", blocked, nil, nil)
		w.wantsField("taro", taroField, usedSummer)
		writes := w.shop.writes
		w.see(1, 5, taro())
		w.settle()
		expect.Equal(t, "writes after hearing of the order again", w.shop.writes, writes)

		w.protect(func(p *decisions.Policy) { p.UsesPerPerson = 2 })
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("after one use of two", used, nil, nil)
		w.wantsField("taro after one use of two", taroField, "")
		w.see(2, 4, taro())
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("after two uses", used, taro().Emails, nil)
		w.wantsField("taro after two uses", taroField, usedSummer)

		w.void(w.used(2, 4, taro()))
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("after one came to nothing", used, nil, nil)
		w.wantsField("taro after one came to nothing", taroField, "")
		expect.Equal(t, "customers kept", w.count(`SELECT count(*) FROM guard_fields WHERE owner <> 'shop'`), 0)
	})
}

// TestTheGuardIsToldOfVerdicts: "abuse" blocks the customer and the e-mails of their orders, "not abuse" lifts it, and a
// phone that two persons share who were told apart stands for neither.
func TestTheGuardIsToldOfVerdicts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.protect(func(p *decisions.Policy) {
			p.Preset, p.Signals = decisions.Custom, []identity.Kind{identity.Email, identity.Phone}
			p.Alone, p.Threshold = p.Signals, 1
		})
		w.see(1, 5, taro())
		d := w.see(2, 4, taro())
		wants(t, "the second order", d, decisions.Refuse, decisions.ReasonAlreadyUsed)
		w.settle()
		_, used, _ := w.said()
		w.wantsMarks("used up", used, taro().Emails, taro().Phones)

		w.judge(d, decisions.Abuse)
		w.settle()
		_, _, blocked := w.said()
		w.wantsMarks("blocked", blocked, taro().Emails, taro().Phones)
		w.wantsField("taro blocked", taroField, blockedSummer)

		d = w.see(3, 1, taro())
		wants(t, "a blocked person's order", d, decisions.Refuse, decisions.ReasonNotEligible)
		w.judge(d, decisions.NotAbuse)
		w.settle()
		_, _, blocked = w.said()
		w.wantsMarks("lifted", blocked, nil, nil)
		w.wantsField("taro lifted", taroField, usedSummer)

		w.judge(w.see(4, 0, hanako()), decisions.NotAbuse) // they share a phone and a house
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("after two were told apart", used, slices.Concat(taro().Emails, hanako().Emails), nil)
	})
}

// TestTheGuardIsToldOfCampaigns: paused ones as such, and nothing more of those that only watch, have ended, or have no
// prefix.
func TestTheGuardIsToldOfCampaigns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.see(1, 5, taro())
		w.settle()
		for _, step := range []struct {
			to     campaigns.Status
			paused bool
			marks  []string
			field  string
		}{{campaigns.Paused, true, taro().Emails, usedSummer}, {campaigns.Live, false, taro().Emails, usedSummer},
			{campaigns.Ended, false, nil, ""}} {
			if _, err := w.campaign.SetStatus(t.Context(), boss, "summer", step.to, ""); err != nil {
				t.Fatal(err)
			}
			w.settle()
			paused, used, _ := w.said()
			expect.Equal(t, "paused", paused, step.paused, string(step.to))
			w.wantsMarks(string(step.to), used, step.marks, nil)
			w.wantsField(string(step.to), taroField, step.field)
		}
		w.make("winter", "WINTER-", decisions.Medium)
		w.settle()
		families, err := w.store.Campaigns.List(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "campaigns, points among them", len(families), 3)
	})
}

// TestRulesThatOnlyWatchTellNobody: who was told of is taken out again.
func TestRulesThatOnlyWatchTellNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.see(1, 5, taro())
		w.settle()
		w.wantsField("taro", taroField, usedSummer)
		w.protect(func(p *decisions.Policy) { p.Mode = decisions.Shadow })
		w.settle()
		_, used, _ := w.said()
		w.wantsMarks("in shadow", used, nil, nil)
		w.wantsField("taro in shadow", taroField, "")
	})
}

// TestWhoIsForgottenLeavesNoMark: by an erasure, by the end of retention, and with a new key marks of the old one mean
// nothing until the past is read again.
func TestWhoIsForgottenLeavesNoMark(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.see(1, 5, taro())
		w.see(2, 4, hanako())
		w.settle()
		own, err := ring(1).Print(asWritten{}.Forms(taro()))
		expect.MustEqual(t, "err", err, nil)
		_, err = w.store.Identity.Erase(t.Context(), taroField, identity.Print{identity.Email: own[identity.Email]}, w.now)
		expect.MustEqual(t, "err", err, nil)
		w.see(1, 5, taro()) // the order comes again
		w.settle()
		_, used, _ := w.said()
		w.wantsMarks("after an erasure", used, hanako().Emails, nil)
		w.wantsField("taro after an erasure", taroField, "")
		expect.Equal(t, "rows that name taro", w.count(`SELECT count(*) FROM guard_fields WHERE owner = '`+taroField+`'`), 0)

		w.KeyVersion = 2
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("under a new key", used, nil, nil)
		w.Noted = w.Note
		w.see(2, 4, hanako())
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("after the past was read again", used, hanako().Emails, nil)

		_, err = w.store.Identity.Forget(t.Context(), w.now, 100)
		expect.MustEqual(t, "err", err, nil)
		w.settle()
		_, used, _ = w.said()
		w.wantsMarks("after retention", used, nil, nil)
		expect.Equal(t, "marks kept", w.count(`SELECT count(*) FROM guard_marks`), 0)
	})
}

// TestTheGuardComesToRestWhereverAProcessDies: before and after each act in the shop, the metafields are right in the
// end, and nothing is written without a reason afterwards.
func TestTheGuardComesToRestWhereverAProcessDies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.settle()
		for place := range 12 {
			acts := 0
			w.shop.die = func() error {
				if acts++; acts == place+1 {
					return errDied
				}
				return nil
			}
			w.now = w.now.Add(time.Hour) // leases of before have passed
			order := w.used(100+place, 5, taro())
			if _, err := w.SeeUse(t.Context(), order); err != nil {
				t.Fatal(err)
			}
			if place%4 < 2 { // the change is taken back before anybody knows what became of the first try
				for _, id := range w.pending() {
					_ = w.Sync(t.Context(), id)
				}
			} else {
				w.settle()
				w.wantsField("used up", taroField, usedSummer)
				_, used, _ := w.said()
				w.wantsMarks("used up", used, taro().Emails, nil)
			}
			w.void(order)
			w.settle()
			w.wantsField("void", taroField, "")
			if got := w.shop.fields[taroField]; got == usedSummer {
				t.Errorf("died at %d: the customer is told of still", place)
			}
		}
		w.shop.die = nil
		writes := w.shop.writes
		w.settle()
		expect.Equal(t, "writes at rest", w.shop.writes, writes)
	})
}

// pending are all metafields, also those that are not behind.
func (w *guarding) pending() (ids []int64) {
	w.t.Helper()
	rows, err := w.store.DB().QueryContext(w.t.Context(), `SELECT id FROM guard_fields`)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return ids
}

// TestWhatSomebodyElseWroteIsReplaced, and a customer or discount that is no more is let go.
func TestWhatSomebodyElseWroteIsReplaced(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		w.see(1, 5, taro())
		w.settle()
		w.shop.fields[taroField] = `{"v":1,"used":[],"blocked":["everything"]}`
		w.judge(w.see(2, 4, taro()), decisions.Abuse)
		w.settle()
		w.wantsField("taro", taroField, blockedSummer)

		gone := identity.Shown{CustomerID: "gid://shopify/Customer/404", Emails: []string{"gone@example.com"}}
		w.see(3, 3, gone)
		w.settle()
		expect.Equal(t, "customers kept", w.count(`SELECT count(*) FROM guard_fields WHERE owner LIKE '%404'`), 0)

		w.shop.discounts = nil // by hand
		w.see(4, 2, hanako())
		w.settle()
		w.void(w.used(1, 5, taro())) // meanwhile
		w.void(w.used(2, 4, taro()))
		missing, err := w.Missing(t.Context(), true)
		expect.That(t, "what is missing is said", err == nil && len(missing) == 1, missing, err)
		if err := w.TurnOn(t.Context(), "pointbridge-guard"); err != nil {
			t.Fatal(err)
		}
		w.settle()
		missing, err = w.Missing(t.Context(), true)
		expect.That(t, "nothing is missing", err == nil && len(missing) == 0, missing, err)
		_, used, _ := w.said()
		w.wantsMarks("after it was made again", used, slices.Concat(hanako().Emails, gone.Emails), nil)
		w.wantsField("taro, whose orders came to nothing meanwhile", taroField, `{"v":1,"used":[],"blocked":["summer"]}`)
	})
}

// TestTurningTheGuardOnAndOff: each may be repeated and die anywhere; a discount whose creation was not answered is
// found, one too many is removed, and what was made is gone in the end, here and there.
func TestTurningTheGuardOnAndOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		again := func(act func() error) {
			t.Helper()
			for range 20 {
				if act() == nil {
					return
				}
			}
			t.Fatal("it does not come to an end")
		}
		on := func() error { return w.TurnOn(t.Context(), "pointbridge-guard") }
		off := func() error { return w.TurnOff(t.Context()) }
		again(on)
		expect.Equal(t, "discounts made", w.shop.made, 1)
		for place := range 10 {
			acts := 0
			w.shop.die = func() error {
				if acts++; acts%10 == place {
					return errDied
				}
				return nil
			}
			w.see(1, 5, taro())
			again(on)
			expect.Equal(t, "discounts", len(w.shop.discounts), 1, place)
			w.shop.die = nil
			w.settle()
			w.wantsField("taro", taroField, usedSummer)
			w.shop.die = func() error {
				if acts++; acts%7 == place%7 {
					return errDied
				}
				return nil
			}
			again(off)
			w.shop.die = nil
			again(off)
			expect.Equal(t, "what is left in the shop", len(w.shop.fields)+len(w.shop.discounts), 0, place)
			expect.That(t, "not defined", !w.shop.defined, place)
			expect.Equal(t, "what is kept", w.count(`SELECT (SELECT count(*) FROM guard_fields)
				+ (SELECT count(*) FROM guard_marks) + (SELECT count(*) FROM guard_spread)`), 0, place)
			again(on)
			w.settle()
		}
		w.shop.lag = true // a second one, because the search did not know the first
		if _, err := w.shop.CreateGuard(t.Context(), "", "", []byte("{}"), w.now); err != nil {
			t.Fatal(err)
		}
		if err := w.store.Guard.Made(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		w.shop.lag = false
		again(on)
		expect.Equal(t, "discounts", len(w.shop.discounts), 1)

		w.shop.plus = false
		expect.Equal(t, "turning it on elsewhere", on(), guard.ErrNotPlus)
		missing, err := w.Missing(t.Context(), true)
		expect.That(t, "the plan is said", err == nil && len(missing) == 1, missing, err)
		again(off)
		missing, err = w.Missing(t.Context(), false)
		expect.That(t, "nothing is missing", err == nil && len(missing) == 0, missing, err)
	})
}

// TestAGuardThatIsOffKeepsNothing of orders and customers.
func TestAGuardThatIsOffKeepsNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newGuarding(t, db)
		if err := w.TurnOff(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.see(1, 5, taro())
		w.judge(w.see(2, 4, taro()), decisions.Abuse)
		w.settle()
		expect.Equal(t, "what is kept", w.count(`SELECT (SELECT count(*) FROM guard_fields)
			+ (SELECT count(*) FROM guard_marks) + (SELECT count(*) FROM guard_spread)`), 0)
		for _, job := range w.jobs {
			expect.That(t, "no job is asked for", job.Kind != domain.JobGuard, job.Kind)
		}
	})
}
