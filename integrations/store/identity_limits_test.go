package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
)

// someone is somebody with nothing in common with anybody.
func someone(n int) identity.Shown {
	return identity.Shown{CustomerID: fmt.Sprint("gid://shopify/Customer/", 1000+n),
		Emails: []string{fmt.Sprint("p", n, "@example.com")}}
}

// last are the three limits of which one use is left, and an order that wants it.
var last = map[string]struct {
	rule   func(*decisions.Policy)
	order  func(w *deciding, n int) decisions.SeenOrder
	reason decisions.Reason
}{
	"in all": {func(p *decisions.Policy) { p.UsesInAll = 1 },
		func(w *deciding, n int) decisions.SeenOrder { return w.used(n, n, someone(n)) }, decisions.ReasonUsageLimit},
	"per code": {func(p *decisions.Policy) { p.UsesPerCode = 1 },
		func(w *deciding, n int) decisions.SeenOrder {
			o := w.used(n, n, someone(n))
			o.Use.Code = "SUMMER-SARAH"
			return o
		}, decisions.ReasonCodeLimit},
	"per person": {func(*decisions.Policy) {},
		func(w *deciding, n int) decisions.SeenOrder { return w.used(n, n, taro()) }, decisions.ReasonAlreadyUsed},
}

// TestTheLastUseGoesToOneOrder of a hundred at once, each of which comes to light twice, in no particular order; whoever
// asks afterwards hears that it is gone.
//
// covers: 002-01, 002-02, 002-45
func TestTheLastUseGoesToOneOrder(t *testing.T) {
	t.Parallel()
	for name, c := range last {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := decide(t, db)
				w.protect(c.rule)
				var all sync.WaitGroup
				work := make(chan int)
				for range 8 {
					all.Go(func() {
						for n := range work {
							if _, err := w.SeeUse(context.WithoutCancel(t.Context()), c.order(w, n)); err != nil {
								t.Error(err)
							}
						}
					})
				}
				for i := range 200 {
					work <- i * 37 % 100
				}
				close(work)
				all.Wait()
				w.passed(1, 100)
				want := c.order(w, 0).Shown
				d, err := w.Ask(t.Context(), decisions.Question{Code: c.order(w, 0).Use.Code, Stage: decisions.StageCheckout,
					Shown: want})
				if err != nil || d.Answer.Reason != c.reason {
					t.Errorf("the next hears %s %s, %v", d.Answer.Outcome, d.Answer.Reason, err)
				}
			})
		})
	}
}

// passed checks how many orders were let pass, of how many.
func (w *deciding) passed(want, of int) {
	w.t.Helper()
	all := w.count(`SELECT count(*) FROM decisions WHERE stage = 'order'`)
	n := w.count(`SELECT count(*) FROM decisions WHERE stage = 'order' AND outcome <> 'refuse'`)
	if n != want || all != of {
		w.t.Errorf("%d of %d orders passed, want %d of %d", n, all, want, of)
	}
}

// TestALateOrderTakesNothingAway: an order that comes to light after a later one has passed finds the last use taken;
// one that is decided twice stays as it was, and one that comes to nothing gives its use back.
//
// covers: 002-01, 002-04
func TestALateOrderTakesNothingAway(t *testing.T) {
	t.Parallel()
	for name, c := range last {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				w := decide(t, db)
				w.protect(c.rule)
				see := func(hours int) decisions.Decision {
					t.Helper()
					d, err := w.SeeUse(t.Context(), c.order(w, hours))
					if err != nil {
						t.Fatal(err)
					}
					return d
				}
				later, early := see(1), see(5)
				wants(t, "the later one, which came first", later, decisions.Allow, "")
				wants(t, "the earlier one", early, decisions.Refuse, c.reason)
				if again := see(5); again.PublicID != early.PublicID {
					t.Error("it is decided again")
				}
				w.void(c.order(w, 1))
				w.void(c.order(w, 5))
				wants(t, "after both came to nothing", see(0), decisions.Allow, "")
			})
		})
	}
}

// TestAnOrderThatWasKeptAndNotDecided when its process ended holds its place, and is decided when it is heard of again.
//
// covers: 002-01
func TestAnOrderThatWasKeptAndNotDecided(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) { p.UsesInAll = 1 })
		first := w.used(1, 5, someone(1))
		crashed := *w.Service
		crashed.Uses = crashing{w.store.Identity}
		if _, err := crashed.SeeUse(t.Context(), first); !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		wants(t, "a later one", w.see(2, 1, someone(2)), decisions.Refuse, decisions.ReasonUsageLimit)
		for range 2 {
			d, err := w.SeeUse(t.Context(), first)
			if err != nil {
				t.Fatal(err)
			}
			wants(t, "the first, heard of again", d, decisions.Allow, "")
		}
		w.passed(1, 2)
	})
}

