package smaregi_test

import (
	"context"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/pos/smaregi"
	"pointbridge/integrations/sim"
	simsmaregi "pointbridge/integrations/sim/smaregi"
	"pointbridge/test/expect"
)

// simulated is the client with a simulated Smaregi, in which Taro has 1250 points until the end of March.
func simulated(t *testing.T, change ...func(*simsmaregi.Config)) (*smaregi.Client, *simsmaregi.Server, *sim.Faults,
	*moving) {
	t.Helper()
	faults, dial := &sim.Faults{}, &moving{at: now}
	cfg := simsmaregi.Config{Account: account, ClientID: "app", ClientSecret: "hidden", Clock: dial.Now, Faults: faults}
	for _, c := range change {
		c(&cfg)
	}
	server, err := simsmaregi.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server.AddMember(simsmaregi.Member{ID: taro, Code: "C-70934", Points: 1250, ExpireOn: "2027-03-31"})
	return client(t, server, func(c *smaregi.Config) { c.Clock = dial.Now }), server, faults, dial
}

// brief is a context with time for a question to be on its way, and an end where no answer comes.
func brief(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), longEnough)
	t.Cleanup(cancel)
	return ctx
}

func rests(t *testing.T, s *simsmaregi.Server, points int64, transactions int) {
	t.Helper()
	got, _ := s.Balance(taro)
	expect.Equal(t, "the balance", got, points)
	expect.Equal(t, "transactions", len(s.Transactions()), transactions)
}

func TestSimulator_TakeListGiveBack(t *testing.T) {
	t.Parallel()
	c, s, _, dial := simulated(t)
	before, err := c.Balance(t.Context(), taro)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "before", before.Points, 1250)
	took, err := c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "*took.Balance", *took.Balance, 750)
	expect.Equal(t, "took.PointsExpireOn", took.PointsExpireOn, "2027-03-31")
	dial.pass(time.Second)
	s.Sell(taro, 10, 200)
	dial.pass(time.Second)
	back, err := c.Add(t.Context(), giveBack(took.PointsExpireOn))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "*back.Balance", *back.Balance, 1060)
	list, err := c.Entries(t.Context(), taro, now, dial.Now())
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "the number of entries", len(list), 3)
	expect.Equal(t, "the deduction is found under its id", list[0].ID, took.ID)
	expect.Equal(t, "the credit is found under its id", list[2].ID, back.ID)
	sum := before.Points
	for _, e := range list {
		sum += e.Points
	}
	expect.Equal(t, "the balance before and all entries since", sum, 1060)
	rests(t, s, 1060, 3)
}

// Whatever happens to an answer after the change was booked, the change is unknown, and booked once.
func TestSimulator_LostAnswers(t *testing.T) {
	t.Parallel()
	for mode, booked := range map[sim.Mode]int{sim.LoseAnswer: 1, sim.BrokenAnswer: 1, sim.HangAfter: 1,
		sim.StatusAfter: 1, sim.InternalAfter: 1, sim.DropBefore: 0, sim.Hang: 0, sim.Status: 0, sim.Internal: 0} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			c, s, faults, _ := simulated(t)
			if _, err := c.Balance(t.Context(), taro); err != nil { // a token, and a connection that can be used again
				t.Fatal(err)
			}
			faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode})
			ctx := t.Context()
			if mode == sim.Hang || mode == sim.HangAfter {
				ctx = brief(t)
			}
			_, err := c.Deduct(ctx, take())
			expect.MustThat(t, "err != nil", err != nil)
			expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
			rests(t, s, int64(1250-500*booked), booked)
			list, err := c.Entries(t.Context(), taro, now.Add(-time.Minute), now.Add(time.Minute))
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "entries", len(list), booked)
		})
	}
}

// What Smaregi says no to was not booked.
func TestSimulator_Refusals(t *testing.T) {
	t.Parallel()
	c, s, faults, _ := simulated(t)
	m := take()
	m.Points = 1300
	_, err := c.Deduct(t.Context(), m)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), domain.ReasonInsufficientPoints, err)
	expect.MustThat(t, "the balance to be told", domain.BalanceOf(err) != nil)
	expect.Equal(t, "the balance", *domain.BalanceOf(err), 1250)
	faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.Refuse, Reason: "会員が休止中です。"})
	_, err = c.Deduct(t.Context(), take())
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindRefused, err)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), "bad_request", err)
	m = take()
	m.CustomerID = "1"
	_, err = c.Deduct(t.Context(), m)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), domain.ReasonCustomerNotFound, err)
	faults.Add(sim.Rule{Act: "pos.add", Mode: sim.Throttle, RetryAfter: "Sat, 21 Nov 2026 01:02:33 GMT"})
	_, err = c.Add(t.Context(), giveBack(""))
	expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindThrottled, err)
	expect.Equal(t, "Retry-After", domain.RetryAfterOf(err), 30*time.Second)
	rests(t, s, 1250, 0)
}

