package coupons_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/test/expect"
)

// issued makes one active coupon and lets its mail and metafield go out.
func issued(t *testing.T) *world {
	t.Helper()
	w := couponstest.NewWorld(t)
	if _, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k")); err != nil {
		t.Fatal(err)
	}
	w.Rest(w.Service(nil))
	return w
}

// covers: 004-21, 004-58
func TestMetafield(t *testing.T) {
	t.Parallel()
	t.Run("the metafield lists the new code with its status", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		e := w.Metafield()[0]
		c := w.DB.Coupons[0]
		if e["code"] != c.Code || e["status"] != "active" || e["points"] != 500.0 || e["amount"] != 500.0 ||
			e["currency"] != "JPY" || e["expires_at"] != c.ExpiresAt.Format(time.RFC3339) || e["used_at"] != nil {
			t.Fatalf("entry %v", e)
		}
	})
	t.Run("several changes become one write", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		writes := 0
		w.Out.OnAct = func(act string) {
			if act == "metafield" {
				writes++
			}
		}
		s := w.Service(nil)
		for i := range 5 {
			if _, err := s.Convert(t.Context(), couponstest.Conversion(100, fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		w.Rest(s)
		if writes != 1 || len(w.Metafield()) != 5 {
			t.Fatalf("%d writes for %d entries", writes, len(w.Metafield()))
		}
	})
	t.Run("what was edited by hand is replaced knowingly", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.Out.Fields["gid://shopify/Customer/1"] = `[{"code":"forged","status":"active"}]`
		s := w.Service(nil)
		if _, err := s.Convert(t.Context(), couponstest.Conversion(100, "next")); err != nil {
			t.Fatal(err)
		}
		w.Rest(s)
		if got := w.Metafield(); len(got) != 2 || got[0]["code"] == "forged" {
			t.Fatalf("metafield %v", got)
		}
	})
	t.Run("pending and failed coupons do not appear", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.Out.Balances["8812370934"] = 0
		_, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "poor"))
		wantCode(t, err, domain.CodeInsufficientPoints)
		w.Rest(w.Service(nil))
		if got := w.Metafield(); len(got) != 1 {
			t.Fatalf("metafield %v", got)
		}
	})
	t.Run("two writers at once: one writes, and the other has nothing to do", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		if _, err := s.Convert(t.Context(), couponstest.Conversion(100, "k")); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { _ = w.Metafields(s).Project(t.Context()) })
		}
		wg.Wait()
		w.Rest(s)
		if got := w.Metafield(); len(got) != 1 {
			t.Fatalf("metafield %v", got)
		}
	})
}

// covers: 002-17
func TestMail(t *testing.T) {
	t.Parallel()
	t.Run("one mail with code and apply link in the customer's language", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		if len(w.Out.Mails) != 1 {
			t.Fatalf("%d mails", len(w.Out.Mails))
		}
		m := w.Out.Mails[0]
		code := w.DB.Coupons[0].Code
		if m.To != "taro@example.com" || m.Locale != "ja" || m.Code != code ||
			m.ApplyURL != "https://shop.example/discount/"+code || m.EventID == "" {
			t.Fatalf("mail %+v", m)
		}
	})
	t.Run("a failed mail is sent again and never holds the coupon back", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Out.Refuse["mail"] = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "mail", Act: "send"}
		s := w.Service(nil)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Done", got.Done, true)
		if err := w.Notices(s).SendMail(t.Context(), got.Coupon.ID, domain.MailIssued, 0, ""); err == nil {
			t.Fatal("the failure was swallowed")
		}
		delete(w.Out.Refuse, "mail")
		w.Rest(s)
		if len(w.Out.Mails) != 1 {
			t.Fatalf("%d mails", len(w.Out.Mails))
		}
	})
	t.Run("no address, no mail", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		c := w.DB.Customers["8812370934"]
		c.Email = ""
		w.DB.Customers[c.ID] = c
		if _, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k")); err != nil {
			t.Fatal(err)
		}
		w.Rest(w.Service(nil))
		if len(w.Out.Mails) != 0 {
			t.Fatalf("mails %v", w.Out.Mails)
		}
	})
}

// covers: 002-21, 002-22, H-18, T-06
func TestExpiry(t *testing.T) {
	t.Parallel()
	t.Run("an ended coupon is expired, the metafield says so, and no points move", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.Clock.Advance(365 * couponstest.Day)
		w.Rest(w.Service(nil))
		if got := w.DB.Coupons[0].Status; got != domain.Expired {
			t.Fatalf("stored as %s", got)
		}
		if got := w.Metafield()[0]["status"]; got != "expired" {
			t.Fatalf("shown as %v", got)
		}
		if len(w.Out.Entries) != 1 {
			t.Fatalf("points moved: %+v", w.Out.Entries)
		}
	})
	t.Run("a code that was over long ago leaves Shopify and stays here", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.Clock.Advance(365*couponstest.Day + 29*couponstest.Day)
		w.Rest(w.Service(nil))
		if len(w.Out.Codes) != 1 {
			t.Fatal("the code left before its time")
		}
		w.Clock.Advance(2 * couponstest.Day)
		w.Rest(w.Service(nil))
		if c := w.DB.Coupons[0]; len(w.Out.Codes) != 0 || c.DiscountDeletedAt == nil || c.Status != domain.Expired ||
			c.Code == "" {
			t.Fatalf("codes %v, coupon %+v", w.Out.Codes, c)
		}
	})
}

