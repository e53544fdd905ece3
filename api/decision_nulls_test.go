package api

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestWhatIsNullInAQuestionIsMissing: a server hands on what Shopify told it, with its nulls. An element of a list is no
// member, and what has to be there is still asked for.
func TestWhatIsNullInAQuestionIsMissing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", `{"code":"SUMMER-1","campaign":null,"stage":"checkout","ip":null,"device":null,
		"customer":{"id":null,"email":"taro@example.com","phone":null,"name":null,"orders":null,"tags":null},
		"address":{"company":null,"line1":"1-1","line2":null,"city":null,"province":null,"zip":"100-0001","country":"JP"},
		"cart":{"currency":"JPY","subtotal":900719925474,"country":null,"items":null,"attributes":{"gift":null,"to":"Hana"}}}`)
	got.want(t, http.StatusOK, "")
	q := s.identity.asked[0]
	expect.Equal(t, "the id", q.Shown.CustomerID, "")
	expect.Equal(t, "the phones", len(q.Shown.Phones), 0)
	expect.Equal(t, "the e-mails", q.Shown.Emails, []string{"taro@example.com"})
	expect.Equal(t, "the address", q.Shown.Addresses[0].Zip, "100-0001")
	expect.That(t, "nobody counted orders", q.OrdersBefore == nil && q.Tags == nil, q.OrdersBefore, q.Tags)
	for body, field := range map[string]string{
		`{"code":"SUMMER-1","stage":null}`:                                               "body.stage",
		`{"code":"SUMMER-1","stage":"cart","customer":{"tags":[null]}}`:                  "body.customer.tags[0]",
		`{"code":"SUMMER-1","stage":"cart","ip":null,"unknown":null,"unknowns":1}`:       "body.unknowns",
		`{"code":"SUMMER-1","code":null,"stage":"cart"}`:                                 "body.code",
		`{"code":"SUMMER-1","stage":"cart","cart":{"currency":"JPY","items":[null]}}`:    "body.cart.items[0]",
		`{"stage":"cart","cart":{"items":[{"quantity":1},{"quantity":1,"quantity":2}]}}`: "body.cart.items[1].quantity",
	} {
		got := s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", body)
		got.want(t, http.StatusUnprocessableEntity, domain.CodeValidation)
		if got.field(field) == "" {
			t.Errorf("%s: nothing is said of %s: %s", body, field, got.raw)
		}
	}
}

// TestWhatIsEmptyInAQuestionIsMissing: many clients write an empty text for what they do not know.
func TestWhatIsEmptyInAQuestionIsMissing(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", `{"code":"SUMMER-1","campaign":"","stage":"cart","ip":"","device":"",
		"customer":{"email":"","phone":"","name":""},"address":{"line1":"","country":""},
		"cart":{"currency":"","country":""}}`).want(t, http.StatusOK, "")
	q := s.identity.asked[0]
	expect.Equal(t, "the campaign", q.Campaign, "")
	expect.Equal(t, "the currency and country", q.Currency+q.Cart.Country, "")
	expect.Equal(t, "the e-mails", len(q.Shown.Emails), 0)
}

// TestACartOfManyLines is as long as a draft order of Shopify can be, with gids for products.
func TestACartOfManyLines(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	line := `{"product_id":"gid://shopify/Product/7002000000001","quantity":1}`
	s.call(domain.RolePOS, http.MethodPost, "/v1/decisions", `{"code":"SUMMER-1","stage":"cart","cart":{"items":[`+
		strings.Repeat(line+",", 498)+line+`]}}`).want(t, http.StatusOK, "")
	expect.Equal(t, "lines", len(s.identity.asked[0].Cart.Items), 499)
}
