package world

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/integrations/store/storetest"
)

// HookWorld is the whole service in this process, beside a simulated outside, with the store's own signatures.
type HookWorld struct {
	*ProcBed
	T   *testing.T
	App *app.App
}

const (
	HookMember = "8812370934"
	HookGID    = "gid://shopify/Customer/7001"
)

func NewHookWorld(t *testing.T, db storetest.Database, environ ...string) *HookWorld {
	t.Helper()
	b := NewProcBed(t, db, append([]string{"ORDERS_EVERY=24h", "PUBLIC_URL=https://points.example.com"}, environ...)...)
	a := b.App()
	b.Out.POS.AddCustomer(HookMember, "Yamada Taro", 1250)
	if _, err := b.Out.Shopify.AddCustomer(HookGID, "member@example.com", "Yamada Taro", "ja"); err != nil {
		t.Fatal(err)
	}
	w := &HookWorld{ProcBed: b, T: t, App: a}
	name, mail, gid := "Yamada Taro", "member@example.com", HookGID
	if _, _, err := a.Members.Link(t.Context(), members.Link{Caller: domain.System(), CustomerID: HookMember,
		ShopifyCustomerGID: &gid, Name: &name, Email: &mail}); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *HookWorld) Start() {
	w.T.Helper()
	if err := w.App.Queue.Start(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = w.App.Queue.Stop(w.T.Context()) })
}

// Deliver sends a body as the store does and gives the status.
func (w *HookWorld) Deliver(topic, id string, body []byte) int {
	w.T.Helper()
	mac := hmac.New(sha256.New, []byte(w.Creds.ClientSecret))
	_, _ = mac.Write(body)
	r := httptest.NewRequestWithContext(w.T.Context(), http.MethodPost, "/webhooks/shopify",
		strings.NewReader(string(body)))
	for name, value := range map[string]string{"X-Shopify-Topic": topic,
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-Shopify-Shop-Domain": demo.DemoShop, "X-Shopify-API-Version": demo.DemoAPIVersion,
		"X-Shopify-Webhook-Id": id, "X-Shopify-Event-Id": "e-" + id,
		"X-Shopify-Triggered-At": "2026-11-20T03:00:06Z", "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	res := httptest.NewRecorder()
	w.App.Handler.ServeHTTP(res, r)
	return res.Code
}

// Payload is one of the bodies that the store sends, for this shop.
func Payload(t *testing.T, name string) (topic string, body []byte) {
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
	return g.Topic, []byte(strings.ReplaceAll(string(g.Body), "example-store.myshopify.com", demo.DemoShop))
}

// Command runs a command of the program on this world's database and gives what it prints.
func (w *HookWorld) Command(args ...string) string {
	w.T.Helper()
	return Said(w.T, w.Env, args...)
}
