package world

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"testing"

	"pointbridge/demo"
)

// Webhook sends a body as the store does.
func (b *ProcBed) Webhook(base, topic, id string, body []byte) int {
	b.T.Helper()
	req, err := http.NewRequestWithContext(b.T.Context(), http.MethodPost, base+"/webhooks/shopify",
		bytes.NewReader(body))
	if err != nil {
		b.T.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(b.Creds.ClientSecret))
	_, _ = mac.Write(body)
	for name, value := range map[string]string{"X-Shopify-Topic": topic,
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-Shopify-Shop-Domain": demo.DemoShop, "X-Shopify-API-Version": demo.DemoAPIVersion,
		"X-Shopify-Webhook-Id": id, "X-Shopify-Event-Id": "e-" + id,
		"X-Shopify-Triggered-At": "2026-11-20T03:00:06Z", "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	return StatusOfCall(b.T, Client(), req)
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
