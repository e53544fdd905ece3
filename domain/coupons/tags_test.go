package coupons_test

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	taggedOrder    = "gid://shopify/Order/1 check-order"
	taggedCustomer = "gid://shopify/Customer/1 check-customer"
)

func tagging(w *world) {
	w.policy.Tags = coupons.ReviewTags{Order: "check-order", Customer: "check-customer"}
}

// covers: 003-15, 003-16
func TestTags(t *testing.T) {
	t.Parallel()
	t.Run("a review tags its order and its customer, however often it is told of", func(t *testing.T) {
		t.Parallel()
		w, _ := withVoidedOrder(t, tagging)
		s := w.service(nil)
		w.told(s, w.out.orders[0], w.out.orders[0],
			w.out.change(0, func(o *coupons.Order) { o.Payment = coupons.PaymentRefunded }))
		w.rest(s)
		w.decided(coupons.OutcomeRefuse, "d1")
		w.told(s, w.out.orders[0])
		w.rest(s)
		slices.Sort(w.out.tags)
		if !slices.Equal(w.out.tags, []string{taggedCustomer, taggedOrder}) {
			t.Errorf("%v", w.out.tags)
		}
	})
	t.Run("a refund of a part that becomes the whole order is the same review", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, func(w *world) { tagging(w); w.policy.PartialRefunds = true })
		w.out.order(code)
		s := w.service(nil)
		w.told(s, w.out.change(0, func(o *coupons.Order) { o.Payment = coupons.PaymentPartiallyRefunded }))
		w.told(s, w.out.cancelOrder(0, "customer"))
		w.rest(s)
		if len(w.db.reviews) != 1 || len(w.out.tags) != 2 {
			t.Errorf("%d reviews, %v", len(w.db.reviews), w.out.tags)
		}
	})
	t.Run("suspected fraud without an order tags the customer only", func(t *testing.T) {
		t.Parallel()
		w, code := withCoupon(t, tagging)
		s := w.service(nil)
		if _, err := s.Suspend(t.Context(), coupons.Suspension(cancellation(code, "s1"))); err != nil {
			t.Fatal(err)
		}
		w.rest(s)
		if !slices.Equal(w.out.tags, []string{taggedCustomer}) {
			t.Errorf("%v", w.out.tags)
		}
	})
	t.Run("each is switched on by itself", func(t *testing.T) {
		t.Parallel()
		for want, tags := range map[string]coupons.ReviewTags{"": {}, taggedOrder: {Order: "check-order"},
			taggedCustomer: {Customer: "check-customer"}} {
			w, _ := withVoidedOrder(t, func(w *world) { w.policy.Tags = tags })
			w.rest(w.service(nil))
			if got := strings.Join(w.out.tags, ","); got != want {
				t.Errorf("%+v: %s", tags, got)
			}
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
			w, _ := withVoidedOrder(t, tagging)
			w.out.refuse["tag"] = tc.err
			var log bytes.Buffer
			s := w.service(nil)
			s.Logger = slog.New(slog.NewTextHandler(&log, nil))
			for _, gid := range []string{"gid://shopify/Order/1", "gid://shopify/Customer/1"} {
				log.Reset()
				err := s.TagForReview(t.Context(), gid, 0)
				if (err == nil) != tc.ends || strings.Contains(log.String(), "not tagged") != tc.ends ||
					strings.Contains(log.String(), "Customer/1") {
					t.Errorf("%s: %v, logged %q", gid, err, log.String())
				}
			}
			if r := w.db.reviews[0]; !r.Open {
				t.Errorf("%+v", r)
			}
			delete(w.out.refuse, "tag")
			w.decided(coupons.OutcomeReissue, "d1")
			w.balanced()
		})
	}
}
