package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/books"
	"pointbridge/domain/bulk"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/domain/events"
	"pointbridge/domain/guard"
	"pointbridge/domain/identity/learn"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/domain/notices"
	"pointbridge/domain/notifications"
	"pointbridge/domain/orders"
	"pointbridge/domain/privacy"
	"pointbridge/domain/reports"
	"pointbridge/domain/requests"
	"pointbridge/domain/reviews"
	"pointbridge/domain/setup"
	"pointbridge/domain/staff"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/heads"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/mail"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/upstream"
	"pointbridge/integrations/zones"
	"pointbridge/policies"
)

const (
	// BreakAfter failures in a row stop calls to the POS, or to Shopify, for a while, so that an outage is not made
	// worse.
	BreakAfter = 8
	breakFor   = 5 * time.Second
	// readyTimeout bounds each check of /readyz.
	readyTimeout = 3 * time.Second
)

// App is one running service: everything between the configuration and a listener.
type App struct {
	Config Config
	Logger *slog.Logger
	Store  *store.Store
	// alert counts what an operator is to look at.
	alert func(kind string)
	// Aside is the same database for whoever watches the service; figures is what they read.
	Aside      *store.Store
	Owned      bool // by the service's own database user
	figures    http.Handler
	Service    *coupons.Service
	Orders     *orders.Service
	Members    *members.Service
	marker     *reviews.Marker
	metafields *metafields.Service
	notices    *notices.Service
	Books      *books.Checker
	Rebuild    *books.Rebuilder
	Sealer     *audit.Sealer
	hook       *heads.Hook // takes heads of the audit elsewhere
	// entries bounds how much of what callers are refused, and read, is written.
	entries *audit.Bounded
	Staff   *staff.Service
	// Decisions decides about codes of campaigns.
	Decisions decisions.Service
	// Learning hears of orders with codes; protected knows which campaigns are; learner works for the queue.
	Learning  *learn.Orders
	protected *learn.Switch
	learner   learner
	guard     guard.Service // tells the Function of the checkout
	// Codes makes codes of campaigns.
	Codes *codes.Service
	// Events tells the merchant's own systems what happened.
	Events *events.Service
	// Requests takes requests to cancel; notifications tells people what waits for them.
	Requests *requests.Service
	// Bulk does one thing to many coupons.
	Bulk          *bulk.Service
	notifications notifications.Desk
	mailer        *mail.Mailer
	// Webhooks takes in what the shop tells, reader proves it; privacy carries out what people ask for; SetupCheck
	// remembers what the store has not been prepared with.
	Webhooks   *webhooks.Service
	reader     *shopify.Webhooks
	Privacy    *privacy.Service
	hearing    hearing
	SetupCheck *setupCheck
	// Setup holds the settings against what the shop says of itself.
	Setup   *setup.Check
	reports *reports.Desk
	Queue   *jobs.Client
	Shop    *shopify.Client
	Rules   *policies.Enforcer
	// sawRoleless says that somebody had a role at the start that there is not.
	sawRoleless bool
	Handler     http.Handler
	// clock is what the processes at one database agree on.
	clock *store.Clock
	// sagaAt and membersAt make the services of a clock: the database's, and for the demo's past an earlier one.
	sagaAt    func(clock domain.Clock) *coupons.Service
	membersAt func(clock domain.Clock) *members.Service
	// posCircuit and shopCircuit stop calls to an upstream that does not answer.
	posCircuit, shopCircuit *upstream.Breaker
	// mailMemory remembers how the mail server answered last. It holds no mail back: the queue has its own waits.
	mailMemory *upstream.Breaker
	// Stopping ends when the process begins to stop; stop ends it.
	Stopping context.Context
	stop     context.CancelFunc
}

