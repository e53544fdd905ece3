package pos_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"pointbridge/integrations/sim/pos"
)

// BenchmarkDeductAndLookUp is what the POS costs by itself, so that a measurement of the service can be trusted.
func BenchmarkDeductAndLookUp(b *testing.B) {
	for name, path := range map[string]string{"memory": "", "journal": filepath.Join(b.TempDir(), "pos.jsonl")} {
		b.Run(name, func(b *testing.B) {
			s, err := pos.New(pos.Config{Token: token, Path: path})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = s.Close() })
			for i := range 120_000 {
				s.AddCustomer(strconv.Itoa(i), "somebody", 1_000_000_000)
			}
			n := 0
			for b.Loop() {
				n++
				at := "/customers/" + strconv.Itoa(n*7919%120_000) + "/points"
				ref := "COUPON-A-B-" + strconv.Itoa(n)
				ask(b, s, http.MethodPost, at+"/deduct", moving(1, "Coupon conversion", ref, ""), http.StatusCreated)
				ask(b, s, http.MethodGet, at+"/history?reference="+ref, "", http.StatusOK)
			}
		})
	}
}

func ask(b *testing.B, s *pos.Server, method, path, body string, want int) {
	b.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", path+body)
	w := httptest.NewRecorder()
	if s.ServeHTTP(w, r); w.Code != want {
		b.Fatalf("%s %s is answered %d %s", method, path, w.Code, w.Body)
	}
}
