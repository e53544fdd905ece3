package orders

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
)

// stream is how well the store's deliveries come, and how the service hears of what they did not tell.
type stream struct {
	name     string
	switches simshopify.Switches
	sweep    bool
	// shuffled takes the deliveries from the store and sends them by hand: in any sequence, some twice, thinned only
	// some.
	shuffled, thinned bool
}

func streams() []stream {
	held := simshopify.Switches{Late: true}
	return []stream{
		{name: "perfect"},
		{name: "twice", switches: simshopify.Switches{Twice: true}},
		{name: "late", switches: held},
		{name: "reversed", switches: simshopify.Switches{Late: true, Reversed: true, Twice: true}},
		{name: "in any sequence, some twice", switches: held, shuffled: true},
		{name: "only some of them", switches: held, shuffled: true, thinned: true, sweep: true},
		{name: "no creations", switches: simshopify.Switches{Lost: true, Topics: []string{"orders/create"}},
			sweep: true},
		{name: "no ends", switches: simshopify.Switches{Lost: true, Topics: []string{"orders/cancelled",
			"orders/updated", "refunds/create", "orders/edited"}}, sweep: true},
		{name: "none at all", switches: simshopify.Switches{Lost: true}, sweep: true},
	}
}

// TestStreamsEndTheSame lets the same things happen to orders while their deliveries go as badly as they can: what is
// known in the end is what a perfect stream tells.
// covers: 000-01, 000-09, T-05
func TestStreamsEndTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db, "PARTIAL_REFUND=review")
		want := ""
		for _, s := range streams() {
			t.Run(s.name, func(t *testing.T) {
				got := w.On(t).happen(s)
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("ended as\n%s\nwant\n%s", got, want)
				}
			})
		}
		w.On(t)
		for _, part := range []string{"customer", "declined", "fraud", "inventory", "staff", "other", "refunded",
			"partially_refunded open", "code_lost",
			"payment_expired open", "payment_voided open", "second_order open", "other_customer open", "no_customer open"} {
			if !strings.Contains(want, part) {
				t.Errorf("nothing ended as %s:\n%s", part, want)
			}
		}
		w.agrees()
	})
}

// TestPartialRefundsIgnored: where a refund of a part means nothing, it is no review, and the whole is one all the
// same.
// covers: 000-09
func TestPartialRefundsIgnored(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		want := w.happen(streams()[0])
		if strings.Contains(want, "partially") || strings.Count(want, "order_refunded refunded open") != 2 {
			t.Errorf("ended as\n%s", want)
		}
		if got := w.happen(streams()[len(streams())-1]); got != want {
			t.Errorf("without any delivery\n%s\nwant\n%s", got, want)
		}
		w.agrees()
	})
}

// happen lets everything happen that can happen to orders, and gives what is known of it in the end.
func (w *orderWorld) happen(s stream) string {
	w.T.Helper()
	var codes, orders []string
	w.must(w.shop.Switch(s.switches))
	told := func() {
		if !s.switches.Late {
			w.delivered()
		}
	}
	acts := w.acts()
	for _, act := range acts {
		b := w.buyer()
		order := ""
		switch {
		case act.place != nil:
			order = act.place(b)
		case act.how != nil:
			order = w.buy(b.gid, b.code)
		}
		codes, orders = append(codes, b.code), append(orders, order)
	}
	two := w.buyer()
	second := w.Coupon(two)
	both := w.buy(two.gid, two.code, second)
	_ = w.buy("") // a guest
	told()
	for step := range 2 {
		for n, act := range acts {
			if step < len(act.how) {
				w.must(act.how[step](orders[n], codes[n]))
			}
		}
		if step == 1 {
			w.must(w.shop.CancelOrder(both, "CUSTOMER"))
		}
		told()
	}
	codes = append(codes, two.code, second, w.testOrder(s))
	if s.shuffled {
		w.sendByHand(s.thinned)
	} else {
		w.delivered()
	}
	w.must(w.shop.Switch(simshopify.Switches{}))
	if s.sweep {
		w.must(w.App.Orders.SweepOrders(w.T.Context()))
		w.idle()
	}
	return w.known(codes)
}

type happening struct {
	name string
	how  []func(order, code string) error
	// place makes the order, where it is not the checkout that does.
	place func(b buyer) string
}

