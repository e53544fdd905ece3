package setup_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/setup"
)

// fakeShop answers what it is told to; it is its own memory and clock.
type fakeShop struct {
	mu     sync.Mutex
	shop   setup.Shop
	err    error
	asked  int
	now    time.Time
	kept   map[string]string
	record []domain.AuditEntry
}

func (f *fakeShop) ReadSetup(context.Context) (setup.Shop, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	return f.shop, f.err
}

func (f *fakeShop) Settings(context.Context, ...string) (map[string]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.kept), nil
}

func (f *fakeShop) Remember(_ context.Context, _ time.Time, values map[string]string,
	compare func(map[string]string) []domain.AuditEntry) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.record = append(f.record, compare(maps.Clone(f.kept))...)
	f.kept = maps.Clone(values)
	return nil
}

func (f *fakeShop) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *fakeShop) After(time.Duration) <-chan time.Time { return nil }

func (f *fakeShop) set(change func(f *fakeShop)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func right() setup.Shop {
	return setup.Shop{Currency: "JPY", Timezone: "Asia/Tokyo", Plan: "Basic", Scopes: []string{"write_discounts",
		"write_orders", "write_customers"}}
}

func newCheck(f *fakeShop) *setup.Check {
	return &setup.Check{Wanted: setup.Wanted{Currency: "JPY", Timezone: "Asia/Tokyo",
		Scopes: []setup.Scope{{Name: "write_discounts", Vital: true}, {Name: "read_orders", Vital: true},
			{Name: "write_customers"}}},
		Shop: f, Memory: f, Clock: f, Logger: slog.New(slog.DiscardHandler)}
}

func TestWhatStopsCodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change  func(s *setup.Shop)
		refused bool
		differs int
	}{
		"a shop as the settings say":          {func(*setup.Shop) {}, false, 0},
		"another currency":                    {func(s *setup.Shop) { s.Currency = "USD" }, true, 1},
		"no right to end codes":               {func(s *setup.Shop) { s.Scopes = []string{"read_orders", "write_customers", "read_discounts"} }, true, 1},
		"no right to see orders":              {func(s *setup.Shop) { s.Scopes = []string{"write_discounts", "write_customers"} }, true, 1},
		"the right to read orders alone":      {func(s *setup.Shop) { s.Scopes[1] = "read_orders" }, false, 0},
		"no right to write customers":         {func(s *setup.Shop) { s.Scopes = s.Scopes[:2] }, false, 1},
		"another time zone":                   {func(s *setup.Shop) { s.Timezone = "America/Vancouver" }, false, 1},
		"another currency and no rights more": {func(s *setup.Shop) { s.Currency, s.Scopes = "USD", []string{"read_products"} }, true, 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakeShop{shop: right()}
			c.change(&f.shop)
			check := newCheck(f)
			err := check.MayIssue(t.Context(), "JPY")
			if refused := errors.Is(err, &domain.Error{Code: domain.CodeShopSettings}); refused != c.refused ||
				!refused && err != nil {
				t.Errorf("refused with %v", err)
			}
			list := check.Differences(t.Context())
			if len(list) != c.differs {
				t.Errorf("%d differences: %v", len(list), list)
			}
			if c.refused && !list[0].Stops {
				t.Errorf("what stops is not told first: %v", list)
			}
		})
	}
}

// TestOneOfTwoRightsIsEnough: where either of two does, each of them does, and without both the two are named.
func TestOneOfTwoRightsIsEnough(t *testing.T) {
	t.Parallel()
	wanted := setup.Wanted{Currency: "JPY", Timezone: "Asia/Tokyo", Scopes: []setup.Scope{{Name: "write_ours", Or: "write_theirs"}}}
	for granted, want := range map[string]string{"write_ours": "", "write_theirs": "",
		"write_others": "the scope write_ours or write_theirs is not granted"} {
		said := ""
		for _, d := range wanted.Differences(setup.Shop{Currency: "JPY", Timezone: "Asia/Tokyo", Scopes: []string{granted}}) {
			said += d.String()
			if d.Stops {
				t.Errorf("%s: codes are stopped", granted)
			}
		}
		if said != want {
			t.Errorf("%s: %q, want %q", granted, said, want)
		}
	}
}

