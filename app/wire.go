package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"math"
	"net/http"
	"runtime"
	"slices"
	"time"

	"pointbridge/api"
	"pointbridge/api/console"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/books"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/metafields"
	"pointbridge/domain/notices"
	"pointbridge/domain/orders"
	"pointbridge/domain/reports"
	"pointbridge/domain/reviews"
	"pointbridge/domain/sales"
	"pointbridge/domain/setup"
	"pointbridge/domain/staff"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/phones"
	"pointbridge/integrations/upstream"
)

func (a *App) wire() error {
	watch := metrics.New()
	a.figures, a.alert = watch.Handler(), watch.Alert
	a.entries = &audit.Bounded{Writer: a.Store.Audit, Now: domain.SystemClock{}.Now}
	if err := a.wireService(watch); err != nil {
		return err
	}
	a.wireAudit()
	a.wireWebhooks(watch)
	var err error
	if err = a.wireIdentity(watch); err != nil {
		return err
	}
	if err = a.wireGuard(watch); err != nil {
		return err
	}
	a.wireCodes()
	a.wireDesk()
	if err = a.wireEvents(); err != nil {
		return err
	}
	if a.Staff, err = a.Config.StaffService(a.Store, a.entries); err != nil {
		return err
	}
	a.Queue, err = jobs.New(jobs.Config{DB: a.Store.DB(), Own: a.Store.QueueDB(), Dialect: a.Store.Dialect(),
		Logger: a.Logger, Workers: workers{Service: a.Service, Orderer: a.Orders, Tagger: a.marker,
			Projector: a.metafields, Mailman: a.notices},
		Deliveries: a.Webhooks, Heads: a, Notices: staff.Notifier{Notices: a.Store.Notices, Postman: a.mailer},
		Identity: a.learner, Codes: a.Codes, Events: a.Events, Guard: a, Bulk: a.Bulk, MailGivenUp: a.mailGivenUp, Owned: a.Owned, AdvanceWorkers: a.Config.JobWorkers,
		ProjectWorkers: a.Config.JobWorkers, Busy: a.busy,
		SweepEvery: a.Config.SweepEvery, Rounds: a.Rounds(), Observer: watch, Unstaggered: a.Config.prompt})
	if err != nil {
		return err
	}
	a.Store.SetQueue(a.Queue)
	a.wireGauges(watch)
	return a.wireAPI(watch)
}

