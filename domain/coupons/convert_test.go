package coupons_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

func wantCode(t *testing.T, err error, code domain.Code) *domain.Error {
	t.Helper()
	var refusal *domain.Error
	if !errors.As(err, &refusal) || refusal.Code != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	return refusal
}

// covers: 004-01, H-03, H-08, H-09, H-12, H-13
func TestConvert(t *testing.T) {
	t.Parallel()
	t.Run("500 points become a code and the balance falls to 750", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		got, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
		if err != nil || !got.Done || got.Coupon.Status != domain.Active || got.Coupon.Amount.Minor != 500 {
			t.Fatalf("got %+v, %v", got, err)
		}
		if w.Out.Balances["8812370934"] != 750 || w.Out.Codes[got.Coupon.Code] == nil {
			t.Fatalf("balance %d, codes %v", w.Out.Balances["8812370934"], w.Out.Codes)
		}
	})
	t.Run("the deduct carries reason and reference, and its figures are kept", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		got, _ := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
		e := w.Out.Entries[0]
		if e.Points != -500 || e.Reason != "Coupon conversion" || e.Reference != "COUPON-"+got.Coupon.Code {
			t.Fatalf("booked %+v", e)
		}
		m := w.DB.Movements[0]
		if *m.PreviousBalance != 1250 || *m.Balance != 750 || m.EntryID == "" || m.Odd {
			t.Fatalf("kept %+v", m)
		}
	})
	t.Run("the balance does not cover the request", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Balances["8812370934"] = 400
		_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
		refusal := wantCode(t, err, domain.CodeInsufficientPoints)
		if refusal.Params["balance"] != int64(400) || refusal.Params["required"] != int64(500) {
			t.Fatalf("figures %v", refusal.Params)
		}
		if len(w.Out.Entries) != 0 || len(w.Out.Codes) != 0 {
			t.Fatalf("something moved: %v %v", w.Out.Entries, w.Out.Codes)
		}
	})
	t.Run("a refused code gives the points back once, linked to the deduct", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create",
			Reason: "invalid"}
		_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
		wantCode(t, err, domain.CodeConversionFailed)
		code := w.DB.Coupons[0].Code
		back := w.Out.Entries[1]
		if back.Points != 500 || back.Reference != "CANCEL-"+code || back.Related != "COUPON-"+code ||
			w.Out.Balances["8812370934"] != 1250 {
			t.Fatalf("booked %+v", w.Out.Entries)
		}
	})
	t.Run("an upstream that cannot be reached moves nothing", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Refuse["deduct"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "pos", Act: "deduct"}
		_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
		wantCode(t, err, domain.CodeUpstreamUnavailable)
		w.Rest(w.Service(nil))
		w.Balanced()
	})
	t.Run("a passing fault ends in one code and one deduct", func(t *testing.T) {
		t.Parallel()
		for _, act := range []string{"deduct", "create"} {
			for _, kind := range []domain.Kind{domain.KindThrottled, domain.KindUnknown} {
				w := couponstest.NewWorld(t)
				w.Out.Refuse[act] = &domain.UpstreamError{Kind: kind, Upstream: "x", Act: act}
				got, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
				expect.MustEqual(t, "err", err, nil, act, kind)
				expect.MustEqual(t, "got.Done", got.Done, false, act, kind)
				delete(w.Out.Refuse, act)
				w.Rest(w.Service(nil))
				w.Balanced()
				expect.MustEqual(t, "w.DB.Coupons[0].Status", w.DB.Coupons[0].Status, domain.Active, act, kind)
				expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 1, act, kind)
			}
		}
	})
	t.Run("figures that do not add up are kept as evidence", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		p := &couponstest.Ports{Store: w.DB, Ledger: oddPOS{w.Out}, Shop: w.Out}
		if _, err := w.Service(p).Convert(t.Context(), couponstest.Conversion(500, "k")); err != nil {
			t.Fatal(err)
		}
		if !w.DB.Movements[0].Odd || w.DB.Audit[1].Detail["odd"] != true {
			t.Fatalf("kept %+v, recorded %+v", w.DB.Movements[0], w.DB.Audit[1])
		}
	})
}

