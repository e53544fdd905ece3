package orders

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
	simpos "pointbridge/integrations/sim/pos"
	simshopify "pointbridge/integrations/sim/shopify"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// orderWorld is the whole service behind an address to which the simulated store itself delivers, with its switches.
type orderWorld struct {
	*world.Hooks
	shop  *simshopify.Server
	hooks string            // where the shop delivers to
	keys  map[string]string // tokens by who has them
	drawn int
	// session is somebody's sign-in to the console.
	session string
}

func newOrderWorld(t *testing.T, db storetest.Database, environ ...string) *orderWorld {
	t.Helper()
	var service atomic.Pointer[http.Handler]
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*service.Load()).ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	hooks := front.URL + "/webhooks/shopify"
	environ = append([]string{"ORDERS_EVERY=24h", "CANCEL_GRACE=0s", "PUBLIC_URL=https://points.example.com",
		"COUPON_COMBINES_WITH=order", "BOOKS_CHECK_EVERY=0"}, environ...)
	w := &orderWorld{Hooks: &world.Hooks{World: world.NewWhole(t, db, environ,
		func(_ *simpos.Config, shop *simshopify.Config) { shop.Webhooks.ComplianceURI = hooks })}, hooks: hooks,
		keys: map[string]string{}}
	w.shop = w.Shopify
	w.keys["pos"] = w.Once("key", "create", "--role", "pos", "--name", "pos")
	_, w.keys["admin"] = world.Hired(t, w.Store, "admin", domain.RoleSystemAdmin, "")
	for _, who := range []string{"Sato", "Suzuki"} {
		_, w.keys[who] = world.Hired(t, w.Store, who, domain.RoleECAdmin, "")
	}
	service.Store(&w.App.Handler)
	w.Start()
	world.Eventually(t, "the round over the orders that a start asks for is over", func() bool {
		at, err := w.Store.Backlog.Cursor(t.Context(), "orders")
		return err == nil && !at.IsZero()
	})
	if err := w.shop.SubscribeAll(hooks, commands.SubscribedTopics()...); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *orderWorld) On(t *testing.T) *orderWorld {
	w.T = t
	return w
}

// buyer is a member with one coupon of 500 points.
type buyer struct{ member, gid, code string }

func (w *orderWorld) buyer() buyer {
	w.T.Helper()
	w.Members++
	b := buyer{member: fmt.Sprintf("77000%05d", w.Members), gid: fmt.Sprintf("gid://shopify/Customer/%d", 9_000_000_000+
		w.Members)}
	if w.POS != nil { // another kind of till knows its members by itself
		w.POS.AddCustomer(b.member, "Member", 1250)
	}
	mail := b.member + "@example.com"
	if _, err := w.shop.AddCustomer(b.gid, mail, "Member "+b.member, "en"); err != nil {
		w.T.Fatal(err)
	}
	name := "Member " + b.member
	if _, _, err := w.App.Members.Link(w.T.Context(), members.Link{Caller: domain.System(), CustomerID: b.member,
		ShopifyCustomerGID: &b.gid, Name: &name, Email: &mail}); err != nil {
		w.T.Fatal(err)
	}
	b.code = w.Coupon(b)
	return b
}

func (w *orderWorld) Coupon(b buyer) string {
	w.T.Helper()
	w.drawn++
	c := coupons.Conversion{Caller: domain.Caller{ID: "key:pos", Role: domain.RolePOS}, CustomerID: b.member,
		Points: 500, Key: fmt.Sprint("k-", w.drawn)}
	var got coupons.Result
	world.Eventually(w.T, "there is a coupon", func() bool {
		var err error
		got, err = w.App.Service.Convert(w.T.Context(), c)
		if err != nil && !errors.Is(err, context.DeadlineExceeded) { // a loaded machine: whoever asks again hears of it
			w.T.Fatal(err)
		}
		return err == nil && got.Done
	})
	return got.Coupon.Code
}

// buy places an order with the codes.
func (w *orderWorld) buy(gid string, codes ...string) string {
	w.T.Helper()
	order, err := w.shop.Checkout(gid, codes, "3000")
	if err != nil {
		w.T.Fatal(err)
	}
	return order
}

func (w *orderWorld) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// delivered lets the store send what it owes, and the queue work it off.
func (w *orderWorld) delivered() {
	w.T.Helper()
	w.must(w.shop.Flush(w.T.Context()))
	w.idle()
}

// idle waits until nothing is left to do about orders, and nothing is on its way. The metafield of a customer whom the
// shop has no more is left for long.
func (w *orderWorld) idle() {
	w.T.Helper()
	world.Eventually(w.T, "nothing is left to do", func() bool {
		var n int
		err := w.Store.DB().QueryRowContext(w.T.Context(),
			`SELECT (SELECT count(*) FROM river_job WHERE (kind IN ('order', 'webhook', 'advance', 'mail', 'tag')
			OR kind LIKE 'identity_%' OR kind LIKE 'decision_%') AND state IN ('available', 'pending', 'running', 'retryable', 'scheduled'))
			+ (SELECT count(*) FROM coupons WHERE status IN ('pending', 'cancelling') OR unfinished)
			+ (SELECT count(*) FROM customers WHERE projection_written < projection_wanted AND shopify_customer_gid <> ''
				AND (projection_claimed_until IS NULL OR projection_claimed_until < $1))`, time.Now().UTC().Add(
				2*time.Minute)).Scan(&n)
		return err == nil && n == 0
	})
	w.must(w.App.Service.Drain(w.T.Context()))
}

