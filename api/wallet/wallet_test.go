package wallet

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/policies"
	"pointbridge/templates"
	"pointbridge/test/expect"
)

// pos is a service with one member and what a test puts into it.
type pos struct {
	pages.Service
	pages.Coupons
	now     time.Time
	member  domain.Customer
	points  coupons.Points
	list    []domain.Coupon
	result  coupons.Result
	refusal error
	asked   []coupons.Conversion
	undone  []coupons.Undo
	moved   map[int64][]domain.MovementKind
	// undoable is how long a coupon can be taken back.
	undoable time.Duration
	// converting is what conversions alone are refused for.
	converting error
}

func (s *pos) Points(context.Context, string) (coupons.Points, error) { return s.points, s.refusal }
func (s *pos) Quote(_ context.Context, _ domain.Caller, _ string, points int64) (coupons.Quote, error) {
	return coupons.Quote{Points: points, Amount: domain.Money{Minor: points, Currency: "JPY"},
		ExpiresAt: s.now.Add(365 * 24 * time.Hour), Balance: s.points.Balance}, nil
}
func (s *pos) Convert(_ context.Context, c coupons.Conversion) (coupons.Result, error) {
	s.asked = append(s.asked, c)
	return s.result, errors.Join(s.refusal, s.converting)
}
func (s *pos) Conversion(context.Context, string, string) (coupons.Result, error) {
	return s.result, s.refusal
}

// directory knows the member whose wallet it is.
type directory struct {
	pages.Directory
	known *pos
}

func (d directory) Customer(ctx context.Context, id string) (domain.Customer, error) {
	return d.known.Customer(ctx, id)
}

func (s *pos) Customer(context.Context, string) (domain.Customer, error) { return s.member, nil }
func (s *pos) MovedAfter(context.Context, []int64) (map[int64][]domain.MovementKind, error) {
	return s.moved, nil
}
func (s *pos) UndoUntil(c domain.Coupon) time.Time {
	return coupons.Policy{SelfCancel: s.undoable}.UndoUntil(c)
}
func (s *pos) Undo(_ context.Context, u coupons.Undo) (coupons.Ending, error) {
	s.undone = append(s.undone, u)
	return coupons.Ending{}, s.refusal
}
func (s *pos) List(_ context.Context, f listing.Filter) ([]domain.Coupon, error) {
	var found []domain.Coupon
	for _, c := range s.list {
		if (f.Before == 0 || c.ID < f.Before) && (f.Status == "" || c.StatusAt(f.Now) == f.Status) {
			found = append(found, c)
		}
	}
	if f.Sort == listing.SortEnd {
		slices.SortFunc(found, func(a, b domain.Coupon) int { return a.ExpiresAt.Compare(b.ExpiresAt) })
	}
	return found[:min(len(found), f.Limit)], nil
}
func (s *pos) ByCode(context.Context, string) (coupons.State, error) {
	return coupons.State{Coupon: s.result.Coupon}, nil
}

const member = "8812370934"

