package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"pointbridge/test/expect"
)

// clock stands still until it is moved.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) After(time.Duration) <-chan time.Time { return nil }

// shelf is a book that holds numbers only: which ids wait, and which were sealed when.
type shelf struct {
	wait   []int64
	head   Head
	floor  int64
	asked  []time.Time
	afters []int64
	err    error
}

func (s *shelf) SealedBefore(_ context.Context, at time.Time) (int64, error) {
	s.asked = append(s.asked, at)
	return s.floor, s.err
}

func (s *shelf) Seal(_ context.Context, after int64, limit int) (last int64, sealed int, err error) {
	s.afters = append(s.afters, after)
	s.wait = slices.DeleteFunc(s.wait, func(id int64) bool {
		if id <= after || sealed == limit {
			return false
		}
		last, sealed = id, sealed+1
		s.head = s.head.Seal(Row{ID: id})
		return true
	})
	return last, sealed, s.err
}

func (s *shelf) Tip(context.Context) (Tip, error) { return Tip{Head: s.head}, s.err }

func TestSealerWorksUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	book := &shelf{}
	for id := range int64(2*Batch + 3) {
		book.wait = append(book.wait, id+1)
	}
	s := &Sealer{Store: book, Clock: c, Logger: slog.New(slog.NewJSONHandler(&log, nil))}
	if err := s.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(book.wait) != 0 || !slices.Equal(book.afters, []int64{0, Batch, 2 * Batch, 0}) ||
		!book.asked[0].Equal(c.now.Add(-time.Minute)) {
		t.Fatalf("%d wait, asked after %v at %v", len(book.wait), book.afters, book.asked)
	}
	var line map[string]any
	expect.MustEqual(t, "json.Unmarshal(log.Bytes(), &line)", json.Unmarshal(log.Bytes(), &line), nil)
	expect.MustEqual[any](t, `line["hash"]`, line["hash"], book.head.Hash.String(), line)
	expect.MustEqual[any](t, `line["seq"]`, line["seq"], float64(book.head.Seq), line)
	expect.MustEqual(t, `line["level"]`, line["level"], "INFO", line)
	expect.MustEqual(t, "len(line)", len(line), 6, line)

	// Until the hour is over it looks only where it has to, and tells the head only when it has moved.
	log.Reset()
	if err := s.Seal(t.Context()); err != nil || log.Len() != 0 {
		t.Fatalf("%v, log %s", err, log.String())
	}
	book.floor, book.afters, book.wait = 900, nil, []int64{5, 2000}
	c.now = c.now.Add(59 * time.Minute)
	if err := s.Seal(t.Context()); err != nil || bytes.Count(log.Bytes(), []byte(book.head.Hash.String())) != 1 ||
		!slices.Equal(book.afters, []int64{900}) || !slices.Equal(book.wait, []int64{5}) {
		t.Fatalf("%v, asked after %v, %v wait, log %s", err, book.afters, book.wait, log.String())
	}
	log.Reset()
	c.now = c.now.Add(time.Minute)
	if err := s.Seal(t.Context()); err != nil || log.Len() == 0 || len(book.wait) != 0 {
		t.Fatalf("%v, %v wait, log %s", err, book.wait, log.String())
	}
}

func TestSealerStops(t *testing.T) {
	t.Parallel()
	broken := errors.New("no database")
	book := &shelf{err: broken}
	s := &Sealer{Store: book, Clock: &clock{time.Unix(1e9, 0)}, Logger: slog.New(slog.DiscardHandler)}
	if err := s.Seal(t.Context()); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	book.err = nil
	for id := range int64(3 * Batch) {
		book.wait = append(book.wait, id+1)
	}
	if err := s.Seal(ctx); !errors.Is(err, context.Canceled) || len(book.wait) < Batch {
		t.Fatalf("it went on when it was to stop: %v, %d wait", err, len(book.wait))
	}
}

// outlet takes heads unless it is broken.
type outlet struct {
	heads  []Head
	broken error
}

func (o *outlet) Ship(_ context.Context, t Tip) error {
	if o.broken == nil {
		o.heads = append(o.heads, t.Head)
	}
	return o.broken
}

func TestHeadsAreShippedAsTheyAreMade(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	book, good, bad := &shelf{}, &outlet{}, &outlet{broken: errors.New("the disk is full")}
	s := &Sealer{Store: book, Clock: c, Logger: slog.New(slog.DiscardHandler), Outlets: []Outlet{bad, good}}
	round := func(fails bool, heads int, ids ...int64) {
		t.Helper()
		book.wait = append(book.wait, ids...)
		if err := s.Seal(t.Context()); (err != nil) != fails || len(good.heads) != heads {
			t.Fatalf("%v; %d heads were shipped, want %d", err, len(good.heads), heads)
		}
	}
	round(false, 0)   // nothing is sealed, so there is no head
	round(true, 1, 1) // one outlet fails, the other one has it
	bad.broken = nil
	round(false, 2) // the failed one gets it in the next round, although nothing was sealed
	if len(bad.heads) != 1 || bad.heads[0] != book.head {
		t.Fatalf("the failed outlet has %v, want %v", bad.heads, book.head)
	}
	round(false, 2)
	round(false, 3, 2, 3)
	if good.heads[2] != book.head || book.head.Seq != 3 {
		t.Fatalf("shipped %v, the head is %v", good.heads[2], book.head)
	}
}
