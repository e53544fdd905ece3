package store_test

import (
	"context"
	"database/sql"
	"runtime"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// erase forgets somebody by all that a request to forget says of them.
func (w *deciding) erase(who identity.Shown) decisions.Erased {
	w.t.Helper()
	gone, err := w.store.Identity.Erase(w.t.Context(), who.CustomerID, personOf(1, who), w.now)
	expect.MustEqual(w.t, "err of the erasure", err, nil)
	return gone
}

// nothingOf tells how much is kept that taro alone showed: his customer and his e-mail, and his customer number at uses.
func (w *deciding) nothingOf(what string) {
	w.t.Helper()
	kept := 0
	for _, digests := range personOf(1, identity.Shown{CustomerID: taro().CustomerID, Emails: taro().Emails}) {
		for _, d := range digests {
			query := `SELECT count(*) FROM identity_digests WHERE digest = ?`
			if w.store.Dialect() == "postgres" {
				query = `SELECT count(*) FROM identity_digests WHERE digest = $1`
			}
			n := 0
			expect.MustEqual(w.t, "err", w.store.DB().QueryRowContext(w.t.Context(), query, d.Sum[:]).Scan(&n), nil)
			kept += n
		}
	}
	expect.Equal(w.t, "digests of "+what, kept, 0)
	expect.Equal(w.t, "uses of "+what, w.count(
		`SELECT count(*) FROM identity_uses WHERE customer_gid = 'gid://shopify/Customer/7'`), 0)
	expect.Equal(w.t, "decisions of "+what, w.count(
		`SELECT count(*) FROM decisions WHERE facts <> '' AND order_id <> 'gid://shopify/Order/9'`), 0)
}

// interrupted is a repository in whose steps something happens.
type interrupted struct {
	decisions.Repository
	decisions.Uses
	decisions.Verdicts
	looked, used, read func()
	// turned happens before an order's turn, looked also within it.
	turned func()
}

func (i interrupted) Look(ctx context.Context, id int64, asked identity.Print, at time.Time) (decisions.Known, error) {
	known, err := i.Repository.Look(ctx, id, asked, at)
	i.looked()
	return known, err
}

func (i interrupted) InTurn(ctx context.Context, id int64, do func(decisions.Turn) error) error {
	i.turned()
	return i.Uses.InTurn(ctx, id, func(t decisions.Turn) error { return do(interruptedTurn{t, i.looked}) })
}

type interruptedTurn struct {
	decisions.Turn
	looked func()
}

func (i interruptedTurn) Look(ctx context.Context, id int64, asked identity.Print, at time.Time) (decisions.Known, error) {
	known, err := i.Turn.Look(ctx, id, asked, at)
	i.looked()
	return known, err
}

func (i interrupted) KeepUse(ctx context.Context, u decisions.Use, print identity.Print) (bool, error) {
	kept, err := i.Uses.KeepUse(ctx, u, print)
	i.used()
	return kept, err
}

func (i interrupted) Prints(ctx context.Context, d decisions.Decision, uses []decisions.PastUse) (identity.Print,
	[]identity.Print, error) {
	own, others, err := i.Verdicts.Prints(ctx, d, uses)
	i.read()
	return own, others, err
}

// TestNobodyComesBackByWhatWasOnItsWay: whoever is forgotten while a question about them, an order of theirs or a verdict
// is being worked on, at whichever step, has nothing kept of them; and an order that they placed before it, of which the
// shop tells afterwards, is a use of nobody. What they do later is a stranger's, and counts again.
func TestNobodyComesBackByWhatWasOnItsWay(t *testing.T) {
	t.Parallel()
	nothing := func() {}
	for name, work := range map[string]func(w *deciding, at func() interrupted){
		"a question is being answered": func(w *deciding, at func() interrupted) {
			i := at()
			i.used, i.read = nothing, nothing
			w.Decisions = i
			d, err := w.Ask(w.t.Context(), decisions.Question{Code: "SUMMER-2", Stage: decisions.StageCart, Shown: taro()})
			expect.That(w.t, "it is answered", err == nil && d.Answer.Outcome == decisions.Refuse, err)
		},
		"an order's use is kept": func(w *deciding, at func() interrupted) {
			i := at()
			i.looked, i.read, i.turned = nothing, nothing, nothing
			w.Uses = i
			w.see(2, 1, taro())
		},
		"an order waits for its turn": func(w *deciding, at func() interrupted) {
			i := at()
			i.looked, i.used, i.read = nothing, nothing, nothing
			w.Uses = i
			w.see(2, 1, taro())
		},
		"an order is being decided about": func(w *deciding, at func() interrupted) {
			i := at()
			i.used, i.read, i.turned = nothing, nothing, nothing
			if w.store.Dialect() == "sqlite" { // whose one writer is in its turn
				i.turned, i.looked = i.looked, nothing
			}
			w.Uses = i
			w.see(2, 1, taro())
		},
		"an order comes to light afterwards": func(w *deciding, at func() interrupted) {
			at().looked()
			expect.Equal(w.t, "a decision about nobody", w.see(3, 2, taro()).PublicID, "")
			w.see(3, 2, taro())
		},
		"somebody else is told apart from them": func(w *deciding, at func() interrupted) {
			other := w.see(9, 1, hanako())
			i := at()
			i.looked, i.used = nothing, nothing
			w.Verdicts = i
			_, err := w.Judge(w.t.Context(), boss, other.PublicID, decisions.NotAbuse, "")
			expect.MustEqual(w.t, "err", err, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := decide(t, db)
				w.t = t
				w.see(1, 5, taro())
				erase := func() { w.erase(taro()) }
				work(w, func() interrupted {
					return interrupted{w.store.Identity, w.store.Identity, w.store.Identity, erase, erase, erase, erase}
				})
				w.nothingOf(name)
				w.Decisions, w.Uses = w.store.Identity, w.store.Identity
				wants(t, "taro", w.ask(identity.Shown{Emails: taro().Emails}), decisions.Allow, "")
				w.now = w.now.Add(time.Hour)
				w.see(7, 0, taro())
				wants(t, "taro when he is back", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
			})
		})
	}
}