// busy says that more commits of coupons are being made, or wait to be, than there are processors: customers wait for the
// database then, or for a processor, and not for the outside.
func (a *App) busy() bool { return a.Store.CommitsNow() > runtime.GOMAXPROCS(0) }

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
	clock := a.clock
	a.posCircuit = upstream.NewBreaker(BreakAfter, breakFor, clock.Now)
	a.shopCircuit = upstream.NewBreaker(BreakAfter, breakFor, clock.Now)
	pointOfSale, err := a.Config.OpenPOS(clock.Now, client)
	if err != nil {
		return err
	}
	behindBreaker := guarded{pointOfSale, a.posCircuit}
	pages, changes := behindBreaker.pastOf()
	a.Shop, err = a.Config.shopOf(a.shopCircuit, a.Logger, a.hearing.heard)
	if err != nil {
		return err
	}
	if err := a.wireMembers(behindBreaker, policy.Location, watch); err != nil {
		return err
	}
	a.Setup = &setup.Check{Wanted: a.Config.wantedShop(), Shop: a.Shop, Memory: a.Store.Settings, Clock: clock,
		Logger: a.Logger}
	meanings, err := a.Config.meanings()
	if err != nil {
		return err
	}
	a.sagaAt = func(clock domain.Clock) *coupons.Service {
		return &coupons.Service{Store: recording{a.Store.Coupons, a.entries}, Catalogue: a.Store.Coupons,
			Backlog: a.Store.Backlog, Members: a.Store.Members, Attempts: a.membersAt(clock), Ledger: behindBreaker,
			History: changes, Accounts: behindBreaker.accounts(), Till: a.Config.TillName(),
			POS: pointOfSale.Capabilities(), Shop: a.Shop, Gate: a.Setup, Campaigns: a.Store.Campaigns,
			Shoppers: a.Shop, Staff: a.Store.Members, ShopperID: a.Config.shopperID, Meanings: meanings, Clock: clock,
			Random: rand.Reader, Policy: policy, Timing: coupons.Timing{Wait: a.Config.ConvertWait,
				Lease: a.Config.StepLease, Settle: a.Config.SettleAfter, Grace: a.Config.CancelGrace},
			Observer: watch, Logger: a.Logger}
	}
	a.Service = a.sagaAt(clock)
	a.Service.Listen = clock.Listen
	a.Service.Attempts = a.Members
	if a.Config.ShopperPhones {
		a.Service.Phones = shopperPhones{a.Shop, a.Members.Phone}
	}
	a.wireOrders(policy, watch)
	a.reports = &reports.Desk{Store: a.Store.Reports, Refunds: a.Store.Reports, Clock: clock, Zone: policy.Location}
	background := a.Shop.Background()
	a.Books = &books.Checker{Ours: a.Store.Books, Runs: a.Store.Books, POS: pages, Entries: changes, Shop: background,
		Fields: background, Uses: a.Service, Campaigns: a.Store.Books, CampaignShop: background, Clock: clock,
		Timing:     a.Config.booksTiming(),
		TestOrders: a.Config.TestOrders}
	a.Rebuild = &books.Rebuilder{Checker: a.Books, Discounts: background, Restorer: a.Store.Books,
		Settings: books.Settings{Validity: policy.Validity, Rate: policy.Rate, Currency: policy.Currency,
			Till: a.Config.TillName(), Locale: policy.ReasonLocale},
		ShopperID: a.Config.shopperID, Workers: rebuildWorkers,
		Serving: func(ctx context.Context) (bool, error) { return a.Queue.Led(ctx) }}
	return nil
}

// rebuildWorkers is how many members are restored beside one another: enough to wait for the outside while another
// commits.
const rebuildWorkers = 8

// wireOrders connects what works on orders of the shop, and what tags their reviews.
func (a *App) wireOrders(policy coupons.Policy, watch *metrics.Metrics) {
	a.Orders = &orders.Service{Saga: a.Service, Coupons: a.Store.Coupons, Reviews: a.Store.Coupons, Shop: a.Shop,
		Cursors: a.Store.Backlog, TestOrders: policy.TestOrders, PartialRefunds: policy.PartialRefunds,
		CouponsPerOrder: policy.CouponsPerOrder, Tags: policy.Tags, Clock: a.Service.Clock, Observer: watch, Logger: a.Logger}
	a.marker = &reviews.Marker{Tags: policy.Tags, Coupons: a.Service, Tagger: a.Shop.Background(),
		Clock: a.Service.Clock, Observer: watch, Logger: a.Logger}
}

func (a *App) wireMembers(ledger guarded, zone *time.Location, watch *metrics.Metrics) error {
	clock := a.clock
	a.mailMemory = upstream.NewBreaker(math.MaxInt, breakFor, clock.Now)
	mailer, err := a.Config.newMailer(zone, heardOfMail(a.mailMemory))
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
		return &members.Service{Members: a.Store.Members, Numbers: a.Store.Members, Locks: a.Store.Members, File: a.Store.Members,
			Refusals: a.entries, Staff: a.Store.Members, Recorder: a.entries, POS: ledger, Field: field, Lock: a.Config.LockRule(),
			Phone: number.E164, Clock: clock, Observer: watch, Logger: a.Logger}
	}
	a.Members = a.membersAt(clock)
	a.metafields = &metafields.Service{Projections: a.Store.Metafields, Fields: a.Shop.Background(), Clock: clock,
		Observer: watch, Logger: a.Logger}
	a.notices = &notices.Service{Coupons: a.Store.Coupons, Members: a.Store.Members, POS: ledger, Mailer: mailer,
		Log: a.Store.Mails, Logger: a.Logger, Keep: time.Duration(a.Config.MailLogKeep), Clock: clock, Observer: watch, ApplyURL: a.Config.applyURL()}
	return nil
}

