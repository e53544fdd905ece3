package jobs

import (
	"testing"
	"time"

	"github.com/riverqueue/river"
)

// TestLed: whoever is about to work on the database alone hears of a process that runs its jobs, as long as that lives.
func TestLed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db testDB) {
		led := func(c *Client) bool {
			t.Helper()
			yes, err := c.Led(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
		c := newClient(t, db, &hands{}, func(cfg *Config) { cfg.SweepEvery = 300 * time.Millisecond })
		alone := newClient(t, db, &hands{}, nil)
		if led(alone) {
			t.Error("nobody runs jobs, and somebody is said to")
		}
		events := start(t, c)
		await(t, events, river.EventKindJobCompleted, kindSweep)
		if !led(alone) {
			t.Error("a process runs the jobs, and nobody is said to")
		}
	})
}
