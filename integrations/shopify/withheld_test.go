package shopify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

func TestPathsThatLeadToAPartOfWhatOrdersShow(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]part{
		`["order"]`: "", `["orders"]`: "", `["orders","nodes",0]`: "", `["order","id"]`: "", `["customer","email"]`: "",
		`[]`: "", `["order","email"]`: partEmail, `["orders","nodes",3,"phone"]`: partPhone,
		`["order","customer","numberOfOrders"]`: partCustomer, `["order","clientIp"]`: partIP,
		`["order","customAttributes"]`: partDevice, `["order","shippingAddress"]`: partPlace,
		`["order","billingAddress","name"]`: partName, `["order","billingAddress","phone"]`: partPlacePhone,
		`["orders","nodes",0,"shippingAddress","zip"]`: partAddress,
	} {
		var list []any
		if err := json.Unmarshal([]byte(path), &list); err != nil {
			t.Fatal(err)
		}
		if got := partAt(list); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

const bareOrder = `{"id": "gid://shopify/Order/9001", "name": "#1001", "createdAt": "2026-11-20T03:04:05Z",
	"discountCodes": ["A"], "sourceName": "web", "clientIp": "203.0.113.7", "email": "taro@example.com"}`

func denial(path string) string {
	return `{"message": "This app is not approved", "path": ` + path + `, "extensions": {"code": "ACCESS_DENIED"}}`
}

const (
	cutOff   = `{"message": "Too many execution errors, max error limit reached. Results truncated"}`
	internal = `{"message": "Internal error", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}`
)

// TestWhatIsRefusedIsLeftOutOfTheNextQuestion: an answer that cannot be used for its errors is asked for again without
// what was refused, until it can or nothing is left to leave out.
func TestWhatIsRefusedIsLeftOutOfTheNextQuestion(t *testing.T) {
	t.Parallel()
	full := `{"data": {"order": ` + bareOrder + `}}`
	refused := func(data string, errors ...string) string {
		return `{"data": ` + data + `, "errors": [` + strings.Join(errors, ",") + `]}`
	}
	some := `{"order": ` + bareOrder + `}`
	for name, tc := range map[string]struct {
		answers []string
		kind    domain.Kind
		reason  string
		missing []identity.Kind
	}{
		"nothing is refused": {[]string{full}, "", "", nil},
		"a field, and the rest is used": {[]string{refused(some, denial(`["order","phone"]`))}, "", "",
			[]identity.Kind{identity.Phone}},
		"a whole address": {[]string{refused(some, denial(`["order","shippingAddress"]`))}, "", "",
			[]identity.Kind{identity.Address, identity.Name}},
		"a field that may not be null takes the order with it": {
			[]string{refused(`{"order": null}`, denial(`["order","customAttributes"]`)), full}, "", "",
			[]identity.Kind{identity.Device}},
		"more than the answer has room for": {
			[]string{refused(some, denial(`["order","email"]`), cutOff),
				refused(some, denial(`["order","phone"]`), cutOff), full}, "", "",
			[]identity.Kind{identity.Email, identity.Phone}},
		"the order itself": {[]string{refused(`{"order": null}`, denial(`["order"]`))}, domain.KindAuth,
			domain.ReasonAccessDenied, nil},
		"something else beside it, each time": {
			[]string{refused(some, denial(`["order","email"]`), internal), refused(some, internal)},
			domain.KindUnknown, "internal_server_error", nil},
		"a field that nobody asked for": {[]string{refused(some, denial(`["order","note"]`))}, domain.KindUnknown,
			domain.ReasonAccessDenied, nil},
		"the same again and again": {
			[]string{refused(some, denial(`["order","email"]`), cutOff), refused(some, denial(`["order","email"]`),
				cutOff)}, domain.KindUnknown, "uncoded", nil},
		"an order that is gone": {[]string{`{"data": {"order": null}}`}, domain.KindNotFound, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			rt := &stub{answer: func(*http.Request, string) (*http.Response, error) {
				asked++
				return reply(200, tc.answers[min(asked, len(tc.answers))-1]), nil
			}}
			got, err := newTestClient(t, testConfig(), rt).OrderShown(t.Context(), shownID)
			wantOutcome(t, err, tc.kind, tc.reason)
			if asked != len(tc.answers) {
				t.Errorf("asked %d times, want %d", asked, len(tc.answers))
			}
			if !slices.Equal(got.Withheld, tc.missing) {
				t.Errorf("withheld %v, want %v", got.Withheld, tc.missing)
			}
			if tc.kind == "" && (got.ID != shownID || !slices.Equal(got.Shown.Emails, []string{"taro@example.com"})) {
				t.Errorf("read as %s with %v", got.ID, got.Shown.Emails)
			}
		})
	}
}