// TestAnErasureWaitsForWhatIsBeingWritten: one that begins while a decision is being committed removes it.
func TestAnErasureWaitsForWhatIsBeingWritten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		var once sync.Once
		erased := make(chan error, 1)
		w.store = db.Open(t, now, func(context.Context, *sql.Tx, []domain.Job) error {
			once.Do(func() {
				go func() {
					_, err := w.store.Identity.Erase(t.Context(), taro().CustomerID, personOf(1, taro()), noon)
					erased <- err
				}()
				for db.Dialect == "postgres" && w.count(`SELECT count(*) FROM pg_stat_activity
					WHERE datname = current_database() AND wait_event = 'advisory'`) == 0 {
					runtime.Gosched()
				}
			})
			return nil
		})
		w.Decisions, w.Uses = w.store.Identity, w.store.Identity
		w.Follow = func(decisions.Decision) []domain.Job { return []domain.Job{{Kind: domain.JobDecisionRisk}} }
		w.see(1, 5, taro())
		expect.MustEqual(t, "err of the erasure", <-erased, nil)
		w.nothingOf("a decision that was being written")
	})
}

// TestAPhoneIsForgottenEverywhereAndItsHouseholdIsNot: of who showed nothing but the phone everything goes, and of who
// showed it beside an e-mail of their own the phone alone.
func TestAPhoneIsForgottenEverywhereAndItsHouseholdIsNot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.see(9, 5, hanako())
		byPhone := identity.Shown{Phones: taro().Phones, IPs: []string{"203.0.113.9"}}
		asked, byMail := w.ask(byPhone), w.ask(identity.Shown{Emails: taro().Emails})
		guest := w.used(2, 4, byPhone)
		_, err := w.SeeUse(t.Context(), guest)
		expect.MustEqual(t, "err", err, nil)
		gone := w.erase(identity.Shown{Emails: taro().Emails, Phones: taro().Phones})
		expect.Equal(t, "what is gone", gone, decisions.Erased{Uses: 1, Decisions: 3, Phones: 2})
		for _, id := range []string{asked.PublicID, byMail.PublicID} {
			d, err := w.store.Identity.ByID(t.Context(), id)
			expect.That(t, "it is erased", err == nil && d.Erased, err)
		}
		wants(t, "her e-mail", w.ask(identity.Shown{Emails: hanako().Emails}), decisions.Refuse, decisions.ReasonAlreadyUsed)
		wants(t, "his phone", w.ask(byPhone), decisions.Allow, "")
		w.void(w.used(9, 5, hanako())) // her order is told again, with the phone that was his
		expect.Equal(t, "digests of the phone", w.count(
			`SELECT count(*) FROM identity_digests WHERE kind = 'phone' AND subject = 'use'`), 0)
	})
}

// TestAnErasureIsRememberedForAWhile: under a new key as well, and not for ever.
func TestAnErasureIsRememberedForAWhile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.erase(taro())
		w.Keys = ring(2)
		for range 2 {
			_, err := w.store.Identity.Rewrap(t.Context(), 2, 10, func(d identity.Digest) (identity.Digest, error) {
				return ring(2).WrapTo(d, 2)
			})
			expect.MustEqual(t, "err", err, nil)
		}
		w.see(1, 5, taro())
		expect.Equal(t, "digests of an order from before", w.count(`SELECT count(*) FROM identity_digests`), 0)
		forget := func(before time.Time) int {
			expect.MustEqual(t, "err", w.store.Identity.ForgetErasures(t.Context(), before), nil)
			return w.count(`SELECT count(*) FROM identity_erasures`)
		}
		expect.Equal(t, "marks that are kept", forget(noon), 6)
		expect.Equal(t, "marks that are old", forget(noon.Add(time.Second)), 0)
	})
}

// TestAnOrderWhoseDecisionWasErasedCanBeLetGo: a verdict names nobody, keeps no note, and what follows from it follows;
// of what is no order nothing would follow, and it is refused.
// covers: 003-18
func TestAnOrderWhoseDecisionWasErasedCanBeLetGo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.Judged = func(d decisions.Decision, is decisions.Judgement) []domain.Job {
			return []domain.Job{{Kind: domain.JobDecisionRelease, Ref: d.PublicID}}
		}
		w.see(1, 5, taro())
		order, asked := w.see(2, 1, taro()), w.ask(taro())
		w.erase(taro())
		d, err := w.Judge(t.Context(), boss, order.PublicID, decisions.Abuse, "taro again")
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "verdict", d.Verdict.Is, decisions.Abuse)
		expect.MustEqual(t, "jobs", len(w.jobs), 1)
		expect.Equal(t, "job", w.jobs[0], domain.Job{Kind: domain.JobDecisionRelease, Ref: order.PublicID})
		expect.Equal(t, "notes", w.count(`SELECT count(*) FROM decisions WHERE verdict_note <> ''`), 0)
		w.nothingOf("a verdict")
		if _, err := w.Judge(t.Context(), boss, order.PublicID, decisions.NotAbuse, ""); domain.CodeOf(err) !=
			domain.CodeVerdictGiven {
			t.Errorf("another verdict: %v", err)
		}
		if _, err := w.Judge(t.Context(), boss, asked.PublicID, decisions.NotAbuse, ""); domain.CodeOf(err) !=
			domain.CodeDecisionErased {
			t.Errorf("a verdict on a question: %v", err)
		}
	})
}
