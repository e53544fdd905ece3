package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"pointbridge/api"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/store"
)

// openAside opens the connections on which the service is watched. They are few and its own ones are not touched:
// whoever asks for the figures, however often, takes nothing away from a conversion.
func (a *App) openAside(ctx context.Context) (err error) {
	aside := a.Config.Database(0, a.Logger)
	aside.Aside = true
	a.Aside, err = store.Open(ctx, aside)
	return err
}

// wireGauges shows the figures that need the database.
func (a *App) wireGauges(watch *metrics.Metrics) {
	depth := func(ctx context.Context) (map[string]int64, error) { return jobs.Depth(ctx, a.Aside.DB()) }
	watch.Gauges("pointbridge_backlog",
		"Work that waits: coupons on the way, parked ones, metafields behind, open reviews.", "kind",
		a.Aside.Backlog.Gauges)
	watch.Gauges("pointbridge_jobs", "Jobs in the queue by state.", "state", depth)
	watch.Gauges("pointbridge_books_differences", "Differences that the last comparison of the books found.", "kind",
		a.BooksDifferences)
	watch.Gauges("pointbridge_books_check", "Figures of the last comparison of the books.", "figure", a.BooksFigures)
	watch.Gauge("pointbridge_audit_unsealed", "Lines of the audit that wait for their seal.", a.Aside.Audit.Unsealed)
	watch.Gauge("pointbridge_privacy_open", "Privacy requests that wait for a person.", a.Aside.Privacy.OpenRequests)
	watch.Gauge("pointbridge_erasure_members", "Members whose erasure is announced and can still be stopped.",
		a.erasureMembers)
}

// MetricsAddress is where the figures are served by themselves; empty for nowhere. Without a host it is this machine
// alone.
func (c Config) MetricsAddress() string {
	host, port, err := net.SplitHostPort(c.MetricsAddr)
	if err != nil {
		return ""
	}
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// checkMetrics finds what is wrong with the ways to the figures.
func (c Config) checkMetrics(f *faults) {
	if c.MetricsToken != "" {
		checkSecret(f, "METRICS_TOKEN", string(c.MetricsToken), 32)
	}
	if c.MetricsAddr == "" {
		return
	}
	host, _, _ := net.SplitHostPort(c.MetricsAddress())
	switch {
	case !checkListen(f, "METRICS_ADDR", c.MetricsAddress(), "127.0.0.1:9090"):
	case !loopback(host) && c.MetricsToken == "":
		f.add("METRICS_ADDR can be beyond this machine only with a METRICS_TOKEN")
	}
}

// onTheMain is what serves the figures on the service's own address: nothing, unless they need a token.
func (a *App) onTheMain() http.Handler {
	if a.Config.MetricsToken == "" {
		return nil
	}
	return a.figures
}

// ServeMetrics serves the figures on their own address, if there is one, until stop is called.
func (a *App) ServeMetrics(ctx context.Context) (stop func(context.Context) error, err error) {
	address := a.Config.MetricsAddress()
	if address == "" {
		return func(context.Context) error { return nil }, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, errors.Join(errors.New("METRICS_ADDR cannot be listened on"), err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		if token := string(a.Config.MetricsToken); token != "" && !api.MayScrape(r, token) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="pointbridge"`)
			http.Error(w, "the figures need METRICS_TOKEN as a bearer token", http.StatusUnauthorized)
			return
		}
		a.figures.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 5 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10}
	go func() { _ = server.Serve(l) }() // it ends when it is shut down
	a.Logger.InfoContext(ctx, "metrics", "address", l.Addr().String())
	return server.Shutdown, nil
}
