package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/metrics"
)

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// covers: H-15, H-22
func TestMetrics(t *testing.T) {
	t.Parallel()
	t.Run("the duration of each step", func(t *testing.T) {
		t.Parallel()
		m := metrics.New()
		m.Step(t.Context(), "pos.deduct", "done", 80*time.Millisecond)
		if text := scrape(t, m); !strings.Contains(text,
			`pointbridge_step_seconds_sum{outcome="done",step="pos.deduct"} 0.08`) {
			t.Fatal(text)
		}
	})
	t.Run("conversions by how they ended", func(t *testing.T) {
		t.Parallel()
		m := metrics.New()
		m.Ended(t.Context(), domain.Coupon{Status: domain.Active, Code: "70934-AB72CD-500"})
		m.Ended(t.Context(), domain.Coupon{Status: domain.Failed,
			Failure: &domain.Failure{Code: domain.CodeInsufficientPoints}})
		text := scrape(t, m)
		for _, want := range []string{`{reason="",status="active"} 1`,
			`{reason="insufficient_points",status="failed"} 1`} {
			if !strings.Contains(text, "pointbridge_conversions_total"+want) {
				t.Errorf("%s is missing", want)
			}
		}
		if strings.Contains(text, "AB72CD") {
			t.Error("a code stands in the metrics")
		}
	})
	t.Run("alerts by kind", func(t *testing.T) {
		t.Parallel()
		m := metrics.New()
		m.Alert("unknown_codes")
		if text := scrape(t, m); !strings.Contains(text, `pointbridge_alerts_total{kind="unknown_codes"} 1`) {
			t.Fatal(text)
		}
	})
	t.Run("gauges are read on request and a failing one is left out", func(t *testing.T) {
		t.Parallel()
		m := metrics.New()
		m.Gauges("pointbridge_good", "x", "kind", func(context.Context) (map[string]int64, error) { return map[string]int64{"a": 3}, nil })
		m.Gauges("pointbridge_bad", "x", "kind", func(context.Context) (map[string]int64, error) { return nil, errors.New("no") })
		m.Gauge("pointbridge_one", "x", func(context.Context) (int64, error) { return 7, nil })
		m.Gauge("pointbridge_none", "x", func(context.Context) (int64, error) { return 0, errors.New("no") })
		text := scrape(t, m)
		if !strings.Contains(text, "\npointbridge_one 7\n") || strings.Contains(text, "\npointbridge_none") {
			t.Fatal(text)
		}
		if !strings.Contains(text, `pointbridge_good{kind="a"} 3`) || strings.Contains(text, "pointbridge_bad{") {
			t.Fatal(text)
		}
	})
}

// A load on the metrics is not a load on the database: it is asked once, by one asker at a time.
func TestScrapesAskTheDatabaseOnce(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	var asked, atOnce, most atomic.Int64
	read := func(context.Context) (map[string]int64, error) {
		asked.Add(1)
		if n := atOnce.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer atOnce.Add(-1)
		runtime.Gosched()
		return map[string]int64{"a": 1}, nil
	}
	const kinds = 5
	for i := range kinds {
		m.Gauges("pointbridge_figure_"+strconv.Itoa(i), "x", "kind", read)
	}
	handler := m.Handler()
	var group sync.WaitGroup
	var answered, refused atomic.Int64
	for range 16 {
		group.Go(func() {
			for range 25 {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
				switch {
				case w.Code == 200 && strings.Count(w.Body.String(), `{kind="a"} 1`) == kinds:
					answered.Add(1)
				case w.Code == 503:
					refused.Add(1)
				default:
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
			}
		})
	}
	group.Wait()
	if answered.Load() == 0 || answered.Load()+refused.Load() != 400 {
		t.Errorf("%d answered, %d told to come later", answered.Load(), refused.Load())
	}
	// A loaded machine may take longer than the figures are remembered; then they are read again, and no more than
	// that.
	if most.Load() != 1 || asked.Load() >= answered.Load()*kinds {
		t.Errorf("%d questions for %d answers, %d at once", asked.Load(), answered.Load(), most.Load())
	}
}