func (a *App) wireAPI(watch *metrics.Metrics) error {
	vouch, err := a.Config.voucher()
	if err != nil {
		return err
	}
	var queuePages http.Handler
	if a.Config.JobsUI {
		if queuePages, err = a.Queue.Pages(console.QueuePath); err != nil {
			return err
		}
	}
	a.Handler, err = api.New(api.Deps{Shared: a.shared(queuePages),
		Keys: a.Store.Keys, Linking: a.Members, Refunds: a.Service, Accounts: a.Staff, Counter: a.entries,
		Storefront: vouch, StorefrontOrigins: a.Config.storefrontOrigins(), ExtensionOrigins: a.Config.ExtensionOrigins,
		Metrics: watch, Webhooks: a.Webhooks,
		PointsWebhooks: a.Config.pointsWebhooks(a.Store.Webhooks, domain.SystemClock{}), MetricsHandler: a.onTheMain(),
		MetricsToken: string(a.Config.MetricsToken), Checks: a.checks(), Notes: a.Notes, NewID: newID, Logger: a.Logger,
		Limits: api.Limits{PerCustomer: a.Config.RateLimit}, UnknownCodes: a.Config.UnknownCodes,
		KeepAddresses: a.Config.LogClientAddress, TrustedProxies: a.Config.TrustedProxies})
	return err
}

func (a *App) shared(queuePages http.Handler) pages.Shared {
	return pages.Shared{QueuePages: queuePages, Service: a.Service, Codes: a.Service, ShopperID: a.Config.shopperID, Coupons: a.Store.Coupons, Reviews: a.Store.Reviews,
		Listing: listing.Service{Coupons: a.Store.Listing, Around: a.Store.Listing}, Views: a.Store.Listing, Members: a.Members,
		Directory: a.Store.Members, Finder: a.Store.Members, File: a.Store.Members, Lists: a.Store.Reviews, Mails: mailDesk{a.notices, a.Store.Mails, a.Queue},
		Proofs:   notices.Proofs{Printer: a.mailer, Log: a.Store.Mails, Clock: domain.SystemClock{}},
		Requests: a.Requests, RequestBook: a.Store.CancelRequests, Bulk: a.Bulk, BulkBook: a.Store.Bulk, Audit: a.Store.Audit, Sealed: a.Store.Audit,
		Staff: a.Staff, Machines: MachinesOf(a.Store, a.Rules.Roles()), Policy: a.Rules, Recorder: a.entries,
		Identity: a.identityShared(), Reports: a.reports, Sales: sales.Desk{Store: a.Store.Sales, Zone: a.Service.Policy.Location}, ScanDiscounts: a.oneDiscountScan(), Events: a.Events, EventLog: a.Store.Events, Condition: a.condition, Now: domain.SystemClock{}.Now, Zone: a.Service.Policy.Location,
		ShopName: a.Config.ShopName, Contact: a.Config.contact(), ConfirmAbove: a.Config.ConfirmAbove, Locale: a.Config.ShopLocale, Secret: []byte(a.Config.SecretKey),
		PublicURL: a.Config.PublicURL, ApplyURL: a.Config.applyURL(), AdminURL: a.Config.adminURL(),
		POSMemberURL: a.Config.POSMemberURL}
}

func (c Config) signInLimits() staff.Limits {
	return staff.Limits{Life: c.SessionLife, Window: c.SignInWindow, PerEmail: c.SignInFailures,
		PerAddress: c.SignInFailuresAddress, Everywhere: c.SignInFailuresEverywhere}
}

func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return hex.EncodeToString(b[:])
}

func HTTPClient() *http.Client { return &http.Client{Transport: upstream.Transport()} }

// shopperID is the id under which a customer of the shop is kept who is no member. It stays what it was when the secret
// is another one: their coupons are found by it.
func (c Config) shopperID(gid string) string {
	oldest := append(slices.Clone(c.SecretKeyOld), c.SecretKey)[0]
	return domain.ShopperID([]byte(oldest), gid)
}

func (c Config) applyURL() string {
	base := c.StorefrontURL
	if base == "" {
		base = "https://" + c.ShopifyShop
	}
	return base + "/discount/"
}

func (c Config) adminURL() string { return "https://" + c.ShopifyShop + "/admin" }
