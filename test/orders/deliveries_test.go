package orders

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// inDeliveries are people's words that stand in the golden bodies and nowhere else.
var inDeliveries = []string{"taro.yamada@example.com", "+819012345678", "Jingumae", "203.0.113.7", "neighbour",
	"sent it back", "Sato Hanako", "owner@example.com"}

func TestDeliveriesLeaveNoPersonalData(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		files, err := filepath.Glob("integrations/testdata/webhooks/*.json")
		if err != nil || len(files) < 10 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		carried := ""
		for i, file := range files {
			topic, body := world.Payload(t, strings.TrimSuffix(filepath.Base(file), ".json"))
			carried += string(body)
			if status := w.Deliver(topic, fmt.Sprintf("w-%d", i), body); status != http.StatusOK {
				t.Errorf("%s is answered %d", topic, status)
			}
		}
		text := storetest.Texts(t, w.Store)
		for _, word := range inDeliveries {
			if !strings.Contains(carried, word) {
				t.Errorf("no delivery held %q", word)
			}
			if strings.Contains(text, word) {
				t.Errorf("the database holds %q", word)
			}
		}
		if !strings.Contains(text, "gid://shopify/Order/5000000000001") {
			t.Error("the order's id was not kept")
		}
	})
}

func TestDeliveryOfAnOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		made, err := w.App.Service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
			Role: domain.RolePOS}, CustomerID: world.HookMember, Points: 500, Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		w.Start()
		world.Eventually(t, "the round over the orders that a start asks for is over", func() bool {
			at, err := w.Store.Backlog.Cursor(t.Context(), "orders")
			return err == nil && !at.IsZero()
		})
		order, err := w.Shopify.Checkout(world.HookGID, []string{made.Coupon.Code}, "3000")
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(fmt.Sprintf(`{"id": %s, "admin_graphql_api_id": %q, "email": "taro.yamada@example.com"}`,
			order[strings.LastIndex(order, "/")+1:], order))
		var wg sync.WaitGroup
		for range 8 { // the same delivery, again and again and at once
			wg.Go(func() {
				if status := w.Deliver("orders/create", "w-1", body); status != http.StatusOK {
					t.Errorf("answered %d", status)
				}
			})
		}
		wg.Wait()
		world.Eventually(t, "the coupon is used", func() bool {
			st, err := w.Store.Coupons.ByCode(t.Context(), made.Coupon.Code)
			return err == nil && st.Coupon.Status == domain.Used && st.Coupon.UsedOrderID == order
		})
		var jobs, deliveries int
		if err := w.Store.DB().QueryRowContext(t.Context(),
			`SELECT (SELECT count(*) FROM river_job WHERE kind = 'order'), (SELECT count(*) FROM webhook_deliveries)`).Scan(&jobs, &deliveries); err != nil {
			t.Fatal(err)
		}
		if jobs != 1 || deliveries != 1 {
			t.Errorf("%d jobs, %d deliveries", jobs, deliveries)
		}
	})
}

func TestRedactedThroughTheQueue(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		w.Start()
		topic, asked := world.Payload(t, "customers_data_request")
		if status := w.Deliver(topic, "w-1", asked); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
		var list, export string
		world.Eventually(t, "the request waits for an operator", func() bool {
			list = w.Command("privacy", "list")
			return strings.Contains(list, "customers/data_request")
		})
		if export = w.Command("privacy", "export", "1"); !strings.Contains(export, "member@example.com") ||
			!strings.Contains(export, world.HookMember) {
			t.Errorf("exported %s", export)
		}
		{
			text := w.Command("privacy", "done", "1")
			expect.That(t, `text to contain "Closed"`, strings.Contains(text, "Closed"), text)
			expect.That(t, `w.Command("privacy", "list") not to contain "data_request"`,
				!strings.Contains(w.Command("privacy", "list"), "data_request"))
		}
		topic, redact := world.Payload(t, "customers_redact")
		for _, id := range []string{"w-2", "w-2", "w-3"} {
			if status := w.Deliver(topic, id, redact); status != http.StatusOK {
				t.Fatalf("answered %d", status)
			}
		}
		world.Eventually(t, "the request is closed", func() bool {
			return strings.Count(strings.Join(strings.Fields(w.Command("privacy", "list", "--all")), " "),
				"customers/redact closed") == 1
		})
		text := storetest.Texts(t, w.Store)
		for _, word := range append([]string{"member@example.com", "Yamada"}, inDeliveries...) {
			if strings.Contains(text, word) {
				t.Errorf("the database still holds %q", word)
			}
		}
		_, err := w.App.Service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
			Role: domain.RolePOS}, CustomerID: world.HookMember, Points: 500, Key: "k"})
		if domain.CodeOf(err) != domain.CodeCustomerNotLinked {
			t.Errorf("a member who was forgotten converts: %v", err)
		}
	})
}

