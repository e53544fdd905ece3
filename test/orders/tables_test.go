package orders

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// orderTable reads the table of docs/orders.md that begins with these columns: each row by the names of its columns.
func orderTable(t *testing.T, columns ...string) (rows []map[string]string) {
	t.Helper()
	text, err := os.ReadFile("docs/orders.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "| "+strings.Join(columns, " | ")+" |\n")
	if !found {
		t.Fatalf("docs/orders.md has no table of %v", columns)
	}
	for n, line := range strings.Split(after, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		if n == 0 {
			continue // the rule below the heads
		}
		row := map[string]string{}
		for i, cell := range strings.Split(strings.Trim(line, "|"), "|") {
			row[columns[i]] = strings.TrimSpace(cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// reviewSeen is a review as the API shows it.
type reviewSeen struct {
	ID                   int64
	Kind, Status, Reason string
	Payment              string
	CouponCode           string `json:"coupon_code"`
	OrderID              string `json:"order_id"`
	Refund               *struct {
		ID, Currency string
		Amount       int64
	}
	Outcomes []string
	Decision *struct {
		Outcome   string
		DecidedBy string `json:"decided_by"`
	}
}

// reviewsOf asks the API for the reviews of a coupon, the oldest first.
func (w *orderWorld) reviewsOf(code string) (list []reviewSeen) {
	w.T.Helper()
	status, text := w.ask("Sato", http.MethodGet, "/v1/reviews?limit=100", "", "")
	var page struct{ Items []reviewSeen }
	expect.MustEqual(w.T, "json.Unmarshal([]byte(text), &page)", json.Unmarshal([]byte(text), &page), nil, text)
	expect.MustEqual(w.T, "status", status, http.StatusOK, text)
	for _, r := range page.Items {
		if r.CouponCode == code {
			list = append([]reviewSeen{r}, list...)
		}
	}
	return list
}

// console is a page of the console as a person who may decide reads it, in English.
func (w *orderWorld) console(path string) string {
	w.T.Helper()
	if w.session == "" {
		p := staff.Person{Email: "kato@example.com", Name: "Kato", Role: domain.RoleECAdmin,
			Password: "a password nobody guesses"}
		_, _, err := w.App.Staff.Add(w.T.Context(), staff.Operator(), p)
		w.must(err)
		in, err := w.App.Staff.Enter(w.T.Context(), staff.Entry{Email: p.Email, Password: p.Password,
			From: staff.From{Address: "192.0.2.1"}})
		w.must(err)
		w.session = in.Token
	}
	r := httptest.NewRequestWithContext(w.T.Context(), http.MethodGet, path, nil)
	r.Header.Set("Accept-Language", "en")
	r.AddCookie(&http.Cookie{Name: "__Host-pointbridge", Value: w.session})
	res := httptest.NewRecorder()
	w.App.Handler.ServeHTTP(res, r)
	expect.Equal(w.T, "res.Code", res.Code, http.StatusOK, path)
	return res.Body.String()
}

// TestWhoUsesACoupon walks the first table of docs/orders.md: an order that carries a code in one way or another is
// delivered, twice, and looked at over HTTP.
func TestWhoUsesACoupon(t *testing.T) {
	t.Parallel()
	rows := orderTable(t, "carries", "customer", "counted", "the coupon", "its code", "review")
	if len(rows) < 11 {
		t.Fatalf("%d rows", len(rows))
	}
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		for n, row := range rows {
			t.Run(fmt.Sprint(n+1, " ", row["carries"], " ", row["customer"], " ", row["counted"]), func(t *testing.T) {
				w.On(t).walkUse(row)
			})
		}
	})
}

func (w *orderWorld) walkUse(row map[string]string) {
	w.T.Helper()
	b, stranger := w.buyer(), w.buyer()
	w.delivered()
	w.must(w.shop.Switch(simshopify.Switches{Late: true}))
	order := w.carrying(b, stranger, row)
	w.delivered()
	w.must(w.App.Orders.RefreshOrder(w.T.Context(), order, domain.HintNone))
	w.must(w.shop.Switch(simshopify.Switches{}))
	w.idle()
	c, d, list := w.state(b.code).Coupon, w.discount(b.code), w.reviewsOf(b.code)
	its := "usable"
	switch {
	case d.EndsAt != nil && !d.EndsAt.After(time.Now()):
		its = "ended"
	case !w.shop.Usable(b.code):
		its = "spent"
	}
	if string(c.Status) != row["the coupon"] || its != row["its code"] {
		w.T.Errorf("the coupon is %s, its code %s", c.Status, its)
	}
	why := ""
	if len(list) == 1 && list[0].Kind == "code_elsewhere" && list[0].OrderID == order && list[0].Payment == "paid" {
		why = list[0].Reason
	}
	if why != row["review"] || why == "" && len(list) != 0 {
		w.T.Errorf("the reviews are %+v", list)
	}
	if c.Status == domain.Active {
		w.cancelledAll(b)
	} else if balance, _ := w.POS.Balance(b.member); balance != 750 {
		w.T.Errorf("points moved: %d", balance)
	}
}

// cancelledAll cancels a coupon over HTTP that somebody else's order carries: the member gets the points.
func (w *orderWorld) cancelledAll(b buyer) {
	w.T.Helper()
	status, text := w.ask("Sato", http.MethodPost, "/v1/coupons/"+b.code+"/cancellation", "c-"+b.code,
		`{"reason": "customer_request"}`)
	w.idle()
	balance, _ := w.POS.Balance(b.member)
	if c := w.state(b.code).Coupon; status != http.StatusAccepted || c.Status != domain.Cancelled || balance != 1250 ||
		w.shop.Usable(b.code) {
		w.T.Errorf("%d %s: %s, balance %d", status, text, c.Status, balance)
	}
}

func (w *orderWorld) discount(code string) simshopify.Discount {
	w.T.Helper()
	d, ok := w.shop.DiscountByCode(code)
	if !ok {
		w.T.Fatalf("the store has no %s", code)
	}
	return d
}

// carrying makes the order of a row.
func (w *orderWorld) carrying(b, stranger buyer, row map[string]string) string {
	w.T.Helper()
	customer := map[string]string{"member": b.gid, "nobody": "", "other": stranger.gid,
		"merged": stranger.gid}[row["customer"]]
	var order string
	var err error
	switch {
	case row["carries"] == "text":
		order, err = w.shop.PlaceByHand(customer, simshopify.ByText, b.code, "500", "3000")
	case row["counted"] == "no":
		order, err = w.shop.PlaceByHand(customer, simshopify.ByCode, b.code, "500", "3000")
	default:
		if order = w.buy(b.gid, b.code); customer != b.gid {
			err = w.shop.SetOrderCustomer(order, customer)
		}
	}
	w.must(err)
	if row["customer"] == "merged" {
		w.must(w.shop.Switch(simshopify.Switches{Lost: true}))
		w.must(w.shop.MergeCustomers(stranger.gid, b.gid))
		w.must(w.shop.Switch(simshopify.Switches{Late: true}))
	}
	return order
}

// TestTheMoneyOfAnOrder walks the second table of docs/orders.md: what becomes of an order that used a coupon, with a
// rule that would grant the points by itself.
func TestTheMoneyOfAnOrder(t *testing.T) {
	t.Parallel()
	rows := orderTable(t, "order", "payment", "review", "reason", "decided by")
	walked := map[string]bool{}
	for _, row := range rows {
		walked[row["order"]+" "+row["payment"]] = true
	}
	for _, payment := range domain.Payments() {
		if !walked["stands "+string(payment)] || !walked["cancelled "+string(payment)] {
			t.Errorf("the table says nothing of %s", payment)
		}
	}
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "PARTIAL_REFUND=review", "AUTO_GRANT_BELOW=501")
		for n, row := range rows {
			t.Run(fmt.Sprint(n+1, " ", row["order"], " ", row["payment"]),
				func(t *testing.T) { w.On(t).walkMoney(row) })
		}
		w.On(t).agrees()
	})
}

