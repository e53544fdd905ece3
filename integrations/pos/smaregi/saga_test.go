package smaregi_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/integrations/sim"
	simsmaregi "pointbridge/integrations/sim/smaregi"
	"pointbridge/test/expect"
)

// shop is the saga over a simulated Smaregi: the world's own database, Shopify and clock, and this POS.
type shop struct {
	*couponstest.World
	t      *testing.T
	till   *simsmaregi.Server
	faults *sim.Faults
	saga   *coupons.Service
}

const lastDay = "2027-03-31"

func openShop(t *testing.T) shop {
	t.Helper()
	w := couponstest.NewWorld(t)
	s := shop{World: w, t: t, faults: &sim.Faults{}}
	var err error
	s.till, err = simsmaregi.New(simsmaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden",
		Clock: w.Clock.Now, Faults: s.faults})
	if err != nil {
		t.Fatal(err)
	}
	s.till.AddMember(simsmaregi.Member{ID: taro, Code: "C-70934", Points: 1250, ExpireOn: lastDay})
	c := client(t, s.till, func(cfg *smaregi.Config) { cfg.Clock = w.Clock.Now })
	w.Promise(c.Capabilities())
	p := w.Whole()
	p.Ledger, p.Past = c, c
	s.saga = w.Service(&p)
	w.Out.PaidFor = func() bool { return s.moves("7") > len(w.Out.Codes) }
	return s
}

// convert turns 500 points into a coupon and lets everything come to rest.
func (s shop) convert(key string) {
	s.t.Helper()
	if _, err := s.saga.Convert(s.t.Context(), couponstest.Conversion(500, key)); err != nil {
		s.t.Log(err)
	}
	s.rest()
}

func (s shop) rest() {
	s.t.Helper()
	s.Drain(s.saga)
	s.Rest(s.saga)
}

// moves are the points that the till's book says of a kind of transaction.
func (s shop) moves(division string) (n int) {
	for _, e := range s.till.Transactions() {
		if e.Division == division {
			n++
		}
	}
	return n
}

// stands expects how a coupon ended, how often points were taken and given through the API or by hand, and what is
// left.
func (s shop) stands(status domain.Status, taken, given int, points int64) domain.Coupon {
	s.t.Helper()
	c := s.DB.Coupons[0]
	expect.Equal(s.t, "the coupon", c.Status, status)
	expect.Equal(s.t, "times taken", s.moves("7"), taken)
	expect.Equal(s.t, "times given", s.moves("6"), given)
	got, _ := s.till.Balance(taro)
	expect.Equal(s.t, "points", got, points)
	return c
}

// asked expects that a person is asked, once, or not at all.
func (s shop) asked(times int) {
	s.t.Helper()
	open := 0
	for _, r := range s.DB.Reviews {
		if r.Open && r.Kind == reviews.Unsettled {
			open++
			expect.That(s.t, "what was found to be shown", r.Evidence != nil, r)
		}
	}
	expect.Equal(s.t, "questions to a person", open, times)
}

// once does something when an act begins or ends for the first time.
func (s shop) once(act string, at sim.Phase, do func()) {
	done := false
	s.faults.OnAct(func(name string, phase sim.Phase) {
		if name == act && phase == at && !done {
			done = true
			do()
		}
	})
}

// Whether the answer was lost before or after the points were taken: they are taken once, and the coupon is there.
func TestSaga_ALostAnswerIsFoundOut(t *testing.T) {
	t.Parallel()
	for _, mode := range []sim.Mode{sim.LoseAnswer, sim.StatusAfter, sim.BrokenAnswer, sim.DropBefore, sim.Status} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode})
			s.convert("k1")
			s.stands(domain.Active, 1, 0, 750)
			s.asked(0)
			m := s.DB.Movements[0]
			expect.Equal(t, "the entry", m.EntryID, "1001")
			expect.Equal(t, "the day of the points", m.PointsExpireOn, lastDay)
		})
	}
}

// What happens at the till in the meantime, while our answer is lost before or after booking.
func TestSaga_TheTillGoesOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode         sim.Mode
		till         func(*simsmaregi.Server)
		status       domain.Status
		taken, given int
		points       int64
		asked        int
	}{
		"somebody buys and earns points": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.Sell(taro, 30, 0) }, domain.Active, 1, 0, 780, 0},
		"somebody pays with as many points, ours is booked": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.Sell(taro, 0, 500) }, domain.Active, 1, 0, 250, 0},
		"somebody pays with as many points, ours is not booked": {sim.Status,
			func(s *simsmaregi.Server) { s.Sell(taro, 0, 500) }, domain.Active, 1, 0, 250, 0},
		"a clerk takes other points": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.ByHand(taro, -100) }, domain.Active, 2, 0, 650, 0},
		"a clerk gives as many back": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.ByHand(taro, 500) }, domain.Active, 1, 1, 1250, 0},
		"a clerk takes as many, ours is booked: two entries": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.ByHand(taro, -500) }, domain.Pending, 2, 0, 250, 1},
		"a clerk takes as many, ours is not booked: one entry": {sim.Status,
			func(s *simsmaregi.Server) { s.ByHand(taro, -500) }, domain.Active, 1, 0, 750, 0},
		"a clerk writes another balance": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.Change(taro, func(m *simsmaregi.Member) { m.Points = 4 }) }, domain.Pending, 1, 0, 4, 1},
		"the member's code is taken away": {sim.LoseAnswer,
			func(s *simsmaregi.Server) { s.Change(taro, func(m *simsmaregi.Member) { m.Code = "" }) }, domain.Pending, 1, 0, 750, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openShop(t)
			s.faults.Add(sim.Rule{Act: "pos.deduct", Mode: c.mode})
			at := sim.After
			if c.mode == sim.Status {
				at = sim.Before
			}
			s.once("pos.deduct", at, func() { c.till(s.till) })
			s.convert("k1")
			s.stands(c.status, c.taken, c.given, c.points)
			if name != "the member's code is taken away" {
				s.asked(c.asked)
				return
			}
			expect.MustEqual(t, "questions to a person", len(s.DB.Reviews), 1)
		})
	}
}