func (w *orderWorld) acts() []happening {
	cancel := func(reason string) func(string, string) error {
		return func(order, _ string) error { return w.shop.CancelOrder(order, reason) }
	}
	refund := func(amount string) func(string, string) error {
		return func(order, _ string) error { return w.shop.RefundOrder(order, amount, "sent it back") }
	}
	edit := func(order, code string) error { return w.shop.RemoveCode(order, code) }
	type steps = []func(string, string) error
	pay := func(status string) func(string, string) error {
		return func(order, _ string) error { return w.shop.SetPayment(order, status) }
	}
	only := func(order, _ string) error { return w.shop.CancelOrderOnly(order, "STAFF") }
	byHand := func(customer func(buyer) string, how string) func(buyer) string {
		return func(b buyer) string {
			order, err := w.shop.PlaceByHand(customer(b), how, b.code, "500", "3000")
			w.must(err)
			return order
		}
	}
	member, nobody := func(b buyer) string { return b.gid }, func(buyer) string { return "" }
	stranger := func(b buyer) string {
		gid, err := w.shop.AddCustomer(strings.Replace(b.gid, "/9", "/8", 1), "", "Stranger", "en")
		w.must(err)
		return gid
	}
	again := func(order, code string) error {
		first, _ := w.shop.Order(order)
		_, err := w.shop.PlaceByHand(first.CustomerID, simshopify.ByTitle, code, "500", "3000")
		return err
	}
	list := []happening{{name: "nothing"}, {name: "used", how: steps{}}, {name: "refund", how: steps{refund("")}},
		{name: "part", how: steps{refund("300")}}, {name: "two parts", how: steps{refund("300"), refund("400")}},
		{name: "edit", how: steps{edit}}, {name: "part, then cancelled", how: steps{refund("300"), cancel("STAFF")}},
		{name: "refunded, then cancelled", how: steps{refund(""), cancel("CUSTOMER")}},
		{name: "part, then the rest", how: steps{refund("300"), refund("")}}, {name: "edited, then cancelled",
			how: steps{edit, cancel("OTHER")}},
		{name: "expired", how: steps{pay("EXPIRED")}}, {name: "expired, then cancelled", how: steps{pay("EXPIRED"),
			only}},
		{name: "voided", how: steps{pay("VOIDED")}}, {name: "cancelled and paid", how: steps{only}},
		{name: "a text of the member's", place: byHand(member, simshopify.ByText)}, {name: "a title of nobody's",
			place: byHand(nobody, simshopify.ByTitle)},
		{name: "a text of a stranger's", place: byHand(stranger, simshopify.ByText)}, {name: "a code of a stranger's",
			place: byHand(stranger, simshopify.ByCode)},
		{name: "a code of nobody's", place: byHand(nobody, simshopify.ByCode)}, {name: "once more by hand",
			how: steps{again}}}
	for _, reason := range []string{"CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "STAFF", "OTHER"} {
		list = append(list, happening{name: reason, how: steps{cancel(reason)}})
	}
	return list
}

// testOrder is one that is a test from the beginning: nothing is told of it before.
func (w *orderWorld) testOrder(s stream) string {
	w.T.Helper()
	if !s.switches.Lost || len(s.switches.Topics) > 0 {
		w.must(w.shop.Switch(simshopify.Switches{Late: true}))
	}
	b := w.buyer()
	w.must(w.shop.MarkTest(w.buy(b.gid, b.code)))
	w.must(w.shop.Switch(s.switches))
	return b.code
}

// sendByHand sends what the store owes in any sequence, some of it twice and, thinned, a half of it not at all.
func (w *orderWorld) sendByHand(thinned bool) {
	w.T.Helper()
	var list []simshopify.Delivery
	for _, d := range w.shop.Deliveries() {
		if d.State == simshopify.Held {
			list = append(list, d)
		}
	}
	if len(list) < 40 {
		w.T.Fatalf("only %d deliveries are owed", len(list))
	}
	w.must(w.shop.Switch(simshopify.Switches{Late: true}))
	random := rand.New(rand.NewPCG(uint64(len(list)), 7))
	if thinned {
		list = slices.DeleteFunc(list, func(simshopify.Delivery) bool { return random.IntN(2) == 0 })
	}
	for i := range len(list) / 3 {
		list = append(list, list[i*3])
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for _, d := range list {
		if status := w.Deliver(d.Topic, d.WebhookID, []byte(d.Body)); status != 200 {
			w.T.Errorf("%s is answered %d", d.Topic, status)
		}
		if random.IntN(12) == 0 {
			w.idle()
		}
	}
	w.idle()
}

// known is what the service says of coupons, by their place in the list.
func (w *orderWorld) known(codes []string) string {
	w.T.Helper()
	var out strings.Builder
	opened := w.reviewsByCode()
	for n, code := range codes {
		st := w.state(code)
		c := st.Coupon
		fmt.Fprintf(&out, "%d %s order %v", n, c.Status, c.UsedOrderID != "")
		// Of two orders that stand, the one that is heard of first is the one that used the coupon, and the other is a
		// review.
		second := slices.ContainsFunc(opened[code],
			func(r reviews.Review) bool { return r.Reason == reviews.LookSecondOrder })
		if order, ok := w.shop.Order(c.UsedOrderID); ok && !second && !slices.Contains(order.DiscountCodes, code) {
			out.WriteString(" without the code")
		}
		for _, r := range opened[code] {
			status := "closed"
			if r.Open {
				status = "open"
			}
			fmt.Fprintf(&out, " %s %s %s same order %v", r.Kind, r.Reason, status, r.OrderID == c.UsedOrderID)
		}
		history, err := w.Store.Coupons.History(w.T.Context(), c.ID)
		w.must(err)
		lost, used := 0, 0
		for _, e := range history {
			switch {
			case e.Action == "order.code_lost":
				lost++
			case e.From != e.To && e.To == domain.Used:
				used++
			}
		}
		if lost > 0 {
			fmt.Fprintf(&out, " code_lost %d", lost)
		}
		fmt.Fprintf(&out, " used %d, %d movements\n", used, len(st.Movements))
	}
	return out.String()
}
