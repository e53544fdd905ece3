package main

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
	"pointbridge/api/web"
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
	// breakAfter failures in a row stop calls to Shopify for a while, so that an outage is not made worse.
	breakAfter = 8
	breakFor   = 5 * time.Second
	// readyTimeout bounds each check of /readyz.
	readyTimeout = 3 * time.Second
)

// app is one running service: everything between the configuration and a listener.
type app struct {
	cfg    Config
	logger *slog.Logger
	store  *store.Store
	// aside is the same database for whoever watches the service; figures is what they read.
	aside      *store.Store
	owned      bool // by the service's own database user
	figures    http.Handler
	service    *coupons.Service
	members    *members.Service
	metafields *metafields.Service
	notices    *notices.Service
	books      *books.Checker
	sealer     *audit.Sealer
	hook       *heads.Hook // takes heads of the audit elsewhere
	// entries bounds how much of what callers are refused, and read, is written.
	entries *audit.Bounded
	staff   *staff.Service
	mailer  *mail.Mailer
	// webhooks takes in what the shop tells, reader proves it; privacy carries out what people ask for; lacks remembers what
	// the store has not been prepared with.
	webhooks *webhooks.Service
	reader   *shopify.Webhooks
	privacy  *privacy.Service
	hearing  hearing
	lacks    *lacks
	// setup holds the settings against what the shop says of itself.
	setup   *setup.Check
	reports *reports.Desk
	queue   *jobs.Client
	shop    *shopify.Client
	rules   *policies.Enforcer
	// sawRoleless tells that somebody had a role at the start that there is not.
	sawRoleless bool
	handler     http.Handler
	// tillCircuit and shopCircuit stop calls to an upstream that does not answer.
	tillCircuit, shopCircuit *upstream.Breaker
	// stopping ends when the process begins to stop; stop ends it.
	stopping context.Context
	stop     context.CancelFunc
}

