package shopify

import (
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/orders"
)

func TestTheShopIsAskedForNobodyByAnIDItTakes(t *testing.T) {
	t.Parallel()
	s := always(200, `{"data":{"codeDiscountNodeByCode":{"codeDiscount":{"__typename":"DiscountCodeBasic","asyncUsageCount":1}},"customer":null}}`)
	got, err := newTestClient(t, testConfig(), s).Usage(t.Context(), orders.UsageQuery{Code: secretCode,
		CustomerGID: domain.ErasedCustomer, Since: noon})
	if err != nil || got.Count != 1 || got.Order != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if sent := s.sent(); len(sent) != 1 || strings.Contains(sent[0], domain.ErasedCustomer) ||
		!strings.Contains(sent[0], noCustomer) {
		t.Errorf("asked %v", sent)
	}
}
