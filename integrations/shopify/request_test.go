package shopify

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

func sentVariables(t *testing.T, s *stub) map[string]any {
	t.Helper()
	bodies := s.sent()
	if len(bodies) != 1 {
		t.Fatalf("%d requests, want one round trip", len(bodies))
	}
	var req struct{ Variables map[string]any }
	if err := json.Unmarshal([]byte(bodies[0]), &req); err != nil {
		t.Fatal(err)
	}
	return req.Variables
}

// covers: 001-46, H-07
func TestCreateDiscountSends(t *testing.T) {
	t.Parallel()
	ok := `{"data":{"discountCodeBasicCreate":{"codeDiscountNode":{"id":"` + discountID + `"},"userErrors":[]}}}`
	t.Run("a fixed amount, once only, for one customer, with an end, no minimum", func(t *testing.T) {
		t.Parallel()
		s := always(http.StatusOK, ok)
		if err := create(t.Context(), newTestClient(t, testConfig(), s)); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"discount": map[string]any{
			"title": "Loyalty 500pt 70934", "code": secretCode,
			"startsAt": "2026-11-20T12:00:00Z", "endsAt": "2027-11-20T12:00:00Z",
			"usageLimit": 1.0, "appliesOncePerCustomer": true,
			"context": map[string]any{"customers": map[string]any{"add": []any{customer}}},
			"customerGets": map[string]any{
				"items": map[string]any{"all": true},
				"value": map[string]any{"discountAmount": map[string]any{"amount": "500", "appliesOnEachItem": false}},
			},
			"combinesWith": map[string]any{"orderDiscounts": false, "productDiscounts": false,
				"shippingDiscounts": false},
		}}
		if diff := cmp.Diff(want, sentVariables(t, s)); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
	})
	t.Run("a minimum subtotal and combinations are sent when configured", func(t *testing.T) {
		t.Parallel()
		s := always(http.StatusOK, ok)
		d := testDiscount()
		d.Amount = domain.Money{Minor: 1250, Currency: "USD"}
		d.MinimumSubtotal = domain.Money{Minor: 5000, Currency: "USD"}
		d.CombinesWith = coupons.Combines{Product: true}
		d.Tags = []string{"loyalty"}
		if _, err := newTestClient(t, testConfig(), s).CreateDiscount(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		in := sentVariables(t, s)["discount"].(map[string]any)
		for field, want := range map[string]any{
			"minimumRequirement": map[string]any{"subtotal": map[string]any{"greaterThanOrEqualToSubtotal": "50.00"}},
			"combinesWith": map[string]any{"orderDiscounts": false, "productDiscounts": true,
				"shippingDiscounts": false},
			"tags": []any{"loyalty"},
		} {
			if diff := cmp.Diff(want, in[field]); diff != "" {
				t.Errorf("%s sent (-want +got):\n%s", field, diff)
			}
		}
	})
}

func TestCreateDiscountKeepsBackWhatMustNeverExist(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*coupons.Discount){
		"no amount":        func(d *coupons.Discount) { d.Amount.Minor = 0 },
		"negative amount":  func(d *coupons.Discount) { d.Amount.Minor = -500 },
		"no currency":      func(d *coupons.Discount) { d.Amount.Currency = "" },
		"no customer":      func(d *coupons.Discount) { d.CustomerGID = "" },
		"another resource": func(d *coupons.Discount) { d.CustomerGID = "gid://shopify/Order/1" },
		"no end":           func(d *coupons.Discount) { d.EndsAt = d.StartsAt.AddDate(-2026, 0, 0) },
		"end at the start": func(d *coupons.Discount) { d.EndsAt = d.StartsAt },
		"no code":          func(d *coupons.Discount) { d.Code = "" },
		"line break":       func(d *coupons.Discount) { d.Code += "\n" },
		"too long":         func(d *coupons.Discount) { d.Code = strings.Repeat("A", 256) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := always(http.StatusOK, `{}`)
			d := testDiscount()
			spoil(&d)
			_, err := newTestClient(t, testConfig(), s).CreateDiscount(t.Context(), d)
			wantOutcome(t, err, domain.KindRefused, "invalid_discount")
			if n := len(s.sent()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// covers: H-10
func TestWriteCouponsSendsTheDigest(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		digest string
		want   any
	}{
		"none yet is an explicit null": {"", nil},
		"the one read last":            {"abc", "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig()
			cfg.MetafieldNamespace = "loyalty"
			s := readGolden(t, "metafields_set_ok").transport()
			if _, err := writeOne(t.Context(), newTestClient(t, cfg, s), customer, `[1]`, tc.digest); err != nil {
				t.Fatal(err)
			}
			in := sentVariables(t, s)["metafields"].([]any)[0].(map[string]any)
			want := map[string]any{
				"ownerId": customer, "namespace": "loyalty", "key": "coupons", "type": "json", "value": "[1]",
				"compareDigest": tc.want,
			}
			if diff := cmp.Diff(want, in); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestsAreAddressedByTheConfiguration(t *testing.T) {
	t.Parallel()
	var got *http.Request
	s := &stub{answer: func(r *http.Request, _ string) (*http.Response, error) {
		got = r
		return reply(http.StatusOK, string(readGolden(t, "shop_ok").Body)), nil
	}}
	cfg := testConfig()
	cfg.APIVersion = "2027-01"
	if err := newTestClient(t, cfg, s).Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if url := got.URL.String(); url != "https://example-store.myshopify.com/admin/api/2027-01/graphql.json" {
		t.Errorf("url %s", url)
	}
	if token := got.Header.Get("X-Shopify-Access-Token"); token != secretToken {
		t.Errorf("token %q", token)
	}
}