// covers: 004-09, H-19
func TestReminders(t *testing.T) {
	t.Parallel()
	steps := func(w *world) (days []int) {
		for _, m := range w.Out.Mails {
			if m.Kind == domain.MailReminder {
				days = append(days, m.DaysLeft)
			}
		}
		return days
	}
	t.Run("30, 7 and 1 days before the end, each once", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.Clock.Advance(334 * couponstest.Day)
		for range 31 {
			w.Rest(w.Service(nil))
			w.Clock.Advance(couponstest.Day)
		}
		if got := fmt.Sprint(steps(w)); got != "[30 7 1]" {
			t.Fatalf("reminded %s days before", got)
		}
	})
	t.Run("after a long silence one reminder, not three", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		w.Clock.Advance(364*couponstest.Day + time.Hour)
		w.Rest(w.Service(nil))
		if got := fmt.Sprint(steps(w)); got != "[1]" {
			t.Fatalf("reminded %s", got)
		}
	})
	t.Run("a coupon shorter than the step is not reminded at once", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Policy.Validity = 10 * couponstest.Day
		if _, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k")); err != nil {
			t.Fatal(err)
		}
		w.Rest(w.Service(nil))
		if got := steps(w); len(got) != 0 {
			t.Fatalf("reminded %v", got)
		}
	})
}

// covers: H-06, H-24, H-25, H-26, H-27
func TestPointsAndQuote(t *testing.T) {
	t.Parallel()
	t.Run("a sale at the POS between two calls is seen", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		one, _ := s.Points(t.Context(), "8812370934")
		w.Out.Balances["8812370934"] -= 200
		two, err := s.Points(t.Context(), "8812370934")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "one.Balance", one.Balance, 1250)
		expect.MustEqual(t, "two.Balance", two.Balance, 1050)
	})
	t.Run("one call gives balance, unit, limits left and rate", func(t *testing.T) {
		t.Parallel()
		w := issued(t)
		got, err := w.Service(nil).Points(t.Context(), "8812370934")
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Balance", got.Balance, 750)
		expect.MustEqual(t, "got.Unit", got.Unit, 100)
		expect.MustEqual(t, "got.DailyLimit", got.DailyLimit, 10_000)
		expect.MustEqual(t, "got.DailyRemaining", got.DailyRemaining, 9500)
		expect.MustEqual(t, "got.Rate.String()", got.Rate.String(), "1")
	})
	t.Run("a quote has no effect and equals what is issued a moment later", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		s := w.Service(nil)
		quote, err := s.Quote(t.Context(), domain.Caller{}, "8812370934", 500)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "len(w.Out.Entries)", len(w.Out.Entries), 0, quote)
		expect.MustEqual(t, "len(w.DB.Coupons)", len(w.DB.Coupons), 0, quote)
		got, err := s.Convert(t.Context(), couponstest.Conversion(500, "k"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Coupon.Amount", got.Coupon.Amount, quote.Amount)
		expect.MustThat(t, "got.Coupon.ExpiresAt to equal quote.ExpiresAt", got.Coupon.ExpiresAt.Equal(quote.ExpiresAt),
			quote.ExpiresAt, got.Coupon.ExpiresAt)
	})
	t.Run("a gold member's rate, kept with the coupon", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		w.Policy.RankRates = map[string]domain.Rate{"gold": domain.MustRate("1.2")}
		c := w.DB.Customers["8812370934"]
		c.Rank = "gold"
		w.DB.Customers[c.ID] = c
		got, err := w.Service(nil).Convert(t.Context(), couponstest.Conversion(500, "k"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Coupon.Amount.Minor", got.Coupon.Amount.Minor, 600)
		expect.MustEqual(t, "got.Coupon.Rank", got.Coupon.Rank, "gold")
		expect.MustEqual(t, "got.Coupon.Rate.String()", got.Coupon.Rate.String(), "1.2")
	})
	t.Run("during a campaign, and one second after its end", func(t *testing.T) {
		t.Parallel()
		w := couponstest.NewWorld(t)
		end := w.Clock.Now().Add(time.Second)
		w.Policy.Campaigns = append(w.Policy.Campaigns, coupons.Campaign{From: w.Clock.Now(), To: end,
			Rate: domain.MustRate("1.5")})
		s := w.Service(nil)
		in, err := s.Convert(t.Context(), couponstest.Conversion(500, "in"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "in.Coupon.Amount.Minor", in.Coupon.Amount.Minor, 750)
		w.Clock.Advance(time.Second)
		after, err := s.Convert(t.Context(), couponstest.Conversion(500, "after"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "after.Coupon.Amount.Minor", after.Coupon.Amount.Minor, 500)
	})
}