// New connects everything. It talks to the database and to nobody else.
func New(ctx context.Context, cfg Config, logger *slog.Logger) (*App, error) {
	db, err := store.Open(ctx, cfg.Database(cfg.DBMaxConns, logger))
	if err != nil {
		return nil, &DatabaseError{err}
	}
	a := &App{Config: cfg, Logger: logger, Store: db, clock: db.Clock()}
	if err := a.clock.Listen(ctx); err != nil {
		return nil, errors.Join(&DatabaseError{err}, db.Close())
	}
	a.Stopping, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := a.openAside(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if a.Owned, err = db.Owned(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.wire(); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// workers do what the queue asks for.
type workers struct {
	*coupons.Service
	jobs.Orderer
	jobs.Tagger
	jobs.Projector
	jobs.Mailman
}

// listenEvery is how often the database is asked for the time.
const listenEvery = 10 * time.Second

// sealEvery is how long an audit entry waits for its seal.
const sealEvery = 10 * time.Second

// Rounds are the periodic works beside the sweep.
func (a *App) Rounds() []jobs.Round {
	list := []jobs.Round{
		{Name: "metafields", Every: a.Config.SweepEvery, Run: a.metafields.Project},
		{Name: "seal", Every: sealEvery, Run: a.sealAndTell},
		{Name: "orders", Every: a.Config.OrdersEvery, Run: a.Orders.SweepOrders},
		{Name: "webhooks", Every: forgetEvery, Run: a.forgetDeliveries},
		{Name: "installed", Every: lookEvery, Run: a.Webhooks.LookForInstallation},
		{Name: "privacy", Every: privacyEvery, Limit: privacyLimit, Run: a.Privacy.Work},
	}
	list = append(append(list, a.identityRounds()...), a.codesRounds()...)
	list = append(append(list, a.guardRounds()...), a.deskRounds()...)
	list = append(list, a.mailRounds()...)
	if a.Config.BooksEvery > 0 {
		list = append(list, jobs.Round{Name: "books", Every: booksAsk, Limit: booksLimit, Run: a.CompareBooks})
	}
	return list
}

// wireMembers connects what knows members and tells them of their coupons.
// shared is what the JSON API and the pages work with alike.
// signInLimits says how long a sign-in lasts and how often it may fail.
// newID draws a request's id.
// HTTPClient is what the upstreams are called with.
// applyURL is the address before the code that applies it to a cart.
// adminURL is where staff see orders and discounts in the store's own admin.
// Migrate brings both the schema and the queue's tables up to date, and fills in what only the program can.
func (a *App) Migrate(ctx context.Context) error { return a.Config.Migrate(ctx, a.Store, a.Logger) }

// RecordRules turns the audit's key where it was changed, and writes down what changed of the rules since the service
// was last started, here or on another machine. It refuses to go on with another key of digests than that of before.
func (a *App) RecordRules(ctx context.Context) error {
	if err := a.Config.KeepIdentityKeys(ctx, a.Store); err != nil {
		return err
	}
	if err := a.Config.turnKey(ctx, a.Store, a.Sealer); err != nil {
		return err
	}
	rules := a.Service.Policy.Rules()
	rules["policy_file"], rules["acts_file"] = a.Rules.Digest(), policies.ActsDigest()
	rules["pos"] = a.Config.tillAccount()
	return coupons.RecordRules(ctx, a.Store.Settings, a.Service.Clock.Now(), rules)
}

// Run takes requests on the listener and works on the queue until the context ends; then it stops in order: no new
// requests, no new jobs, what runs is finished, the database is let go.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	if err := a.Store.Audit.RecordPolicy(ctx, a.Rules.All()); err != nil {
		return err
	}
	endMetrics, err := a.ServeMetrics(ctx)
	if err != nil {
		return err
	}
	if err := a.Queue.Start(ctx); err != nil {
		return err
	}
	server := &http.Server{Handler: a.Handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: a.Config.ConvertWait + 30*time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(a.Logger.Handler(), slog.LevelWarn)}
	go a.listen(a.Stopping)
	go func() { _ = a.Setup.Look(a.Stopping) }() // what it finds is in the log and at /readyz
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	data := zones.Newest()
	a.Logger.InfoContext(ctx, "time zones", "data", data.Origin, "version", data.Version)
	go a.tellNumbers()
	go a.clock.Follow(a.Stopping, listenEvery)
	a.Logger.InfoContext(ctx, "listening", "address", l.Addr().String())
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	a.Logger.InfoContext(context.WithoutCancel(ctx), "stopping")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.Config.ShutdownTimeout)
	defer cancel()
	a.stop()
	a.Service.Stop()
	return errors.Join(cause, server.Shutdown(stop), a.Service.Drain(stop), a.Queue.Stop(stop), endMetrics(stop),
		a.entries.Close(stop), a.Close())
}

func (a *App) Close() error {
	a.stop()
	return errors.Join(a.Store.Close(), a.Aside.Close())
}

// NewLogger writes to w as the configuration says.
func NewLogger(cfg Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, fmt.Errorf("LOG_LEVEL: %w", err)
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, options)), nil
	}
	return slog.New(slog.NewJSONHandler(w, options)), nil
}