// counter is a customer's page in front of a POS, whose clock the test moves.
func counter(t *testing.T) (*pos, http.Handler, *Wallet) {
	t.Helper()
	rules, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)
	s := &pos{now: now, member: domain.Customer{ID: member, ShopifyCustomerGID: "gid://shopify/Customer/1",
		Name: "山田 太郎", Locale: "en"},
		points: coupons.Points{CustomerID: member, Balance: 1250, AsOf: now, Unit: 100, Minimum: 100, DailyLimit: 10000,
			DailyRemaining: 10000, Currency: "JPY"}}
	who := func(c *gin.Context) (Shopper, error) {
		caller := domain.Caller{ID: "shopify:" + c.GetHeader("X-Customer"), Role: domain.RoleCustomer,
			CustomerID: member}
		return Shopper{Caller: caller, Base: "/apps/points", Locale: c.Query("locale")}, nil
	}
	base, err := pages.New(pages.Shared{Service: s, Coupons: s, Listing: listing.Service{Coupons: s},
		Directory: directory{known: s}, Policy: rules, Secret: []byte(strings.Repeat("s", 32)), Locale: "ja",
		Now: func() time.Time { return s.now }, Zone: time.UTC, ApplyURL: "https://shop.example/discount/"},
		pages.Hooks{Refused: func(*gin.Context, error) {}, Say: func(_ string, err error) pages.Told {
			return pages.Told{Status: http.StatusConflict, Code: domain.CodeOf(err), Title: "title of " +
				string(domain.CodeOf(err)), Detail: "detail"}
		}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(Deps{Base: base, Shopper: who, FromStorefront: func(*gin.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	gin.SetMode(gin.TestMode)
	engine := gin.New()
	w.Mount(engine)
	return s, engine, w
}

func ask(h http.Handler, method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, root+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Customer", "1")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func says(t *testing.T, w *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%q is not said (%d):\n%s", text, w.Code, w.Body)
		}
	}
}

// covers: 002-19, H-16, H-28
func TestWalletProgress(t *testing.T) {
	t.Parallel()
	s, h, _ := counter(t)
	key := pages.NewKey()
	s.result = coupons.Result{Coupon: domain.Coupon{Code: "70934-AAAAAA-500", Status: domain.Pending,
		CustomerID: member, Points: 500}}
	t.Run("on its way: the page asks again by itself, with a script and without, and holds no code",
		func(t *testing.T) {
			w := ask(h, "GET", "/conversions/"+key, nil)
			says(t, w, "500 points are being turned into a coupon",
				`data-poll="/apps/points/v1/customers/me/conversions/`+key+`"`,
				`<noscript><meta http-equiv="refresh" content="3"></noscript>`, `role="status"`)
			expect.That(t, `w.Body.String() not to contain "70934-"`, !strings.Contains(w.Body.String(), "70934-"),
				w.Body)
			expect.Equal(t, "w.Code", w.Code, http.StatusOK, w.Body)
		})
	t.Run("it failed: the reason, and the way back", func(t *testing.T) {
		s.refusal = domain.Refuse(domain.CodeConversionFailed)
		says(t, ask(h, "GET", "/conversions/"+key, nil), "Your coupon could not be made", "Your points are untouched", "Back to my points")
		s.refusal = nil
	})
	t.Run("done: code, amount, end, and what became of it for who comes back", func(t *testing.T) {
		s.result = coupons.Result{Done: true, Coupon: domain.Coupon{Code: "70934-AAAAAA-500", Status: domain.Active,
			CustomerID: member, Points: 500, Amount: domain.Money{Minor: 500, Currency: "JPY"},
			ExpiresAt: s.now.Add(90 * time.Minute)}}
		says(t, ask(h, "GET", "/conversions/"+key, nil), "70934-AAAAAA-500", "¥500", "November 21, 2026, 11:00 UTC",
			"1 h 30 min left",
			`data-copy="70934-AAAAAA-500"`, `href="https://shop.example/discount/70934-AAAAAA-500"`)
		s.now = s.now.Add(90 * time.Minute)
		w := ask(h, "GET", "/conversions/"+key, nil)
		says(t, w, "Expired")
		if strings.Contains(w.Body.String(), "/discount/") {
			t.Error("at its end the code is offered no more")
		}
	})
	t.Run("no key of ours, no page", func(t *testing.T) {
		says(t, ask(h, "GET", "/conversions/%7B%7Bshop%7D%7D", nil), "There is nothing here")
	})
}

func TestWalletForm(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	mine := (&request{Request: pages.Request{Base: w.deps.Base, Who: domain.Caller{ID: "shopify:1"}},
		wallet: w}).formToken()
	form := url.Values{"form_token": {mine}, "key": {pages.NewKey()}, "points": {"500"}, "seen": {"500"}}
	got := ask(h, "POST", "/conversions?locale=en", form)
	expect.MustEqual(t, "got.Code", got.Code, http.StatusSeeOther, got.Header())
	expect.MustEqual(t, `got.Header().Get("Location")`, got.Header().Get("Location"),
		"/apps/points/conversions/"+form.Get("key")+"?locale=en", got.Header())
	expect.MustEqual(t, "len(s.asked)", len(s.asked), 1, got.Header())
	t.Run("still running: the same place", func(t *testing.T) {
		s.refusal = domain.Refuse(domain.CodeRequestInProgress)
		got := ask(h, "POST", "/conversions", form)
		expect.MustEqual(t, "got.Code", got.Code, http.StatusSeeOther)
		s.refusal = nil
	})
	before := len(s.asked)
	for name, change := range map[string]url.Values{
		"no key": {"key": {""}}, "a key of one's own": {"key": {"{{ shop }}"}}, "no number": {"points": {"1e3"}},
		"not seen": {"seen": {"100"}}, "too many": {"points": {"9999999999999"}},
	} {
		values := url.Values{}
		for field := range form {
			values.Set(field, form.Get(field))
		}
		for field := range change {
			values.Set(field, change.Get(field))
		}
		if got := ask(h, "POST", "/conversions", values); got.Code != http.StatusOK || len(s.asked) != before {
			t.Errorf("%s: %d, %d conversions", name, got.Code, len(s.asked)-before)
		}
	}
	t.Run("a form grows old", func(t *testing.T) {
		s.now = s.now.Add(formLife)
		says(t, ask(h, "POST", "/conversions", form), "This form is no longer valid")
		if len(s.asked) != before {
			t.Fatal("it was sent all the same")
		}
	})
}

// TestWhatIsSaidOfTheLastStepHasTheFocus: it works without a script, is one place of a page, and none where the page is
// looked at alone.
func TestWhatIsSaidOfTheLastStepHasTheFocus(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		points, seen, at string
		change           func(*pos)
	}{
		"no number":             {"150x", "", "pb-wrong", func(*pos) {}},
		"a refusal":             {"500", "500", "pb-wrong", func(s *pos) { s.converting = domain.Refuse(domain.CodePointsNotInUnits) }},
		"not seen":              {"500", "", "pb-check", func(*pos) {}},
		"the POS went away":     {"500", "", "pb-away", func(s *pos) { s.refusal = domain.Refuse(domain.CodeUpstreamUnavailable) }},
		"the limit was reached": {"500", "", "pb-stop", func(s *pos) { s.points.DailyRemaining = 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, h, w := counter(t)
			c.change(s)
			expect.That(t, "looked at alone, nothing has it", !strings.Contains(ask(h, "GET", "/", nil).Body.String(), "autofocus"))
			page := ask(h, "POST", "/conversions", url.Values{"form_token": {tokenOf(w)}, "key": {pages.NewKey()},
				"points": {c.points}, "seen": {c.seen}})
			says(t, page, `id="`+c.at+`" tabindex="-1" autofocus`)
			expect.Equal(t, "places with the focus", strings.Count(page.Body.String(), "autofocus"), 1)
		})
	}
}

