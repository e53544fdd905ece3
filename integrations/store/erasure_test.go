package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/privacy"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

var anOperator = domain.Caller{ID: "operator", Name: "operator"}

// shopSays is a shop that answers how the app stands in it, and counts how often it is asked.
type shopSays struct {
	standing domain.Standing
	err      error
	asked    int
	then     func(asked int)
	alerts   []string
}

func (s *shopSays) Standing(context.Context) (domain.Standing, error) {
	s.asked++
	if s.then != nil {
		s.then(s.asked)
	}
	return s.standing, s.err
}

func (s *shopSays) Alert(kind string) { s.alerts = append(s.alerts, kind) }

// erasing is a store with members, and the service that forgets them.
type erasing struct {
	*privacy.Service
	t     *testing.T
	store *store.Store
	clock *couponstest.Clock
	shop  *shopSays
}

func newErasing(t *testing.T, db storetest.Database, members int) *erasing {
	t.Helper()
	s := db.Open(t, now, nil)
	for n := range members {
		linkedTo(t, s, fmt.Sprintf("m%d", n), fmt.Sprintf("gid://shopify/Customer/90%02d", n))
	}
	e := &erasing{Service: privacyOf(s), t: t, store: s, clock: couponstest.NewClock(),
		shop: &shopSays{standing: domain.StandingGone}}
	e.Clock, e.Shop, e.Observer = e.clock, e.shop, e.shop
	return e
}

func (e *erasing) held() int {
	e.t.Helper()
	n, err := e.store.Privacy.CountPeople(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	return n
}

func (e *erasing) request() privacy.Request {
	e.t.Helper()
	list, err := e.List(e.t.Context(), false, 1)
	expect.MustEqual(e.t, "err", err, nil)
	expect.MustEqual(e.t, "len(list)", len(list), 1, list)
	return list[0]
}

func (e *erasing) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// hours lets the round look once an hour.
func (e *erasing) hours(n int) {
	e.t.Helper()
	for range n {
		e.clock.Advance(time.Hour)
		e.must(e.Work(e.t.Context()))
	}
}

func (e *erasing) want(held int, reason string, actions ...string) {
	e.t.Helper()
	if got, r := e.held(), e.request(); got != held || r.Reason != reason {
		e.t.Errorf("%d members are held, want %d; the request is %q, want %q", got, held, r.Reason, reason)
	}
	for _, action := range actions {
		if n := entries(e.t, e.store, action); n != 1 {
			e.t.Errorf("%s is in the audit %d times", action, n)
		}
	}
}

func TestAShopIsForgottenOnlyOnceItIsProvedToBeGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 3)
		for standing, reason := range map[domain.Standing]string{domain.StandingInstalled: privacy.ReasonInstalled,
			domain.StandingUnproved: privacy.ReasonUnproved} {
			e.shop.standing = standing
			e.must(e.RedactShop(t.Context(), "w-1"))
			e.hours(100)
			e.want(3, reason)
		}
		e.shop.standing, e.shop.err = domain.StandingGone, errors.New("the database is away")
		if err := e.Work(t.Context()); err == nil || e.held() != 3 {
			t.Errorf("a standing that cannot be read forgets people: %v", err)
		}
		e.shop.err = nil
		e.hours(1)
		e.want(0, privacy.ReasonErased)
		if text := storetest.Texts(t, e.store); strings.Contains(text, "taro@example.com") || strings.Contains(text,
			"Customer/90") {
			t.Error("they are still there")
		}
		if n := entries(t, e.store, "customer.erased"); n != 3 || len(e.shop.alerts) != 0 {
			t.Errorf("%d entries, alerts %v", n, e.shop.alerts)
		}
	})
}

func TestManyAreAnnouncedAndForgottenOnlyAfterTheDelay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 6)
		e.must(e.RedactShop(t.Context(), "w-1"))
		e.want(6, privacy.ReasonAnnounced, "erasure.announced")
		list, err := e.store.Privacy.OpenErasures(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(list)", len(list), 1, list)
		expect.MustEqual(t, "list[0].Members", list[0].Members, 6)
		expect.That(t, "e.NotBefore(list[0]) to equal e.clock.Now().Add(72*time.Hour)",
			e.NotBefore(list[0]).Equal(e.clock.Now().Add(72*time.Hour)))
		e.hours(71)
		e.want(6, privacy.ReasonAnnounced, "erasure.announced")
		e.hours(1)
		e.want(0, privacy.ReasonErased, "erasure.announced")
		if !slices.Equal(e.shop.alerts, []string{"erasure_announced"}) {
			t.Errorf("told %v", e.shop.alerts)
		}
	})
}

