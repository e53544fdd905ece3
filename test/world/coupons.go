package world

import (
	"fmt"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
)

// Link is the address of the link with this text, "" when there is none.
func (p SeenPage) Link(text string) string {
	for _, a := range p.All("a") {
		if TextOf(a) == text {
			return Attribute(a, "href")
		}
	}
	return ""
}

// MadeCoupon converts points as the POS does.
func MadeCoupon(t *testing.T, file demo.File, customer string, points int) string {
	t.Helper()
	got := Caller{t, file.API, file.Keys["pos"]}.Do("POST", "/v1/customers/"+customer+"/conversions",
		fmt.Sprint("k-", customer, points), fmt.Sprintf(`{"points": %d}`, points))
	code, _ := got.Body["code"].(string)
	expect.MustEqual(t, "got.Status", got.Status, 201, got.Raw)
	expect.MustThat(t, `code != ""`, code != "", got.Raw)
	return code
}
