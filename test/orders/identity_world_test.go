package orders

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/test/expect"
)

// rules gives the campaign of points other rules, as somebody of the console does.
func (w *orderWorld) rules(change string) {
	w.T.Helper()
	var version int
	w.must(w.Store.DB().QueryRowContext(w.T.Context(),
		`SELECT policy_version FROM campaigns WHERE key = 'points'`).Scan(&version))
	status, text := w.ask("admin", http.MethodPatch, "/v1/campaigns/points", "", fmt.Sprintf(
		`{"policy_version": %d, "protection": %s}`, version, change))
	expect.MustEqual(w.T, "status", status, http.StatusOK, text)
}

// once lets everybody have one coupon's use, told apart by e-mail, or by phone and address together.
const once = `{"mode": "enforce", "preset": "medium", "uses_per_person": 1}`

// home is what an order shows of whoever lives there. Each number is another household.
func home(n int, mail string) simshopify.Buyer {
	return simshopify.Buyer{Email: mail, Phone: fmt.Sprintf("+8190123400%02d", n), ClientIP: fmt.Sprintf("203.0.%d.7", n),
		Attributes: []simshopify.Attribute{{Key: "_pointbridge_device", Value: fmt.Sprintf("device-of-household-%d", n)}},
		Shipping: &simshopify.Address{Name: "山田太郎", Address1: fmt.Sprintf("銀座%d-2-3", n), City: "中央区",
			Province: "東京都", Zip: "1040061", Country: "JP"}}
}

// orderAs places an order of a coupon by somebody of a household, and lets everything follow.
func (w *orderWorld) orderAs(b buyer, shown simshopify.Buyer) string {
	w.T.Helper()
	order, err := w.shop.CheckoutAs(b.gid, []string{b.code}, "3000", shown)
	w.must(err)
	w.delivered()
	return order
}

// decided is a decision as the API lists it.
type decided struct {
	ID      string  `json:"id"`
	Outcome string  `json:"outcome"`
	Reason  *string `json:"reason"`
	Stage   string  `json:"stage"`
	Score   int     `json:"score"`
	OrderID *string `json:"order_id"`
	Signals []struct {
		Kind    string `json:"kind"`
		Matched []struct {
			Order string `json:"order"`
		} `json:"matched"`
	} `json:"signals"`
}

// decisions lists those of a stage, the newest first.
func (w *orderWorld) decisions(stage string) (list []decided) {
	w.T.Helper()
	status, text := w.ask("admin", http.MethodGet, "/v1/decisions?limit=100", "", "")
	var page struct {
		Items []decided `json:"items"`
	}
	expect.MustEqual(w.T, "json.Unmarshal([]byte(text), &page)", json.Unmarshal([]byte(text), &page), nil, text)
	expect.MustEqual(w.T, "status", status, http.StatusOK, text)
	for _, d := range page.Items {
		if d.Stage == stage {
			list = append(list, d)
		}
	}
	return list
}

// outcomes writes decisions of orders shortly, the newest first.
func (w *orderWorld) outcomes() string {
	w.T.Helper()
	var said []string
	for _, d := range w.decisions("order") {
		text := d.Outcome
		if d.Reason != nil {
			text += " " + *d.Reason
		}
		said = append(said, text)
	}
	return strings.Join(said, ", ")
}

func (w *orderWorld) judge(d decided, verdict string) {
	w.T.Helper()
	status, text := w.ask("admin", http.MethodPost, "/v1/decisions/"+url.PathEscape(d.ID)+"/verdict", "v-"+d.ID,
		fmt.Sprintf(`{"verdict": %q}`, verdict))
	expect.MustEqual(w.T, "status", status, http.StatusOK, text)
}

// holds counts the holds on an order.
func (w *orderWorld) holds(order string) (n int) {
	w.T.Helper()
	o, found := w.shop.Order(order)
	if !found {
		w.T.Fatal("there is no such order")
	}
	for _, part := range o.Parts() {
		n += len(part.Holds)
	}
	return n
}

func (w *orderWorld) count(query string) (n int) {
	w.T.Helper()
	w.must(w.Store.DB().QueryRowContext(w.T.Context(), query).Scan(&n))
	return n
}