func TestAQuestionWithoutWhatWasRefusedSaysSo(t *testing.T) {
	t.Parallel()
	answers := []string{`{"data": {"order": null}, "errors": [` + denial(`["order","customAttributes"]`) + `,` +
		denial(`["order","billingAddress","phone"]`) + `]}`, `{"data": {"order": ` + bareOrder + `}}`}
	asked := 0
	rt := &stub{answer: func(*http.Request, string) (*http.Response, error) {
		asked++
		return reply(200, answers[asked-1]), nil
	}}
	if _, err := newTestClient(t, testConfig(), rt).OrderShown(t.Context(), shownID); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]bool{
		{"device": true, "placePhone": true, "email": true, "place": true},
		{"device": false, "placePhone": false, "email": true, "place": true},
	} {
		var sent struct{ Variables map[string]any }
		if err := json.Unmarshal([]byte(rt.sent()[i]), &sent); err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			if sent.Variables[name] != value {
				t.Errorf("question %d says %s: %v", i, name, sent.Variables[name])
			}
		}
	}
}

// TestTheLogHearsOnceOfWhatIsWithheld, and nothing of whom the orders are.
func TestTheLogHearsOnceOfWhatIsWithheld(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	cfg := testConfig()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	c := newTestClient(t, cfg, readGolden(t, "order_shown_withheld").transport())
	for range 3 {
		if _, err := c.Background().OrderShown(t.Context(), shownID); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "withholds"); n != 2 {
		t.Errorf("said %d times, want once for each of two kinds:\n%s", n, &log)
	}
	for _, secret := range []string{"taro", "山田", "203.0.113.7", "神南", "1234"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log tells %s", secret)
		}
	}
}

// TestOnlyOrdersOfTheWebShowAnAddressOfTheBuyer: any other one is the shop's own, or an app's.
// covers: 003-05
func TestOnlyOrdersOfTheWebShowAnAddressOfTheBuyer(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{`"web"`: 1, `"pos"`: 0, `"shopify_draft_order"`: 0, `"1354745"`: 0,
		`"subscription_contract"`: 0, `""`: 0, `null`: 0} {
		body := fmt.Sprintf(`{"data": {"order": {"id": "gid://shopify/Order/1", "sourceName": %s,
			"clientIp": "203.0.113.7"}}}`, source)
		got, err := newTestClient(t, testConfig(), always(200, body)).OrderShown(t.Context(), "gid://shopify/Order/1")
		if err != nil || len(got.Shown.IPs) != want {
			t.Errorf("an order of %s shows %v, %v", source, got.Shown.IPs, err)
		}
	}
}

func TestOrdersOfWhichNothingIsLeftAreVoid(t *testing.T) {
	t.Parallel()
	for fields, want := range map[string]string{
		`"cancelledAt": null, "displayFinancialStatus": "PAID"`:                              "",
		`"cancelledAt": null, "displayFinancialStatus": null`:                                "",
		`"cancelledAt": null, "displayFinancialStatus": "PARTIALLY_REFUNDED"`:                "",
		`"cancelledAt": null, "displayFinancialStatus": "REFUNDED"`:                          "refunded",
		`"cancelledAt": null, "displayFinancialStatus": "VOIDED"`:                            "voided",
		`"cancelledAt": "2026-11-20T03:04:05Z", "displayFinancialStatus": "PENDING"`:         "cancelled",
		`"cancelledAt": "2026-11-20T03:04:05Z", "displayFinancialStatus": "REFUNDED"`:        "cancelled",
		`"cancelledAt": null, "displayFinancialStatus": "A_STATE_THAT_IS_NEW", "test": true`: "",
	} {
		body := `{"data": {"order": {"id": "gid://shopify/Order/1", ` + fields + `}}}`
		got, err := newTestClient(t, testConfig(), always(200, body)).OrderShown(t.Context(), "gid://shopify/Order/1")
		if err != nil || got.VoidReason != want || got.Void != (want != "") {
			t.Errorf("%s: void %v for %q, %v", fields, got.Void, got.VoidReason, err)
		}
	}
}