// newApp connects everything. It talks to the database and to nobody else.
func newApp(ctx context.Context, cfg Config, logger *slog.Logger) (*app, error) {
	db, err := store.Open(ctx, cfg.database(cfg.DBMaxConns, logger))
	if err != nil {
		return nil, err
	}
	a := &app{cfg: cfg, logger: logger, store: db}
	a.stopping, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	if err := a.openAside(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if a.owned, err = db.Owned(ctx); err != nil {
		return nil, errors.Join(err, a.close())
	}
	if err := a.wire(); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) wire() error {
	watch := metrics.New()
	a.figures = watch.Handler()
	a.entries = &audit.Bounded{Writer: a.store, Now: domain.SystemClock{}.Now}
	if err := a.wireService(watch); err != nil {
		return err
	}
	a.wireAudit()
	a.wireWebhooks(watch)
	var err error
	if a.staff, err = a.cfg.staffService(recording{a.store, a.entries}); err != nil {
		return err
	}
	a.queue, err = jobs.New(jobs.Config{DB: a.store.DB(), Own: a.store.QueueDB(), Dialect: a.store.Dialect(), Logger: a.logger, Workers: workers{Service: a.service, Projector: a.metafields, Mailman: a.notices},
		Deliveries: a.webhooks, Heads: a, Notices: staff.Notifier{Store: a.store, Postman: a.mailer}, Owned: a.owned,
		AdvanceWorkers: a.cfg.JobWorkers, ProjectWorkers: a.cfg.JobWorkers, SweepEvery: a.cfg.SweepEvery, Rounds: a.rounds(),
		Observer: watch})
	if err != nil {
		return err
	}
	a.store.SetEnqueue(a.queue.Enqueue)
	a.store.SetEnqueueOnce(a.queue.EnqueueOnce)
	a.store.SetInline(a.queue.Inline)
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

// rounds are the periodic works beside the sweep.
func (a *app) rounds() []jobs.Round {
	list := []jobs.Round{
		{Name: "seal", Every: sealEvery, Run: a.sealer.Seal},
		{Name: "orders", Every: a.cfg.OrdersEvery, Run: a.service.SweepOrders},
		{Name: "webhooks", Every: forgetEvery, Run: a.webhooks.Forget},
		{Name: "installed", Every: lookEvery, Run: a.webhooks.LookForInstallation},
		{Name: "privacy", Every: privacyEvery, Limit: privacyLimit, Run: a.privacy.Work},
	}
	if a.cfg.BooksEvery > 0 {
		list = append(list, jobs.Round{Name: "books", Every: booksAsk, Limit: booksLimit, Run: a.compareBooks})
	}
	return list
}

func (a *app) wireService(watch *metrics.Metrics) error {
	policy, err := a.cfg.Policy()
	if err != nil {
		return err
	}
	if a.rules, err = a.cfg.policy(); err != nil {
		return err
	}
	if policy.Acts, err = a.rules.Acts(); err != nil {
		return err
	}
	client := httpClient()
	clock := domain.SystemClock{}
	a.tillCircuit = upstream.NewBreaker(breakAfter, breakFor, clock.Now)
	a.shopCircuit = upstream.NewBreaker(breakAfter, breakFor, clock.Now)
	pointOfSale, err := pos.New(pos.Config{URL: a.cfg.POSURL, Token: string(a.cfg.POSToken), Timeout: a.cfg.POSTimeout,
		Replay: a.cfg.POSReplay == "key", Lookup: a.cfg.POSLookup == "exact", Clock: clock.Now}, client)
	if err != nil {
		return err
	}
	till := guarded{pointOfSale, a.tillCircuit}
	a.shop, err = shopify.New(shopify.Config{Shop: a.cfg.ShopifyShop, APIURL: a.cfg.ShopifyAPIURL, APIVersion: a.cfg.ShopifyAPIVersion,
		ClientID: a.cfg.ShopifyClientID, ClientSecret: string(a.cfg.ShopifyClientSecret), AccessToken: string(a.cfg.ShopifyAccessToken),
		MetafieldNamespace: a.cfg.ShopifyNamespace, MetafieldKey: a.cfg.ShopifyKey, Timeout: a.cfg.ShopifyTimeout, Clock: clock,
		Circuit: a.shopCircuit, Logger: a.logger, Heard: a.hearing.heard}, client)
	if err != nil {
		return err
	}
	if err := a.wireMembers(till, policy.Location, watch); err != nil {
		return err
	}
	a.setup = &setup.Check{Wanted: a.cfg.wantedShop(), Shop: a.shop, Memory: a.store, Clock: clock, Logger: a.logger}
	a.service = &coupons.Service{Store: recording{a.store, a.entries}, Catalogue: a.store, Backlog: a.store, Members: a.store.Members, Attempts: a.members,
		Ledger: till, POS: pointOfSale.Capabilities(), Shop: a.shop,
		Gate: a.setup, Tagger: a.shop.Background(), Clock: clock, Random: rand.Reader, Policy: policy,
		Timing:   coupons.Timing{Wait: a.cfg.ConvertWait, Lease: a.cfg.StepLease, Settle: a.cfg.SettleAfter, Grace: a.cfg.CancelGrace},
		Observer: watch, Logger: a.logger}
	a.reports = &reports.Desk{Book: a.store, Clock: clock, Zone: policy.Location}
	background := a.shop.Background()
	a.books = &books.Checker{Ours: a.store.Books, Runs: a.store.Books, Till: till, Shop: background, Fields: background, Uses: a.service, Clock: clock,
		Timing: a.cfg.booksTiming(), TestOrders: a.cfg.TestOrders}
	return nil
}

// wireMembers connects what knows members and tells them of their coupons.
func (a *app) wireMembers(ledger guarded, zone *time.Location, watch *metrics.Metrics) error {
	clock := domain.SystemClock{}
	mailer, err := mail.New(mail.Config{Host: a.cfg.SMTPHost, Port: a.cfg.SMTPPort, Username: a.cfg.SMTPUsername, Password: string(a.cfg.SMTPPassword),
		TLS: a.cfg.SMTPTLS, From: a.cfg.MailFrom, ShopName: a.cfg.ShopName, Footer: a.cfg.MailFooter, Locale: a.cfg.ShopLocale, Zone: zone})
	if err != nil {
		return err
	}
	a.mailer = mailer
	number, err := phones.New(a.cfg.ShopCountry)
	if err != nil {
		return err
	}
	field, err := a.cfg.memberField(a.shop)
	if err != nil {
		return err
	}
	a.members = &members.Service{Members: a.store.Members, Locks: a.store.Members, Refusals: a.entries, Staff: a.store.Members, Record: a.entries,
		Till: ledger, Field: field, Lock: a.cfg.lockRule(), Phone: number.E164, Clock: clock, Observer: watch, Logger: a.logger}
	a.metafields = &metafields.Service{Projections: a.store.Metafields, Fields: a.shop.Background(), Clock: clock, Observer: watch}
	a.notices = &notices.Service{Coupons: a.store, Members: a.store.Members, Till: ledger, Mailer: mailer, Clock: clock, Observer: watch,
		ApplyURL: a.cfg.applyURL()}
	return nil
}

func (a *app) wireAPI(watch *metrics.Metrics) error {
	vouch, err := a.cfg.voucher()
	if err != nil {
		return err
	}
	a.handler, err = api.New(api.Deps{Shared: a.shared(),
		Keys: a.store, Linking: a.members, Refunds: a.service, Accounts: a.staff, Counter: a.entries,
		Storefront: vouch, StorefrontOrigins: a.cfg.storefrontOrigins(), ExtensionOrigins: a.cfg.ExtensionOrigins,
		Metrics: watch, Webhooks: a.webhooks, MetricsHandler: a.onTheMain(), MetricsToken: string(a.cfg.MetricsToken),
		Checks: a.checks(), Notes: a.notes, NewID: newID, Logger: a.logger,
		Limits: api.Limits{PerCustomer: a.cfg.RateLimit}, UnknownCodes: a.cfg.UnknownCodes,
		KeepAddresses: a.cfg.LogClientAddress, TrustedProxies: a.cfg.TrustedProxies})
	return err
}

// shared is what the JSON API and the pages work with alike.
func (a *app) shared() web.Shared {
	return web.Shared{Service: a.service, Coupons: a.store, Listing: listing.Service{Coupons: a.store.Listing, Around: a.store.Listing},
		Members: a.members, Directory: a.store.Members, Lists: a.store, Mails: a.queue, Audit: a.store, Sealed: a.store,
		Staff: a.staff, Machines: machinesOf(a.store, a.rules.Roles()), Policy: a.rules, Record: a.entries,
		Reports: a.reports, Condition: a.condition, Now: domain.SystemClock{}.Now, Zone: a.service.Policy.Location,
		ShopName: a.cfg.ShopName, Locale: a.cfg.ShopLocale, Secret: []byte(a.cfg.SecretKey), PublicURL: a.cfg.PublicURL,
		ApplyURL: a.cfg.applyURL(), AdminURL: a.cfg.adminURL()}
}

// signInLimits says how long a sign-in lasts and how often it may fail.
func (c Config) signInLimits() staff.Limits {
	return staff.Limits{Life: c.SessionLife, Window: c.SignInWindow, PerEmail: c.SignInFailures, PerAddress: c.SignInFailuresAddress,
		Everywhere: c.SignInFailuresEverywhere}
}

// newID draws a request's id.
func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

// httpClient is what the upstreams are called with.
func httpClient() *http.Client { return &http.Client{Transport: upstream.Transport()} }

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

// checks are what must be so before the service takes requests. They are asked aside: a service whose connections are all at
// work is busy, which is no reason to take it out.
func (a *app) checks() []api.Check {
	bounded := func(name string, run func(context.Context) error) api.Check {
		return api.Check{Name: name, Run: func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, readyTimeout)
			defer cancel()
			return run(ctx)
		}}
	}
	return []api.Check{
		bounded("database", a.aside.Ping),
		bounded("writes", a.store.Writable),
		bounded("migrations", func(ctx context.Context) error {
			pending, err := a.aside.PendingMigrations(ctx)
			if err == nil && pending {
				err = errors.New("run: pointbridge migrate")
			}
			return err
		}),
		bounded("queue", func(ctx context.Context) error {
			done, err := jobs.Migrated(ctx, a.aside.DB(), a.aside.Dialect())
			if err == nil && !done {
				err = errors.New("run: pointbridge migrate")
			}
			return err
		}),
		bounded("shop", a.installedCheck),
	}
}

