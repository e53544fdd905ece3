package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store/storetest"
)

// hookWorld is the whole service in this process, beside a simulated outside, with the store's own signatures.
type hookWorld struct {
	*procBed
	t   *testing.T
	app *app
}

const (
	hookMember = "8812370934"
	hookGID    = "gid://shopify/Customer/7001"
)

func newHookWorld(t *testing.T, db storetest.Database, environ ...string) *hookWorld {
	t.Helper()
	b := newProcBed(t, db, append([]string{"ORDERS_EVERY=24h", "PUBLIC_URL=https://points.example.com"}, environ...)...)
	cfg, err := LoadConfig(b.env)
	if err != nil {
		t.Fatal(err)
	}
	a, err := newApp(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.close() })
	b.out.pos.AddCustomer(hookMember, "Yamada Taro", 1250)
	if _, err := b.out.shopify.AddCustomer(hookGID, "member@example.com", "Yamada Taro", "ja"); err != nil {
		t.Fatal(err)
	}
	w := &hookWorld{procBed: b, t: t, app: a}
	name, mail, gid := "Yamada Taro", "member@example.com", hookGID
	if _, _, err := a.members.Link(t.Context(), members.Link{Caller: domain.System(), CustomerID: hookMember, ShopifyCustomerGID: &gid, Name: &name, Email: &mail}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *hookWorld) start() {
	w.t.Helper()
	if err := w.app.queue.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = w.app.queue.Stop(w.t.Context()) })
}

