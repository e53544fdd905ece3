package codes_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	. "pointbridge/domain/campaigns/codes"
	"pointbridge/test/expect"
)

// TestAListOfRecipientsIsRead: headers in both languages, a mark at the beginning, addresses in one spelling, and a
// recipient who is there twice refused by row.
func TestAListOfRecipientsIsRead(t *testing.T) {
	t.Parallel()
	rows, err := ReadCSV("\ufeffメールアドレス,会員番号,Shopify顧客ID,値引き額\r\nTaro@Example.com,,,500\r\n,8812370934,,\r\n,,42,700\r\n"+
		"taro@example.com,,,600\r\n", campaigns.Range{Min: 100, Max: 1000}, 300)
	expect.MustEqual(t, "err", err, nil)
	want := []Row{{Row: 1, To: Recipient{Email: "taro@example.com"}, Value: 500, State: RowWaiting},
		{Row: 2, To: Recipient{CustomerID: "8812370934"}, Value: 300, State: RowWaiting},
		{Row: 3, To: Recipient{ShopifyCustomerGID: "gid://shopify/Customer/42"}, Value: 700, State: RowWaiting},
		{Row: 4, Value: 600, State: RowRefused, Reason: ReasonTwice}}
	expect.Equal(t, "rows", cmp.Diff(want, rows), "")
}

// TestEveryBadRowIsNamed: with its number and what is wrong; nothing of the list is begun.
func TestEveryBadRowIsNamed(t *testing.T) {
	t.Parallel()
	_, err := ReadCSV("email,value\na@example.com,500\nnobody,500\n,500\nb@example.com,5000\nc@example.com,x\nd@example.com\n",
		campaigns.One(500), 500)
	var refused *domain.Error
	expect.MustThat(t, "a refusal", errors.As(err, &refused), err)
	want := []RowFault{{2, "email", "form"}, {3, "recipient", RuleEither}, {4, "value", "range"}, {5, "value", "form"},
		{5, "value", "range"}, {6, "csv", RuleCSV}}
	expect.Equal(t, "rows", cmp.Diff(want, refused.Params["rows"]), "")
	expect.Equal(t, "row", refused.Params["row"], 2)
}

// TestWhatIsNoListIsRefused: by the rule that it breaks.
func TestWhatIsNoListIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             RuleHeader,
		"name\na":                      RuleHeader,
		"value\n500":                   RuleHeader,
		"email,E-Mail\na@example.com,": RuleHeader,
		"email\n":                      "needed",
		"email\n\"a@example.com":       RuleCSV,
		"email\n\xff":                  RuleCSV,
		strings.Repeat("x", MaxCSV+1):  "too_long",
		"email\n" + strings.Repeat("a@b.co\n", MaxRows+1): "too_many",
	} {
		_, err := ReadCSV(text, campaigns.One(500), 500)
		var refused *domain.Error
		if !errors.As(err, &refused) || refused.Params["rule"] != want {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}
