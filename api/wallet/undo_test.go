package wallet

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// tokenOf proves a form of the one customer.
func tokenOf(w *Wallet) string {
	return (&request{Request: pages.Request{Base: w.deps.Base, Who: domain.Caller{ID: "shopify:1"}}, wallet: w}).formToken()
}

// mine is an active coupon of the one customer, made now.
func mine(s *pos) domain.Coupon {
	return domain.Coupon{ID: 1, Code: "70934-AAAAAA-500", Status: domain.Active, CustomerID: member, Points: 500,
		Amount: domain.Money{Minor: 500, Currency: "JPY"}, ActivatedAt: &s.now, ExpiresAt: s.now.Add(24 * time.Hour)}
}

func TestACouponIsTakenBackInTwoSteps(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	s.undoable = 30 * time.Minute
	c := mine(s)
	s.list, s.result = []domain.Coupon{c}, coupons.Result{Coupon: c, Done: true}
	says(t, ask(h, "GET", "/", nil), `action="/apps/points/undo"`, "Take it back", "possible until", "10:00 UTC")
	form := url.Values{"form_token": {tokenOf(w)}, "code": {c.Code}}
	asked := ask(h, "POST", "/undo", form)
	says(t, asked, "Take this coupon back?", "500 points come back to you", "Keep the coupon")
	expect.MustEqual(t, "taken back without being asked", len(s.undone), 0)
	_, rest, _ := strings.Cut(asked.Body.String(), `name="key" value="`)
	form.Set("key", rest[:22])
	done := ask(h, "POST", "/undo", form)
	expect.MustEqual(t, "done.Code", done.Code, http.StatusSeeOther, done.Body)
	expect.Equal(t, "the address", done.Header().Get("Location"), "/apps/points/?status=undone")
	expect.MustEqual(t, "len(s.undone)", len(s.undone), 1)
	expect.Equal(t, "s.undone[0].Key", s.undone[0].Key, form.Get("key"))
	expect.Equal(t, "s.undone[0].Code", s.undone[0].Code, c.Code)
	says(t, ask(h, "GET", "/?status=undone", nil), "Your coupon was taken back", `id="pb-undone" tabindex="-1" autofocus`)

	s.refusal = domain.Refuse(domain.CodeUndoOver)
	says(t, ask(h, "POST", "/undo", form), "title of undo_time_over", "Back to my points")
	form.Set("form_token", "1.x")
	says(t, ask(h, "POST", "/undo", form), "This form is no longer valid")
	expect.Equal(t, "len(s.undone)", len(s.undone), 2)
}

func TestACouponThatCannotBeTakenBackSaysWhy(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	s.undoable = 30 * time.Minute
	form := url.Values{"form_token": {tokenOf(w)}, "code": {"70934-AAAAAA-500"}}
	for why, change := range map[domain.Code]func(*domain.Coupon){
		domain.CodeCouponUsed:      func(c *domain.Coupon) { c.Status = domain.Used },
		domain.CodeCouponExpired:   func(c *domain.Coupon) { c.ExpiresAt = s.now },
		domain.CodeCouponCancelled: func(c *domain.Coupon) { c.Status = domain.Cancelling },
		domain.CodeUndoNotOffered:  func(c *domain.Coupon) { c.Points = 0 },
		domain.CodeUndoOver:        func(c *domain.Coupon) { at := s.now.Add(-30 * time.Minute); c.ActivatedAt = &at },
		domain.CodeCouponNotFound:  func(c *domain.Coupon) { c.CustomerID = "1" },
	} {
		c := mine(s)
		change(&c)
		s.list, s.result = []domain.Coupon{c}, coupons.Result{Coupon: c, Done: true}
		says(t, ask(h, "POST", "/undo", form), "title of "+string(why))
		if strings.Contains(ask(h, "GET", "/", nil).Body.String(), "Take it back") && why != domain.CodeCouponNotFound {
			t.Errorf("%s: it is offered all the same", why)
		}
	}
	expect.Equal(t, "len(s.undone)", len(s.undone), 0)
}

func TestALargeNumberOfPointsIsAskedAboutOnceMoreUnderTheSameKey(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	w.deps.ConfirmAbove = 499
	form := url.Values{"form_token": {tokenOf(w)}, "key": {pages.NewKey()}, "points": {"500"}, "seen": {"500"}}
	page := ask(h, "POST", "/conversions", form)
	says(t, page, "A large coupon. Is this right?", "750 points", `name="key" value="`+form.Get("key")+`"`,
		`name="sure" value="500"`)
	expect.MustEqual(t, "len(s.asked)", len(s.asked), 0)
	form.Set("sure", "400")
	says(t, ask(h, "POST", "/conversions", form), "A large coupon")
	form.Set("sure", "500")
	expect.Equal(t, "made", ask(h, "POST", "/conversions", form).Code, http.StatusSeeOther)
	expect.MustEqual(t, "len(s.asked)", len(s.asked), 1)
	expect.Equal(t, "s.asked[0].Key", s.asked[0].Key, form.Get("key"))
	small := url.Values{"form_token": {tokenOf(w)}, "key": {pages.NewKey()}, "points": {"400"}, "seen": {"400"}}
	expect.Equal(t, "a small one", ask(h, "POST", "/conversions", small).Code, http.StatusSeeOther)
}

func TestTheListSaysWhatBecameOfThePoints(t *testing.T) {
	t.Parallel()
	s, h, w := counter(t)
	w.deps.Contact = domain.Contact{Text: "03-1234-5678", Link: "tel:0312345678"}
	add := func(id int64, status domain.Status, ends time.Duration) *domain.Coupon {
		c := mine(s)
		c.ID, c.Status, c.Code, c.ExpiresAt = id, status, "C-"+string(status), s.now.Add(ends)
		s.list = append([]domain.Coupon{c}, s.list...)
		return &s.list[0]
	}
	for i, status := range []domain.Status{domain.Used, domain.Cancelling, domain.Suspended, domain.Forfeited, domain.Cancelled} {
		add(int64(i+1), status, time.Hour)
	}
	add(6, domain.Active, 3*time.Hour).Code = "LATER"
	add(7, domain.Active, time.Hour).Code = "SOONER"
	add(8, domain.Cancelled, time.Hour).UsedAt = &s.now
	s.moved = map[int64][]domain.MovementKind{1: {domain.Grant}, 8: {domain.TakeBack}}
	page := ask(h, "GET", "/", nil)
	says(t, page, `data-fate="returning">500 points are on their way`, `data-fate="held"`, `data-fate="forfeited"`,
		`data-fate="taken_again"`, `href="tel:0312345678">03-1234-5678</a>`)
	body := page.Body.String()
	expect.Equal(t, "came back", strings.Count(body, `data-fate="returned"`), 2)
	expect.That(t, "what ends first stands first", strings.Index(body, "SOONER") < strings.Index(body, "LATER") &&
		strings.Index(body, "LATER") < strings.Index(body, "C-used"))
	expect.Equal(t, "each once", strings.Count(body, "<code>SOONER"), 1)
}
