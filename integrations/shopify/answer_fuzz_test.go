package shopify

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

// Whatever comes back: no panic, one of the outcomes, no invented discount, no negative cost or wait.
func FuzzCreateAnswer(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(goldenFolder, "*.json"))
	if err != nil || len(files) == 0 {
		f.Fatal("no golden files", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(200, raw, "")
	}
	f.Add(200, []byte(`{"data":{"discountCodeBasicCreate":{"codeDiscountNode":{"id":"x"},"userErrors":[]}},"extensions":{"cost":{"requestedQueryCost":-1}}}`), "")
	f.Add(429, []byte(``), "2.5")
	f.Add(503, []byte(`<html>`), "Fri, 20 Nov 2026 12:00:30 GMT")
	f.Fuzz(func(t *testing.T, status int, body []byte, after string) {
		got := answer{upstream.Answer{Status: status, Header: http.Header{"Retry-After": {after}}, Body: body}}
		var data couponCreateResponse
		spent, err := got.classify([]string{"discountCodeBasicCreate"}, &data, noon)
		if spent.requested < 0 || spent.actual < 0 || spent.wait() < 0 || spent.wait() > time.Hour {
			t.Errorf("spent %+v", spent)
		}
		if err == nil {
			if status != http.StatusOK {
				t.Errorf("status %d was taken for a success", status)
			}
			return
		}
		switch domain.KindOf(err) {
		case domain.KindRefused, domain.KindAuth, domain.KindThrottled, domain.KindUnknown:
		default:
			t.Errorf("kind %s", domain.KindOf(err))
		}
		if status >= 500 && domain.KindOf(err) != domain.KindUnknown {
			t.Errorf("status %d was taken for %v", status, err)
		}
		if wait := domain.RetryAfterOf(err); wait < 0 || wait > time.Hour {
			t.Errorf("wait %v", wait)
		}
	})
}
