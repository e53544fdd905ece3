package shopify

import (
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/orders"
	"pointbridge/test/expect"
)

func TestTheShopIsAskedForNobodyByAnIDItTakes(t *testing.T) {
	t.Parallel()
	s := always(200, `{"data":{"codeDiscountNodeByCode":{"codeDiscount":{"__typename":"DiscountCodeBasic","asyncUsageCount":1}},"customer":null}}`)
	got, err := newTestClient(t, testConfig(), s).Usage(t.Context(), orders.UsageQuery{Code: secretCode,
		CustomerGID: domain.ErasedCustomer, Since: noon})
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "got.Count", got.Count, 1)
	expect.Equal(t, "got.Order", got.Order, nil)
	if sent := s.sent(); len(sent) != 1 || strings.Contains(sent[0], domain.ErasedCustomer) ||
		!strings.Contains(sent[0], noCustomer) {
		t.Errorf("asked %v", sent)
	}
}
