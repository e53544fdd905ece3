package shopify

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// TestAPhoneNumberOfACustomerIsReadOrUnknown: a number that the shop has, none, one that it withholds from the app, and
// a customer who is not there are four answers; only where nobody answered is there an error that says so.
func TestAPhoneNumberOfACustomerIsReadOrUnknown(t *testing.T) {
	t.Parallel()
	withheld := `{"data":{"customer":null},"errors":[{"message":"This app is not approved to use the phone field.",` +
		`"path":["customer","defaultPhoneNumber"],"extensions":{"code":"ACCESS_DENIED"}}]}`
	there := `{"data":{"customer":{"id":"` + customer + `"}}}`
	for name, c := range map[string]struct {
		answer, exists string
		want           string
		kind           domain.Kind
	}{
		"a number":             {`{"data":{"customer":{"defaultPhoneNumber":{"phoneNumber":"+819012345678"}}}}`, "", "+819012345678", ""},
		"none":                 {`{"data":{"customer":{"defaultPhoneNumber":null}}}`, "", "", ""},
		"withheld":             {withheld, there, "", ""},
		"nobody":               {`{"data":{"customer":null}}`, "", "", domain.KindNotFound},
		"withheld, and nobody": {withheld, `{"data":{"customer":null}}`, "", domain.KindNotFound},
		"no answer":            {`{`, "", "", domain.KindUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := always(http.StatusOK, "")
			s.answer = func(_ *http.Request, body string) (*http.Response, error) {
				if strings.Contains(body, "shopperPhone") {
					return reply(http.StatusOK, c.answer), nil
				}
				return reply(http.StatusOK, c.exists), nil
			}
			got, err := newTestClient(t, testConfig(), s).ShopperPhone(t.Context(), customer)
			expect.Equal(t, "number", got, c.want)
			if c.kind == "" {
				expect.MustEqual(t, "err", err, nil)
				return
			}
			expect.Equal(t, "kind", domain.KindOf(err), c.kind)
		})
	}
}
