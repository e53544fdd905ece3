package metafields_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/beside"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/metafields"
	"pointbridge/test/expect"
)

// crowd is many members' rows, and their metafields in the shop.
type crowd struct {
	t     *testing.T
	clock *couponstest.Clock
	mu    sync.Mutex
	rows  map[string]*row
	// The shop.
	fields map[string]string
	gone   map[string]bool
	// calls are how many metafields each call was about, in order of their sizes.
	calls  []int
	answer func(entries []metafields.Entry) error // what becomes of a call instead; after has it do its work first
	after  bool
	reads  int
	// Deaths.
	deaf bool // nothing is recorded: the process died after its call
}

type row struct {
	wanted, written int64
	digest          string
	claimed         time.Time
	list            []domain.Coupon
}

func newCrowd(t *testing.T, n int) *crowd {
	t.Helper()
	c := &crowd{t: t, clock: couponstest.NewClock(), rows: map[string]*row{}, fields: map[string]string{},
		gone: map[string]bool{}}
	for i := range n {
		c.rows[fmt.Sprintf("%04d", i)] = &row{}
		c.change(fmt.Sprintf("%04d", i))
	}
	return c
}

// change gives a member one more coupon.
func (c *crowd) change(id string) {
	r := c.rows[id]
	r.wanted++
	r.list = append([]domain.Coupon{{ID: r.wanted, Code: fmt.Sprintf("C%s-%d", id, r.wanted), CustomerID: id,
		Status: domain.Active, Points: 500, Amount: domain.Money{Minor: 500, Currency: "JPY"}, CreatedAt: c.clock.Now(),
		ExpiresAt: c.clock.Now().Add(1000 * time.Hour)}}, r.list...)
}

// changeAll gives each member one more.
func (c *crowd) changeAll() {
	for id := range c.rows {
		c.change(id)
	}
	c.calls, c.reads = nil, 0
}

// project is a process of its own each time.
func (c *crowd) project() error {
	s := &metafields.Service{Projections: c, Fields: c, Clock: c.clock, Observer: &world{},
		Logger: slog.New(slog.DiscardHandler)}
	err := s.Project(c.t.Context())
	slices.Sort(c.calls)
	return err
}

// shown are the members whose metafield says what it should.
func (c *crowd) shown() (n int) {
	c.t.Helper()
	for id, r := range c.rows {
		want, err := metafields.Value(r.list, c.clock.Now())
		expect.MustEqual(c.t, "err", err, nil)
		if metafields.Same([]byte(c.fields[gidOf(id)]), want) && r.written == r.wanted {
			n++
		}
	}
	return n
}

func gidOf(id string) string { return "gid://shopify/Customer/" + id }

func (c *crowd) ClaimProjections(_ context.Context, now, until time.Time, limit int) (list []metafields.Projection, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(c.rows)) {
		r := c.rows[id]
		if r.written >= r.wanted || now.Before(r.claimed) || len(list) == limit {
			continue
		}
		r.claimed = until
		list = append(list, metafields.Projection{CustomerID: id, CustomerGID: gidOf(id), Wanted: r.wanted, Digest: r.digest,
			Coupons: slices.Clone(r.list)})
	}
	return list, nil
}

func (c *crowd) SettleProjections(_ context.Context, until time.Time, list []metafields.Settled) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaf {
		return errors.New("the process is dead")
	}
	for _, one := range list {
		r := c.rows[one.CustomerID]
		expect.Equal(c.t, "the claim of "+one.CustomerID, r.claimed, until)
		r.written, r.digest, r.claimed = max(r.written, one.Written), one.Digest, one.After
	}
	return nil
}

func (c *crowd) WriteCoupons(_ context.Context, entries []metafields.Entry) (digests []string, refused map[int]string,
	err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, len(entries))
	if c.answer != nil && !c.after {
		if err := c.answer(entries); err != nil {
			return nil, nil, err
		}
	}
	refused = map[int]string{}
	for i, e := range entries {
		have := c.fields[e.CustomerGID]
		switch {
		case c.gone[e.CustomerGID]:
			refused[i] = domain.ReasonCustomerNotFound
		case digestOf(have) != e.Digest && have != string(e.Value):
			refused[i] = domain.ReasonStale
		}
		digests = append(digests, digestOf(string(e.Value)))
	}
	if len(refused) > 0 {
		return nil, refused, nil
	}
	for _, e := range entries {
		expect.That(c.t, "no older value over a newer one", len(c.fields[e.CustomerGID]) <= len(e.Value))
		c.fields[e.CustomerGID] = string(e.Value)
	}
	if c.answer != nil && c.after {
		if err := c.answer(entries); err != nil {
			return nil, nil, err
		}
	}
	return digests, nil, nil
}

