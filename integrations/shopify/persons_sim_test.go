package shopify_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
	"pointbridge/integrations/shopify"
	simulated "pointbridge/integrations/sim/shopify"
)

const (
	allScopes = "write_customers,write_discounts," + shopify.ScopeRisk + "," + shopify.ScopeHold
	handle    = "pointbridge-identity"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// placed is an order of somebody who shows everything.
func placed(t *testing.T, store *simulated.Server, customer string, codes ...string) string {
	t.Helper()
	home := simulated.Address{Name: "Yamada Taro", Company: "Kabushiki", Address1: "Jinnan 1-2-3", Zip: "150-0041",
		City: "Shibuya", Province: "Tokyo", Country: "JP", Phone: "03-1234-5678"}
	id, err := store.CheckoutAs(customer, codes, "3000", simulated.Buyer{Phone: "090-1234-5678", Shipping: &home,
		Billing: &home, ClientIP: "203.0.113.7",
		Attributes: []simulated.Attribute{{Key: shopify.DefaultDeviceAttribute, Value: "d-1"}}})
	must(t, err)
	return id
}

// first says how many orders stand before one.
func first(o identity.Order) string {
	if o.OrdersBefore == nil {
		return "nobody knows how many"
	}
	return strconv.Itoa(*o.OrdersBefore)
}

// TestWhetherAnOrderIsACustomersFirst: it stays the first when they order again, a second one is not the first, and
// orders that are too old for the app to see are known by the shop's count.
// covers: 003-24
func TestWhetherAnOrderIsACustomersFirst(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	store, c := newStoreAt(t, func() time.Time { return at })
	read := func(id string) string {
		o, err := c.OrderShown(t.Context(), id)
		must(t, err)
		return first(o)
	}
	orders := []string{placed(t, store, member)}
	for range 3 {
		at = at.Add(time.Hour)
		orders = append(orders, placed(t, store, member))
		for i, id := range orders {
			if got := read(id); got != strconv.Itoa(i) {
				t.Errorf("of %d orders, number %d comes after %s", len(orders), i+1, got)
			}
		}
	}
	must(t, store.CancelOrder(orders[0], "CUSTOMER"))
	if got := read(orders[1]); got != "1" {
		t.Errorf("after an order that was cancelled: %s", got)
	}
	at = at.AddDate(0, 0, 90) // Shopify shows an app the orders of 60 days
	late := placed(t, store, member)
	if got := read(late); got != "4" {
		t.Errorf("after orders that are too old to be seen: %s", got)
	}
	for range 11 {
		at = at.Add(time.Hour)
		placed(t, store, member)
	}
	if got := read(late); got != "nobody knows how many" {
		t.Errorf("with more orders since than are looked at: %s", got)
	}
	_, err := store.AddCustomer("gid://shopify/Customer/7002", "hanako@example.com", "Hanako", "ja")
	must(t, err)
	if got := read(placed(t, store, "gid://shopify/Customer/7002")); got != "0" {
		t.Errorf("somebody else's first order comes after %s", got)
	}
}

// TestATestOrderIsNoEarlierOrder: the shop's own count leaves them out as well.
func TestATestOrderIsNoEarlierOrder(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	store, c := newStoreAt(t, func() time.Time { return at })
	must(t, store.MarkTest(placed(t, store, member)))
	at = at.Add(time.Hour)
	o, err := c.OrderShown(t.Context(), placed(t, store, member))
	if err != nil || first(o) != "0" {
		t.Errorf("it comes after %s, %v", first(o), err)
	}
}

// TestWhatTheBuyerPaysInIsReadBesideTheShopsMoney: a checkout in dollars of a shop that counts yen.
func TestWhatTheBuyerPaysInIsReadBesideTheShopsMoney(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	for currency, want := range map[string]string{"": "JPY", "USD": "USD"} {
		id, err := store.CheckoutAs(member, nil, "3000", simulated.Buyer{Currency: currency})
		must(t, err)
		o, err := c.OrderShown(t.Context(), id)
		if err != nil || o.BuyerCurrency != want || o.Gross.Currency != "JPY" {
			t.Errorf("paid in %s for %v, %v", o.BuyerCurrency, o.Gross, err)
		}
	}
}

// TestWhatAnOrderShows: everything that the shop has granted, whether it refuses the rest or leaves it empty.
// covers: 003-05, 003-06, 003-08
func TestWhatAnOrderShows(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	order := placed(t, store, member)
	shows := func(o identity.Order) string {
		s := o.Shown
		return fmt.Sprint(len(s.Emails), len(s.Phones), len(s.Addresses), len(s.Names), len(s.IPs), len(s.Devices))
	}
	for _, tc := range []struct {
		how   string
		parts []string
		shows string
		want  []identity.Kind
	}{
		{simulated.ByErrors, nil, "1 2 1 1 1 1", nil},
		{simulated.ByErrors, []string{"email", "phone", "name", "address"}, "0 0 0 0 1 1",
			[]identity.Kind{identity.Address, identity.Email, identity.Name, identity.Phone}},
		{simulated.ByErrors, []string{"address"}, "1 2 0 1 1 1", []identity.Kind{identity.Address}},
		{simulated.ByObjects, []string{"address"}, "1 1 0 0 1 1", []identity.Kind{identity.Address, identity.Name}},
		{simulated.ByNulls, []string{"email", "phone"}, "0 0 1 1 1 1", nil},
	} {
		must(t, store.Withhold(tc.how, tc.parts...))
		got, err := c.OrderShown(t.Context(), order)
		if err != nil || got.CustomerGID != member || first(got) != "0" || got.Gross.Minor != 3000 {
			t.Errorf("%s %v: of %s after %s orders for %v, %v", tc.how, tc.parts, got.CustomerGID, first(got), got.Gross, err)
		}
		if shows(got) != tc.shows || !slices.Equal(got.Withheld, tc.want) {
			t.Errorf("%s %v: shows %s without %v, want %s without %v", tc.how, tc.parts, shows(got), got.Withheld,
				tc.shows, tc.want)
		}
	}
	must(t, store.Withhold(simulated.ByErrors, simulated.WithholdOrder))
	_, err := c.OrderShown(t.Context(), order)
	wantReason(t, err, domain.KindAuth, domain.ReasonAccessDenied)
	_, err = c.OrdersShown(t.Context(), time.Now().Add(-time.Hour), time.Now(), "")
	wantReason(t, err, domain.KindAuth, domain.ReasonAccessDenied)
	must(t, store.Withhold(simulated.ByErrors))
	must(t, store.DeleteOrder(order))
	_, err = c.OrderShown(t.Context(), order)
	wantReason(t, err, domain.KindNotFound, "")
}

// TestAnOrderIsFollowedWhateverIsWithheld: what decides about coupons asks for nothing that can be refused.
func TestAnOrderIsFollowedWhateverIsWithheld(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	order := placed(t, store, member)
	must(t, store.Withhold(simulated.ByErrors, "email", "phone", "name", "address"))
	if got, err := c.Order(t.Context(), order); err != nil || got.ID != order || got.CustomerGID != member {
		t.Errorf("read as %s of %s, %v", got.ID, got.CustomerGID, err)
	}
}

// TestThePastIsReadPageByPage: orders with a code, in the sequence in which they were placed, each once, also where more
// is withheld than an answer has room to say.
func TestThePastIsReadPageByPage(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	d := discount("70934-AB72CD-500")
	if _, err := c.CreateDiscount(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	for range 30 {
		placed(t, store, member)
	}
	want := []string{placed(t, store, member, d.Code)}
	by, err := store.PlaceByHand("", simulated.ByText, "FRIENDS", "100", "900")
	must(t, err)
	want = append(want, by)
	for _, parts := range [][]string{nil, {"email", "phone", "name", "address"}} {
		must(t, store.Withhold(simulated.ByErrors, parts...))
		var got []string
		pages, next := 0, ""
		for {
			page, err := c.OrdersShown(t.Context(), d.StartsAt.Add(-time.Hour), d.StartsAt.Add(time.Hour), next)
			must(t, err)
			pages++
			for _, o := range page.Orders {
				got = append(got, o.ID)
			}
			if len(page.Withheld) != len(parts) {
				t.Errorf("withheld %v of %v", page.Withheld, parts)
			}
			if next = page.Next; next == "" {
				break
			}
		}
		if pages != 2 || !slices.Equal(got, want) {
			t.Errorf("without %v: %d pages with %v, want %v", parts, pages, got, want)
		}
	}
	if page, err := c.OrdersShown(t.Context(), d.StartsAt.Add(time.Hour), d.StartsAt.Add(2*time.Hour), ""); err != nil ||
		len(page.Orders) != 0 || page.Next != "" {
		t.Errorf("later there are %d orders, %v", len(page.Orders), err)
	}
}

// TestARiskIsAssessedOnce, however often it is asked for; another thing to say is said beside it.
// covers: 003-17
func TestARiskIsAssessedOnce(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	order := placed(t, store, member)
	facts := []identity.RiskFact{{Text: "The same e-mail address as order #1000", Sentiment: identity.RiskNegative},
		{Text: strings.Repeat("長", 300), Sentiment: identity.RiskNeutral}}
	for range 2 {
		must(t, c.AssessRisk(t.Context(), order, identity.RiskMedium, facts))
	}
	must(t, c.AssessRisk(t.Context(), order, identity.RiskNone, nil))
	o, _ := store.Order(order)
	if len(o.Assessments) != 2 || o.Assessments[0].Level != "MEDIUM" || len(o.Assessments[0].Facts) != 2 ||
		len([]rune(o.Assessments[0].Facts[1].Text)) != 256 || o.Assessments[1].Level != "NONE" {
		t.Errorf("the order has %d assessments: %v", len(o.Assessments), o.Assessments)
	}
}

func TestARiskThatCannotBeAssessed(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	order := placed(t, store, member)
	fact := identity.RiskFact{Text: "Seen before", Sentiment: identity.RiskNegative}
	for reason, err := range map[string]error{
		"invalid_level":  c.AssessRisk(t.Context(), order, "PENDING", nil),
		"too_many_facts": c.AssessRisk(t.Context(), order, identity.RiskLow, slices.Repeat([]identity.RiskFact{fact}, 21)),
		"invalid_fact":   c.AssessRisk(t.Context(), order, identity.RiskLow, []identity.RiskFact{{Text: " "}}),
	} {
		wantReason(t, err, domain.KindRefused, reason)
	}
	wantReason(t, c.AssessRisk(t.Context(), "gid://shopify/Order/404", identity.RiskLow, nil), domain.KindNotFound, "")
	must(t, store.Fulfil(order))
	wantReason(t, c.AssessRisk(t.Context(), order, identity.RiskLow, nil), domain.KindRefused, "order_already_fulfilled")
	other := placed(t, store, member)
	store.Grant("read_orders")
	wantReason(t, c.AssessRisk(t.Context(), other, identity.RiskLow, nil), domain.KindAuth, domain.ReasonAccessDenied)
}

// holdsOf lists the handles of an order's holds, part by part.
func holdsOf(t *testing.T, store *simulated.Server, order string) string {
	t.Helper()
	o, ok := store.Order(order)
	if !ok {
		t.Fatal("no such order")
	}
	var parts []string
	for _, part := range o.Parts() {
		var held []string
		for _, h := range part.Holds {
			held = append(held, h.Handle+map[bool]string{true: "(staff)"}[h.ByHand])
		}
		parts = append(parts, strings.Join(held, "+"))
	}
	return strings.Join(parts, " ")
}

// TestAnOrderIsHeldOnceAndReleased: every part of it, and nobody else's hold is touched.
// covers: 003-18
func TestAnOrderIsHeldOnceAndReleased(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	order := placed(t, store, member)
	must(t, store.Split(order))
	for range 2 {
		must(t, c.HoldFulfilment(t.Context(), order, handle, "Somebody looks at it"))
	}
	must(t, c.HoldFulfilment(t.Context(), order, "another", ""))
	must(t, store.HoldByHand(order, "stock"))
	if got := holdsOf(t, store, order); got != handle+"+another+(staff) "+handle+"+another+(staff)" {
		t.Errorf("held by %s", got)
	}
	for range 2 {
		must(t, c.ReleaseFulfilment(t.Context(), order, handle))
	}
	if got := holdsOf(t, store, order); got != "another+(staff) another+(staff)" {
		t.Errorf("after the release it is held by %s", got)
	}
	must(t, store.ReleaseByHand(order))
	must(t, c.ReleaseFulfilment(t.Context(), order, "another"))
	must(t, store.Fulfil(order))
}

// TestWhatCannotBeHeld says why, and whether it will ever be.
// covers: 003-18
func TestWhatCannotBeHeld(t *testing.T) {
	t.Parallel()
	store, c := newStoreWith(t, allScopes)
	ctx := t.Context()
	sent, cancelled, open := placed(t, store, member), placed(t, store, member), placed(t, store, member)
	must(t, store.Fulfil(sent))
	must(t, store.CancelOrder(cancelled, "CUSTOMER"))
	for _, order := range []string{sent, cancelled} {
		wantReason(t, c.HoldFulfilment(ctx, order, handle, ""), domain.KindRefused, shopify.ReasonNotHoldable)
		must(t, c.ReleaseFulfilment(ctx, order, handle))
	}
	for i := range 10 {
		must(t, c.HoldFulfilment(ctx, open, fmt.Sprint("hold-", i), ""))
	}
	wantReason(t, c.HoldFulfilment(ctx, open, handle, ""), domain.KindRefused, "fulfillment_order_hold_limit_reached")
	gone := "gid://shopify/Order/404"
	wantReason(t, c.HoldFulfilment(ctx, gone, handle, ""), domain.KindNotFound, "")
	wantReason(t, c.ReleaseFulfilment(ctx, gone, handle), domain.KindNotFound, "")
	store.Grant("write_orders")
	wantReason(t, c.HoldFulfilment(ctx, open, handle, ""), domain.KindAuth, domain.ReasonAccessDenied)
	wantReason(t, c.ReleaseFulfilment(ctx, open, handle), domain.KindAuth, domain.ReasonAccessDenied)
}
