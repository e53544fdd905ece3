package shopify

import (
	"fmt"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// TestAnAnswerThatCannotBeReadTellsNothing, and an error says that nothing was learned.
func TestAnAnswerThatCannotBeReadTellsNothing(t *testing.T) {
	t.Parallel()
	q := decisions.ShopQuestion{Customer: customer, Tags: true, Orders: true, Metafields: []string{"custom.rank"}}
	for name, body := range map[string]string{
		"another shape":     `{"data":{"customer":{"tags":"vip","numberOfOrders":{},"m0":7}}}`,
		"nothing in it":     `{"data":{"customer":null}}`,
		"a count of nobody": `{"data":{"customer":{"tags":[],"numberOfOrders":"-4","m0":[]}}}`,
	} {
		got, err := newTestClient(t, testConfig(), always(200, body)).ShopFacts(t.Context(), q)
		if err != nil || got.Orders != nil || len(got.Metafields["custom.rank"]) > 0 ||
			strings.Contains(fmt.Sprint(got.Tags), "vip") {
			t.Errorf("%s: %v orders, tags %v, %v", name, got.Orders, got.Tags, err)
		}
	}
	for name, body := range map[string]string{
		"no customer":  `{"data":{}}`,
		"no JSON":      `<html>`,
		"a half error": `{"data":{"customer":{"tags":[]}},"errors":[{"message":"x","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`,
	} {
		if _, err := newTestClient(t, testConfig(), always(200, body)).ShopFacts(t.Context(), q); domain.KindOf(err) != domain.KindUnknown {
			t.Errorf("%s: %v", name, err)
		}
	}
}