// deliver sends a body as the store does and gives the status.
func (w *hookWorld) deliver(topic, id string, body []byte) int {
	w.t.Helper()
	mac := hmac.New(sha256.New, []byte(w.creds.ClientSecret))
	_, _ = mac.Write(body)
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/webhooks/shopify", strings.NewReader(string(body)))
	for name, value := range map[string]string{"X-Shopify-Topic": topic, "X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-Shopify-Shop-Domain": demoShop, "X-Shopify-API-Version": demoAPIVersion, "X-Shopify-Webhook-Id": id, "X-Shopify-Event-Id": "e-" + id,
		"X-Shopify-Triggered-At": "2026-11-20T03:00:06Z", "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	res := httptest.NewRecorder()
	w.app.handler.ServeHTTP(res, r)
	return res.Code
}

// payload is one of the bodies that the store sends, for this shop.
func payload(t *testing.T, name string) (topic string, body []byte) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("integrations/testdata/webhooks", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Topic string
		Body  json.RawMessage
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g.Topic, []byte(strings.ReplaceAll(string(g.Body), "example-store.myshopify.com", demoShop))
}

// inDeliveries are people's words that stand in the golden bodies and nowhere else.
var inDeliveries = []string{"taro.yamada@example.com", "+819012345678", "Jingumae", "203.0.113.7", "neighbour", "sent it back", "Sato Hanako", "owner@example.com"}

func TestDeliveriesLeaveNoPersonalData(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newHookWorld(t, db)
		files, err := filepath.Glob("integrations/testdata/webhooks/*.json")
		if err != nil || len(files) < 10 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		carried := ""
		for i, file := range files {
			topic, body := payload(t, strings.TrimSuffix(filepath.Base(file), ".json"))
			carried += string(body)
			if status := w.deliver(topic, fmt.Sprintf("w-%d", i), body); status != http.StatusOK {
				t.Errorf("%s is answered %d", topic, status)
			}
		}
		text := storetest.Texts(t, w.store)
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
		w := newHookWorld(t, db)
		made, err := w.app.service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:till", Role: domain.RolePOS}, CustomerID: hookMember, Points: 500, Key: "k"})
		if err != nil {
			t.Fatal(err)
		}
		w.start()
		eventually(t, "the round over the orders that a start asks for is over", func() bool {
			at, err := w.store.Cursor(t.Context(), "orders")
			return err == nil && !at.IsZero()
		})
		order, err := w.out.shopify.Checkout(hookGID, []string{made.Coupon.Code}, "3000")
		if err != nil {
			t.Fatal(err)
		}
		body := []byte(fmt.Sprintf(`{"id": %s, "admin_graphql_api_id": %q, "email": "taro.yamada@example.com"}`, order[strings.LastIndex(order, "/")+1:], order))
		var wg sync.WaitGroup
		for range 8 { // the same delivery, again and again and at once
			wg.Go(func() {
				if status := w.deliver("orders/create", "w-1", body); status != http.StatusOK {
					t.Errorf("answered %d", status)
				}
			})
		}
		wg.Wait()
		eventually(t, "the coupon is used", func() bool {
			st, err := w.store.ByCode(t.Context(), made.Coupon.Code)
			return err == nil && st.Coupon.Status == domain.Used && st.Coupon.UsedOrderID == order
		})
		var jobs, deliveries int
		if err := w.store.DB().QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM river_job WHERE kind = 'order'), (SELECT count(*) FROM webhook_deliveries)`).Scan(&jobs, &deliveries); err != nil {
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
		w := newHookWorld(t, db)
		w.start()
		topic, asked := payload(t, "customers_data_request")
		if status := w.deliver(topic, "w-1", asked); status != http.StatusOK {
			t.Fatalf("answered %d", status)
		}
		var list, export string
		eventually(t, "the request waits for an operator", func() bool {
			list = w.command("privacy", "list")
			return strings.Contains(list, "customers/data_request")
		})
		if export = w.command("privacy", "export", "1"); !strings.Contains(export, "member@example.com") || !strings.Contains(export, hookMember) {
			t.Errorf("exported %s", export)
		}
		if text := w.command("privacy", "done", "1"); !strings.Contains(text, "Closed") || strings.Contains(w.command("privacy", "list"), "data_request") {
			t.Errorf("%s", text)
		}
		topic, redact := payload(t, "customers_redact")
		for _, id := range []string{"w-2", "w-2", "w-3"} {
			if status := w.deliver(topic, id, redact); status != http.StatusOK {
				t.Fatalf("answered %d", status)
			}
		}
		eventually(t, "the request is closed", func() bool {
			return strings.Count(strings.Join(strings.Fields(w.command("privacy", "list", "--all")), " "), "customers/redact closed") == 1
		})
		text := storetest.Texts(t, w.store)
		for _, word := range append([]string{"member@example.com", "Yamada"}, inDeliveries...) {
			if strings.Contains(text, word) {
				t.Errorf("the database still holds %q", word)
			}
		}
		_, err := w.app.service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:till", Role: domain.RolePOS}, CustomerID: hookMember, Points: 500, Key: "k"})
		if domain.CodeOf(err) != domain.CodeCustomerNotLinked {
			t.Errorf("a member who was forgotten converts: %v", err)
		}
	})
}

// command runs a command of the program on this world's database and gives what it prints.
func (w *hookWorld) command(args ...string) string {
	w.t.Helper()
	var out, faults lockedBuffer
	if code := run(w.t.Context(), args, w.env, &out, &faults); code != 0 {
		w.t.Fatalf("%v ended with %d: %s%s", args, code, out.String(), faults.String())
	}
	return out.String()
}

func TestSetupOfTheShop(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t, storetest.SQLite(t))
	w.app.lacks.refresh(t.Context())
	if missing := w.app.notes(t.Context()); len(missing) < 10 {
		t.Errorf("missing %v", missing)
	}
	for range 2 {
		if text := w.command("shopify", "setup"); !strings.Contains(text, "has what Pointbridge needs") {
			t.Error(text)
		}
	}
	for _, s := range w.out.shopify.Subscriptions() {
		if s.URI != "https://points.example.com/webhooks/shopify" {
			t.Errorf("%s goes to %s", s.Topic, s.URI)
		}
	}
	w.app.lacks.refresh(t.Context())
	if missing := w.app.notes(t.Context()); len(missing) != 0 {
		t.Errorf("missing %v", missing)
	}
	w.env = append(w.env, "SHOPIFY_WEBHOOKS=app")
	w.command("shopify", "setup")
	if list := w.out.shopify.Subscriptions(); len(list) != 0 {
		t.Errorf("the app's own file subscribes, and still there are %v", list)
	}
}

func TestADeliveryThatCannotBeKeptIsSentAgain(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t, storetest.SQLite(t))
	topic, body := payload(t, "orders_create")
	if err := w.app.store.Close(); err != nil {
		t.Fatal(err)
	}
	if status := w.deliver(topic, "w-1", body); status != http.StatusInternalServerError {
		t.Errorf("answered %d", status)
	}
	if _, err := w.store.Webhooks.Delivery(t.Context(), "w-1"); domain.CodeOf(err) != domain.CodeNotFound {
		t.Errorf("%v", err)
	}
}

func TestNotReadyWithoutTheApp(t *testing.T) {
	t.Parallel()
	w := newHookWorld(t, storetest.SQLite(t))
	ready := func() (int, string) {
		res := httptest.NewRecorder()
		w.app.handler.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		return res.Code, res.Body.String()
	}
	if status, text := ready(); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	now := w.app.service.Clock.Now()
	for version, i := range []webhooks.Installation{{State: webhooks.Reported, ReportedAt: now},
		{State: webhooks.Confirmed, ReportedAt: now, ConfirmedAt: now, AskedAt: now, Version: 1}} {
		if status, text := ready(); status != http.StatusOK || strings.Contains(text, "said to be uninstalled") != (version == 1) {
			t.Errorf("%d %s", status, text)
		}
		if err := w.store.Webhooks.SetInstallation(t.Context(), i, domain.AuditEntry{}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the shop is missed", func() bool {
		status, text := ready()
		return status == http.StatusServiceUnavailable && strings.Contains(text, `"shop"`)
	})
	if err := w.app.webhooks.LookForInstallation(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the app is back", func() bool { status, _ := ready(); return status == http.StatusOK })
}
