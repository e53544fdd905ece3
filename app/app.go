package app

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"pointbridge/api"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/domain/notices"
	"pointbridge/domain/privacy"
	"pointbridge/domain/reports"
	"pointbridge/domain/setup"
	"pointbridge/domain/staff"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/heads"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/mail"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/phones"
	"pointbridge/integrations/pos"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/upstream"
	"pointbridge/integrations/zones"
	"pointbridge/policies"
)

const (
	// BreakAfter failures in a row stop calls to Shopify for a while, so that an outage is not made worse.
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
	// Aside is the same database for whoever watches the service; figures is what they read.
	Aside      *store.Store
	Owned      bool // by the service's own database user
	figures    http.Handler
	Service    *coupons.Service
	Members    *members.Service
	metafields *metafields.Service
	notices    *notices.Service
	Books      *books.Checker
	Sealer     *audit.Sealer
	hook       *heads.Hook // takes heads of the audit elsewhere
	// entries bounds how much of what callers are refused, and read, is written.
	entries *audit.Bounded
	Staff   *staff.Service
	mailer  *mail.Mailer
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
	// sawRoleless tells that somebody had a role at the start that there is not.
	sawRoleless bool
	Handler     http.Handler
	// sagaAt and membersAt make the services of a clock: the machine's, and for the demo's past an earlier one.
	sagaAt    func(clock domain.Clock) *coupons.Service
	membersAt func(clock domain.Clock) *members.Service
	// tillCircuit and shopCircuit stop calls to an upstream that does not answer.
	tillCircuit, shopCircuit *upstream.Breaker
	// Stopping ends when the process begins to stop; stop ends it.
	Stopping context.Context
	stop     context.CancelFunc
}

