package reviews_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

const (
	taggedOrder    = "gid://shopify/Order/1 check-order"
	taggedCustomer = "gid://shopify/Customer/1 check-customer"
)

func tagging(w *couponstest.World) {
	w.Policy.Tags = reviews.Tags{Order: "check-order", Customer: "check-customer"}
}

// covers: 003-15, 003-16
func TestTags(t *testing.T) {
	t.Parallel()
	t.Run("a review tags its order and its customer, however often it is told of", func(t *testing.T) {
		t.Parallel()
		w, _ := couponstest.WithVoidedOrder(t, tagging)
		s := w.Service(nil)
		w.Told(s, w.Out.Orders[0], w.Out.Orders[0],
			w.Out.Change(0, func(o *orders.Order) { o.Payment = domain.PaymentRefunded }))
		w.Rest(s)
		w.Decided(reviews.OutcomeRefuse, "d1")
		w.Told(s, w.Out.Orders[0])
		w.Rest(s)
		slices.Sort(w.Out.Tags)
		expect.Equal(t, "w.Out.Tags", w.Out.Tags, []string{taggedCustomer, taggedOrder})
	})
	t.Run("a refund of a part that becomes the whole order is the same review", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, func(w *couponstest.World) { tagging(w); w.Policy.PartialRefunds = true })
		w.Out.PlaceOrder(code)
		s := w.Service(nil)
		w.Told(s, w.Out.Change(0, func(o *orders.Order) { o.Payment = domain.PaymentPartiallyRefunded }))
		w.Told(s, w.Out.CancelOrder(0, "customer"))
		w.Rest(s)
		if len(w.DB.Reviews) != 1 || len(w.Out.Tags) != 2 {
			t.Errorf("%d reviews, %v", len(w.DB.Reviews), w.Out.Tags)
		}
	})
	t.Run("suspected fraud without an order tags the customer only", func(t *testing.T) {
		t.Parallel()
		w, code := couponstest.WithCoupon(t, tagging)
		s := w.Service(nil)
		if _, err := s.Suspend(t.Context(), coupons.Suspension(couponstest.Cancellation(code, "s1"))); err != nil {
			t.Fatal(err)
		}
		w.Rest(s)
		expect.Equal(t, "w.Out.Tags", w.Out.Tags, []string{taggedCustomer})
	})
	t.Run("each is switched on by itself", func(t *testing.T) {
		t.Parallel()
		for want, tags := range map[string]reviews.Tags{"": {}, taggedOrder: {Order: "check-order"},
			taggedCustomer: {Customer: "check-customer"}} {
			w, _ := couponstest.WithVoidedOrder(t, func(w *couponstest.World) { w.Policy.Tags = tags })
			w.Rest(w.Service(nil))
			expect.Equal(t, `strings.Join(w.Out.Tags, ",")`, strings.Join(w.Out.Tags, ","), want, tags)
		}
	})
}

// TestTagsThatFail: what the shop refuses for good ends with a line in the log; all else is the queue's to repeat.
// covers: 003-15
func TestTagsThatFail(t *testing.T) {
	t.Parallel()
	fault := func(kind domain.Kind, reason string) error {
		return &domain.UpstreamError{Kind: kind, Upstream: "shopify", Act: "add_tag", Reason: reason}
	}
	type outcome struct {
		err  error
		ends bool
	}
	for name, tc := range map[string]outcome{
		"a gone order":                {fault(domain.KindNotFound, "tag"), true},
		"a refusal":                   {fault(domain.KindRefused, "resource_not_found"), true},
		"a missing scope":             {fault(domain.KindAuth, domain.ReasonAccessDenied), true},
		"a token that is not any":     {fault(domain.KindAuth, "http_401"), false},
		"throttled":                   {fault(domain.KindThrottled, "throttled"), false},
		"away":                        {fault(domain.KindUnavailable, ""), false},
		"an answer that did not come": {fault(domain.KindUnknown, "http_502"), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := couponstest.WithVoidedOrder(t, tagging)
			w.Out.Refuse["tag"] = tc.err
			var log bytes.Buffer
			s := w.Service(nil)
			s.Logger = slog.New(slog.NewTextHandler(&log, nil))
			for _, gid := range []string{"gid://shopify/Order/1", "gid://shopify/Customer/1"} {
				log.Reset()
				err := w.Marker(s).TagForReview(t.Context(), gid, 0)
				if (err == nil) != tc.ends || strings.Contains(log.String(), "not tagged") != tc.ends ||
					strings.Contains(log.String(), "Customer/1") {
					t.Errorf("%s: %v, logged %q", gid, err, log.String())
				}
			}
			expect.Equal(t, "w.DB.Reviews[0].Open", w.DB.Reviews[0].Open, true)
			delete(w.Out.Refuse, "tag")
			w.Decided(reviews.OutcomeReissue, "d1")
			w.Balanced()
		})
	}
}