func (c *crowd) ReadCoupons(_ context.Context, customerGID string) ([]byte, string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if c.gone[customerGID] {
		return nil, "", &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify",
			Reason: domain.ReasonCustomerNotFound}
	}
	return []byte(c.fields[customerGID]), digestOf(c.fields[customerGID]), nil
}

// covers: 004-21, H-10
func TestProjectorWritesTwentyFiveAtOnce(t *testing.T) {
	t.Parallel()
	for n, calls := range map[int][]int{1: {1}, 25: {25}, 26: {1, 25}, 100: {25, 25, 25, 25}, 110: {10, 25, 25, 25, 25}} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, n)
			expect.Equal(t, "err", c.project(), nil)
			expect.Equal(t, "calls", c.calls, calls)
			expect.Equal(t, "shown", c.shown(), n)
			expect.Equal(t, "reads", c.reads, 0)
			expect.Equal(t, "err", c.project(), nil)
			expect.Equal(t, "calls once nothing is behind", len(c.calls), len(calls))
		})
	}
}

// TestAPanicInOneCallCostsTheOthersNothing: it is an error, and its own metafields are written when their claim is over.
func TestAPanicInOneCallCostsTheOthersNothing(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, 60)
	c.answer = func(entries []metafields.Entry) error {
		if entries[0].CustomerGID == gidOf("0025") {
			panic("unforeseen")
		}
		return nil
	}
	var fault *beside.Panic
	expect.That(t, "the panic is an error", errors.As(c.project(), &fault))
	expect.Equal(t, "shown", c.shown(), 35)
	c.answer = nil
	c.clock.Advance(time.Minute)
	expect.Equal(t, "err", c.project(), nil)
	expect.Equal(t, "shown", c.shown(), 60)
}

// TestProjectorAfterADeath walks the rows of its table in docs/architecture.md that a death or a lost answer makes.
func TestProjectorAfterADeath(t *testing.T) {
	t.Parallel()
	died := errors.New("dead")
	unknown := &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "write_coupons"}
	for name, tc := range map[string]struct {
		answer      error
		after, deaf bool
		wait        time.Duration
		// calls and reads are those of the next process, where nothing and where everything changed meanwhile.
		calls, changed []int
		reads          int
	}{
		"before the call": {answer: died, deaf: true, wait: time.Minute, calls: []int{25}, changed: []int{25}},
		"after the call, and before what was written is recorded": {after: true, deaf: true, wait: time.Minute,
			calls: []int{25}, changed: []int{25, 25}, reads: 25},
		"the answer is lost, and it was written": {answer: unknown, after: true, wait: 5 * time.Second, calls: []int{25},
			changed: []int{25, 25}, reads: 25},
		"the answer is lost, and it was not written": {answer: unknown, wait: 5 * time.Second, calls: []int{25},
			changed: []int{25}},
	} {
		for _, changes := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, changed: %v", name, changes), func(t *testing.T) {
				t.Parallel()
				c := newCrowd(t, 25)
				c.answer, c.after, c.deaf = func([]metafields.Entry) error { return tc.answer }, tc.after, tc.deaf
				expect.That(t, "it fails", c.project() != nil)
				c.answer, c.after, c.deaf, c.calls = nil, false, false, nil
				if changes {
					c.changeAll()
				}
				c.clock.Advance(tc.wait - time.Second)
				expect.Equal(t, "err before its time", c.project(), nil)
				expect.Equal(t, "calls before its time", len(c.calls), 0)
				c.clock.Advance(time.Second)
				expect.Equal(t, "err", c.project(), nil)
				expect.Equal(t, "shown", c.shown(), 25)
				if changes {
					expect.Equal(t, "calls", c.calls, tc.changed)
					expect.Equal(t, "reads", c.reads, tc.reads)
				} else {
					expect.Equal(t, "calls", c.calls, tc.calls)
				}
			})
		}
	}
}

