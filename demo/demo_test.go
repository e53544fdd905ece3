package demo

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/sim"
)

func TestThePOSsReasonsAreInTheLanguageOfTheShop(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]string{
		"": "ja", "SHOP_LOCALE=en": "en", "SHOP_LOCALE=ja": "ja", "POS_REASON_LOCALE=en": "en",
		"SHOP_LOCALE=en POS_REASON_LOCALE=ja": "ja",
	} {
		dir := t.TempDir()
		file, err := Read(dir)
		if err != nil {
			t.Fatal(err)
		}
		cfg, err := DemoConfig(file, dir, "127.0.0.1:8080", "127.0.0.1:25", strings.Fields(settings)...)
		if err != nil || cfg.POSReasonLocale != want {
			t.Errorf("%q: %q, %v; want %q", settings, cfg.POSReasonLocale, err, want)
		}
	}
}

// TestNobodyTakesACouponThatTheDemoIsMaking: however long the POS and the shop take, the lease of a coupon of the past
// lasts by the clock that the queue goes by.
func TestNobodyTakesACouponThatTheDemoIsMaking(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dir := t.TempDir()
	file, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.ChooseTill(""); err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	o, err := NewSimulators(ctx, dir, file.Credentials(), false, demoWebhooks(base))
	if err != nil {
		t.Fatal(err)
	}
	a, err := demoApp(ctx, file, dir, base, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The service itself does not run: whatever is done here is done by whoever makes the demo.
	server := &http.Server{Handler: demoPages(newStartPage(a, o), http.NotFoundHandler(), o, base)} //nolint:gosec // a test's
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()

	var mu sync.Mutex
	acts := map[string]int{}
	o.Faults.OnAct(func(act string, phase sim.Phase) {
		mu.Lock()
		defer mu.Unlock()
		acts[act]++
		free, err := a.Store.Backlog.Stuck(ctx, domain.SystemClock{}.Now(), 100)
		if err != nil || len(free) > 0 {
			t.Errorf("%s, %s: %d coupons are anybody's, %v", phase, act, len(free), err)
		}
	})
	if err := prepareDemo(ctx, a, o, &file); err != nil {
		t.Error(err)
	}
	if len(acts) < 3 {
		t.Errorf("only %v was looked at", acts)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	_ = server.Close()
	<-ended
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}