// Revoked and expired tokens are renewed on the way, and the change is booked once.
func TestSimulator_Tokens(t *testing.T) {
	t.Parallel()
	c, s, _, dial := simulated(t)
	_, err := c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	s.RevokeTokens()
	_, err = c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	dial.pass(2 * time.Hour)
	_, err = c.Add(t.Context(), giveBack(""))
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "requests for a token", s.Requests()["pos.token"], 3)
	rests(t, s, 750, 3)
}

// Points come back with the day that they had, or with the member's own where that is later; never with an earlier one.
// Points whose day is over come back by a person's decision alone.
func TestSimulator_DaysOfExpiry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spent     int64  // after the 500 were taken
		day       string // the member's, written by a sale since then
		later     time.Duration
		want      string
		points    int64
		refusal   string
		unnoticed bool // the day of the points taken is not known
	}{
		"nothing happened":           {day: "2027-03-31", want: "2027-03-31", points: 1250},
		"a sale made it later":       {day: "2027-11-21", want: "2027-11-21", points: 1250},
		"somebody made it earlier":   {day: "2026-12-31", want: "2027-03-31", points: 1250},
		"a shop that gave expiry up": {day: "", want: "", points: 1250},
		"that, and nothing is left":  {spent: 750, day: "", want: "2027-03-31", points: 500},
		"the others expired": {
			day: "2026-12-31", later: 60 * 24 * time.Hour, want: "2027-03-31", points: 500,
		},
		"all would have expired": {
			day: "2027-03-31", later: 200 * 24 * time.Hour, refusal: "points_expired",
		},
		"they would have, but a sale came": {
			day: "2027-11-21", later: 200 * 24 * time.Hour, want: "2027-11-21", points: 1250,
		},
		"on the last day": {
			day: "2027-03-31", later: 130 * 24 * time.Hour, refusal: "points_expired",
		},
		"not known, and the member's is good": {
			day: "2027-02-28", want: "2027-02-28", points: 1250, unnoticed: true,
		},
		"not known, and the member's is over": {
			day: "2026-12-31", later: 60 * 24 * time.Hour, refusal: "points_expired", unnoticed: true,
		},
		"nothing left, the day is good, not known": {
			spent: 750, day: "2027-02-28", want: "2027-02-28", points: 500, unnoticed: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl, s, _, dial := simulated(t)
			took, err := cl.Deduct(t.Context(), take())
			expect.MustEqual(t, "err", err, nil)
			if c.spent > 0 {
				s.Sell(taro, 0, c.spent)
			}
			s.Change(taro, func(m *simsmaregi.Member) { m.ExpireOn = c.day })
			dial.pass(c.later)
			back := giveBack(took.PointsExpireOn)
			if c.unnoticed {
				back.PointsExpireOn = ""
			}
			e, err := cl.Add(t.Context(), back)
			m, _ := s.Member(taro)
			if c.refusal != "" {
				expect.Equal(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindRefused, err)
				expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), c.refusal, err)
				expect.Equal(t, "credits that were sent", s.Requests()["pos.add"], 0)
				return
			}
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "the member's day", m.ExpireOn, c.want)
			expect.Equal(t, "e.PointsExpireOn", e.PointsExpireOn, c.want)
			expect.Equal(t, "the balance", m.Points, c.points)
		})
	}
}

// The client stays below the limits of a Smaregi that holds to them.
func TestSimulator_LimitsAreNeverHit(t *testing.T) {
	t.Parallel()
	c, s, _, dial := simulated(t, func(c *simsmaregi.Config) { c.ReadsPerSecond, c.WritesPerSecond = 50, 20 })
	for range 30 {
		_, _ = c.Balance(hurried(t), taro)
		_, _ = c.Deduct(hurried(t), take())
		dial.pass(30 * time.Millisecond)
	}
	expect.Equal(t, "answers of 429", s.Refused()[429], 0)
}

// What is listed late is not missed for ever: the entry is there once Smaregi lists it.
func TestSimulator_LateHistory(t *testing.T) {
	t.Parallel()
	c, _, _, dial := simulated(t, func(c *simsmaregi.Config) { c.HistoryLag = time.Minute; c.MostRows = 1 })
	_, err := c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	for want := range 2 {
		list, err := c.Entries(t.Context(), taro, now, dial.Now())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "entries", len(list), want)
		dial.pass(time.Minute)
	}
}

// A member whose code was changed has the same transactions under the new one.
func TestSimulator_ChangedCode(t *testing.T) {
	t.Parallel()
	c, s, _, _ := simulated(t)
	_, err := c.Deduct(t.Context(), take())
	expect.MustEqual(t, "err", err, nil)
	s.Change(taro, func(m *simsmaregi.Member) { m.Code = "NEW 1" })
	list, err := c.Entries(t.Context(), taro, now, now)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "entries", len(list), 1)
	s.Change(taro, func(m *simsmaregi.Member) { m.Code = "" })
	_, err = c.Entries(t.Context(), taro, now, now)
	expect.Equal(t, "domain.ReasonOf(err)", domain.ReasonOf(err), domain.ReasonAmbiguous, err)
}
