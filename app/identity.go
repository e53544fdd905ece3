package app

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/identity/learn"
	"pointbridge/domain/identity/scan"
	"pointbridge/domain/openings"
	"pointbridge/integrations/idn"
	"pointbridge/integrations/phones"
	"pointbridge/integrations/shopify"
	"pointbridge/integrations/store"
	"pointbridge/integrations/upstream"
)

// Canonical makes matching keys of what people show.
func (c Config) Canonical() (identity.Canonical, error) {
	numbers, err := phones.New(c.ShopCountry)
	if err != nil {
		return identity.Canonical{}, err
	}
	return identity.Canonical{Phone: numbers.PersonIn, Domain: idn.ASCII, Country: c.ShopCountry}, nil
}

// shopOf is a client of the shop. The breaker, and whoever hears of the shop's answers, may be nil.
func (c Config) shopOf(breaker *upstream.Breaker, logger *slog.Logger, heard func(time.Time)) (*shopify.Client, error) {
	return c.shopThrough(HTTPClient(), breaker, logger, heard)
}

// shopThrough is shopOf through an HTTP client of the caller's.
func (c Config) shopThrough(client *http.Client, breaker *upstream.Breaker, logger *slog.Logger,
	heard func(time.Time)) (*shopify.Client, error) {
	cfg := shopify.Config{Shop: c.ShopifyShop, APIURL: c.ShopifyAPIURL, APIVersion: c.ShopifyAPIVersion,
		ClientID: c.ShopifyClientID, ClientSecret: string(c.ShopifyClientSecret),
		AccessToken: string(c.ShopifyAccessToken), MetafieldNamespace: c.ShopifyNamespace,
		MetafieldKey: c.ShopifyKey, DeviceAttribute: c.IdentityDevice, Timeout: c.ShopifyTimeout,
		Clock: domain.SystemClock{}, Logger: logger, Heard: heard}
	if breaker != nil { // an interface that holds nil is not nil
		cfg.Circuit = breaker
	}
	return shopify.New(cfg, client)
}

// Scan looks back on the shop's orders, with a key that is forgotten when it ends. It needs no database.
func (c Config) Scan(ctx context.Context, days int, logger *slog.Logger,
	progress func(scan.Progress)) (scan.Report, error) {
	shop, err := c.shopOf(nil, logger, nil)
	if err != nil {
		return scan.Report{}, err
	}
	return c.scanOf(ctx, shop.Background(), days, progress)
}

func (c Config) scanOf(ctx context.Context, shop scan.Orders, days int,
	progress func(scan.Progress)) (scan.Report, error) {
	forms, err := c.Canonical()
	if err != nil {
		return scan.Report{}, err
	}
	ring, err := identity.NewThrowaway(rand.Reader)
	if err != nil {
		return scan.Report{}, err
	}
	look := scan.Scanner{Shop: shop, Now: domain.SystemClock{}.Now, Progress: progress,
		Print: func(s identity.Shown) (identity.Print, error) { return ring.Print(forms.Forms(s)) }}
	return look.Run(ctx, days)
}

// DecisionService decides about codes on a database.
func (c Config) DecisionService(db *store.Store, watch decisions.Observer) (decisions.Service, error) {
	forms, err := c.Canonical()
	if err != nil {
		return decisions.Service{}, err
	}
	ring, err := c.IdentityKeys()
	if err != nil {
		return decisions.Service{}, err
	}
	noted, err := c.noted(db)
	if err != nil {
		return decisions.Service{}, err
	}
	return decisions.Service{Noted: noted, Campaigns: db.Campaigns,
		Decisions: db.Identity, Uses: db.Identity, Verdicts: db.Identity,
		Canonical: forms, Keys: ring, Observer: watch, Now: domain.SystemClock{}.Now, Disposable: c.disposable,
		Retention: time.Duration(c.IdentityRetention), ShopWait: c.DecisionWait,
		Current: keysInUse(db, ring).Current}, nil
}

// keysInUse says which key is in use.
func keysInUse(db *store.Store, ring identity.Keyring) *learn.Keys {
	return &learn.Keys{Book: db.Identity, Ring: ring, Now: domain.SystemClock{}.Now}
}

