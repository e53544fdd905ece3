package shopify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	shop "pointbridge/integrations/sim/shopify"
)

// BenchmarkCreate is one discountCodeBasicCreate without the network: what the store itself costs a conversion.
func BenchmarkCreate(b *testing.B) {
	for _, journal := range []bool{false, true} {
		b.Run(fmt.Sprintf("journal=%v", journal), func(b *testing.B) { benchmarkCreate(b, journal) })
	}
}

func benchmarkCreate(b *testing.B, journal bool) {
	cfg := shop.Config{Shop: "demo.myshopify.com", APIVersion: "2026-10", AccessToken: fixedToken,
		Clock: time.Now, Bucket: shop.Bucket{Maximum: 1e12, RestoreRate: 1e12}}
	if journal {
		cfg.Path = filepath.Join(b.TempDir(), "shop.jsonl")
	}
	server, err := shop.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := server.AddCustomer(taro, "taro@example.com", "Taro", "ja"); err != nil {
		b.Fatal(err)
	}
	var number atomic.Int64
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			raw, _ := json.Marshal(map[string]any{"query": goldenCreate,
				"variables": map[string]any{"discount": map[string]any{
					"title": "Loyalty", "code": fmt.Sprintf("70934-%d-500", number.Add(1)),
					"startsAt": "2026-11-20T00:00:00Z", "endsAt": "2036-11-20T00:00:00Z", "usageLimit": 1,
					"context":      map[string]any{"customers": map[string]any{"add": []string{taro}}},
					"customerGets": map[string]any{"value": amount("500"), "items": map[string]any{"all": true}},
				}}})
			r := httptest.NewRequest(http.MethodPost, "/admin/api/2026-10/graphql.json", bytes.NewReader(raw))
			r.Header.Set("X-Shopify-Access-Token", fixedToken)
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatalf("status %d: %s", w.Code, w.Body)
			}
		}
	})
	if made := len(server.Discounts()); made != int(number.Load()) {
		b.Fatalf("made %d of %d", made, number.Load())
	}
}
