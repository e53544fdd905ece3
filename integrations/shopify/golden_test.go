package shopify

import (
	"context"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
)

func create(ctx context.Context, c *Client) error {
	id, err := c.CreateDiscount(ctx, testDiscount())
	if err == nil && id != discountID {
		return errWrong
	}
	return err
}

func find(ctx context.Context, c *Client) error {
	got, err := c.FindDiscount(ctx, strings.ToLower(secretCode))
	want := coupons.FoundDiscount{
		ID: discountID, Codes: []string{secretCode}, Title: "Loyalty 500pt 70934", Tags: []string{"loyalty"},
		CustomerGID: customer, CustomerCount: 1, Amount: domain.Money{Minor: 500, Currency: "JPY"},
		EndsAt: time.Date(2027, 11, 20, 0, 0, 0, 0, time.UTC), UsageLimit: 1, Status: "ACTIVE",
		UpdatedAt: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC),
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		return errWrong
	}
	return err
}

func deactivate(ctx context.Context, c *Client) error { return c.DeactivateDiscount(ctx, discountID) }

func remove(ctx context.Context, c *Client) error { return c.DeleteDiscount(ctx, discountID) }

func write(ctx context.Context, c *Client) error {
	digest, err := writeOne(ctx, c, customer, `[]`, "")
	if err == nil && len(digest) != 64 {
		return errWrong
	}
	return err
}

// writeOne writes one customer's metafield, and gives what it is refused for as an error.
func writeOne(ctx context.Context, c *Client, customer, value, digest string) (string, error) {
	digests, refused, err := c.WriteCoupons(ctx, []metafields.Entry{{CustomerGID: customer, Value: []byte(value),
		Digest: digest}})
	if err != nil || len(refused) > 0 {
		return "", errors.Join(err, refusedFor(refused))
	}
	return digests[0], nil
}

func refusedFor(refused map[int]string) error {
	if len(refused) == 0 {
		return nil
	}
	return &domain.UpstreamError{Kind: domain.KindRefused, Reason: refused[0]}
}

func read(ctx context.Context, c *Client) error {
	entries, digest, err := c.ReadCoupons(ctx, customer)
	if err == nil && (len(entries) > 0) != (digest != "") {
		return errWrong
	}
	return err
}

func ping(ctx context.Context, c *Client) error { return c.Ping(ctx) }

func define(ctx context.Context, c *Client) error {
	return (&call{Client: c, name: "setup"}).define(ctx)
}

func redefine(ctx context.Context, c *Client) error {
	return (&call{Client: c, name: "setup"}).redefine(ctx)
}

func ready(ctx context.Context, c *Client) error {
	missing, err := c.SetupMissing(ctx)
	if err == nil && len(missing) > 0 {
		return errMissing
	}
	return err
}

func changedOrders(ctx context.Context, c *Client) error {
	page, err := c.OrdersSince(ctx, noon, "")
	if err != nil {
		return err
	}
	if len(page.Orders) != 2 || page.Next == "" || !slices.Contains(page.Orders[0].Codes, secretCode) ||
		page.Orders[0].CustomerGID != customer || page.Orders[1].CancelledAt.IsZero() ||
		page.Orders[1].CustomerGID != "" {
		return errWrong
	}
	return nil
}

func usage(ctx context.Context, c *Client) error {
	got, err := c.Usage(ctx, orders.UsageQuery{DiscountID: discountID, Code: strings.ToLower(secretCode),
		CustomerGID: customer, Since: noon})
	if err == nil && (got.Count != 1 || got.Order == nil || got.Order.Name != "#1001" || len(got.Order.Codes) != 2) {
		return errWrong
	}
	return err
}

func grant(ctx context.Context, c *Client) error {
	token, err := c.tokens.get(ctx)
	if err == nil && !strings.HasPrefix(token, "shpat_") {
		return errWrong
	}
	return err
}

type plain string

func (p plain) Error() string { return string(p) }

const (
	errWrong   = plain("the answer was read wrongly")
	errMissing = plain("something is missing")
)