// covers: 001-42, 002-19, 004-58, H-05, H-06
func TestWalletHome(t *testing.T) {
	t.Parallel()
	t.Run("the POS is away: the coupons are there, and what to do", func(t *testing.T) {
		t.Parallel()
		s, h, _ := counter(t)
		s.list = []domain.Coupon{{ID: 1, Code: "70934-AAAAAA-500", Status: domain.Active,
			ExpiresAt: s.now.Add(time.Hour)}}
		s.refusal = domain.Refuse(domain.CodeUpstreamUnavailable)
		says(t, ask(h, "GET", "/", nil), "Your points cannot be read right now", "Try again", "70934-AAAAAA-500")
	})
	t.Run("nothing left today", func(t *testing.T) {
		t.Parallel()
		s, h, _ := counter(t)
		s.points.DailyRemaining = 0
		says(t, ask(h, "GET", "/", nil), "No more today", "10,000 points a day")
	})
	t.Run("address, member, browser, shop", func(t *testing.T) {
		t.Parallel()
		s, h, _ := counter(t)
		says(t, ask(h, "GET", "/?locale=ja-JP", nil), "マイポイント", `href="/apps/points/?locale=en"`,
			`action="/apps/points/conversions?locale=ja"`)
		says(t, ask(h, "GET", "/", nil), "My points")
		s.member.Locale = ""
		says(t, ask(h, "GET", "/", nil), "マイポイント")
	})
	t.Run("each coupon in the customer's words, with its end and the server's time", func(t *testing.T) {
		t.Parallel()
		s, h, _ := counter(t)
		for i, status := range []domain.Status{domain.Active, domain.Used, domain.Expired, domain.Cancelling,
			domain.Suspended, domain.Forfeited, domain.Cancelled} {
			s.list = append(s.list, domain.Coupon{ID: int64(100 - i), Code: "C-" + string(status), Status: status,
				ExpiresAt: s.now.Add(59*time.Minute + 30*time.Second)})
		}
		page := ask(h, "GET", "/", nil)
		says(t, page, `data-server-now="2026-11-21T09:30:00.000Z"`,
			`data-ends="2026-11-21T10:29:30Z">59 min 30 s left<`)
		body := page.Body.String()
		if n := strings.Count(body, `data-status="cancelled"`); n != 4 || strings.Count(body, "data-ends") != 1 ||
			strings.Count(body, ">Cancelled<") != 3 || strings.Count(body, ">On hold<") != 1 {
			t.Errorf("%d cancelled\n%s", n, body)
		}
	})
	t.Run("older coupons, page by page, and no cursor of one's own", func(t *testing.T) {
		t.Parallel()
		s, h, _ := counter(t)
		for i := range 45 {
			s.list = append(s.list, domain.Coupon{ID: int64(45 - i), Code: "C", Status: domain.Used})
		}
		seen, next := 0, "/"
		for pages := 0; next != ""; pages++ {
			body := ask(h, "GET", next, nil).Body.String()
			seen += strings.Count(body, "data-status")
			_, rest, more := strings.Cut(body, `href="/apps/points/?cursor=`)
			cursor, _, _ := strings.Cut(rest, `"`)
			if next = ""; more {
				next = "/?cursor=" + cursor
			}
			if pages > 3 {
				t.Fatal("no end")
			}
		}
		if seen != 45 {
			t.Errorf("%d coupons", seen)
		}
		says(t, ask(h, "GET", "/?cursor=xyz", nil), "There is nothing here")
	})
}

