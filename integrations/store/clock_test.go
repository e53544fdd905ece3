package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// machine is one with a clock of its own, which shows the world's time but for by; it can be away from the database.
type machine struct {
	*store.Clock
	world *couponstest.World
	waits domain.Clock
	by    time.Duration
	away  error
}

func newMachine(w *couponstest.World) *machine {
	m, began := &machine{world: w}, w.Clock.Now()
	m.Clock = store.NewClock(
		func(context.Context) (time.Time, error) { return w.Clock.Now(), m.away },
		func() (time.Time, time.Duration) {
			return w.Clock.Now().Add(m.by), w.Clock.Now().Sub(began)
		})
	return m
}

func (m *machine) After(d time.Duration) <-chan time.Time { return m.waits.After(d) }

func (m *machine) service() *coupons.Service {
	s := m.world.Service(nil)
	m.waits = s.Clock
	s.Clock, s.Listen = m, m.Listen
	return s
}

// TestAMachineWhoseClockIsAheadTakesNothingOver: while a credit is on its way to a POS that recognises no key, another
// machine looks at the coupon whose clock is two minutes ahead, or is put forward just then. The points go back once.
// covers: 004-57
func TestAMachineWhoseClockIsAheadTakesNothingOver(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]func(m *machine){
		"ahead from the start": func(m *machine) { m.by = 2 * time.Minute },
		"put forward just now": func(m *machine) { _ = m.Listen(t.Context()); m.by = time.Hour },
		"behind":               func(m *machine) { m.by = -2 * time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, code := couponstest.WithCoupon(t, func(w *couponstest.World) {
				w.Promise(coupons.Capabilities{Lookup: coupons.LookupExact})
			})
			first, other := newMachine(w), newMachine(w)
			expect.MustEqual(t, "the first machine hears the time", first.Listen(t.Context()), nil)
			looked := false
			w.Out.OnAct = func(act string) {
				if act == "add" && !looked {
					looked = true
					ahead(other)
					if err := other.service().Advance(t.Context(), 1); !errors.Is(err, domain.ErrConflict) {
						t.Errorf("who looks meanwhile hears %v", err)
					}
				}
			}
			s := first.service()
			couponstest.Cancel(s, t, code)
			w.Drain(s)
			w.Rest(s)
			expect.Equal(t, "credits", w.Out.Times(domain.GiveBackReference(code)), 1, w.Out.Entries)
			w.Balanced()
		})
	}
}

// TestAClockThatIsAsked: between two answers the time goes on however the machine's clock is put back, a sleep counts,
// and an answer changes no more than it proves.
func TestAClockThatIsAsked(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	wall, running, said := noon.Add(time.Hour), time.Duration(0), noon
	var lost error
	c := store.NewClock(func(context.Context) (time.Time, error) {
		running += time.Second
		return said, lost
	}, func() (time.Time, time.Duration) { return wall, running })
	shows := func(what string, want time.Time) {
		t.Helper()
		if got := c.Now(); !got.Equal(want) {
			t.Errorf("%s: it shows %s, want %s", what, got, want)
		}
	}
	listen := func() {
		t.Helper()
		if err := c.Listen(t.Context()); !errors.Is(err, lost) {
			t.Fatal(err)
		}
	}
	shows("before the first answer", wall)
	listen()
	shows("after it", noon)
	running += time.Minute
	wall = wall.Add(time.Minute - time.Hour)
	shows("the machine's was put back", noon.Add(time.Minute))
	wall = wall.Add(3 * time.Hour)
	shows("the machine slept", noon.Add(2*time.Hour+time.Minute))
	said, lost = noon.Add(5*time.Hour), errors.New("away")
	listen()
	shows("no answer came", noon.Add(2*time.Hour+time.Minute))
	lost = nil
	listen()
	shows("the database's is ahead", noon.Add(5*time.Hour))
	said = noon.Add(5*time.Hour + 500*time.Millisecond)
	listen()
	shows("an answer that could be of now", noon.Add(5*time.Hour+time.Second))
	said = noon
	listen()
	shows("the database's was put back", noon.Add(time.Second))
}

// TestTheDatabaseTellsTheTime: both databases are asked, and one that cannot be has said nothing.
func TestTheDatabaseTellsTheTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, _ := described(t, db.URL)
		c := s.Clock()
		expect.Equal(t, "the answer", c.Listen(t.Context()), nil)
		if now := c.Now(); now.Location() != time.UTC || !now.Equal(now.Truncate(time.Microsecond)) {
			t.Errorf("the time is %s", now)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if err := c.Listen(ended); db.Dialect == "postgres" && err == nil {
			t.Error("a question that was given up has an answer")
		}
	})
}