var errCrash = errors.New("the process ended")

// crashing ends before an order's turn.
type crashing struct{ decisions.Uses }

func (crashing) InTurn(context.Context, int64, func(decisions.Turn) error) error { return errCrash }

// TestBothLimitsWhicheverComesFirst: one person's uses, and everybody's.
//
// covers: 002-03, 002-12
func TestBothLimitsWhicheverComesFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) { p.UsesInAll, p.UsesPerPerson = 3, 2 })
		wants(t, "their first", w.see(1, 9, taro()), decisions.Allow, "")
		wants(t, "their second", w.see(2, 8, taro()), decisions.Allow, "")
		wants(t, "their third: the person's limit", w.ask(taro()), decisions.Refuse, decisions.ReasonAlreadyUsed)
		wants(t, "somebody else", w.ask(someone(1)), decisions.Allow, "")
		wants(t, "their order", w.see(3, 7, someone(1)), decisions.Allow, "")
		wants(t, "the fourth: the family's limit", w.ask(someone(2)), decisions.Refuse, decisions.ReasonUsageLimit)
		wants(t, "who has one left", w.ask(someone(1)), decisions.Refuse, decisions.ReasonUsageLimit)
	})
}

// TestUsesOfBeforeCount: those of codes that somebody made by hand, those that were imported, and those that were
// forgotten since; test orders and void ones do not, and the counter says so.
//
// covers: 001-10, 001-11, 002-04
func TestUsesOfBeforeCount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) { p.UsesInAll = 3 })
		for n, change := range []func(*decisions.Use){
			func(u *decisions.Use) { u.Code, u.Source = "summer-by-hand", decisions.FromImport },
			func(u *decisions.Use) { u.At = w.now.Add(-399 * day) },
			func(u *decisions.Use) { u.Test = true },
			func(u *decisions.Use) { u.VoidReason = "refunded" },
		} {
			o := w.used(n, 24, someone(n))
			change(&o.Use)
			if _, err := w.SeeUse(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
		c, err := w.store.Campaigns.ByKey(t.Context(), "summer")
		if err != nil {
			t.Fatal(err)
		}
		uses := func(want int) {
			t.Helper()
			got, err := w.store.Identity.UsesOf(t.Context(), c.ID, "summer-by-hand")
			if err != nil || got.InAll != want || got.OfCode != 1 || got.Refused != 0 {
				t.Errorf("the counter says %d, %d of the code and %d refused, %v; want %d", got.InAll, got.OfCode, got.Refused, err, want)
			}
		}
		uses(2)
		wants(t, "a third", w.ask(someone(8)), decisions.Allow, "")
		for range 2 {
			if _, err := w.store.Identity.Forget(t.Context(), w.now.Add(-48*time.Hour), 10); err != nil {
				t.Fatal(err)
			}
		}
		uses(2)
		wants(t, "the third order", w.see(20, 0, someone(9)), decisions.Allow, "")
		uses(3)
		wants(t, "a fourth", w.ask(someone(10)), decisions.Refuse, decisions.ReasonUsageLimit)
	})
}

// TestALimitIsReplayedAsItWas, whatever was used since.
func TestALimitIsReplayedAsItWas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		w.protect(func(p *decisions.Policy) { p.UsesInAll = 1 })
		before := w.ask(someone(1))
		wants(t, "before", before, decisions.Allow, "")
		w.see(1, 1, someone(2))
		after := w.ask(someone(1))
		wants(t, "after", after, decisions.Refuse, decisions.ReasonUsageLimit)
		w.protect(func(p *decisions.Policy) { p.UsesInAll = 2 })
		for _, d := range []decisions.Decision{before, after} {
			if again, err := w.Replay(t.Context(), d.PublicID, 0); err != nil || !again.Same {
				t.Errorf("%s again is %s, %v", d.Answer.Outcome, again.Answer.Outcome, err)
			}
		}
		if other, err := w.Replay(t.Context(), after.PublicID, 3); err != nil || other.Answer.Outcome != decisions.Allow {
			t.Errorf("under a limit of two it is %s, %v", other.Answer.Outcome, err)
		}
	})
}