func (w *orderWorld) state(code string) coupons.State {
	w.T.Helper()
	st, err := w.Store.Coupons.ByCode(w.T.Context(), code)
	w.must(err)
	return st
}

func (w *orderWorld) reviews(code string) []reviews.Review { return w.reviewsByCode()[code] }

// reviewsByCode are all reviews, by the code of their coupon, the oldest first.
func (w *orderWorld) reviewsByCode() map[string][]reviews.Review {
	w.T.Helper()
	all, err := w.Store.Reviews.Reviews(w.T.Context(), reviews.Filter{Limit: 10_000})
	w.must(err)
	by := map[string][]reviews.Review{}
	for _, r := range slices.Backward(all) {
		by[r.Code] = append(by[r.Code], r)
	}
	return by
}

// agrees compares the books, once nothing is owed any more, and verifies the audit.
func (w *orderWorld) agrees() {
	w.T.Helper()
	w.quiet()
	checker := *w.App.Books
	checker.Timing, checker.Runs = books.Timing{Pause: 100 * time.Millisecond}, nil
	sum, err := checker.Run(w.T.Context(), books.Options{}, books.Sink{
		Difference: func(d books.Difference) { w.T.Errorf("the books: %+v", d) },
		Gap:        func(g books.Gap) { w.T.Errorf("not compared: %+v", g) }})
	if err != nil || sum.Incomplete() || sum.Moving > 0 || sum.Coupons == 0 {
		w.T.Errorf("the books: %+v, %v", sum, err)
	}
	w.must(w.App.Sealer.Seal(w.T.Context()))
	w.Command("audit", "verify")
	w.counts()
	w.balances()
}

// counts holds the figures that are added up from the audit against the coupons: one entry tells of each move.
func (w *orderWorld) counts() {
	w.T.Helper()
	read := func(query string) (text string) {
		rows, err := w.Store.DB().QueryContext(w.T.Context(), query)
		w.must(err)
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var status string
			var coupons, points int64
			w.must(rows.Scan(&status, &coupons, &points))
			text += fmt.Sprintln(status, coupons, points)
		}
		w.must(rows.Err())
		return text
	}
	told := read(`SELECT status, coupons, points FROM tally_status WHERE coupons <> 0 ORDER BY status`)
	if are := read(`SELECT status, count(*), sum(points) FROM coupons GROUP BY status ORDER BY status`); told != are {
		w.T.Errorf("the audit adds up to\n%sthe coupons are\n%s", told, are)
	}
}

// balances holds the one rule: what was taken from a member is in coupons that are good, or were spent, or came back.
func (w *orderWorld) balances() {
	w.T.Helper()
	for n := 1; n <= w.Members; n++ {
		member := fmt.Sprintf("77000%05d", n)
		list, err := w.Store.Listing.List(w.T.Context(), listing.Filter{CustomerID: member, Limit: 100})
		w.must(err)
		held, balance := int64(0), int64(0)
		for _, c := range list {
			granted := w.Booked(domain.GrantReference(c.Code))
			usable := w.shop.Usable(c.Code)
			switch {
			case c.SupersededBy != "":
				if usable || granted != 0 || c.Status != domain.Used {
					w.T.Errorf("%s was replaced: %s, usable %v, granted %d", c.Code, c.Status, usable, granted)
				}
			case c.Status == domain.Active, c.Status == domain.Used && granted == 0:
				held += c.Points
			case c.Status == domain.Used && granted == 1 && !usable, c.Status == domain.Cancelled && !usable:
			default:
				w.T.Errorf("%s %s: usable %v, granted %d", c.Status, c.Code, usable, granted)
			}
		}
		if balance, _ = w.POS.Balance(member); len(list) > 0 && balance+held != 1250 {
			w.T.Errorf("%s: balance %d and %d in coupons do not make 1250", member, balance, held)
		}
	}
}

// Booked counts a reference in the POS's history.
func (w *orderWorld) Booked(reference string) (n int) {
	for _, e := range w.POS.AllEntries() {
		if e.Reference == reference {
			n++
		}
	}
	return n
}

// ask makes a request with somebody's key.
func (w *orderWorld) ask(who, method, path, key, body string) (int, string) {
	return w.Request(w.keys[who], method, path, key, body)
}

func (w *orderWorld) decide(who string, id int64, outcome reviews.Outcome, key string) (int, string) {
	return w.ask(who, http.MethodPost, fmt.Sprintf("/v1/reviews/%d/decision", id), key,
		fmt.Sprintf(`{"outcome": %q, "note": "looked into"}`, outcome))
}