type oddPOS struct{ *couponstest.Outside }

func (o oddPOS) Deduct(ctx context.Context, m domain.Movement) (coupons.Entry, error) {
	e, err := o.Outside.Deduct(ctx, m)
	wrong := *e.Balance + 1
	e.Balance = &wrong
	return e, err
}

// covers: 002-28, H-04, H-05, H-24
func TestConvertRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		points int64
		set    func(*world)
		want   domain.Code
	}{
		{"150 is not in units", 150, nil, domain.CodePointsNotInUnits},
		{"zero", 0, nil, domain.CodeValidation},
		{"negative", -100, nil, domain.CodeValidation},
		{"above the day's limit", 10_100, nil, domain.CodeDailyLimit},
		{"unknown customer", 500, func(w *world) { w.DB.Customers = map[string]domain.Customer{} },
			domain.CodeCustomerNotFound},
		{"no Shopify link", 500, func(w *world) { w.DB.Customers["8812370934"] = domain.Customer{ID: "8812370934"} },
			domain.CodeCustomerNotLinked},
		{"a rate that makes nothing of the points", 100, func(w *world) { w.Policy.Rate = domain.MustRate("0.001") },
			domain.CodeValidation},
		{"more active coupons than allowed", 500, func(w *world) {
			w.Policy.MaxActive = 1
			if _, err := w.Service(nil).Convert(w.T.Context(), couponstest.Conversion(100, "first")); err != nil {
				w.T.Fatal(err)
			}
			w.Out.Entries = nil
		}, domain.CodeTooManyCoupons},
		{"more than allowed once those that wait for the shop are made", 500, func(w *world) {
			w.Policy.MaxActive = 1
			w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "x", Act: "create"}
			got, err := w.Service(nil).Convert(w.T.Context(), couponstest.Conversion(100, "first"))
			expect.MustEqual(w.T, "err", err, nil)
			expect.MustEqual(w.T, "got.Done", got.Done, false)
			w.Out.Entries = nil
		}, domain.CodeTooManyCoupons},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := couponstest.NewWorld(t)
			if c.set != nil {
				c.set(w)
			}
			before := len(w.DB.Coupons)
			_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(c.points, "k"))
			wantCode(t, err, c.want)
			if len(w.Out.Entries) != 0 || len(w.DB.Coupons) != before {
				t.Fatal("a refused request changed something")
			}
		})
	}
}

// covers: H-05
func TestDailyLimit(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	w.Out.Balances["8812370934"] = 100_000
	s := w.Service(nil)
	for i := range 2 {
		if _, err := s.Convert(t.Context(), couponstest.Conversion(5000, fmt.Sprint("k", i))); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Convert(t.Context(), couponstest.Conversion(100, "more"))
	wantCode(t, err, domain.CodeDailyLimit)
	// The clock stands at noon in Tokyo: the shop's day ends in twelve hours.
	w.Clock.Advance(12*time.Hour - time.Second)
	_, err = s.Convert(t.Context(), couponstest.Conversion(100, "late"))
	wantCode(t, err, domain.CodeDailyLimit)
	w.Clock.Advance(time.Second)
	if _, err = s.Convert(t.Context(), couponstest.Conversion(100, "next day")); err != nil {
		t.Fatalf("the day starts at the shop's midnight: %v", err)
	}
}

// covers: H-05
func TestParallelConversions(t *testing.T) {
	t.Parallel()
	t.Run("100 at once with points for 3 give 3 coupons", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Balances["8812370934"] = 1500
		done := convertAll(t, w, 100, 500)
		if done != 3 || len(w.Out.Codes) != 3 || w.Out.Balances["8812370934"] != 0 {
			t.Fatalf("%d coupons, %d codes, balance %d", done, len(w.Out.Codes), w.Out.Balances["8812370934"])
		}
	})
	t.Run("50 at once cannot exceed the day's limit", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Balances["8812370934"] = 100_000
		if done := convertAll(t, w, 50, 1000); done != 10 {
			t.Fatalf("%d coupons of 1,000 points on a limit of 10,000", done)
		}
	})
}

