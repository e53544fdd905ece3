package store

import (
	"context"
	"sync/atomic"
	"time"

	"pointbridge/domain"
	"pointbridge/migrations"
)

// Clock is the time of the database. Leases are written by one process and read by another, so all processes at one
// database go by its clock: by their own machines' whoever is ahead would take over what is still under way, and
// conclude that nothing of it can arrive any more.
//
// It is asked now and then, and goes on by itself in between. A machine whose clock is put back changes nothing. What a
// machine slept, and what its clock was put forward, look alike from within: the time that is later is meant until the
// database is asked again, because a lease that seems over too early is given up, and one that is taken over is asked
// about first (coupons.Service.Listen).
type Clock struct {
	ask     func(context.Context) (time.Time, error)
	machine func() (wall time.Time, running time.Duration)
	heard   atomic.Pointer[hearing]
}

// hearing is what the database's clock showed when this machine's showed wall, and had been running for so long.
type hearing struct {
	showed, wall time.Time
	running      time.Duration
}

// listenLimit is how long an answer about the time may take.
const listenLimit = 3 * time.Second

// Clock is the clock that this database's processes share. A file's is the machine's.
func (s *Store) Clock() *Clock {
	started := time.Now()
	ask := s.databaseTime
	if s.dialect == migrations.SQLite {
		ask = func(context.Context) (time.Time, error) { return time.Now(), nil }
	}
	return NewClock(ask, func() (time.Time, time.Duration) { return time.Now().Round(0), time.Since(started) })
}

// databaseTime asks the database for the time; a file's is this process's.
func (s *database) databaseTime(ctx context.Context) (now time.Time, err error) {
	if s.dialect == migrations.SQLite {
		return s.now(), nil
	}
	err = s.sql.QueryRowContext(ctx, `SELECT clock_timestamp()`).Scan(&now)
	return now, translate(err)
}

// NewClock makes a clock of a way to ask for the time, and of the machine's: what it shows, and for how long it has been
// running, which nobody puts forward or back.
func NewClock(ask func(context.Context) (time.Time, error), machine func() (wall time.Time, running time.Duration)) *Clock {
	return &Clock{ask: ask, machine: machine}
}

// Now returns the time in UTC, in the microseconds that PostgreSQL keeps; before the first answer the machine's.
func (c *Clock) Now() time.Time {
	wall, running := c.machine()
	if h := c.heard.Load(); h != nil {
		wall = h.at(wall, running)
	}
	return wall.UTC().Truncate(time.Microsecond)
}

func (h *hearing) at(wall time.Time, running time.Duration) time.Time {
	return h.showed.Add(max(running-h.running, wall.Sub(h.wall)))
}

// After waits on the machine's clock.
func (c *Clock) After(d time.Duration) <-chan time.Time { return domain.SystemClock{}.After(d) }

// Listen asks the database for the time. The answer is from some moment between the question and its arrival: what
// this clock shows is changed no further than that makes it possible.
func (c *Clock) Listen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, listenLimit)
	defer cancel()
	_, asked := c.machine()
	said, err := c.ask(ctx)
	if err != nil {
		return err
	}
	wall, running := c.machine()
	earliest, latest := said, said.Add(running-asked)
	shows := earliest
	if before := c.heard.Load(); before != nil {
		shows = before.at(wall, running)
	}
	switch {
	case shows.Before(earliest):
		shows = earliest
	case shows.After(latest):
		shows = latest
	}
	c.heard.Store(&hearing{shows, wall, running})
	return nil
}

// Follow listens again and again until the context ends. An answer that does not come is made up for by the next one.
func (c *Clock) Follow(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = c.Listen(ctx)
		case <-ctx.Done():
			return
		}
	}
}
