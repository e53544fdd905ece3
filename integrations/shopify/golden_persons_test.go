package shopify

import (
	"context"
	"slices"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

const (
	shownID   = "gid://shopify/Order/9001"
	ourHandle = "pointbridge-identity"
)

// shownOrderWant is what the golden files show of an order.
func shownOrderWant() identity.Order {
	home := identity.PostalAddress{Line1: "神南1-2-3", Line2: "カーサ渋谷 405", City: "渋谷区", Province: "東京都",
		Zip: "150-0041", Country: "JP"}
	bill := home
	bill.Line2 = ""
	return identity.Order{
		ID: shownID, Name: "#1001", Source: "web", CreatedAt: time.Date(2026, 11, 20, 3, 4, 5, 0, time.UTC),
		Codes: []string{secretCode}, Gross: domain.Money{Minor: 3000, Currency: "JPY"},
		Discount: domain.Money{Minor: 500, Currency: "JPY"}, CustomerGID: customer, OrdersBefore: new(int),
		BuyerCurrency: "JPY",
		Shown: identity.Shown{CustomerID: customer, Emails: []string{"taro.typed@example.com"},
			Phones: []string{"+819012345678", "03-1234-5678"}, Addresses: []identity.PostalAddress{home, bill},
			IPs: []string{"203.0.113.7"}, Devices: []string{"d-7f3a"}, Names: []string{"山田 太郎", "Yamada Taro"}},
	}
}

func differs(want, got any) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return plain("read wrongly (-want +got):\n" + diff)
	}
	return nil
}

func shown(ctx context.Context, c *Client) error {
	got, err := c.OrderShown(ctx, shownID)
	if err != nil {
		return err
	}
	return differs(shownOrderWant(), got)
}

func shownWithout(ctx context.Context, c *Client) error {
	got, err := c.OrderShown(ctx, shownID)
	if err != nil {
		return err
	}
	want := shownOrderWant()
	want.Shown.Emails, want.Shown.Phones = nil, nil
	want.Withheld = []identity.Kind{identity.Email, identity.Phone}
	return differs(want, got)
}

func shownPage(ctx context.Context, c *Client) error {
	got, err := c.OrdersShown(ctx, noon.AddDate(0, 0, -1), noon, "")
	if err != nil {
		return err
	}
	want := identity.OrderPage{Orders: []identity.Order{shownOrderWant()}, Next: got.Next}
	if got.Next == "" {
		return errWrong
	}
	return differs(want, got)
}

// assess reads the answer of the second call: the first one asks what was said already.
func assess(ctx context.Context, c *Client) error {
	resp, err := riskAssess(ctx, c.act("assess_risk", "orderRiskAssessmentCreate"), OrderRiskAssessmentCreateInput{})
	if err == nil && (resp.OrderRiskAssessmentCreate == nil ||
		resp.OrderRiskAssessmentCreate.OrderRiskAssessment == nil) {
		return errWrong
	}
	return err
}

func partOpen(ctx context.Context, c *Client) error {
	parts, err := c.act("hold_fulfilment", "order").fulfilmentOf(ctx, shownID)
	if err == nil && (len(parts) != 1 || !parts[0].may("HOLD") || parts[0].ours(ourHandle) != nil) {
		return errWrong
	}
	return err
}

func partHeld(ctx context.Context, c *Client) error {
	parts, err := c.act("hold_fulfilment", "order").fulfilmentOf(ctx, shownID)
	if err == nil && (len(parts) != 1 ||
		!slices.Equal(parts[0].ours(ourHandle), []string{"gid://shopify/FulfillmentHold/291210985778"})) {
		return errWrong
	}
	return err
}

func hold(ctx context.Context, c *Client) error {
	return c.hold(ctx, "gid://shopify/FulfillmentOrder/1", ourHandle, "note")
}

func release(ctx context.Context, c *Client) error {
	return c.release(ctx, "gid://shopify/FulfillmentOrder/1", []string{"gid://shopify/FulfillmentHold/1"})
}
