package metafields_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/metafields"
	"pointbridge/test/expect"
)

const (
	member = "8812370934"
	gid    = "gid://shopify/Customer/1"
)

// world is one member's row and their metafield in the shop.
type world struct {
	t     *testing.T
	clock *couponstest.Clock
	// The row.
	list            []domain.Coupon
	wanted, written int64
	digest          string
	claimed         time.Time
	// The shop.
	field         string
	away          error // how it answers who reads
	reads, writes int
	onRead        func()
}

func newWorld(t *testing.T) *world { return &world{t: t, clock: couponstest.NewClock()} }

// issued is a member with one coupon that the metafield shows.
func issued(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.list = []domain.Coupon{{ID: 1, Code: "70934-AB72CD-500", CustomerID: member, Status: domain.Active, Points: 500,
		Amount: domain.Money{Minor: 500, Currency: "JPY"}, CreatedAt: w.clock.Now(),
		ExpiresAt: w.clock.Now().Add(time.Hour)}}
	w.wanted = 1
	expect.MustEqual(t, "w.sync()", w.sync(), nil)
	expect.MustThat(t, `w.field != ""`, w.field != "")
	w.reads, w.writes = 0, 0
	return w
}

// told does what the database does when the shop tells that the customer changed.
func (w *world) told() {
	w.wanted++
	w.digest = metafields.DigestUnknown
}

// sync is a process of its own each time.
func (w *world) sync() error {
	s := &metafields.Service{Projections: w, Fields: w, Clock: w.clock, Observer: w, Logger: slog.New(slog.DiscardHandler)}
	return s.Project(w.t.Context())
}

func (w *world) ClaimProjections(_ context.Context, now, until time.Time, _ int) ([]metafields.Projection, error) {
	if now.Before(w.claimed) || w.written >= w.wanted {
		return nil, nil
	}
	w.claimed = until
	return []metafields.Projection{{CustomerID: member, CustomerGID: gid, Wanted: w.wanted, Digest: w.digest,
		Coupons: w.list}}, nil
}

func (w *world) SettleProjections(_ context.Context, _ time.Time, list []metafields.Settled) error {
	for _, one := range list {
		if w.digest != metafields.DigestUnknown || w.wanted <= one.Written {
			w.digest = one.Digest
		}
		w.written, w.claimed = max(w.written, one.Written), one.After
	}
	return nil
}

func (w *world) WriteCoupons(_ context.Context, entries []metafields.Entry) (digests []string, refused map[int]string,
	err error) {
	w.writes++
	if digestOf(w.field) != entries[0].Digest {
		return nil, map[int]string{0: domain.ReasonStale}, nil
	}
	w.field = string(entries[0].Value)
	return []string{digestOf(w.field)}, nil, nil
}

func (w *world) ReadCoupons(context.Context, string) ([]byte, string, error) {
	w.reads++
	if w.onRead != nil {
		w.onRead()
	}
	return []byte(w.field), digestOf(w.field), w.away
}

func (w *world) Step(context.Context, string, string, time.Duration) {}

func digestOf(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("%d:%x", len(value), value[len(value)/2])
}

// covers: 004-21, H-11
func TestMetafieldLook(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"edited": `[{"code":"forged","status":"active"}]`, "deleted": "",
		"broken": "{"} {
		t.Run(name+" by hand: read, written once, and left alone when the shop tells of that", func(t *testing.T) {
			t.Parallel()
			w := issued(t)
			right := w.field
			w.field = value
			for round := range 3 {
				w.told()
				if err := w.sync(); err != nil {
					t.Fatal(err)
				}
				if w.field != right || w.writes != 1 || w.reads != round+1 {
					t.Errorf("round %d: %d reads, %d writes, %s", round, w.reads, w.writes, w.field)
				}
			}
			if w.written != w.wanted || w.digest != digestOf(right) {
				t.Errorf("written %d of %d", w.written, w.wanted)
			}
		})
	}
	t.Run("many tellings before a look are one look, and JSON written in another way is the same", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.field = " " + w.field + "\n"
		for range 20 {
			w.told()
		}
		for range 20 {
			if err := w.sync(); err != nil {
				t.Fatal(err)
			}
		}
		if w.reads != 1 || w.writes != 0 {
			t.Errorf("%d reads, %d writes", w.reads, w.writes)
		}
	})
	t.Run("what is told during a look is looked at by the next one", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		right := w.field
		w.onRead = func() {
			if w.reads == 1 {
				w.told()
			}
		}
		w.told()
		for range 3 {
			if err := w.sync(); err != nil {
				t.Fatal(err)
			}
			w.field = "[]"
		}
		if w.reads != 2 || w.writes != 1 || right == "" {
			t.Errorf("%d reads, %d writes", w.reads, w.writes)
		}
	})
	t.Run("a member without a coupon: no metafield is right, and one that claims a coupon is not", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		for value, want := range map[string]int{"": 0, `[{"code":"forged"}]`: 1} {
			w.writes, w.field = 0, value
			w.told()
			if err := w.sync(); err != nil || w.writes != want {
				t.Errorf("%q: %d reads, %d writes, %v", value, w.reads, w.writes, err)
			}
		}
	})
	t.Run("a shop that does not answer is asked again, and nothing is written unseen", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		right := w.field
		w.field = "[]"
		w.away = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "read_coupons"}
		w.told()
		if err := w.sync(); domain.KindOf(err) != domain.KindUnavailable || w.writes != 0 {
			t.Errorf("%d writes, %v", w.writes, err)
		}
		w.away = nil
		w.clock.Advance(5 * time.Second)
		if err := w.sync(); err != nil || w.writes != 1 || w.field != right {
			t.Errorf("%d writes, %v", w.writes, err)
		}
	})
}
