package shopify_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	sim "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

// shapes are bodies of the vendor's webhooks, each with its source. The values of a store with the same story have to
// come out the same, but for numbers and times.
const shapes = "../../testdata/shapes"

// told plays one story and gives the last body of each topic.
func told(t *testing.T) map[string]map[string]any {
	t.Helper()
	r := newReceiver(t)
	s := newStore(t, func(c *sim.Config) { c.Webhooks.ComplianceURI = r.URL })
	s.subscribe(r.URL, sim.Topics()...)
	rename := func(email string) {
		_, err := s.AddCustomer(taro, email, "Name of taro", "ja")
		s.must(err)
	}
	rename("taro@example.com")
	one := s.create("ONE", nil)
	cancelled, edited := s.buy(taro, "ONE"), ""
	s.must(s.CancelOrder(cancelled, "declined"))
	s.must(s.RequestData(taro))
	s.must(s.RedactCustomer(taro))
	s.must(s.DeleteOrder(cancelled))
	s.byID("discountCodeDeactivate", one)
	s.byID("discountCodeDelete", one)
	s.create("ONE", nil)
	edited = s.buy(taro, "ONE")
	s.must(s.RefundOrder(edited, "100", "scratched"))
	s.must(s.DeleteOrder(edited))
	s.create("TWO", map[string]any{"code": "TWO"})
	edited = s.buy(taro, "TWO")
	s.must(s.RemoveCode(edited, "TWO"))
	rename("new@example.com")
	s.must(s.MergeCustomers(hanako, taro))
	s.must(s.DeleteCustomer(hanako))
	s.must(s.RedactShop())
	s.must(s.Uninstall())
	s.drain()
	bodies := map[string]map[string]any{}
	for _, h := range r.hooks() {
		if _, seen := bodies[h.topic()]; !seen || h.topic() == "orders/updated" || h.topic() == "customers/update" {
			bodies[h.topic()] = h.Body
		}
	}
	return bodies
}

// covers: T-05
func TestShapes(t *testing.T) {
	t.Parallel()
	bodies := told(t)
	files, err := filepath.Glob(filepath.Join(shapes, "*.json"))
	if err != nil || len(files) != len(sim.Topics())+3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			Source, Topic string
			Body          map[string]any
		}
		expect.MustEqual(t, "json.Unmarshal(raw, &want)", json.Unmarshal(raw, &want), nil, file)
		expect.MustThat(t, `want.Source != ""`, want.Source != "", file)
		t.Run(want.Topic, func(t *testing.T) {
			got := bodies[want.Topic]
			for name, value := range want.Body {
				if diff := cmp.Diff(shapeOf(value), shapeOf(got[name])); diff != "" {
					t.Errorf("%s of %s (-the vendor's +the store's):\n%s", name, want.Source, diff)
				}
			}
			for name := range got {
				if _, known := want.Body[name]; !known {
					t.Errorf("%q is nothing the vendor has", name)
				}
			}
		})
	}
}

var shopTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+09:00$`)

// shapeOf replaces what changes: ids, other whole numbers and times.
func shapeOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{}
		for name, part := range v {
			object[name] = shapeOf(part)
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, part := range v {
			list[i] = shapeOf(part)
		}
		return list
	case float64:
		return "<number>"
	case string:
		if shopTime.MatchString(v) {
			return "<time>"
		}
		if strings.HasPrefix(v, "#") {
			return "<name>"
		}
		return normalText(strings.ReplaceAll(v, "TWO", "ONE"))
	}
	return value
}

func TestUninstalled(t *testing.T) {
	t.Parallel()
	s, r := listening(t)
	s.must(s.Uninstall())
	equal(t, "subscriptions", len(s.Subscriptions()), 0)
	equal(t, "a call", s.status(fixedToken), 401)
	s.buy(taro)
	s.drain()
	equal(t, "heard of", r.topics(), "")
	s.Install()
	equal(t, "a call after it was installed again", s.status(fixedToken), 200)
}

func TestCustomersGo(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "shop.jsonl")
	s := openAt(t, path)
	mine, theirs := s.buy(taro), s.buy(hanako)
	s.must(s.MergeCustomers(hanako, taro))
	equal(t, "orders of who was kept", s.names("customer_id:7002"), "#1001 #1002")
	equal(t, "itself", s.MergeCustomers(hanako, hanako) == sim.ErrSameCustomer, true)
	equal(t, "again", s.MergeCustomers(hanako, taro) == sim.ErrUnknownCustomer, true)
	equal(t, "no address", s.RedactCustomer(hanako) == sim.ErrNoComplianceURI, true)
	s.must(s.DeleteOrder(theirs))
	s.must(s.Close())
	again, err := sim.New(sim.Config{Shop: "demo.myshopify.com", APIVersion: "2026-10", AccessToken: fixedToken,
		Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = again.Close() }()
	equal(t, "customers after a restart", len(again.Customers()), 1)
	o, _ := again.Order(mine)
	equal(t, "owner after a restart", o.CustomerID, hanako)
	equal(t, "orders after a restart", len(again.Orders()), 1)
}

func TestOrderRefusals(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	order := s.buy(taro)
	for name, c := range map[string]struct{ got, want error }{
		"reason":    {s.CancelOrder(order, "bored"), sim.ErrBadReason},
		"order":     {s.CancelOrder("gid://shopify/Order/9", "staff"), sim.ErrUnknownOrder},
		"too much":  {s.RefundOrder(order, "3000.01", ""), sim.ErrBadRefund},
		"nothing":   {s.RefundOrder(order, "0", ""), sim.ErrBadRefund},
		"negative":  {s.RefundOrder(order, "-1", ""), sim.ErrBadRefund},
		"no amount": {s.RefundOrder(order, "much", ""), sim.ErrBadRefund},
		"code":      {s.RemoveCode(order, "NONE"), sim.ErrNoSuchCode},
		"delete":    {s.DeleteOrder("gid://shopify/Order/9"), sim.ErrUnknownOrder},
	} {
		equal(t, name, c.got, c.want)
	}
	s.must(s.CancelOrder(order, "Customer"))
	equal(t, "twice", s.CancelOrder(order, "CUSTOMER"), sim.ErrCancelled)
	equal(t, "edit", s.RemoveCode(order, "X"), sim.ErrCancelled)
	equal(t, "refund", s.RefundOrder(order, "", ""), sim.ErrBadRefund)
	o, _ := s.Order(order)
	equal(t, "given back with the cancellation", len(o.Refunds), 1)
}
