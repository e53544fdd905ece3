// Package postest holds the client of a POS, together with a simulator of that POS, to what the saga relies on: the
// conformance suite of domain/poscheck, and beyond it what only a simulator can be made to do.
//
//	postest.Run(t, func(t *testing.T, front postest.Front) postest.Till {
//		server := httptest.NewServer(front(simulator))
//		…
//		return postest.Till{Ledger: client, Capabilities: client.Capabilities(), …}
//	})
package postest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/poscheck"
)

// Front is put before the simulator's handler: it passes requests on, and spoils answers.
type Front func(http.Handler) http.Handler

// Till is a simulated POS and the client that talks to it.
type Till struct {
	Ledger coupons.Ledger
	// History is nil unless the POS's look-up is coupons.LookupAmount.
	History      coupons.History
	Capabilities coupons.Capabilities
	// Member has 3 to 100 points, Other any; Nobody is an id in the POS's form that no member has.
	Member, Other, Nobody string
	// Points reads a member's points in the simulator itself, past the client.
	Points func(member string) int64
	// Moves tells the requests that book points, Finds those that look entries up or list them, Reads those that ask for
	// a balance. The others (for a token, for an account) are left alone.
	Moves, Finds, Reads func(*http.Request) bool
	// Twists are answers that are well formed and not true.
	Twists []Twist
	// Now is the simulator's and the client's clock; time.Now when nil.
	Now func() time.Time
}

// Of says which answers a twist changes.
type Of int

// The answers: to a movement, to a look-up or a list of entries, to a question for the balance.
const (
	Move Of = iota
	Look
	Read
)

// Twist changes an answer into one that must not be believed: another member's entry, a fraction, another sign or
// amount, yesterday's date where the date is all there is.
type Twist struct {
	Name string
	Of   Of
	// Change gets the answer to a movement of one point, or to a question after it.
	Change func(body []byte) []byte
}

// Open makes a fresh simulator behind the front, and a client.
type Open func(t *testing.T, front Front) Till

// bed is a till and the front before it.
type bed struct {
	Till
	front *front
}

func (open Open) bed(t *testing.T) bed {
	t.Helper()
	f := &front{}
	b := bed{open(t, f.wrap), f}
	if b.Now == nil {
		b.Now = time.Now
	}
	if start := b.Points(b.Member); start < poscheck.LeastPoints || start > poscheck.MostPoints {
		t.Fatalf("the member has %d points; the suite takes %d to %d", start, poscheck.LeastPoints, poscheck.MostPoints)
	}
	return b
}

// Run makes every test that a POS has to pass.
func Run(t *testing.T, open Open) {
	t.Helper()
	t.Run("the suite finds what is promised, and leaves the balance as it was", func(t *testing.T) {
		t.Parallel()
		conforms(t, open)
	})
	t.Run("without a member the suite moves nothing", func(t *testing.T) {
		t.Parallel()
		readsOnly(t, open)
	})
	t.Run("wherever the POS breaks off, the suite says exactly what is owed", func(t *testing.T) {
		t.Parallel()
		breaksOff(t, open)
	})
	t.Run("a spoilt answer leaves a movement unknown, and it is settled as promised", func(t *testing.T) {
		t.Parallel()
		spoiltAnswers(t, open)
	})
	t.Run("a POS that asks to wait has booked nothing", func(t *testing.T) {
		t.Parallel()
		asksToWait(t, open)
	})
	t.Run("an answer that is not true is not believed", func(t *testing.T) {
		t.Parallel()
		untrue(t, open)
	})
}

// clock is the till's, on which no waiting takes time.
type clock struct{ now func() time.Time }

func (c clock) Now() time.Time { return c.now() }

func (c clock) After(time.Duration) <-chan time.Time {
	done := make(chan time.Time, 1)
	done <- c.now()
	return done
}

func (b bed) suite(member string) poscheck.Suite {
	return poscheck.Suite{Ledger: b.Ledger, History: b.History, Promised: b.Capabilities, Member: member,
		Nobody: b.Nobody, Clock: clock{b.Now}}
}

// take and give are movements as the saga makes them.
func (b bed) take() domain.Movement {
	return domain.Movement{Kind: domain.Take, State: domain.MovementOpen, CustomerID: b.Member, Points: 1,
		Reference: "COUPON-70934-AB72CD-1", Key: "7c1f6d7e-3f4b-4c1e-9a55-0d9d6f3b2a10", Reason: domain.ReasonTake,
		CreatedAt: b.Now()}
}

func (b bed) give() domain.Movement {
	return domain.Movement{Kind: domain.GiveBack, State: domain.MovementOpen, CustomerID: b.Member, Points: 1,
		Reference: "CANCEL-70934-AB72CD-1", RelatedReference: "COUPON-70934-AB72CD-1",
		Key: "7c1f6d7e-3f4b-4c1e-9a55-0d9d6f3b2a11", Reason: domain.ReasonGiveBack, CreatedAt: b.Now()}
}

func (b bed) send(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	if m.Kind == domain.Take {
		return b.Ledger.Deduct(ctx, m)
	}
	return b.Ledger.Add(ctx, m)
}

func signed(m domain.Movement) int64 {
	if m.Kind == domain.Take {
		return -m.Points
	}
	return m.Points
}