// disposable tells whether a domain, or one that it is a part of, is one of throw-away mailboxes.
func (c Config) disposable(name string) bool {
	for name != "" {
		if slices.Contains(c.IdentityDisposable, name) {
			return true
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return false
}

// errIdentityKey is a key that is not the one by which digests were made.
var errIdentityKey = errors.New("IDENTITY_KEY and IDENTITY_KEY_OLD are not the keys that digests in the database " +
	"were made with, or stand in another order: nobody would be recognised")

// KeepIdentityKeys holds the keys against those that were used before, and remembers the ones that are new. A wrong key
// is noticed here, before it makes digests that match nothing. As long as there are no digests any key will do.
func (c Config) KeepIdentityKeys(ctx context.Context, db *store.Store) error {
	ring, err := c.IdentityKeys()
	if err != nil {
		return err
	}
	known, err := db.Identity.KeyChecks(ctx)
	if err != nil {
		return err
	}
	for version, check := range known {
		if ring.Verify(version, check.Check) {
			continue
		}
		if gone, err := db.Identity.ForgetKeyChecks(ctx); err != nil || !gone {
			return errors.Join(err, errIdentityKey)
		}
		clear(known)
		break
	}
	for version := 1; version <= ring.Version(); version++ {
		if _, there := known[version]; there {
			continue
		}
		check, err := ring.Check(version)
		if err != nil {
			return err
		}
		err = db.Identity.KeepKeyCheck(ctx, version, check)
		if errors.Is(err, domain.ErrConflict) {
			return errIdentityKey
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// rewrapAtOnce is how many digests are brought under a new key in one transaction.
const rewrapAtOnce = 500

// RotateIdentity brings every digest under the key that is in use, a few at a time, beside whatever else goes on. A key
// that some process may not have yet is not in use (learn.KeyGrace): waits is how many keys are newer.
func (c Config) RotateIdentity(ctx context.Context, db *store.Store, progress func(done int)) (total, waits int,
	err error) {
	if err := c.KeepIdentityKeys(ctx, db); err != nil {
		return 0, 0, err
	}
	ring, err := c.IdentityKeys()
	if err != nil {
		return 0, 0, err
	}
	version, err := keysInUse(db, ring).Current(ctx)
	if err != nil {
		return 0, 0, err
	}
	for {
		done, err := db.Identity.Rewrap(ctx, version, rewrapAtOnce, func(d identity.Digest) (identity.Digest, error) {
			return ring.WrapTo(d, version)
		})
		if err != nil || done == 0 {
			return total, ring.Version() - version, err
		}
		total += done
		progress(total)
	}
}

// ImportIdentity reads the past of the shop; 0 days are as many as are kept.
func (c Config) ImportIdentity(ctx context.Context, db *store.Store, days int, logger *slog.Logger,
	progress func(decisions.Import)) (decisions.Import, error) {
	if err := c.KeepIdentityKeys(ctx, db); err != nil {
		return decisions.Import{}, err
	}
	service, err := c.DecisionService(db, Unwatched{})
	if err != nil {
		return decisions.Import{}, err
	}
	shop, err := c.shopOf(nil, logger, nil)
	if err != nil {
		return decisions.Import{}, err
	}
	if days == 0 {
		days = int(time.Duration(c.IdentityRetention) / (24 * time.Hour))
	}
	reader := decisions.Importer{Shop: shop.Background(), Service: service, Imports: db.Identity,
		Now: domain.SystemClock{}.Now, TestOrders: c.TestOrders, Progress: progress}
	return reader.Run(ctx, days)
}

// Unwatched is the observer of a command, which has no metrics.
type Unwatched struct{}

// Decided, LeakedCode and Judged implement decisions.Observer.
func (Unwatched) Decided(string, decisions.Stage, decisions.Answer) {}

// LeakedCode counts nothing.
func (Unwatched) LeakedCode(string) {}

// Judged counts nothing.
func (Unwatched) Judged(string, decisions.Outcome, decisions.Judgement) {}

// scanWait is how long a page waits for a look back on the shop.
const scanWait = 20 * time.Second

// Campaigns makes and changes campaigns, which counts at once.
func (a *App) Campaigns() campaigns.Service {
	return campaigns.Service{Campaigns: heardCampaigns{a.Store.Campaigns, a.protected.Forget}, Now: domain.SystemClock{}.Now}
}

// identityShared is what the API and the pages work with of campaigns and decisions.
func (a *App) identityShared() pages.Identity {
	desk := decisions.Desk{Service: a.Decisions, Gallery: a.Store.Identity, Refusals: a.Store.Identity,
		Zone: a.Service.Policy.Location}
	return pages.Identity{Campaigns: a.Campaigns(), CampaignBook: a.Store.Campaigns, Decisions: a.Decisions, DecisionBook: desk,
		Uses: a.Store.Identity.UsesOf, Figures: a.Store.Campaigns, Points: a.Service.Policy, Codes: a.Codes,
		CodeBook: a.Store.Batches, Scan: a.oneScan()}
}

// oneScan looks back for a page: one at a time, because each asks the shop a lot, and for no longer than a page waits.
func (a *App) oneScan() func(ctx context.Context, days int) (scan.Report, error) {
	var busy sync.Mutex
	return func(ctx context.Context, days int) (scan.Report, error) {
		if !busy.TryLock() {
			return scan.Report{}, domain.Refuse(domain.CodeBusy)
		}
		defer busy.Unlock()
		ctx, cancel := context.WithTimeout(ctx, scanWait)
		defer cancel()
		return a.Config.scanOf(ctx, a.Shop.Background(), days, nil)
	}
}

// oneDiscountScan looks through the store's active codes: one at a time, for no longer than a page waits.
func (a *App) oneDiscountScan() func(ctx context.Context) (openings.Report, error) {
	var busy sync.Mutex
	shop := a.Shop.Background()
	return func(ctx context.Context) (openings.Report, error) {
		if !busy.TryLock() {
			return openings.Report{}, domain.Refuse(domain.CodeBusy)
		}
		defer busy.Unlock()
		ctx, cancel := context.WithTimeout(ctx, scanWait)
		defer cancel()
		r, err := openings.Scan(ctx, shop, domain.SystemClock{}.Now())
		var failed *domain.UpstreamError
		if errors.As(err, &failed) {
			return r, &domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: domain.RetryAfterOf(err), Err: err}
		}
		return r, err
	}
}
