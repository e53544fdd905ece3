package world

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"pointbridge/demo"
	"pointbridge/test/expect"
)

// Ended looks at a coupon's page until it is at rest.
func (v *Visitor) Ended(code, status string) (p SeenPage) {
	v.T.Helper()
	Eventually(v.T, code+" is "+status, func() bool {
		p = v.Get("/admin/coupons/" + code)
		return strings.Contains(p.Headline(), status)
	})
	return p
}

func (p SeenPage) Headline() string {
	for _, h := range p.All("h1") {
		return TextOf(h)
	}
	return ""
}

// ByID is the element with this id.
func (p SeenPage) ByID(id string) *html.Node {
	for n := range p.Root.Descendants() {
		if n.Type == html.ElementNode && Attribute(n, "id") == id {
			return n
		}
	}
	return nil
}

func (p SeenPage) Has(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.Text(), text) {
			t.Errorf("%s does not say %q\n%s", p.URL, text, p.Text())
		}
	}
}

// Statement changes one row of a demo's database.
func Statement(t *testing.T, data, text string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, "pointbridge.db")+fmt.Sprintf("?_pragma=busy_timeout(%d)", Patience.Milliseconds()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	done, err := db.ExecContext(t.Context(), text, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := done.RowsAffected(); n != 1 {
		t.Fatalf("%d rows were changed", n)
	}
}

// CheckOut places an order with a code and gives the order's gid.
func CheckOut(t *testing.T, file demo.File, customer, code string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.API+demo.ShopifyPath+"/_sim/checkout",
		strings.NewReader(fmt.Sprintf(`{"customer":%q,"codes":[%q],"subtotal":"3000"}`, customer, code)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	res, err := OneOff().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var order struct {
		ID string `json:"order_id"`
	}
	expect.MustEqual(t, "json.NewDecoder(res.Body).Decode(&order)", json.NewDecoder(res.Body).Decode(&order), nil)
	expect.MustEqual(t, "res.StatusCode", res.StatusCode, http.StatusCreated)
	expect.MustThat(t, `order.ID != ""`, order.ID != "")
	return order.ID
}