func (w *orderWorld) walkMoney(row map[string]string) {
	w.T.Helper()
	b := w.buyer()
	order := w.buy(b.gid, b.code)
	w.delivered()
	w.must(w.shop.Switch(simshopify.Switches{Late: true}))
	w.must(w.shop.SetPayment(order, row["payment"]))
	switch row["order"] {
	case "cancelled":
		w.must(w.shop.CancelOrderOnly(order, "CUSTOMER"))
	case "deleted":
		w.must(w.shop.DeleteOrder(order))
	}
	w.must(w.shop.Switch(simshopify.Switches{}))
	w.delivered()
	if row["order"] != "deleted" {
		w.must(w.App.Orders.RefreshOrder(w.T.Context(), order, domain.HintNone))
	}
	w.idle()
	list := w.reviewsOf(b.code)
	granted, want := w.Booked(domain.GrantReference(b.code)), 0
	switch {
	case row["review"] == "":
		if len(list) != 0 {
			w.T.Errorf("the reviews are %+v", list)
		}
	case len(list) != 1 || list[0].Kind != row["review"] || list[0].Reason != row["reason"] ||
		list[0].Payment != row["payment"]:
		w.T.Errorf("the reviews are %+v", list)
	case row["decided by"] == "rule":
		if want = 1; list[0].Status != "closed" || list[0].Decision == nil ||
			list[0].Decision.Outcome != "grant_points" {
			w.T.Errorf("the rule left it open: %+v", list[0])
		}
	case list[0].Status != "open" || strings.Join(list[0].Outcomes, " ") != "reissue grant_points refuse":
		w.T.Errorf("a person has %+v", list[0])
	}
	if c := w.state(b.code).Coupon; c.Status != domain.Used || granted != want {
		w.T.Errorf("the coupon is %s, %d grants", c.Status, granted)
	}
}