func TestProjectorWaitsAsLongAsTheShopAsks(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err  domain.UpstreamError
		wait time.Duration
	}{
		"throttled":                        {domain.UpstreamError{Kind: domain.KindThrottled, RetryAfter: 20 * time.Second}, 20 * time.Second},
		"throttled, not said for how long": {domain.UpstreamError{Kind: domain.KindThrottled}, 5 * time.Second},
		"away":                             {domain.UpstreamError{Kind: domain.KindUnavailable}, 5 * time.Second},
		"a bare status":                    {domain.UpstreamError{Kind: domain.KindRefused, Reason: "http_404"}, 5 * time.Second},
		"for very long":                    {domain.UpstreamError{Kind: domain.KindThrottled, RetryAfter: 30 * time.Hour}, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, 60)
			c.answer = func([]metafields.Entry) error { return &tc.err }
			expect.Equal(t, "kind", domain.KindOf(c.project()), tc.err.Kind)
			expect.Equal(t, "calls", c.calls, []int{10, 25, 25})
			c.answer, c.calls = nil, nil
			c.clock.Advance(tc.wait - time.Second)
			expect.Equal(t, "err", c.project(), nil)
			expect.Equal(t, "calls before its time", len(c.calls), 0)
			c.clock.Advance(time.Second)
			expect.Equal(t, "err", c.project(), nil)
			expect.Equal(t, "shown", c.shown(), 60)
		})
	}
}

// TestProjectorSetsTheRefusedAside: who is refused holds nobody else up, however it is said.
func TestProjectorSetsTheRefusedAside(t *testing.T) {
	t.Parallel()
	t.Run("named by their places: the others are written by one more call", func(t *testing.T) {
		t.Parallel()
		c := newCrowd(t, 25)
		c.gone[gidOf("0003")], c.gone[gidOf("0011")] = true, true
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls", c.calls, []int{23, 25})
		expect.Equal(t, "shown", c.shown(), 23)
		c.changeAll()
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls without them", c.calls, []int{23})
		c.gone = map[string]bool{}
		c.clock.Advance(time.Hour)
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "shown after their hour", c.shown(), 25)
	})
	t.Run("not named: each by itself", func(t *testing.T) {
		t.Parallel()
		c := newCrowd(t, 5)
		c.answer = func(entries []metafields.Entry) error {
			for _, e := range entries {
				if e.CustomerGID == gidOf("0002") {
					return &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Reason: "too_long"}
				}
			}
			return nil
		}
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls", c.calls, []int{1, 1, 1, 1, 1, 5})
		expect.Equal(t, "shown", c.shown(), 4)
		c.calls = nil
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls about who is set aside", len(c.calls), 0)
	})
	t.Run("gone when it is read", func(t *testing.T) {
		t.Parallel()
		c := newCrowd(t, 3)
		c.gone[gidOf("0001")] = true
		for _, r := range c.rows {
			r.digest = metafields.DigestUnknown
		}
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls", c.calls, []int{2})
		expect.Equal(t, "shown", c.shown(), 2)
	})
}

func TestProjectorReplacesWhatOthersWroteKnowingly(t *testing.T) {
	t.Parallel()
	t.Run("edited by hand: read, and replaced with the others", func(t *testing.T) {
		t.Parallel()
		c := newCrowd(t, 25)
		expect.Equal(t, "err", c.project(), nil)
		c.fields[gidOf("0007")] = `[{"code":"forged","status":"active"}]`
		c.changeAll()
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls", c.calls, []int{25, 25})
		expect.Equal(t, "reads", c.reads, 1)
		expect.Equal(t, "shown", c.shown(), 25)
	})
	t.Run("edited again and again: the others do not wait for it", func(t *testing.T) {
		t.Parallel()
		c := newCrowd(t, 25)
		expect.Equal(t, "err", c.project(), nil)
		c.changeAll()
		n := 0
		c.answer = func([]metafields.Entry) error {
			n++
			c.fields[gidOf("0007")] = fmt.Sprintf(`[%d]`, n)
			return nil
		}
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "calls", c.calls, []int{24, 25, 25})
		expect.Equal(t, "shown", c.shown(), 24)
		c.answer = nil
		c.clock.Advance(5 * time.Second)
		expect.Equal(t, "err", c.project(), nil)
		expect.Equal(t, "shown", c.shown(), 25)
	})
}
