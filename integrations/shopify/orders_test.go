package shopify

import (
	"fmt"
	"slices"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/orders"
)

// covers: 000-09
func TestOrderReadsWhatIsLeftOfIt(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]domain.Payment{
		`"AUTHORIZED"`: "authorized", `"EXPIRED"`: "expired", `"PAID"`: "paid", `"PARTIALLY_PAID"`: "partially_paid",
		`"PARTIALLY_REFUNDED"`: "partially_refunded", `"PENDING"`: "pending", `"REFUNDED"`: "refunded",
		`"VOIDED"`: "voided", `null`: "",
	} {
		body := fmt.Sprintf(`{"data": {"order": {"id": "gid://shopify/Order/1", "name": "#1001", "createdAt": "2026-11-20T12:00:00Z",
			"updatedAt": "2026-11-20T12:00:00Z", "cancelledAt": null, "cancelReason": null, "edited": true, "test": false,
			"displayFinancialStatus": %s, "discountCodes": ["A", "B"], "customer": null, "discountApplications": {"nodes": [
			{"__typename": "DiscountCodeApplication", "code": "A"}, {"__typename": "ManualDiscountApplication", "title": "B", "description": null},
			{"__typename": "AutomaticDiscountApplication"}, {"__typename": "ScriptDiscountApplication", "title": "C"}]},
			"refunds": [{"id": "gid://shopify/Refund/1", "createdAt": "2026-11-20T13:00:00Z", "totalRefundedSet": {"shopMoney": {"amount": "300.0", "currencyCode": "JPY"}}}]}}}`, status)
		got, err := newTestClient(t, testConfig(), always(200, body)).Order(t.Context(), "gid://shopify/Order/1")
		if err != nil || got.Payment != want || got.Voided() != (want == domain.PaymentRefunded) || !got.Edited ||
			got.CancelReason != "" {
			t.Errorf("%s: read as %q, voided %v, %v", status, got.Payment, got.Voided(), err)
		}
		how := []orders.Evidence{got.Evidence("a"), got.Evidence("b"), got.Evidence("c"), got.Evidence("d")}
		if !slices.Equal(how, []orders.Evidence{orders.EvidenceCode, orders.EvidenceText, orders.EvidenceText,
			orders.EvidenceNone}) {
			t.Errorf("the codes are carried as %v", how)
		}
		if len(got.Refunds) != 1 || got.Refunds[0].ID != "gid://shopify/Refund/1" ||
			got.Refunds[0].Amount != (domain.Money{Minor: 300, Currency: "JPY"}) {
			t.Errorf("the refunds are %v", got.Refunds)
		}
	}
}
