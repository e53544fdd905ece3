package jobs

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
)

// notebook is a log that several write to.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// H-16: a stop interrupts whoever is asking for a round, and that is no trouble to report. The rounds come so fast that
// most of these stops fall into one.
func TestStop_OfAClientIsNoTrouble(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		var log notebook
		for range 12 {
			c := newClient(t, db, &hands{}, func(cfg *Config) {
				cfg.SweepEvery = time.Millisecond
				cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))
			})
			events, _ := c.river.Subscribe(river.EventKindJobCompleted)
			if err := c.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			await(t, events, river.EventKindJobCompleted, kindSweep)
			if err := c.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
			mustExec(t, db.DB, "DELETE FROM river_job")
		}
		if got := log.String(); got != "" {
			t.Errorf("a normal stop says\n%s", got)
		}
	})
}

// Only the consequence of stopping is left out: the same words before it, and other troubles during it, are trouble.
func TestRiverLogger_Stopping(t *testing.T) {
	t.Parallel()
	canceled := context.Canceled.Error()
	for name, c := range map[string]struct {
		stopping bool
		attr     slog.Attr
		level    slog.Level
	}{
		"cut off by the stop":          {true, slog.String("error", canceled), slog.LevelDebug},
		"cut off, said otherwise":      {true, slog.String("err", "begin: "+canceled), slog.LevelDebug},
		"cut off, as an error":         {true, slog.Any("err", errors.Join(errors.New("begin"), context.Canceled)), slog.LevelDebug},
		"cut off while nobody stops":   {false, slog.String("error", canceled), slog.LevelError},
		"a transaction cut off":        {true, slog.String("error", sql.ErrTxDone.Error()), slog.LevelDebug},
		"another trouble":              {true, slog.String("error", "connection refused"), slog.LevelError},
		"too slow":                     {true, slog.String("error", context.DeadlineExceeded.Error()), slog.LevelError},
		"the words in another place":   {true, slog.String("job_kind", canceled), slog.LevelError},
		"the words before the trouble": {true, slog.String("error", canceled+": disk full"), slog.LevelError},
	} {
		var out bytes.Buffer
		ending := &ending{}
		log := riverLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), ending)
		if c.stopping {
			ending.begin()
		}
		cut, cancel := context.WithCancel(t.Context())
		cancel()
		log.WithGroup("g").LogAttrs(cut, slog.LevelError, "Error", c.attr)
		if got := out.String(); !strings.Contains(got, "level="+c.level.String()+" ") {
			t.Errorf("%s: %s", name, got)
		}
	}

	var out bytes.Buffer
	ending := &ending{}
	ending.begin()
	log := riverLogger(slog.New(slog.NewTextHandler(&out, nil)), ending)
	log.ErrorContext(t.Context(), "Error", "error", sql.ErrTxDone.Error())
	if got := out.String(); !strings.Contains(got, "level=ERROR") {
		t.Errorf("a transaction that was used after its end, and not cut off: %q", got)
	}
}
