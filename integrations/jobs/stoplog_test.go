package jobs

import (
	"bytes"
	"log/slog"
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

// A stop interrupts whoever is asking for a round, and that is no trouble to report. The rounds come so fast that
// most of these stops fall into one.
// covers: H-16
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