func TestAnAnnouncementIsWithdrawnWhenTheProofIsGone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 6)
		e.must(e.RedactShop(t.Context(), "w-1"))
		e.hours(71)
		e.shop.standing = domain.StandingInstalled
		e.hours(1)
		e.want(6, privacy.ReasonInstalled, "erasure.withdrawn")
		e.shop.standing = domain.StandingGone
		e.hours(72)
		e.want(6, privacy.ReasonAnnounced, "erasure.withdrawn")
		e.hours(1)
		e.want(0, privacy.ReasonErased)
	})
}

func TestNeitherAClockSetForwardNorAStopOfDaysEndsTheDelay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 6)
		e.must(e.RedactShop(t.Context(), "w-1"))
		e.clock.Advance(365 * 24 * time.Hour)
		e.must(e.Work(t.Context()))
		e.want(6, privacy.ReasonAnnounced)
	})
}

func TestAnOperatorStopsAnErasureAndOnlyAnOperatorBeginsItAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 6)
		e.must(e.RedactShop(t.Context(), "w-1"))
		id := e.request().ID
		for range 2 {
			e.must(e.Stop(t.Context(), id, anOperator))
		}
		e.hours(100)
		e.must(e.RedactShop(t.Context(), "w-1")) // the delivery again
		e.want(6, privacy.ReasonStopped, "erasure.stopped")

		e.shop.standing = domain.StandingInstalled // what an operator wants needs no proof, but waits all the same
		r, err := e.Erase(t.Context(), id, anOperator)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "r.Open", r.Open, true)
		expect.MustThat(t, "r.AnnouncedAt != nil", r.AnnouncedAt != nil)
		expect.MustEqual(t, "r.ApprovedBy", r.ApprovedBy, "operator")
		e.hours(71)
		e.want(6, privacy.ReasonAnnounced, "erasure.approved")
		e.hours(1)
		e.want(0, privacy.ReasonErased)
		if closed := e.request(); closed.ClosedBy != "operator" {
			t.Errorf("closed by %q", closed.ClosedBy)
		}
		if err := e.Stop(t.Context(), id, anOperator); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("what is over is stopped: %v", err)
		}
		if _, err := e.Erase(t.Context(), id, anOperator); domain.CodeOf(err) != domain.CodeValidation {
			t.Errorf("what is over is done again: %v", err)
		}
	})
}

func TestAnErasureThatIsUnderWayEndsWhenItIsStoppedOrTheAppIsBack(t *testing.T) {
	t.Parallel()
	for name, against := range map[string]func(e *erasing){
		"stopped":         func(e *erasing) { e.must(e.Stop(e.t.Context(), e.request().ID, anOperator)) },
		"the app is back": func(e *erasing) { e.shop.standing = domain.StandingInstalled },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				e := newErasing(t, db, 205) // more than a page
				e.must(e.RedactShop(t.Context(), "w-1"))
				e.hours(71)
				asked := e.shop.asked
				e.shop.then = func(n int) { // at 1 the round begins, at 2 the first page, at 3 the second
					if n-asked == 3 {
						e.shop.then = nil
						against(e)
					}
				}
				e.clock.Advance(time.Hour)
				if name == "stopped" { // what was read before the stop is found out at the next look
					e.shop.then = func(n int) {
						if n-asked == 2 {
							e.shop.then = nil
							against(e)
						}
					}
				}
				if err := e.Work(t.Context()); !errors.Is(err, domain.ErrConflict) {
					t.Errorf("went on: %v", err)
				}
				if got := e.held(); got != 5 {
					t.Errorf("%d members are left, want those of the second page", got)
				}
			})
		})
	}
}

func TestARequestOfOneCustomerIsCarriedOutAtOnceAndAskedOfNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 8)
		e.shop.standing = domain.StandingInstalled
		e.must(e.Redact(t.Context(), "w-1", "gid://shopify/Customer/9003", ""))
		e.want(7, privacy.ReasonErased)
		if e.shop.asked != 0 || len(e.shop.alerts) != 0 {
			t.Errorf("the shop was asked %d times, told %v", e.shop.asked, e.shop.alerts)
		}
	})
}

func TestOneCustomerWhoWasManyMembersIsAnnouncedToo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		e := newErasing(t, db, 8)
		for n := range 8 {
			if _, err := e.store.DB().ExecContext(t.Context(),
				fmt.Sprintf(`INSERT INTO former_links (customer_gid, customer_id) VALUES ('%s', 'm%d')`, gidB,
					n)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.store.DB().ExecContext(t.Context(),
			`UPDATE customers SET shopify_customer_gid = ''`); err != nil {
			t.Fatal(err)
		}
		e.must(e.Redact(t.Context(), "w-1", gidB, ""))
		e.hours(71)
		e.want(8, privacy.ReasonAnnounced, "erasure.announced")
		e.hours(1)
		e.want(0, privacy.ReasonErased)
	})
}