// migrate brings both the schema and the queue's tables up to date, and fills in what only the program can.
func (a *app) migrate(ctx context.Context) error {
	if err := a.store.Migrate(ctx); err != nil {
		return err
	}
	if err := a.store.Directly(ctx, func(db *sql.DB) error { return jobs.Migrate(ctx, db, a.store.Dialect()) }); err != nil {
		return err
	}
	if err := members.KeyMembers(ctx, a.store.Members, a.members.Phone); err != nil {
		return err
	}
	return a.turnKey(ctx)
}

// recordRules turns the audit's key where it was changed, and writes down what changed of the rules since the service was
// last started, here or on another machine.
func (a *app) recordRules(ctx context.Context) error {
	if err := a.turnKey(ctx); err != nil {
		return err
	}
	rules := a.service.Policy.Rules()
	rules["policy_file"], rules["acts_file"] = a.rules.Digest(), policies.ActsDigest()
	return coupons.RecordRules(ctx, a.store, a.service.Clock.Now(), rules)
}

// run takes requests on the listener and works on the queue until the context ends; then it stops in order: no new
// requests, no new jobs, what runs is finished, the database is let go.
func (a *app) run(ctx context.Context, l net.Listener) error {
	if err := a.store.RecordPolicy(ctx, a.rules.All()); err != nil {
		return err
	}
	endMetrics, err := a.serveMetrics(ctx)
	if err != nil {
		return err
	}
	if err := a.queue.Start(ctx); err != nil {
		return err
	}
	server := &http.Server{Handler: a.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second,
		WriteTimeout: a.cfg.ConvertWait + 30*time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(a.logger.Handler(), slog.LevelWarn)}
	go a.listen(a.stopping)
	go func() { _ = a.setup.Look(a.stopping) }() // what it finds is in the log and at /readyz
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	data := zones.Newest()
	a.logger.InfoContext(ctx, "time zones", "data", data.Origin, "version", data.Version)
	go a.tellNumbers()
	a.logger.InfoContext(ctx, "listening", "address", l.Addr().String())
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	a.logger.InfoContext(context.WithoutCancel(ctx), "stopping")
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.ShutdownTimeout)
	defer cancel()
	a.stop()
	a.service.Stop()
	return errors.Join(cause, server.Shutdown(stop), a.service.Drain(stop), a.queue.Stop(stop), endMetrics(stop), a.entries.Close(stop), a.close())
}

func (a *app) close() error {
	a.stop()
	return errors.Join(a.store.Close(), a.aside.Close())
}

// newLogger writes to w as the configuration says.
func newLogger(cfg Config, w io.Writer) (*slog.Logger, error) {
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