func TestChoices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		balance, left, unit, least int64
		most                       int64
		presets                    []int64
	}{
		{1250, 10000, 100, 100, 1200, []int64{100, 300, 500, 1000, 1200}}, {99, 10000, 100, 100, 0, nil},
		{100, 10000, 100, 100, 100, []int64{100}}, {50000, 250, 100, 100, 200, []int64{100, 200}},
		{50000, 0, 100, 100, 0, nil}, {1000, 10000, 100, 150, 1000, []int64{200, 600, 1000}}, {1000000, 10000, 1, 1,
			10000, []int64{1, 3, 5, 10, 10000}},
	} {
		most, presets := choices(coupons.Points{Balance: c.balance, DailyRemaining: c.left, Unit: c.unit,
			Minimum: c.least})
		expect.Equal(t, "most", most, c.most)
		expect.Equal(t, "presets", presets, c.presets)
	}
}

var said = regexp.MustCompile(`\.T "([a-z0-9_.]+)"`)

// TestWalletTexts: what the customer's pages name is said in each language, for every status that customers see.
func TestWalletTexts(t *testing.T) {
	t.Parallel()
	_, _, w := counter(t)
	files, err := fs.Glob(templates.Web, "web/wallet/*.html")
	expect.MustEqual(t, "err", err, nil)
	expect.MustThat(t, "len(files) >= 7", len(files) >= 7, len(files))
	for _, file := range files {
		text, err := templates.Web.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			if !w.deps.Words.Knows(m[1]) {
				t.Errorf("%s: nothing is said for %s", file, m[1])
			}
		}
		for _, never := range []string{"<style", "style=", "onclick"} {
			if strings.Contains(string(text), never) {
				t.Errorf("%s holds %s", file, never)
			}
		}
	}
	for _, status := range domain.Statuses() {
		if public := status.Public(); public != "" {
			if !w.deps.Words.Knows("wallet.status." + string(public)) {
				t.Errorf("there is no word for %s", public)
			}
		}
	}
	for _, key := range w.deps.Words.Keys() {
		code, isRefusal := strings.CutPrefix(key, "wallet.refused.")
		if !isRefusal {
			continue
		}
		code, isDetail := strings.CutSuffix(code, ".detail")
		expect.That(t, "domain.Codes() to contain domain.Code(code)",
			slices.Contains(domain.Codes(), domain.Code(code)), key, isDetail, domain.Code(code))
		expect.That(t, `w.deps.Words.Knows("wallet.refused."+code)`, w.deps.Words.Knows("wallet.refused."+code), key,
			isDetail, "wallet.refused."+code)
	}
}
