package shopify

import (
	"fmt"
	"testing"
)

func TestOrderReadsWhatIsLeftOfIt(t *testing.T) {
	t.Parallel()
	for status, want := range map[string][3]bool{ // voided, refunded, a part
		`"REFUNDED"`:           {true, true, false},
		`"PARTIALLY_REFUNDED"`: {false, false, true},
		`"PAID"`:               {},
		`"PENDING"`:            {},
		`null`:                 {},
	} {
		body := fmt.Sprintf(`{"data": {"order": {"id": "gid://shopify/Order/1", "name": "#1001", "createdAt": "2026-11-20T12:00:00Z",
			"updatedAt": "2026-11-20T12:00:00Z", "cancelledAt": null, "cancelReason": null, "edited": true, "test": false,
			"displayFinancialStatus": %s, "discountCodes": [], "customer": null}}}`, status)
		got, err := newTestClient(t, testConfig(), always(200, body)).Order(t.Context(), "gid://shopify/Order/1")
		if err != nil || got.Voided() != want[0] || got.FullyRefunded != want[1] || got.PartiallyRefunded != want[2] || !got.Edited || got.CancelReason != "" {
			t.Errorf("000-09 %s: %+v, %v", status, got, err)
		}
	}
}
