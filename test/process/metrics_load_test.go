package process

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pointbridge/app"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// watched is a service behind an address, with few connections and a token for its metrics.
type watched struct {
	*world.Hooks
	base, token string
}

func newWatched(t *testing.T, db storetest.Database) *watched {
	t.Helper()
	w := &watched{token: demo.Draw()}
	w.Hooks = world.NewHooks(t, db, "DB_MAX_CONNS=3", "METRICS_TOKEN="+w.token)
	w.base = w.Serve(w.App.Handler)
	return w
}

// Get returns the status and the body of an answer.
func (w *watched) Get(path string) (int, string) {
	req, err := http.NewRequestWithContext(w.T.Context(), http.MethodGet, w.base+path, nil)
	if err != nil {
		w.T.Error(err)
		return 0, ""
	}
	req.Header.Set("Authorization", "Bearer "+w.token)
	res, err := world.OneOff().Do(req)
	if err != nil {
		w.T.Error(err)
		return 0, ""
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.T.Error(err)
	}
	return res.StatusCode, string(body)
}

// take holds every connection of a pool.
func (w *watched) take(pool *sql.DB) (giveBack func()) {
	w.T.Helper()
	var held []*sql.Conn
	for range pool.Stats().MaxOpenConnections {
		conn, err := pool.Conn(w.T.Context())
		if err != nil {
			w.T.Fatal(err)
		}
		held = append(held, conn)
	}
	return func() {
		for _, conn := range held {
			_ = conn.Close()
		}
	}
}

func (w *watched) Convert(key string) (coupons.Result, error) {
	return w.App.Service.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
		Role: domain.RolePOS},
		CustomerID: world.HookMember, Points: 100, Key: key})
}

// TestWatchingTakesNothingFromTheService: scrapes and probes have connections of their own, in both directions.
func TestWatchingTakesNothingFromTheService(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatched(t, db)
		giveBack := w.take(w.App.Store.DB())
		world.Eventually(t, "with every connection at work the service is ready", func() bool {
			status, _ := w.Get("/readyz")
			return status == http.StatusOK
		})
		world.Eventually(t, "with every connection at work the figures are read", func() bool {
			status, text := w.Get("/metrics")
			return status == http.StatusOK && strings.Contains(text, `pointbridge_backlog{kind="parked"} 0`)
		})
		giveBack()
		giveBack = w.take(w.App.Aside.DB())
		defer giveBack()
		if got, err := w.Convert("k1"); err != nil || !got.Done {
			t.Errorf("with whoever watches holding all of theirs: done %v, %v", got.Done, err)
		}
	})
}

// TestALoadOfScrapes has a generator of its own: scrapes from all sides, which do not end before the service has
// answered probes and converted points beside them. Only a scrape may suffer, and that by being told to come later.
func TestALoadOfScrapes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newWatched(t, db)
		load, end := context.WithCancel(t.Context())
		var scrapers sync.WaitGroup
		var answered atomic.Int64
		for range 16 {
			scrapers.Go(func() {
				for load.Err() == nil {
					switch status, text := w.Get("/metrics"); {
					case status == http.StatusOK && strings.Contains(text, "go_goroutines "):
						answered.Add(1)
					case status != http.StatusServiceUnavailable:
						t.Errorf("/metrics %d", status)
						return
					}
				}
			})
		}
		defer scrapers.Wait()
		defer end()
		world.Eventually(t, "scrapes are answered", func() bool { return answered.Load() > 16 })
		for range 10 {
			for _, path := range []string{"/readyz", "/healthz"} {
				world.Eventually(t, path+" says that all is well under a load of scrapes", func() bool {
					status, _ := w.Get(path)
					return status == http.StatusOK
				})
			}
		}
		for _, key := range []string{"k1", "k2", "k3"} {
			if _, err := w.Convert(key); err != nil {
				t.Errorf("a conversion under a load of scrapes: %v", err)
			}
		}
	})
}

func TestMetricsHaveTheirOwnListener(t *testing.T) {
	t.Parallel()
	ask := func(t *testing.T, address, token string) (int, string) {
		t.Helper()
		got := world.Caller{T: t, Base: "http://" + address, Key: token}.Do("GET", "/metrics", "", "")
		return got.Status, string(got.Raw)
	}
	serve := func(t *testing.T, token string) (main, own string) {
		t.Helper()
		own, err := subprocess.FreeAddress(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w := world.NewHooks(t, storetest.SQLite(t), "METRICS_ADDR="+own, "METRICS_TOKEN="+token)
		stop, err := w.App.ServeMetrics(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = stop(context.WithoutCancel(t.Context())) })
		return strings.TrimPrefix(w.Serve(w.App.Handler), "http://"), own
	}
	t.Run("without a token they are there and nowhere else", func(t *testing.T) {
		t.Parallel()
		main, own := serve(t, "")
		world.Eventually(t, "the figures are read", func() bool { // a reading that takes too long is left out
			status, text := ask(t, own, "")
			return status == http.StatusOK && strings.Contains(text, "pointbridge_backlog")
		})
		if status, _ := ask(t, main, ""); status != http.StatusNotFound {
			t.Errorf("the service's own address answers %d", status)
		}
		if got := (world.Caller{T: t, Base: "http://" + own, Key: ""}).Do("GET", "/readyz", "",
			""); got.Status != http.StatusNotFound {
			t.Errorf("the listener serves something else: %d", got.Status)
		}
	})
	t.Run("with a token both ask for it", func(t *testing.T) {
		t.Parallel()
		token := demo.Draw()
		main, own := serve(t, token)
		for _, address := range []string{main, own} {
			for _, wrong := range []string{"", token[1:], token + "x"} {
				if status, text := ask(t, address, wrong); status != http.StatusUnauthorized || strings.Contains(text,
					"pointbridge_backlog") {
					t.Errorf("%q is answered %d %s", wrong, status, text)
				}
			}
			if status, _ := ask(t, address, token); status != http.StatusOK {
				t.Errorf("the token is answered %d", status)
			}
		}
	})
	t.Run("without a host it is this machine alone, and beyond it takes a token", func(t *testing.T) {
		t.Parallel()
		for address, want := range map[string]string{":9090": "127.0.0.1:9090", "0.0.0.0:9090": "0.0.0.0:9090",
			"": ""} {
			if got := (app.Config{MetricsAddr: address}).MetricsAddress(); got != want {
				t.Errorf("%q is %q, want %q", address, got, want)
			}
		}
		env := world.GoodEnvironment()
		for _, address := range []string{"0.0.0.0:9090", "[::]:9090", "10.0.0.1:9090"} {
			env["METRICS_ADDR"] = address
			_, err := app.LoadConfig(world.EnvironOf(env))
			expect.MustThat(t, "err != nil", err != nil, address)
			expect.That(t, `err.Error() to contain "METRICS_TOKEN"`, strings.Contains(err.Error(), "METRICS_TOKEN"),
				address, err)
		}
		env["METRICS_TOKEN"] = demo.Draw()
		if _, err := app.LoadConfig(world.EnvironOf(env)); err != nil {
			t.Error(err)
		}
	})
}
