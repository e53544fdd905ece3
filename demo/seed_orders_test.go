package demo

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity/scan"
)

// TestADemoHasAPastToLookBackOn: each protection finds one order more than the one before, and nobody else of the house.
func TestADemoHasAPastToLookBackOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.ChooseTill(""); err != nil {
		t.Fatal(err)
	}
	o, err := NewSimulators(t.Context(), "", file.Credentials(), false, demoWebhooks(""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	if err := seedOrders(o); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(o.Handler(http.NotFoundHandler()))
	t.Cleanup(server.Close)
	cfg, err := DemoConfig(file, dir, strings.TrimPrefix(server.URL, "http://"), o.smtp.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r, err := cfg.Scan(t.Context(), 30, slog.New(slog.DiscardHandler), func(scan.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	if r.Uses != len(pastOrders()) || len(r.Withheld) > 0 {
		t.Errorf("%d uses, and %v are withheld", r.Uses, r.Withheld)
	}
	refused := map[decisions.Preset]int{}
	for _, p := range r.Presets {
		refused[p.Preset] = p.Refused
	}
	if refused[decisions.Basic] != 1 || refused[decisions.Medium] != 2 || refused[decisions.High] != 3 {
		t.Errorf("refused by preset: %v", refused)
	}
}
