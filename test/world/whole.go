package world

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/integrations/store/storetest"
)

// NewWhole is a world in which the whole service stands. The settings have the last word.
func NewWhole(t *testing.T, db storetest.Database, environ []string, adjust ...adjustment) *World {
	t.Helper()
	w := &World{Outside: outside(t, db, time.Now, nil, environ, adjust...).prepared()}
	w.App = w.Another(slog.DiscardHandler)
	return w
}

// Another is the whole service once more, as it would stand in another process, with further settings.
func (w *World) Another(log slog.Handler, environ ...string) *app.App {
	w.T.Helper()
	cfg, err := app.LoadConfig(slices.Concat(w.Env, environ))
	if err != nil {
		w.T.Fatal(err)
	}
	a, err := app.New(w.T.Context(), cfg.Prompt(), slog.New(log))
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = a.Close() })
	return a
}

// Start lets the queue work.
func (w *World) Start() {
	w.T.Helper()
	if err := w.App.Queue.Start(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() { _ = w.App.Queue.Stop(w.T.Context()) })
}

// Request makes one over HTTP and gives its status and what was answered.
func (w *World) Request(token, method, path, key, body string) (int, string) {
	r := httptest.NewRequestWithContext(context.WithoutCancel(w.T.Context()), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res := httptest.NewRecorder()
	w.App.Handler.ServeHTTP(res, r)
	return res.Code, res.Body.String()
}