func convertAll(t *testing.T, w *world, n int, points int64) (done int) {
	t.Helper()
	s := w.Service(nil)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			got, err := s.Convert(t.Context(), couponstest.Conversion(points, fmt.Sprint("k", i)))
			mu.Lock()
			defer mu.Unlock()
			if err == nil && got.Done {
				done++
			} else if err == nil {
				t.Errorf("request %d: %+v", i, got)
			}
		})
	}
	wg.Wait()
	return done
}

// covers: H-16
func TestIdempotency(t *testing.T) {
	t.Parallel()
	t.Run("the same key and body give the first answer again", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		first, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		if err != nil {
			t.Fatal(err)
		}
		w.DB.Coupons[0].Status = domain.Used // whatever became of the coupon since
		again, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		if err != nil || !again.Replayed || again.Coupon.Code != first.Coupon.Code ||
			again.Coupon.Status != domain.Active || len(w.Out.Entries) != 1 {
			t.Fatalf("got %+v, %v", again, err)
		}
	})
	t.Run("the same key with another body is refused", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		_, _ = s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		_, err := s.Convert(t.Context(), couponstest.Conversion(600, "k"))
		wantCode(t, err, domain.CodeKeyReused)
	})
	t.Run("keys of different callers do not meet", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		_, _ = s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		other := couponstest.Conversion(500, "k")
		other.Caller.ID = "key:2"
		got, err := s.Convert(t.Context(), other)
		if err != nil || got.Replayed || len(w.Out.Entries) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
	})
	t.Run("a refusal is given again too", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Balances["8812370934"] = 400
		s := w.Service(nil)
		_, _ = s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		w.Out.Balances["8812370934"] = 1000
		_, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		wantCode(t, err, domain.CodeInsufficientPoints)
		if w.Out.Balances["8812370934"] != 1000 {
			t.Fatal("the repeated request moved points")
		}
	})
	t.Run("what was left to the queue was answered with on its way, and is again", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
		s := w.Service(nil)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		if err != nil || got.Done {
			t.Fatalf("got %+v, %v", got, err)
		}
		again := func() {
			t.Helper()
			got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
			if err != nil || got.Done || !got.Replayed {
				t.Fatalf("got %+v, %v", got, err)
			}
		}
		again()
		delete(w.Out.Refuse, "create")
		w.Rest(s)
		again()
		polled, err := s.Conversion(t.Context(), "key:1", "k")
		if err != nil || !polled.Done {
			t.Fatalf("polling ends in %+v, %v", polled, err)
		}
	})
	t.Run("no key, no conversion", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, ""))
		wantCode(t, err, domain.CodeKeyMissing)
	})
}

