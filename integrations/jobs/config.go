package jobs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"pointbridge/domain"
)

// The dialects, named as the store names them.
const (
	Postgres = "postgres"
	SQLite   = "sqlite"
)

// Config is what a client needs. Zero values stand for the defaults named here.
type Config struct {
	// DB is the store's own pool, so that jobs are committed with the state. On SQLite its transactions must begin
	// immediate, and it must have one connection.
	DB *sql.DB
	// Own is the pool for the queue's own book-keeping, DB where it is nil. What is committed through it may be lost in
	// a crash of the database: a job is then run once more.
	Own     *sql.DB
	Dialect string
	// Owned says that the tables are the pool's user's own: only then can it keep their indexes small.
	Owned  bool
	Logger *slog.Logger
	// Workers does the work. Without it the client only inserts, and Start fails.
	Workers Handlers
	// Deliveries works on what the shop told; without it such jobs cannot be inserted by a client that works.
	Deliveries Deliveries
	// Heads ships the audit's heads; the same holds for it.
	Heads Heads
	// Notices tells people of the staff what changed of theirs; without it such jobs cannot be inserted by a client
	// that works.
	Notices Notices
	// Identity learns from orders and acts on what is decided about them; without it such jobs cannot be inserted by a
	// client that works.
	Identity Identity
	// Guard tells the checkout's Function; without it such jobs cannot be inserted by a client that works.
	Guard Guard
	// Codes makes the codes of campaigns; without it such jobs cannot be inserted by a client that works.
	Codes Codes
	// Bulk works on many coupons at once; without it such jobs cannot be inserted by a client that works.
	Bulk Bulk
	// MailGivenUp is told of a mail to a customer that will never be sent; nil for nobody.
	MailGivenUp func(ctx context.Context, job domain.Job)
	// Events tells the merchant's own systems; without it such jobs cannot be inserted by a client that works.
	Events Events
	// Rounds are further periodic works; without Workers nobody asks for them.
	Rounds []Round
	// AdvanceWorkers and ProjectWorkers bound how many jobs of a queue this process runs at once, the latter those of the
	// mails' queue as well: 8 each. A busy queue
	// is filled up every 50 ms, so 8 workers do at most 160 jobs a second.
	AdvanceWorkers int
	ProjectWorkers int
	// Busy tells that this process has its hands full with customers who wait: mails make room for them then. Nil is
	// never.
	Busy func() bool
	// PollInterval is how long a job waits at most that nobody told this process of (see Client.Wake), such as one of
	// another replica that is busy, or has died: 1 s. Neither database is asked to call the queue.
	PollInterval time.Duration
	// SweepEvery is the time from one sweep to the next, all replicas together: 5 s.
	SweepEvery time.Duration
	// Clock is the machine's by default. River itself always goes by the machine's, so a test's clock must not be
	// behind.
	Clock domain.Clock
	// Rand gives numbers in [0,1) that spread retries; it must be safe for concurrent use.
	Rand     func() float64
	Observer Observer

	// Unstaggered makes maintenance, and so the rounds, start at once instead of at random within seconds. Tests set it.
	Unstaggered bool
}

func (c Config) withDefaults() Config {
	if c.Own == nil {
		c.Own = c.DB
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.AdvanceWorkers == 0 {
		c.AdvanceWorkers = 8
	}
	if c.ProjectWorkers == 0 {
		c.ProjectWorkers = 8
	}
	if c.PollInterval == 0 {
		c.PollInterval = time.Second
	}
	if c.SweepEvery == 0 {
		c.SweepEvery = 5 * time.Second
	}
	if c.Clock == nil {
		c.Clock = domain.SystemClock{}
	}
	if c.Rand == nil {
		c.Rand = rand.Float64
	}
	if c.Observer == nil {
		c.Observer = nobody{}
	}
	return c
}

// validate reports every fault of what cannot be defaulted. River checks the numbers' upper ends.
func (c Config) validate() error {
	var faults []error
	if c.DB == nil {
		faults = append(faults, errors.New("jobs: no database"))
	}
	if c.AdvanceWorkers < 0 || c.ProjectWorkers < 0 {
		faults = append(faults, errors.New("jobs: the number of workers cannot be negative"))
	}
	if c.PollInterval < 0 || c.SweepEvery < 0 {
		faults = append(faults, errors.New("jobs: the intervals cannot be negative"))
	}
	for _, r := range c.Rounds {
		if r.Name == "" || r.Every <= 0 || r.Run == nil {
			faults = append(faults, errors.New("jobs: a round needs a name, an interval and work"))
		}
	}
	return errors.Join(faults...)
}