// TestACodeOfAnotherCurrency was opened before the settings were put right: it is not made in the shop's currency.
func TestACodeOfAnotherCurrency(t *testing.T) {
	t.Parallel()
	if err := newCheck(&fakeShop{shop: right()}).MayIssue(t.Context(), "USD"); !errors.Is(err,
		&domain.Error{Code: domain.CodeShopSettings}) {
		t.Errorf("got %v", err)
	}
}

func TestAShopThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	away := &domain.UpstreamError{Kind: domain.KindUnavailable}
	t.Run("and never did", func(t *testing.T) {
		t.Parallel()
		if err := newCheck(&fakeShop{err: away}).MayIssue(t.Context(), "JPY"); !errors.Is(err,
			&domain.Error{Code: domain.CodeUpstreamUnavailable}) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("and did before a restart", func(t *testing.T) {
		t.Parallel()
		f := &fakeShop{shop: right()}
		if err := newCheck(f).Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.err = away
		if err := newCheck(f).MayIssue(t.Context(), "JPY"); err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("and was wrong before a restart", func(t *testing.T) {
		t.Parallel()
		f := &fakeShop{shop: right()}
		f.shop.Currency = "USD"
		if err := newCheck(f).Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.err = away
		if err := newCheck(f).MayIssue(t.Context(), "JPY"); !errors.Is(err,
			&domain.Error{Code: domain.CodeShopSettings}) {
			t.Errorf("got %v", err)
		}
	})
}

func TestHowOftenTheShopIsAsked(t *testing.T) {
	t.Parallel()
	f := &fakeShop{shop: right(), now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	check := newCheck(f)
	asked := func(want int) {
		t.Helper()
		for range 50 {
			if err := check.MayIssue(t.Context(), "JPY"); err != nil &&
				!errors.Is(err, &domain.Error{Code: domain.CodeShopSettings}) {
				t.Fatal(err)
			}
		}
		if err := check.Look(t.Context()); err != nil { // waits for a look that is under way, and adds one
			t.Fatal(err)
		}
		f.set(func(f *fakeShop) {
			if f.asked -= 1; f.asked != want {
				t.Errorf("asked %d times, want %d", f.asked, want)
			}
		})
	}
	asked(1)
	f.set(func(f *fakeShop) { f.now = f.now.Add(59 * time.Minute) })
	asked(1)
	f.set(func(f *fakeShop) { f.shop.Currency = "USD" })
	asked(1)
	f.set(func(f *fakeShop) { f.shop.Currency = "JPY" })
	if err := check.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := check.MayIssue(t.Context(), "JPY"); err != nil {
		t.Errorf("a shop that was put right still stops codes: %v", err)
	}
}

func TestChangesAreInTheAudit(t *testing.T) {
	t.Parallel()
	f := &fakeShop{shop: right()}
	check := newCheck(f)
	for _, currency := range []string{"JPY", "JPY", "USD"} {
		f.set(func(f *fakeShop) { f.shop.Currency = currency })
		if err := check.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.record) != 1 || f.record[0].Action != domain.ActionShopChanged {
		t.Fatalf("%d entries", len(f.record))
	}
	if detail := f.record[0].Detail; detail["currency"] != "USD" || detail["currency_before"] != "JPY" ||
		len(detail) != 2 {
		t.Errorf("recorded %v", detail)
	}
}

// TestAnOldAnswerIsAskedForAgain: an hour after a right answer and a minute after a wrong one the shop is asked once
// more, in the background, and what it says then counts.
func TestAnOldAnswerIsAskedForAgain(t *testing.T) {
	t.Parallel()
	f := &fakeShop{shop: right(), now: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	check := newCheck(f)
	refused := func() bool {
		return errors.Is(check.MayIssue(t.Context(), "JPY"), &domain.Error{Code: domain.CodeShopSettings})
	}
	if refused() {
		t.Fatal("a right shop is refused")
	}
	for _, step := range []struct {
		currency string
		later    time.Duration
	}{{"USD", time.Hour}, {"JPY", time.Minute}} {
		f.set(func(f *fakeShop) { f.shop.Currency, f.now = step.currency, f.now.Add(step.later-time.Second) })
		before := refused()
		f.set(func(f *fakeShop) { f.now = f.now.Add(time.Second) })
		for refused() == before { // ends once the background's answer is known, or never where nobody asks
			runtime.Gosched()
		}
	}
}