// covers: H-16
func TestSlowConversion(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	reached, goOn := make(chan struct{}), make(chan struct{})
	w.Out.OnAct = func(act string) {
		if act == "create" {
			close(reached)
			<-goOn
		}
	}
	s := w.Service(nil)
	type answer struct {
		coupons.Result
		error
	}
	first := make(chan answer, 1)
	go func() {
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		first <- answer{got, err}
	}()
	<-reached
	second := make(chan answer, 1)
	go func() {
		got, err := s.Convert(t.Context(), couponstest.Conversion(300, "other"))
		second <- answer{got, err}
	}()
	w.WaitForTimers(2)
	w.Clock.Advance(9 * time.Second)
	got := <-first
	if got.error != nil || got.Done || got.Coupon.Status != domain.Pending || got.Coupon.Code == "" {
		t.Fatalf("a slow conversion is on its way: %+v", got)
	}
	waited := <-second
	wantCode(t, waited.error, domain.CodeConversionInProgress)
	// The first request's key, while its steps still run: the answer that it got.
	repeated, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
	if err != nil || !repeated.Replayed || repeated.Done || repeated.Coupon.Code != got.Coupon.Code {
		t.Fatalf("repeated while it runs: %v, of %q, replayed %v, done %v", err, repeated.Coupon.Code,
			repeated.Replayed, repeated.Done)
	}
	_, err = s.Convert(t.Context(), couponstest.Conversion(300, "k"))
	wantCode(t, err, domain.CodeKeyReused)
	close(goOn)
	if err := s.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Balanced()
	again, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
	if err != nil || !again.Replayed || again.Done || again.Coupon.DiscountID != "" {
		t.Fatalf("the repeated request got another answer than the first: %+v, %v", again, err)
	}
	polled, err := s.Conversion(t.Context(), "key:1", "k")
	if err != nil || !polled.Done {
		t.Fatalf("polling ends in %+v, %v", polled, err)
	}
}

// covers: 004-02
func TestTakenCode(t *testing.T) {
	t.Parallel()
	draw := func(codes ...byte) io.Reader { // each byte draws one code, then comes a key
		var b bytes.Buffer
		for _, c := range codes {
			b.Write(bytes.Repeat([]byte{c}, 6))
			b.Write(bytes.Repeat([]byte{c, 7}, 8))
		}
		return io.MultiReader(&b, rand.Reader)
	}
	t.Run("a code that we have already is drawn again", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Random = draw(1, 1, 2)
		s := w.Service(nil)
		one, err1 := s.Convert(t.Context(), couponstest.Conversion(500, "a"))
		two, err2 := s.Convert(t.Context(), couponstest.Conversion(500, "b"))
		expect.MustEqual(t, "err1", err1, nil)
		expect.MustEqual(t, "err2", err2, nil)
		expect.MustEqual(t, "one.Coupon.Code", one.Coupon.Code, "70934-333333-500")
		expect.MustEqual(t, "two.Coupon.Code", two.Coupon.Code, "70934-444444-500")
	})
	t.Run("a code that Shopify has from elsewhere gives the points back and starts over", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Codes["70934-333333-500"] = &coupons.FoundDiscount{ID: "gid://foreign",
			Codes: []string{"70934-333333-500"}, CustomerGID: "gid://other"}
		w.Random = io.MultiReader(bytes.NewReader(bytes.Repeat([]byte{1}, 6)), rand.Reader)
		s := w.Service(nil)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "a"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Done", got.Done, true)
		expect.MustThat(t, `got.Coupon.Code != "70934-333333-500"`, got.Coupon.Code != "70934-333333-500")
		w.Balanced()
		if len(w.Out.Entries) != 3 {
			t.Fatalf("booked %+v", w.Out.Entries)
		}
		again, err := s.Convert(t.Context(), couponstest.Conversion(500, "a"))
		if err != nil || again.Coupon.Code != got.Coupon.Code {
			t.Fatalf("the repeated request got %+v, %v", again, err)
		}
	})
}

func TestUnaskablePOS(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	w.Out.Keys, w.POS = false, coupons.Capabilities{}
	m := &couponstest.Mortal{LoseAt: 1, Inner: w.Whole()}
	p := m.Ports()
	s := w.Service(&p)
	if _, err := s.Convert(t.Context(), couponstest.Conversion(500, "k")); err != nil {
		t.Fatal(err)
	}
	w.Rest(s)
	c := w.DB.Coupons[0]
	if c.ParkedAt == nil || c.Status != domain.Pending || len(w.DB.Reviews) != 1 ||
		w.DB.Reviews[0].Kind != reviews.Unsettled {
		t.Fatalf("coupon %+v, reviews %v", c, w.DB.Reviews)
	}
	if len(w.Out.Entries) != 1 || len(w.Out.Codes) != 0 {
		t.Fatalf("it was tried again blindly: %+v", w.Out.Entries)
	}
}
