package couponstest

import (
	"encoding/json"
	"runtime"
	"slices"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// WaitForTimers waits until n requests have started to wait.
func (w *World) WaitForTimers(n int) {
	for w.Clock.Waiting() < n {
		runtime.Gosched()
	}
}

// Manager is a person who may decide.
func Manager() domain.Caller {
	return domain.Caller{ID: "staff:1", Name: "Sato", Role: domain.RoleStoreManager}
}

// Cancellation asks for a coupon to be cancelled.
func Cancellation(code, key string) coupons.Cancellation {
	return coupons.Cancellation{Caller: Manager(), Code: code, Reason: domain.ReasonCustomerRequest, Note: "mistake",
		Key: key}
}

// Cancel cancels a coupon, whatever the answer is.
func Cancel(s *coupons.Service, t *testing.T, code string) {
	_, _ = s.Cancel(t.Context(), Cancellation(code, "c1"))
}

// WithCoupon is a world with one active coupon that has been told of.
func WithCoupon(t *testing.T, set func(*World)) (*World, string) {
	t.Helper()
	w := NewWorld(t)
	s := w.Service(nil)
	got, err := s.Convert(t.Context(), Conversion(500, "k1"))
	if err != nil {
		t.Fatal(err)
	}
	w.Rest(s)
	set(w)
	return w, got.Coupon.Code
}

// BalancedAs is Balanced, with coupons that ended in one of the given ways.
func (w *World) BalancedAs(must []domain.Status) {
	w.T.Helper()
	w.Balanced()
	for _, c := range w.DB.Coupons {
		ok := false
		for _, s := range must {
			ok = ok || c.Status == s
		}
		if !ok {
			w.T.Errorf("%s ended in %s, not in %v", c.Code, c.Status, must)
		}
	}
}

// Buried is a dead process of which nothing can arrive any more. Settle is how long after a lease something can; a test
// whose clock leaps must not hold back an act of the dead for longer, or a POS without safe keys books it twice,
// rightly.
func (w *World) Buried(m *Mortal, dead *coupons.Service) {
	w.T.Helper()
	w.Drain(dead)
	m.Kill()
}

// Drain waits for what runs without a request: the clock must not run ahead of an act that is under way.
func (w *World) Drain(list ...*coupons.Service) {
	w.T.Helper()
	for _, s := range list {
		if err := s.Drain(w.T.Context()); err != nil {
			w.T.Fatal(err)
		}
	}
}

// Pass lets the steps, and then everything else, come to rest.
func (w *World) Pass(s *coupons.Service) {
	w.T.Helper()
	if err := s.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.Rest(w.Service(nil))
}

// SettleParked is the person who looks into the POS's own records when the service cannot.
func (w *World) SettleParked(s *coupons.Service, code string) {
	w.T.Helper()
	if w.DB.Coupons[0].ParkedAt == nil {
		return
	}
	outcome := reviews.OutcomeNotApplied
	if w.Out.Times(domain.GiveBackReference(code)) > 0 {
		outcome = reviews.OutcomeApplied
	}
	if _, _, err := s.Decide(w.T.Context(), coupons.Decision{Caller: Manager(), ReviewID: 1, Outcome: outcome,
		Key: "p1"}); err != nil {
		w.T.Fatal(err)
	}
	if err := s.Drain(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.Rest(s)
}

// Look looks at the world's one coupon's discount.
func (w *World) Look(s *coupons.Service) coupons.Look {
	w.T.Helper()
	got, err := s.LookAtDiscount(w.T.Context(), w.DB.Coupons[0].ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return got
}

// Day is a day without a change of the clocks.
const Day = 24 * time.Hour

// Metafield is what the shop shows of the one member.
func (w *World) Metafield() (entries []map[string]any) {
	w.T.Helper()
	if err := json.Unmarshal([]byte(w.Out.Fields["gid://shopify/Customer/1"]), &entries); err != nil {
		w.T.Fatal(err)
	}
	return entries
}

// Refresh reads an order anew, once for each hint.
func (w *World) Refresh(gid string, hints ...domain.OrderHint) {
	w.T.Helper()
	for _, hint := range hints {
		if err := w.Orders(w.Service(nil)).RefreshOrder(w.T.Context(), gid, hint); err != nil {
			w.T.Fatal(err)
		}
	}
}

// Remedy is one way in which a voided order is made good.
type Remedy struct {
	Name    string
	Set     func(*World)
	Outcome reviews.Outcome
}

// Again decides under a fresh key, and tells of the order.
func (w *World) Again(r Remedy) {
	w.T.Helper()
	s := w.Service(nil)
	_, _, _ = s.Decide(w.T.Context(), Decision(r.Outcome, "d2"))
	w.Told(s, w.Out.Orders...)
	w.Pass(s)
}

// SettledByHand is the person who looks into the POS's own records when the service cannot.
func (w *World) SettledByHand(of reviews.Outcome) {
	w.T.Helper()
	if w.DB.Coupons[0].ParkedAt == nil {
		return
	}
	outcome := reviews.OutcomeNotApplied
	if w.Out.Times(domain.GrantReference(w.DB.Coupons[0].Code)) > 0 {
		outcome = reviews.OutcomeApplied
	}
	s := w.Service(nil)
	d := coupons.Decision{Caller: Manager(), ReviewID: 2, Outcome: outcome, Key: "p-" + string(of)}
	if _, _, err := s.Decide(w.T.Context(), d); err != nil {
		w.T.Fatal(err)
	}
	w.Pass(s)
}

// MadeGood checks that exactly one thing was done, whole, and that its mail was sent.
func (w *World) MadeGood(outcome reviews.Outcome) {
	w.T.Helper()
	w.Balanced()
	old := w.DB.Coupons[0]
	granted := w.Out.Times(domain.GrantReference(old.Code))
	good, mail := 0, domain.MailGranted
	for _, c := range w.DB.Coupons[1:] {
		if c.Status == domain.Active && c.ReissuedFrom == old.Code {
			good++
		}
	}
	if outcome == reviews.OutcomeReissue {
		mail = domain.MailReissued
	}
	if old.Status != domain.Used || outcome == reviews.OutcomeReissue && (good != 1 || granted != 0) ||
		outcome == reviews.OutcomeGrant && (good != 0 || granted != 1) {
		w.T.Errorf("%s: %d new codes, %d grants, %+v", outcome, good, granted, old)
	}
	if w.DB.Reviews[0].Open || w.DB.Reviews[0].Outcome != outcome {
		w.T.Errorf("%+v", w.DB.Reviews)
	}
	mailed := 0
	for _, m := range w.Out.Mails {
		if m.Kind == mail {
			mailed++
		}
	}
	if mailed != 1 {
		w.T.Errorf("%d mails of %s", mailed, mail)
	}
}

// Decided decides the first review and lets everything come to rest.
func (w *World) Decided(outcome reviews.Outcome, key string) {
	w.T.Helper()
	s := w.Service(nil)
	if _, _, err := s.Decide(w.T.Context(), Decision(outcome, key)); err != nil {
		w.T.Fatal(err)
	}
	w.Pass(s)
}

// Last is the newest coupon.
func (w *World) Last() domain.Coupon { return w.DB.Coupons[len(w.DB.Coupons)-1] }

// WithVoidedOrder is a world in which a coupon was used by an order that was then cancelled, and its review.
func WithVoidedOrder(t *testing.T, set func(*World)) (*World, string) {
	t.Helper()
	w, code := WithCoupon(t, func(*World) {})
	w.Out.PlaceOrder(code)
	s := w.Service(nil)
	w.Told(s, w.Out.Orders[0])
	set(w)
	w.Told(w.Service(nil), w.Out.CancelOrder(0, "customer"))
	return w, code
}

// Told tells the service of orders, as webhooks and the sweep do.
func (w *World) Told(s *coupons.Service, orders ...orders.Order) {
	w.T.Helper()
	for _, o := range orders {
		if err := w.Orders(s).SeeOrder(w.T.Context(), o); err != nil {
			w.T.Fatal(err)
		}
	}
}

// Actions are what the audit has about a coupon.
func (w *World) Actions(code string) (list []string) {
	for _, e := range w.DB.Audit {
		if e.Code == code {
			list = append(list, e.Action)
		}
	}
	return list
}

// Count is how often the audit has an action.
func (w *World) Count(action string) int {
	return len(slices.DeleteFunc(slices.Clone(w.DB.Audit),
		func(e domain.AuditEntry) bool { return e.Action != action }))
}

// Decision is the first review, decided by the manager.
func Decision(outcome reviews.Outcome, key string) coupons.Decision {
	return coupons.Decision{Caller: Manager(), ReviewID: 1, Outcome: outcome, Note: "looked into", Key: key}
}
