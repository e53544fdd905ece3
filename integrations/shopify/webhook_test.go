package shopify

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

const (
	hookShop = "example-store.myshopify.com"
	oldHook  = "the-secret-before"
)

// signedWith makes a signature the way the documentation describes it, apart from the code under test.
func signedWith(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// delivered is a golden payload as it would arrive.
func delivered(t testing.TB, name string) webhooks.Incoming {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../testdata/webhooks", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Source, Topic string
		Body          json.RawMessage
	}
	if err := json.Unmarshal(raw, &g); err != nil || g.Source == "" || g.Topic == "" {
		t.Fatalf("%s: %v, source %q", name, err, g.Source)
	}
	return webhooks.Incoming{Topic: g.Topic, Signature: signedWith(clientSecret, g.Body), Shop: hookShop,
		APIVersion: "2026-10", WebhookID: "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
		EventID: "98880550-7158-44d4-b7cd-2c97c8a091b5", Body: g.Body}
}

func newWebhooks() (*Webhooks, *strings.Builder) {
	var log strings.Builder
	return &Webhooks{Shop: hookShop, APIVersion: "2026-10", Secrets: Secrets{clientSecret, oldHook},
		Logger: slog.New(slog.NewTextHandler(&log, nil))}, &log
}

func TestReadWebhookGolden(t *testing.T) {
	t.Parallel()
	const order, customer, discount = "gid://shopify/Order/5000000000001", "gid://shopify/Customer/7001", "gid://shopify/DiscountCodeNode/1100000000001"
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, "2026-11-20T"+text+"+09:00")
		if err != nil {
			t.Fatal(err)
		}
		return moment.UTC()
	}
	for name, want := range map[string]webhooks.Delivery{
		"orders_create":             {Order: order, TriggeredAt: at("12:00:06")},
		"orders_updated":            {Order: order, TriggeredAt: at("12:10:00")},
		"orders_edited":             {Order: order, TriggeredAt: at("12:20:00")},
		"orders_cancelled_declined": {Order: order, TriggeredAt: at("13:00:00")},
		"orders_delete":             {Order: order},
		"refunds_create":            {Order: order, TriggeredAt: at("14:00:00")},
		"discounts_update":          {Discount: discount, TriggeredAt: at("15:00:00")},
		"discounts_delete":          {Discount: discount, TriggeredAt: at("15:00:00")},
		"customers_update":          {Customer: customer},
		"customers_delete":          {Customer: customer},
		"customers_merge":           {Customer: "gid://shopify/Customer/7002", Merged: customer},
		"customers_data_request":    {Customer: customer},
		"customers_redact":          {Customer: customer, Email: "taro.yamada@example.com", Phone: "+819012345678"},
		"shop_redact":               {},
		"app_uninstalled":           {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, _ := newWebhooks()
			in := delivered(t, name)
			got, err := w.ReadWebhook(in)
			if err != nil {
				t.Fatal(err)
			}
			want.WebhookID, want.EventID, want.Topic, want.Shop, want.APIVersion = in.WebhookID, in.EventID, webhooks.Topic(in.Topic), hookShop, "2026-10"
			want.Digest = sha256.Sum256(in.Body)
			if got != want {
				t.Errorf("read (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

func TestReadWebhookRefusals(t *testing.T) {
	t.Parallel()
	right := delivered(t, "orders_create")
	raw := hmac.New(sha256.New, []byte(clientSecret))
	_, _ = raw.Write(right.Body)
	sum := raw.Sum(nil)
	for name, tc := range map[string]struct {
		change func(*webhooks.Incoming)
		code   domain.Code
	}{
		"no signature": {func(in *webhooks.Incoming) { in.Signature = "" },
			domain.CodeUnauthenticated},
		"another secret": {func(in *webhooks.Incoming) { in.Signature = signedWith("guess", in.Body) },
			domain.CodeUnauthenticated},
		"the empty secret": {func(in *webhooks.Incoming) { in.Signature = signedWith("", in.Body) },
			domain.CodeUnauthenticated},
		"hex instead of base64": {func(in *webhooks.Incoming) { in.Signature = hex.EncodeToString(sum) },
			domain.CodeUnauthenticated},
		"base64 for addresses":          {func(in *webhooks.Incoming) { in.Signature = base64.RawURLEncoding.EncodeToString(sum) }, domain.CodeUnauthenticated},
		"cut short":                     {func(in *webhooks.Incoming) { in.Signature = base64.StdEncoding.EncodeToString(sum[:16]) }, domain.CodeUnauthenticated},
		"one byte too many":             {func(in *webhooks.Incoming) { in.Signature = base64.StdEncoding.EncodeToString(append(sum[:32:32], 0)) }, domain.CodeUnauthenticated},
		"a line break in the signature": {func(in *webhooks.Incoming) { in.Signature = in.Signature[:20] + "\n" + in.Signature[20:] + "x" }, domain.CodeUnauthenticated},
		"one byte of the body changed": {func(in *webhooks.Incoming) { in.Body = append([]byte(" "), in.Body...) },
			domain.CodeUnauthenticated},
		"the body written anew": {func(in *webhooks.Incoming) { in.Body = compact(t, in.Body) },
			domain.CodeUnauthenticated},
		"an empty body": {func(in *webhooks.Incoming) { in.Body, in.Signature = nil, signedWith(clientSecret, nil) }, domain.CodeUnauthenticated},
		"another shop": {func(in *webhooks.Incoming) { in.Shop = "other.myshopify.com" },
			domain.CodeUnauthenticated},
		"no shop":  {func(in *webhooks.Incoming) { in.Shop = "" }, domain.CodeUnauthenticated},
		"no topic": {func(in *webhooks.Incoming) { in.Topic = "" }, domain.CodeValidation},
		"a topic that nothing is for": {func(in *webhooks.Incoming) { in.Topic = "products/update" },
			domain.CodeValidation},
		"a topic that is none": {func(in *webhooks.Incoming) { in.Topic = "orders/create\nX: y" },
			domain.CodeValidation},
		"no id":              {func(in *webhooks.Incoming) { in.WebhookID = "" }, domain.CodeValidation},
		"an id that is none": {func(in *webhooks.Incoming) { in.WebhookID = "a b" }, domain.CodeValidation},
		"an id that is too long": {func(in *webhooks.Incoming) { in.WebhookID = strings.Repeat("a", 129) },
			domain.CodeValidation},
		"a signature of the secret only": {func(in *webhooks.Incoming) { in.Signature = base64.StdEncoding.EncodeToString([]byte(clientSecret)) }, domain.CodeUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := right
			tc.change(&in)
			w, _ := newWebhooks()
			got, err := w.ReadWebhook(in)
			if domain.CodeOf(err) != tc.code || got != (webhooks.Delivery{}) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func compact(t *testing.T, body []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestReadWebhookSecrets(t *testing.T) {
	t.Parallel()
	in := delivered(t, "orders_create")
	in.Signature = signedWith(oldHook, in.Body)
	w, _ := newWebhooks()
	if _, err := w.ReadWebhook(in); err != nil {
		t.Errorf("the secret before is refused while it is set: %v", err)
	}
	w.Secrets = Secrets{clientSecret, ""}
	if _, err := w.ReadWebhook(in); domain.CodeOf(err) != domain.CodeUnauthenticated {
		t.Errorf("the secret before is accepted although it is not set: %v", err)
	}
	w.Secrets = Secrets{""}
	if _, err := w.ReadWebhook(in); domain.CodeOf(err) != domain.CodeUnauthenticated || len(w.Missing()) != 1 {
		t.Errorf("without a secret: %v, missing %v", err, w.Missing())
	}
}

func TestReadWebhookTellsAnotherVersion(t *testing.T) {
	t.Parallel()
	w, log := newWebhooks()
	in := delivered(t, "orders_create")
	for range 3 {
		in.APIVersion = "2027-01"
		if d, err := w.ReadWebhook(in); err != nil || d.Order == "" || d.APIVersion != "2027-01" {
			t.Fatalf("a delivery in another version was lost: %+v, %v", d, err)
		}
	}
	if n := strings.Count(log.String(), "another version"); n != 1 || !strings.Contains(log.String(),
		"version=2027-01") {
		t.Errorf("told %d times:\n%s", n, log)
	}
	if missing := w.Missing(); len(missing) != 1 || !strings.Contains(missing[0], "another version than 2026-10") ||
		strings.Contains(missing[0], "2027") {
		t.Errorf("missing %v", missing)
	}
	in.APIVersion = "2026-10"
	if _, err := w.ReadWebhook(in); err != nil || len(w.Missing()) != 0 {
		t.Errorf("%v, missing %v", err, w.Missing())
	}
}

func FuzzWebhookSignature(f *testing.F) {
	body := []byte(`{"id":1}`)
	f.Add(body, signedWith(clientSecret, body))
	f.Add(body, signedWith(oldHook, body))
	f.Add([]byte{}, "")
	f.Add(body, "====")
	secrets := Secrets{clientSecret, "", oldHook}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		want := len(body) > 0 && (signature == signedWith(clientSecret, body) || signature == signedWith(oldHook, body))
		if got := secrets.SignedBody(body, signature); got != want && strings.Trim(signature, "\r\n") == signature &&
			!strings.ContainsAny(signature, "\r\n") {
			t.Errorf("%q over %q: %v", signature, body, got)
		}
		if !secrets.SignedBody(append([]byte("x"), body...), signedWith(oldHook, append([]byte("x"), body...))) {
			t.Error("a right signature was refused")
		}
	})
}

func FuzzWebhookBody(f *testing.F) {
	for _, name := range []string{"orders_create", "orders_edited", "refunds_create", "discounts_update",
		"customers_merge", "customers_redact", "shop_redact"} {
		in := delivered(f, name)
		f.Add(in.Topic, []byte(in.Body))
	}
	f.Add("orders/create", []byte(`{"id":{"id":1}}`))
	f.Add("orders/create", []byte(`{"id":-1,"id":"12"}`))
	f.Fuzz(func(t *testing.T, topic string, body []byte) {
		w, _ := newWebhooks()
		d, err := w.ReadWebhook(webhooks.Incoming{Topic: topic, Signature: signedWith(clientSecret, body),
			Shop: hookShop, WebhookID: "w", Body: body})
		if err != nil {
			return
		}
		if !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) || !json.Valid(body) {
			t.Errorf("%q was read", body)
		}
		for _, gid := range []string{d.Order, d.Discount, d.Customer, d.Merged} {
			if gid != "" && !gidForm.MatchString(gid) {
				t.Errorf("%q came out of %q", gid, body)
			}
		}
	})
}

// TestAlmostRight: a signature is right in every bit and in one way of writing, or it is none.
func TestAlmostRight(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":1}`)
	right := signedWith(clientSecret, body)
	raw, err := base64.StdEncoding.DecodeString(right)
	if err != nil || !(Secrets{clientSecret}).SignedBody(body, right) {
		t.Fatal("the right one is refused")
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(alphabet, right[len(right)-2])
	wrong := map[string]string{
		"with its unused bits set": right[:len(right)-2] + alphabet[last|1:last|1+1] + "=",
		"without its end":          strings.TrimRight(right, "="),
		"a half of it":             base64.StdEncoding.EncodeToString(raw[:16]),
		"with something after it":  base64.StdEncoding.EncodeToString(append(slices.Clone(raw), 0)),
		"with the empty secret":    signedWith("", body),
		"in the URL's alphabet":    base64.URLEncoding.EncodeToString(append(slices.Clone(raw[:31]), raw[31]|0xfe)),
		"as hexadecimal":           hex.EncodeToString(raw),
	}
	for bit := range len(raw) * 8 {
		changed := slices.Clone(raw)
		changed[bit/8] ^= 1 << (bit % 8)
		wrong[fmt.Sprint("with bit ", bit, " changed")] = base64.StdEncoding.EncodeToString(changed)
	}
	for what, signature := range wrong {
		if (Secrets{clientSecret, ""}).SignedBody(body, signature) {
			t.Errorf("a signature %s is taken for right", what)
		}
	}
}