// TestADeviceIsReadFromTheAttributeOfTheSettings, and only a word that a storefront can have made.
// covers: 003-06
func TestADeviceIsReadFromTheAttributeOfTheSettings(t *testing.T) {
	t.Parallel()
	body := fmt.Sprintf(`{"data": {"order": {"id": "gid://shopify/Order/1", "customAttributes": [
		{"key": "_pointbridge_device", "value": "one"}, {"key": "_device", "value": " two "}, {"key": "_device", "value": null},
		{"key": "_device", "value": ""}, {"key": "_device", "value": "%s"}]}}}`, strings.Repeat("x", 256))
	for attribute, want := range map[string]string{"": "one", "_device": "two", "_other": ""} {
		cfg := testConfig()
		cfg.DeviceAttribute = attribute
		got, err := newTestClient(t, cfg, always(200, body)).OrderShown(t.Context(), "gid://shopify/Order/1")
		if err != nil || strings.Join(got.Shown.Devices, " ") != want {
			t.Errorf("the attribute %q gives %v, %v", attribute, got.Shown.Devices, err)
		}
	}
}

func TestTotalsThatCannotBeReadAreNoAnswer(t *testing.T) {
	t.Parallel()
	for totals, known := range map[string]bool{
		`"subtotalPriceSet": {"shopMoney": {"amount": "10.5", "currencyCode": "JPY"}}, "totalDiscountsSet": {"shopMoney": {"amount": "0.0", "currencyCode": "JPY"}}`: false,
		`"subtotalPriceSet": {"shopMoney": {"amount": "10.0", "currencyCode": "JPY"}}, "totalDiscountsSet": {"shopMoney": {"amount": "0.0", "currencyCode": "USD"}}`: false,
		`"subtotalPriceSet": null, "totalDiscountsSet": null`: true,
		`"subtotalPriceSet": {"shopMoney": {"amount": "10.5", "currencyCode": "USD"}}, "totalDiscountsSet": {"shopMoney": {"amount": "1.25", "currencyCode": "USD"}}`: true,
	} {
		body := `{"data": {"order": {"id": "gid://shopify/Order/1", ` + totals + `}}}`
		got, err := newTestClient(t, testConfig(), always(200, body)).OrderShown(t.Context(), "gid://shopify/Order/1")
		expect.Equal(t, "known", known, err == nil, totals, err)
		expect.That(t, "err == nil || domain.KindOf(err) == domain.KindUnknown",
			err == nil || domain.KindOf(err) == domain.KindUnknown, totals, err)
		if want := (domain.Money{Minor: 1175, Currency: "USD"}); got.Gross.Currency == "USD" && got.Gross != want {
			t.Errorf("the goods cost %v", got.Gross)
		}
	}
}

// TestAPageOfWhatOrdersShowIsBounded: whatever it costs is far below what Shopify takes of one query.
func TestAPageOfWhatOrdersShowIsBounded(t *testing.T) {
	t.Parallel()
	rt := readGolden(t, "orders_shown_page").transport()
	from := time.Date(2026, 11, 19, 15, 0, 0, 0, time.UTC)
	page, err := newTestClient(t, testConfig(), rt).OrdersShown(t.Context(), from, from.AddDate(0, 0, 1), "")
	if err != nil || page.Next == "" {
		t.Fatalf("next %q, %v", page.Next, err)
	}
	sent := rt.sent()[0]
	for _, want := range []string{"orders(first: 25,", "created_at:\\u003e='2026-11-19T15:00:00Z' created_at:\\u003c'2026-11-20T15:00:00Z'"} {
		if !strings.Contains(sent, want) {
			t.Errorf("not asked with %s: %s", want, sent)
		}
	}
	_, err = newTestClient(t, testConfig(), rt).OrdersShown(t.Context(), from, from.AddDate(0, 0, 1), page.Next)
	wantOutcome(t, err, domain.KindUnknown, "broken_answer")
}