// New connects everything. It talks to the database and to nobody else.
func New(ctx context.Context, cfg Config, logger *slog.Logger) (*App, error) {
	db, err := store.Open(ctx, cfg.Database(cfg.DBMaxConns, logger))
	if err != nil {
		return nil, err
	}
	a := &App{Config: cfg, Logger: logger, Store: db}
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

func (a *App) wire() error {
	watch := metrics.New()
	a.figures = watch.Handler()
	a.entries = &audit.Bounded{Writer: a.Store.Audit, Now: domain.SystemClock{}.Now}
	if err := a.wireService(watch); err != nil {
		return err
	}
	a.wireAudit()
	a.wireWebhooks(watch)
	var err error
	if a.Staff, err = a.Config.StaffService(a.Store, a.entries); err != nil {
		return err
	}
	a.Queue, err = jobs.New(jobs.Config{DB: a.Store.DB(), Own: a.Store.QueueDB(), Dialect: a.Store.Dialect(),
		Logger: a.Logger, Workers: workers{Service: a.Service, Projector: a.metafields, Mailman: a.notices},
		Deliveries: a.Webhooks, Heads: a, Notices: staff.Notifier{Notices: a.Store.Notices, Postman: a.mailer},
		Owned: a.Owned, AdvanceWorkers: a.Config.JobWorkers, ProjectWorkers: a.Config.JobWorkers,
		SweepEvery: a.Config.SweepEvery, Rounds: a.Rounds(), Observer: watch})
	if err != nil {
		return err
	}
	a.Store.SetEnqueue(a.Queue.Enqueue)
	a.Store.SetEnqueueOnce(a.Queue.EnqueueOnce)
	a.Store.SetInline(a.Queue.Inline)
	a.wireGauges(watch)
	return a.wireAPI(watch)
}

// workers do what the queue asks for.
type workers struct {
	*coupons.Service
	jobs.Projector
	jobs.Mailman
}

// sealEvery is how long a line of the audit waits for its seal.
const sealEvery = 10 * time.Second

// Rounds are the periodic works beside the sweep.
func (a *App) Rounds() []jobs.Round {
	list := []jobs.Round{
		{Name: "seal", Every: sealEvery, Run: a.Sealer.Seal},
		{Name: "orders", Every: a.Config.OrdersEvery, Run: a.Service.SweepOrders},
		{Name: "webhooks", Every: forgetEvery, Run: a.Webhooks.Forget},
		{Name: "installed", Every: lookEvery, Run: a.Webhooks.LookForInstallation},
		{Name: "privacy", Every: privacyEvery, Limit: privacyLimit, Run: a.Privacy.Work},
	}
	if a.Config.BooksEvery > 0 {
		list = append(list, jobs.Round{Name: "books", Every: booksAsk, Limit: booksLimit, Run: a.CompareBooks})
	}
	return list
}

func (a *App) wireService(watch *metrics.Metrics) error {
	policy, err := a.Config.Policy()
	if err != nil {
		return err
	}
	if a.Rules, err = a.Config.policy(); err != nil {
		return err
	}
	if policy.Acts, err = a.Rules.Acts(); err != nil {
		return err
	}
	client := HTTPClient()
	clock := domain.SystemClock{}
	a.tillCircuit = upstream.NewBreaker(BreakAfter, breakFor, clock.Now)
	a.shopCircuit = upstream.NewBreaker(BreakAfter, breakFor, clock.Now)
	pointOfSale, err := pos.New(pos.Config{URL: a.Config.POSURL, Token: string(a.Config.POSToken),
		Timeout: a.Config.POSTimeout, Replay: a.Config.POSReplay == "key", Lookup: a.Config.POSLookup == "exact",
		Clock: clock.Now}, client)
	if err != nil {
		return err
	}
	till := guarded{pointOfSale, a.tillCircuit}
	a.Shop, err = shopify.New(shopify.Config{Shop: a.Config.ShopifyShop, APIURL: a.Config.ShopifyAPIURL,
		APIVersion: a.Config.ShopifyAPIVersion, ClientID: a.Config.ShopifyClientID,
		ClientSecret: string(a.Config.ShopifyClientSecret), AccessToken: string(a.Config.ShopifyAccessToken),
		MetafieldNamespace: a.Config.ShopifyNamespace, MetafieldKey: a.Config.ShopifyKey,
		Timeout: a.Config.ShopifyTimeout, Clock: clock, Circuit: a.shopCircuit, Logger: a.Logger,
		Heard: a.hearing.heard}, client)
	if err != nil {
		return err
	}
	if err := a.wireMembers(till, policy.Location, watch); err != nil {
		return err
	}
	a.Setup = &setup.Check{Wanted: a.Config.wantedShop(), Shop: a.Shop, Memory: a.Store.Settings, Clock: clock,
		Logger: a.Logger}
	a.sagaAt = func(clock domain.Clock) *coupons.Service {
		return &coupons.Service{Store: recording{a.Store.Coupons, a.entries}, Catalogue: a.Store.Coupons,
			Backlog: a.Store.Backlog, Members: a.Store.Members, Attempts: a.membersAt(clock), Ledger: till,
			POS: pointOfSale.Capabilities(), Shop: a.Shop, Gate: a.Setup, Tagger: a.Shop.Background(), Clock: clock,
			Random: rand.Reader, Policy: policy, Timing: coupons.Timing{Wait: a.Config.ConvertWait,
				Lease: a.Config.StepLease, Settle: a.Config.SettleAfter, Grace: a.Config.CancelGrace},
			Observer: watch, Logger: a.Logger}
	}
	a.Service = a.sagaAt(clock)
	a.Service.Attempts = a.Members
	a.reports = &reports.Desk{Book: a.Store.Reports, Clock: clock, Zone: policy.Location}
	background := a.Shop.Background()
	a.Books = &books.Checker{Ours: a.Store.Books, Runs: a.Store.Books, Till: till, Shop: background, Fields: background,
		Uses: a.Service, Clock: clock, Timing: a.Config.booksTiming(), TestOrders: a.Config.TestOrders}
	return nil
}

// wireMembers connects what knows members and tells them of their coupons.
func (a *App) wireMembers(ledger guarded, zone *time.Location, watch *metrics.Metrics) error {
	clock := domain.SystemClock{}
	mailer, err := mail.New(mail.Config{Host: a.Config.SMTPHost, Port: a.Config.SMTPPort,
		Username: a.Config.SMTPUsername, Password: string(a.Config.SMTPPassword), TLS: a.Config.SMTPTLS,
		From: a.Config.MailFrom, ShopName: a.Config.ShopName, Footer: a.Config.MailFooter, Locale: a.Config.ShopLocale,
		Zone: zone})
	if err != nil {
		return err
	}
	a.mailer = mailer
	number, err := phones.New(a.Config.ShopCountry)
	if err != nil {
		return err
	}
	field, err := a.Config.memberField(a.Shop)
	if err != nil {
		return err
	}
	a.membersAt = func(clock domain.Clock) *members.Service {
		return &members.Service{Members: a.Store.Members, Locks: a.Store.Members, Refusals: a.entries,
			Staff: a.Store.Members, Record: a.entries, Till: ledger, Field: field, Lock: a.Config.LockRule(),
			Phone: number.E164, Clock: clock, Observer: watch, Logger: a.Logger}
	}
	a.Members = a.membersAt(clock)
	a.metafields = &metafields.Service{Projections: a.Store.Metafields, Fields: a.Shop.Background(), Clock: clock,
		Observer: watch}
	a.notices = &notices.Service{Coupons: a.Store.Coupons, Members: a.Store.Members, Till: ledger, Mailer: mailer,
		Clock: clock, Observer: watch, ApplyURL: a.Config.applyURL()}
	return nil
}

func (a *App) wireAPI(watch *metrics.Metrics) error {
	vouch, err := a.Config.voucher()
	if err != nil {
		return err
	}
	a.Handler, err = api.New(api.Deps{Shared: a.shared(),
		Keys: a.Store.Keys, Linking: a.Members, Refunds: a.Service, Accounts: a.Staff, Counter: a.entries,
		Storefront: vouch, StorefrontOrigins: a.Config.storefrontOrigins(), ExtensionOrigins: a.Config.ExtensionOrigins,
		Metrics: watch, Webhooks: a.Webhooks, MetricsHandler: a.onTheMain(),
		MetricsToken: string(a.Config.MetricsToken), Checks: a.checks(), Notes: a.Notes, NewID: newID, Logger: a.Logger,
		Limits: api.Limits{PerCustomer: a.Config.RateLimit}, UnknownCodes: a.Config.UnknownCodes,
		KeepAddresses: a.Config.LogClientAddress, TrustedProxies: a.Config.TrustedProxies})
	return err
}

// shared is what the JSON API and the pages work with alike.
func (a *App) shared() pages.Shared {
	return pages.Shared{Service: a.Service, Coupons: a.Store.Coupons, Reviews: a.Store.Reviews,
		Listing: listing.Service{Coupons: a.Store.Listing, Around: a.Store.Listing}, Members: a.Members,
		Directory: a.Store.Members, Lists: a.Store.Reviews, Mails: a.Queue, Audit: a.Store.Audit, Sealed: a.Store.Audit,
		Staff: a.Staff, Machines: MachinesOf(a.Store, a.Rules.Roles()), Policy: a.Rules, Record: a.entries,
		Reports: a.reports, Condition: a.condition, Now: domain.SystemClock{}.Now, Zone: a.Service.Policy.Location,
		ShopName: a.Config.ShopName, Locale: a.Config.ShopLocale, Secret: []byte(a.Config.SecretKey),
		PublicURL: a.Config.PublicURL, ApplyURL: a.Config.applyURL(), AdminURL: a.Config.adminURL()}
}

// signInLimits says how long a sign-in lasts and how often it may fail.
func (c Config) signInLimits() staff.Limits {
	return staff.Limits{Life: c.SessionLife, Window: c.SignInWindow, PerEmail: c.SignInFailures,
		PerAddress: c.SignInFailuresAddress, Everywhere: c.SignInFailuresEverywhere}
}

// newID draws a request's id.
func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

// HTTPClient is what the upstreams are called with.
func HTTPClient() *http.Client { return &http.Client{Transport: upstream.Transport()} }

// applyURL is the address before the code that applies it to a cart.
func (c Config) applyURL() string {
	base := c.StorefrontURL
	if base == "" {
		base = "https://" + c.ShopifyShop
	}
	return base + "/discount/"
}

// adminURL is where staff see orders and discounts in the store's own admin.
func (c Config) adminURL() string { return "https://" + c.ShopifyShop + "/admin" }

// checks are what must be so before the service takes requests. They are asked aside: a service whose connections are
// all at work is busy, which is no reason to take it out.
func (a *App) checks() []api.Check {
	bounded := func(name string, run func(context.Context) error) api.Check {
		return api.Check{Name: name, Run: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, readyTimeout)
			defer cancel()
			return run(ctx)
		}}
	}
	return []api.Check{
		bounded("database", a.Aside.Ping),
		bounded("writes", a.Store.Writable),
		bounded("migrations", func(ctx context.Context) error {
			pending, err := a.Aside.PendingMigrations(ctx)
			if err == nil && pending {
				err = errors.New("run: pointbridge migrate")
			}
			return err
		}),
		bounded("queue", func(ctx context.Context) error {
			done, err := jobs.Migrated(ctx, a.Aside.DB(), a.Aside.Dialect())
			if err == nil && !done {
				err = errors.New("run: pointbridge migrate")
			}
			return err
		}),
		bounded("shop", a.installedCheck),
	}
}

// Migrate brings both the schema and the queue's tables up to date, and fills in what only the program can.
func (a *App) Migrate(ctx context.Context) error {
	if err := a.Store.Migrate(ctx); err != nil {
		return err
	}
	if err := a.Store.Directly(ctx, func(db *sql.DB) error { return jobs.Migrate(ctx, db, a.Store.Dialect()) }); err != nil {
		return err
	}
	if err := members.KeyMembers(ctx, a.Store.Members, a.Members.Phone); err != nil {
		return err
	}
	return a.turnKey(ctx)
}

// RecordRules turns the audit's key where it was changed, and writes down what changed of the rules since the service
// was last started, here or on another machine.
func (a *App) RecordRules(ctx context.Context) error {
	if err := a.turnKey(ctx); err != nil {
		return err
	}
	rules := a.Service.Policy.Rules()
	rules["policy_file"], rules["acts_file"] = a.Rules.Digest(), policies.ActsDigest()
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
