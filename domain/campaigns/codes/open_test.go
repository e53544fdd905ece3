package codes

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
	"pointbridge/test/expect"
)

// earlierBatch is what one request made.
type earlierBatch struct {
	Batches
	b Batch
}

func (e earlierBatch) OfRequest(context.Context, string, string) (Batch, error) { return e.b, nil }

// TestARepeatedListIsTheSameBatch, also one that was asked for before digests of lists had a key; and the digest of a list
// says nothing of whom it names to somebody who guesses.
func TestARepeatedListIsTheSameBatch(t *testing.T) {
	t.Parallel()
	a := Asked{Key: "k1", Campaign: "summer", CSV: "email\ntaro@example.com\n"}
	keyed := domain.Meanings{[]byte("a key of 32 bytes, or thereabouts")}
	for what, stored := range map[string]string{"with a key": keyed.Of(a.meaning(Bound)),
		"before there was one": domain.Meanings(nil).Of(a.meaning(Bound))} {
		s := &Service{Meanings: keyed, Batches: earlierBatch{b: Batch{PublicID: "bat_1", RequestHash: stored}}}
		b, replayed, err := s.Make(t.Context(), a)
		expect.Equal(t, "err", err, nil, what)
		expect.Equal(t, "replayed", replayed && b.PublicID == "bat_1", true, what)
		other := a
		other.CSV = "email\njiro@example.com\n"
		_, _, err = s.Make(t.Context(), other)
		expect.Equal(t, "another list", domain.CodeOf(err), domain.CodeKeyReused, what)
	}
	expect.That(t, "the digest can be guessed", keyed.Of(a.meaning(Bound)) != domain.Meanings(nil).Of(a.meaning(Bound)))
}

// unforeseen is a database whose due batches cannot be read without a panic.
type unforeseen struct {
	Batches
	Shelf
}

func (unforeseen) Due(context.Context, time.Time, int) ([]int64, error) { return []int64{1, 2}, nil }

func (unforeseen) Stale(context.Context, time.Time, time.Time, int) ([]int64, error) { return nil, nil }

func (unforeseen) Sweepable(context.Context, time.Time, time.Time, int) ([]Batch, error) {
	return nil, nil
}

func TestAPanicInOneBatchEndsTheRoundAlone(t *testing.T) {
	t.Parallel()
	s := &Service{Batches: unforeseen{}, Shelf: unforeseen{}, Clock: &stopped{}, Logger: slog.New(slog.DiscardHandler)}
	var fault *beside.Panic
	err := s.Work(t.Context())
	expect.That(t, "the panic is an error", errors.As(err, &fault), err)
}

// sweeping is a database with one batch whose time is over, and the shop that has its discount.
type sweeping struct {
	Batches
	Shelf
	Shop
	Bulk
	b       Batch
	known   int
	found   Found
	deleted []string
}

func (s *sweeping) Commit(_ context.Context, c Change) (Batch, error) {
	s.b = c.Batch
	return s.b, nil
}

func (s *sweeping) Sweepable(_ context.Context, now, _ time.Time, _ int) ([]Batch, error) {
	if s.b.SweepAt.After(now) {
		return nil, nil
	}
	return []Batch{s.b}, nil
}

func (s *sweeping) UsesOf(context.Context, int64) (int, error) { return s.known, nil }

func (s *sweeping) ReadCampaignDiscount(context.Context, string) (Found, error) { return s.found, nil }

func (s *sweeping) DeleteDiscounts(_ context.Context, ids []string) (string, error) {
	s.deleted = append(s.deleted, ids...)
	return "job", nil
}

type stopped struct{ now time.Time }

func (c *stopped) Now() time.Time { return c.now }

func (c *stopped) After(time.Duration) <-chan time.Time { return nil }

// TestADiscountStaysUntilItsOrdersAreKnown: as long as the shop counts more uses of its codes than orders have come to
// light, and one of them can still come, it is looked at again each day.
// covers: 002-23, 002-24
func TestADiscountStaysUntilItsOrdersAreKnown(t *testing.T) {
	t.Parallel()
	ends := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, comes := range []bool{true, false} {
		swept := ends.AddDate(0, 0, 7)
		w := &sweeping{b: Batch{ID: 1, DiscountID: "gid://1", Shop: ShopOff, EndsAt: &ends, SweepAt: &swept}, known: 2,
			found: Found{ID: "gid://1", Status: "EXPIRED", Uses: 3}}
		clock := &stopped{swept}
		s := &Service{Batches: w, Shelf: w, Shop: w, Bulk: w, Clock: clock, Logger: slog.New(slog.DiscardHandler)}
		expect.MustEqual(t, "err", s.Sweep(t.Context()), nil)
		expect.Equal(t, "left for a day", w.b.SweepAt.Equal(swept.AddDate(0, 0, 1)) && w.b.Shop == ShopOff, true)
		if comes {
			w.known = 3
			clock.now = swept.AddDate(0, 0, 1)
		} else {
			clock.now = ends.Add(lateOrders)
		}
		expect.Equal(t, "removed before", len(w.deleted), 0)
		expect.MustEqual(t, "err", s.Sweep(t.Context()), nil)
		expect.Equal(t, "removed", w.deleted, []string{"gid://1"})
	}
}
