package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"pointbridge/domain"
)

const (
	// fetchCooldown is the shortest time between two looks at one queue.
	fetchCooldown = 50 * time.Millisecond
	// roundPoll is how often the queues of the sweep and of the rounds are looked at. The replica that asks for a round
	// is told at once, so that this is only for one that died between the two: a look is a statement that writes, and
	// there are as many queues as rounds.
	roundPoll = 30 * time.Second
	// keepDone is short, so that the table stays small; what happened is in the coupon's own history.
	keepDone = 5 * time.Minute
	// keepRefused is also how long a job that was refused for good is not tried again by a sweep.
	keepRefused = 24 * time.Hour
	keepGivenUp = 7 * 24 * time.Hour
	// hardStop bounds the wait for jobs whose context has been cancelled.
	hardStop = 5 * time.Second
)

// Client inserts jobs, and, once started, runs them.
type Client struct {
	river  *river.Client[*sql.Tx]
	db     *sql.DB
	clock  domain.Clock
	logger *slog.Logger
	bell   *bell
	// dialect is Postgres or SQLite.
	dialect string
	// project is nil in a client that only inserts.
	project *projecting
}

// New makes a client that can insert at once; Start makes it work as well.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	bell := newBell()
	driver, err := driverFor(cfg.Own, cfg.Dialect, bell)
	if err != nil {
		return nil, err
	}
	var project *projecting
	if cfg.Workers != nil {
		project = newProjecting(cfg.Workers, floorFor(cfg))
	}
	settings, err := settingsFor(cfg, project)
	if err != nil {
		return nil, err
	}
	engine, err := river.NewClient(driver, settings)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Client{river: engine, db: cfg.DB, clock: cfg.Clock, logger: cfg.Logger, bell: bell,
		dialect: cfg.Dialect, project: project}, nil
}

func settingsFor(cfg Config, project *projecting) (*river.Config, error) {
	settings := &river.Config{
		Logger:                      riverLogger(cfg.Logger),
		Hooks:                       []rivertype.Hook{&dueSoon{clock: cfg.Clock}},
		RetryPolicy:                 retryPolicy{clock: cfg.Clock, random: cfg.Rand},
		FetchPollInterval:           cfg.PollInterval,
		FetchCooldown:               min(fetchCooldown, cfg.PollInterval),
		JobTimeout:                  actLimit, // every worker says its own
		RescueStuckJobsAfter:        stuckAfter,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepRefused,
		DiscardedJobRetentionPeriod: keepGivenUp,
		TestOnly:                    cfg.Unstaggered,
	}
	if !cfg.Owned {
		settings.ReindexerSchedule = never{}
	}
	if cfg.Workers == nil {
		return settings, nil
	}
	workers, err := workersFor(cfg.Workers, floorFor(cfg), project, cfg.MailGivenUp)
	if err == nil && cfg.Deliveries != nil {
		err = addDeliveries(workers, cfg.Deliveries, floorFor(cfg))
	}
	if err == nil && cfg.Heads != nil {
		err = addHeads(workers, cfg.Heads, floorFor(cfg))
	}
	if err == nil && cfg.Notices != nil {
		err = addNotices(workers, cfg.Notices, floorFor(cfg))
	}
	if err == nil && cfg.Guard != nil {
		err = addGuard(workers, cfg.Guard, floorFor(cfg))
	}
	if err == nil && cfg.Identity != nil {
		err = addIdentity(workers, cfg.Identity, floorFor(cfg))
	}
	if err == nil && cfg.Codes != nil {
		err = addCodes(workers, cfg.Codes, floorFor(cfg))
	}
	if err == nil && cfg.Bulk != nil {
		err = addBulk(workers, cfg.Bulk, floorFor(cfg))
	}
	if err == nil && cfg.Events != nil {
		err = addEvents(workers, cfg.Events, floorFor(cfg))
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	settings.Workers = workers
	settings.Queues = map[string]river.QueueConfig{
		queueAdvance: {MaxWorkers: cfg.AdvanceWorkers},
		queueProject: {MaxWorkers: cfg.ProjectWorkers},
		queueMail:    {MaxWorkers: cfg.ProjectWorkers},
		queueSweep:   {MaxWorkers: 1, FetchPollInterval: max(roundPoll, cfg.PollInterval)},
	}
	if cfg.Codes != nil {
		settings.Queues[queueCodes] = river.QueueConfig{MaxWorkers: codesAtOnce}
	}
	if cfg.Events != nil {
		settings.Queues[queueEvents] = river.QueueConfig{MaxWorkers: eventsAtOnce}
	}
	settings.PeriodicJobs = []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(cfg.SweepEvery), sweepInsert,
			&river.PeriodicJobOpts{ID: string(kindSweep), RunOnStart: true}),
	}
	return settings, addRounds(cfg, settings)
}

// never is a schedule that has no next time.
type never struct{}

// Next implements river.PeriodicSchedule.
func (never) Next(now time.Time) time.Time { return now.AddDate(100, 0, 0) }

// addRounds gives each round a queue of its own.
func addRounds(cfg Config, settings *river.Config) error {
	if len(cfg.Rounds) == 0 {
		return nil
	}
	work := &rounds{worker[roundArgs]{floor: floorFor(cfg)}, map[string]Round{}}
	work.limits = work.limitFor
	for _, r := range cfg.Rounds {
		work.byName[r.Name] = r
		settings.Queues[queueRound+r.Name] = river.QueueConfig{MaxWorkers: 1, FetchPollInterval: max(roundPoll,
			cfg.PollInterval)}
		settings.PeriodicJobs = append(settings.PeriodicJobs,
			river.NewPeriodicJob(river.PeriodicInterval(r.Every), r.insert, &river.PeriodicJobOpts{ID: queueRound +
				r.Name, RunOnStart: true}))
	}
	work.act = work.run
	return river.AddWorkerSafely(settings.Workers, work)
}

func floorFor(cfg Config) *floor {
	return &floor{clock: cfg.Clock, random: cfg.Rand, observer: cfg.Observer, logger: cfg.Logger, busy: cfg.Busy}
}

// Start begins to run jobs and returns. Cancelling the context afterwards stops nothing: only Stop does, so that a
// signal lets running jobs end. A sweep is asked for at once, because after a crash there may be something to find.
func (c *Client) Start(ctx context.Context) error {
	if err := c.river.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	tried, _ := c.river.Subscribe(river.EventKindJobFailed, river.EventKindJobSnoozed)
	go c.wakeAgain(tried)
	c.project.start()
	args, opts := sweepInsert()
	if _, err := c.river.Insert(ctx, args, opts); err != nil {
		c.logger.WarnContext(ctx, "no sweep at the start; the periodic one will do", "error", err)
	}
	return nil
}

// Stop takes no new jobs and waits for those that run. When the context ends first their contexts are cancelled, and
// they get a few seconds to come back; other processes take over what was interrupted, and the attempt does not count.
// A client that was not started stops at once.
func (c *Client) Stop(ctx context.Context) error {
	if c.project != nil {
		c.project.end()
		defer c.project.wait(ctx)
	}
	err := c.river.Stop(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), hardStop)
	defer cancel()
	if err := c.river.StopAndCancel(hard); err != nil {
		return fmt.Errorf("jobs: some still run: %w", err)
	}
	return nil
}