// A second conversion of the same amount is not mistaken for the first, nor the other way round.
func TestSaga_EqualConversions(t *testing.T) {
	t.Parallel()
	for _, mode := range []sim.Mode{sim.LoseAnswer, sim.DropBefore} {
		s := openShop(t)
		s.convert("k1")
		s.faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode})
		s.convert("k2")
		s.stands(domain.Active, 2, 0, 250)
		expect.Equal(t, "the second coupon", s.Last().Status, domain.Active)
		expect.Equal(t, "entries", fmt.Sprint(s.DB.Movements[0].EntryID, s.DB.Movements[1].EntryID), "10011002")
		s.asked(0)
	}
}

// Points that are not there any more are not taken, and the conversion fails with every point in its place.
func TestSaga_PointsThatExpired(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.once("pos.deduct", sim.Before, func() {
		s.till.Change(taro, func(m *simsmaregi.Member) { m.ExpireOn = "2026-11-30" }) // yesterday
	})
	s.convert("k1")
	s.stands(domain.Failed, 0, 0, 0)
	s.asked(0)
}

// A cancelled coupon gives its points back once, with the day that they had, whatever becomes of the answer.
func TestSaga_PointsComeBackWithTheirDay(t *testing.T) {
	t.Parallel()
	for _, mode := range []sim.Mode{"", sim.LoseAnswer, sim.DropBefore} {
		for _, lostTake := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, taking was lost: %t", mode, lostTake), func(t *testing.T) {
				t.Parallel()
				s := openShop(t)
				if lostTake {
					s.faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer})
				}
				s.convert("k1")
				c := s.stands(domain.Active, 1, 0, 750)
				s.till.Change(taro, func(m *simsmaregi.Member) { m.ExpireOn = "2026-12-24" }) // by somebody's hand
				if mode != "" {
					s.faults.Add(sim.Rule{Act: "pos.add", Mode: mode})
				}
				couponstest.Cancel(s.saga, t, c.Code)
				s.rest()
				s.stands(domain.Cancelled, 1, 1, 1250)
				m, _ := s.till.Member(taro)
				expect.Equal(t, "the member's day", m.ExpireOn, lastDay)
				s.asked(0)
			})
		}
	}
}

// The points of a code that replaced another one were taken for the first: they come back with the day that they had
// then.
func TestSaga_PointsOfAReissuedCodeComeBackWithTheirDay(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.convert("k1")
	first := s.stands(domain.Active, 1, 0, 750)
	s.Out.PlaceOrder(first.Code)
	s.Told(s.saga, s.Out.Orders[0])
	s.Told(s.saga, s.Out.CancelOrder(0, "customer"))
	_, _, err := s.saga.Decide(t.Context(), couponstest.Decision(reviews.OutcomeReissue, "d1"))
	expect.MustEqual(t, "err", err, nil)
	s.Out.PaidFor = func() bool { return true } // by the points of the first
	s.rest()
	expect.MustEqual(t, "the second code", s.Last().Status, domain.Active)
	s.till.Change(taro, func(m *simsmaregi.Member) { m.ExpireOn = "2026-12-24" })
	couponstest.Cancel(s.saga, t, s.Last().Code)
	s.rest()
	expect.MustEqual(t, "the second code", s.Last().Status, domain.Cancelled)
	m, _ := s.till.Member(taro)
	expect.Equal(t, "points", m.Points, 1250)
	expect.Equal(t, "the member's day", m.ExpireOn, lastDay)
}

// Points whose day is over do not come back by themselves only to be gone at once: a person decides. Once somebody at
// the shop has written a new day they come back.
func TestSaga_PointsWhoseDayIsOver(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.convert("k1")
	c := s.stands(domain.Active, 1, 0, 750)
	s.Clock.Advance(150 * 24 * time.Hour)
	couponstest.Cancel(s.saga, t, c.Code)
	s.rest()
	s.stands(domain.Cancelling, 1, 0, 0)
	expect.MustEqual(t, "questions to a person", len(s.DB.Reviews), 1)
	s.till.Change(taro, func(m *simsmaregi.Member) { m.ExpireOn = "2027-12-31" })
	_, _, err := s.saga.Decide(context.Background(), coupons.Decision{Caller: couponstest.Manager(),
		ReviewID: s.DB.Reviews[0].ID, Outcome: reviews.OutcomeNotApplied, Key: "d1"})
	expect.MustEqual(t, "err", err, nil)
	s.rest()
	s.stands(domain.Cancelled, 1, 1, 500)
}
