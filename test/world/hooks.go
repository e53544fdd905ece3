package world

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/integrations/store/storetest"
)

// Hooks is a whole service with a member of whom the shop tells.
type Hooks struct{ *World }

const (
	HookMember = "8812370934"
	HookGID    = "gid://shopify/Customer/7001"
)

func NewHooks(t *testing.T, db storetest.Database, environ ...string) *Hooks {
	t.Helper()
	w := &Hooks{NewWhole(t, db, append([]string{"ORDERS_EVERY=24h", "PUBLIC_URL=https://points.example.com"},
		environ...))}
	w.POS.AddCustomer(HookMember, "Yamada Taro", 1250)
	name, mail, gid := "Yamada Taro", "member@example.com", HookGID
	if _, err := w.Shopify.AddCustomer(gid, mail, name, "ja"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.App.Members.Link(t.Context(), members.Link{Caller: domain.System(), CustomerID: HookMember,
		ShopifyCustomerGID: &gid, Name: &name, Email: &mail}); err != nil {
		t.Fatal(err)
	}
	return w
}

// Deliver sends a body as the store does and gives the status. Who cannot take it in time, as on a loaded machine, gets it
// again.
func (w *World) Deliver(topic, id string, body []byte) (status int) {
	w.T.Helper()
	Eventually(w.T, topic+" is taken or refused", func() bool {
		status = w.deliverOnce(topic, id, body)
		return status != http.StatusServiceUnavailable
	})
	return status
}

func (w *World) deliverOnce(topic, id string, body []byte) int {
	r := httptest.NewRequestWithContext(w.T.Context(), http.MethodPost, "/webhooks/shopify", bytes.NewReader(body))
	w.sign(r, topic, id, body)
	res := httptest.NewRecorder()
	w.App.Handler.ServeHTTP(res, r)
	return res.Code
}

// Webhook is Deliver to an address.
func (o *Outside) Webhook(base, topic, id string, body []byte) int {
	o.T.Helper()
	req, err := http.NewRequestWithContext(o.T.Context(), http.MethodPost, base+"/webhooks/shopify",
		bytes.NewReader(body))
	if err != nil {
		o.T.Fatal(err)
	}
	o.sign(req, topic, id, body)
	return StatusOfCall(o.T, Client(), req)
}

// sign makes a request the store's own.
func (o *Outside) sign(r *http.Request, topic, id string, body []byte) {
	mac := hmac.New(sha256.New, []byte(o.Creds.ClientSecret))
	_, _ = mac.Write(body)
	for name, value := range map[string]string{"X-Shopify-Topic": topic,
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-Shopify-Shop-Domain": demo.DemoShop, "X-Shopify-API-Version": demo.DemoAPIVersion,
		"X-Shopify-Webhook-Id": id, "X-Shopify-Event-Id": "e-" + id,
		"X-Shopify-Triggered-At": "2026-11-20T03:00:06Z", "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
}

func StatusOfCall(t *testing.T, client *http.Client, req *http.Request) int {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
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