// Every documented answer is read as the outcome it means. An empty kind is success.
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		file   string
		act    func(context.Context, *Client) error
		kind   domain.Kind
		reason string
	}{
		{"discount_create_ok", create, "", ""},
		{"discount_create_taken", create, domain.KindRefused, domain.ReasonCodeTaken},
		{"discount_create_too_long", create, domain.KindRefused, "too_long"},
		{"discount_create_blank", create, domain.KindRefused, "blank"},
		{"discount_create_invalid_end", create, domain.KindRefused, "invalid"},
		{"invalid_variable", create, domain.KindRefused, "invalid_variable"},
		{"argument_not_accepted", define, domain.KindRefused, "argumentnotaccepted"},
		{"throttled", create, domain.KindThrottled, "throttled"},
		{"internal_server_error", create, domain.KindUnknown, "internal_server_error"},
		{"internal_server_error_with_path", create, domain.KindUnknown, "internal_server_error"},
		{"access_denied", create, domain.KindAuth, "access_denied"},
		{"resource_not_found", remove, domain.KindRefused, "resource_not_found"},
		{"max_cost_exceeded", ping, domain.KindRefused, "max_cost_exceeded"},
		{"discount_find_ok", find, "", ""},
		{"discount_find_none", find, domain.KindNotFound, ""},
		{"discount_deactivate_ok", deactivate, "", ""},
		{"discount_deactivate_gone", deactivate, domain.KindNotFound, ""},
		{"discount_delete_ok", remove, "", ""},
		{"discount_delete_gone", remove, "", ""},
		{"metafields_set_ok", write, "", ""},
		{"metafields_set_stale", write, domain.KindRefused, domain.ReasonStale},
		{"metafields_set_invalid_digest", write, domain.KindRefused, domain.ReasonStale},
		{"metafields_set_no_owner", write, domain.KindRefused, domain.ReasonCustomerNotFound},
		{"metafields_set_not_authorized", write, domain.KindRefused, "app_not_authorized"},
		{"customer_coupons_ok", read, "", ""},
		{"customer_coupons_none", read, "", ""},
		{"customer_none", read, domain.KindNotFound, domain.ReasonCustomerNotFound},
		{"metafield_definitions_ok", ready, "", ""},
		{"metafield_definition_create_ok", define, "", ""},
		{"metafield_definition_create_taken", define, "", ""},
		{"metafield_definition_update_ok", redefine, "", ""},
		{"orders_page", changedOrders, "", ""},
		{"coupon_usage_ok", usage, "", ""},
		{"order_shown_ok", shown, "", ""},
		{"order_shown_withheld", shownWithout, "", ""},
		{"order_not_approved", shown, domain.KindAuth, domain.ReasonAccessDenied},
		{"orders_shown_page", shownPage, "", ""},
		{"risk_assess_ok", assess, "", ""},
		{"fulfilment_open", partOpen, "", ""},
		{"fulfilment_held", partHeld, "", ""},
		{"fulfilment_hold_ok", hold, "", ""},
		{"fulfilment_hold_duplicate", hold, "", ""},
		{"fulfilment_hold_limit", hold, domain.KindRefused, "fulfillment_order_hold_limit_reached"},
		{"fulfilment_hold_unknown", hold, domain.KindRefused, "resource_not_found"},
		{"fulfilment_hold_denied", hold, domain.KindAuth, domain.ReasonAccessDenied},
		{"fulfilment_release_ok", release, "", ""},
		{"shop_ok", ping, "", ""},
		{"token_ok", grant, "", ""},
		{"token_invalid_client", grant, domain.KindAuth, "token"},
		{"unauthorized", create, domain.KindAuth, "http_401"},
		{"too_many_requests", create, domain.KindThrottled, "http_429"},
		{"locked", create, domain.KindAuth, "http_423"},
	}
	seen := map[string]bool{"metafield_definitions_none": true} // TestSetup
	for _, tc := range cases {
		seen[tc.file] = true
		t.Run(tc.file, func(t *testing.T) {
			t.Parallel()
			cfg := testConfig()
			if strings.HasPrefix(tc.file, "token_") {
				cfg.AccessToken, cfg.ClientID, cfg.ClientSecret = "", "id", clientSecret
			}
			wantOutcome(t, tc.act(t.Context(), newTestClient(t, cfg, readGolden(t, tc.file).transport())), tc.kind,
				tc.reason)
		})
	}
	files, err := os.ReadDir(goldenFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), ".json"); ok && !seen[name] {
			t.Errorf("no test reads %s", f.Name())
		}
	}
}

func TestThrottledAnswersSayHowLong(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]time.Duration{
		"throttled":         100 * time.Millisecond, // (12 - 2) / 100 per second
		"too_many_requests": 2 * time.Second,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			err := create(t.Context(), newTestClient(t, testConfig(), readGolden(t, file).transport()))
			if got := domain.RetryAfterOf(err); got != want {
				t.Errorf("wait %v, want %v", got, want)
			}
		})
	}
}