func TestSetupOfTheShop(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		w.App.SetupCheck.Refresh(t.Context())
		if missing := w.App.Notes(t.Context()); len(missing) < 10 {
			t.Errorf("missing %v", missing)
		}
		for range 2 {
			if text := w.Command("shopify", "setup"); !strings.Contains(text, "has what Pointbridge needs") {
				t.Error(text)
			}
		}
		for _, s := range w.Shopify.Subscriptions() {
			if s.URI != "https://points.example.com/webhooks/shopify" {
				t.Errorf("%s goes to %s", s.Topic, s.URI)
			}
		}
		w.App.SetupCheck.Refresh(t.Context())
		if missing := w.App.Notes(t.Context()); len(missing) != 0 {
			t.Errorf("missing %v", missing)
		}
		w.Env = append(w.Env, "SHOPIFY_WEBHOOKS=app")
		w.Command("shopify", "setup")
		if list := w.Shopify.Subscriptions(); len(list) != 0 {
			t.Errorf("the app's own file subscribes, and still there are %v", list)
		}
	})
}

func TestADeliveryThatCannotBeKeptIsSentAgain(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		topic, body := world.Payload(t, "orders_create")
		if err := w.App.Store.Close(); err != nil {
			t.Fatal(err)
		}
		if status := w.Deliver(topic, "w-1", body); status != http.StatusInternalServerError {
			t.Errorf("answered %d", status)
		}
		_, err := w.Store.Webhooks.Delivery(t.Context(), "w-1")
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), domain.CodeNotFound, err)
	})
}

func TestNotReadyWithoutTheApp(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := world.NewHooks(t, db)
		ready := func() (int, string) {
			res := httptest.NewRecorder()
			w.App.Handler.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
			return res.Code, res.Body.String()
		}
		isReady := func() (text string) { // a check that takes too long on a loaded machine is asked again
			t.Helper()
			world.Eventually(t, "it is ready", func() bool {
				var status int
				status, text = ready()
				return status == http.StatusOK
			})
			return text
		}
		isReady()
		now := w.App.Service.Clock.Now()
		for version, i := range []webhooks.Installation{{State: webhooks.Reported, ReportedAt: now},
			{State: webhooks.Confirmed, ReportedAt: now, ConfirmedAt: now, AskedAt: now, Version: 1}} {
			text := isReady()
			expect.Equal(t, `strings.Contains(text, "said to be uninstalled")`,
				strings.Contains(text, "said to be uninstalled"), version == 1, text)
			if err := w.Store.Webhooks.SetInstallation(t.Context(), i, domain.AuditEntry{}); err != nil {
				t.Fatal(err)
			}
		}
		world.Eventually(t, "the shop is missed", func() bool {
			status, text := ready()
			return status == http.StatusServiceUnavailable && strings.Contains(text, `"shop"`)
		})
		if err := w.App.Webhooks.LookForInstallation(t.Context()); err != nil {
			t.Fatal(err)
		}
		world.Eventually(t, "the app is back", func() bool { status, _ := ready(); return status == http.StatusOK })
	})
}
