package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"pointbridge/api"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/setup"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/shopify"
)

const (
	// forgetEvery is how often deliveries that were kept for long enough are removed, and lookEvery how often a shop
	// that let the app go is asked whether it is back.
	forgetEvery = time.Hour
	lookEvery   = time.Minute
	// shopEvery is how long what the shop lacks is believed.
	shopEvery = 10 * time.Minute
	shopLimit = 30 * time.Second
)

// wireWebhooks connects what the shop tells by itself.
func (a *App) wireWebhooks(watch *metrics.Metrics) {
	clock := domain.SystemClock{}
	background := a.Shop.Background()
	a.reader = &shopify.Webhooks{Shop: a.Config.ShopifyShop, APIVersion: a.Config.ShopifyAPIVersion, Logger: a.Logger,
		Secrets: shopify.Secrets{string(a.Config.ShopifyClientSecret), string(a.Config.ShopifyClientSecretOld)}}
	a.Privacy = a.Config.Privacy(a.Store, clock, a.Logger)
	a.Privacy.Observer = watch
	a.Webhooks = &webhooks.Service{Reader: a.reader, Store: a.Store.Webhooks, Shop: background, Discounts: a.Service,
		Privacy: a.Privacy, Observer: watch, Visitors: a.Members, Clock: clock, Logger: a.Logger,
		Keep: time.Duration(a.Config.WebhooksKeep), PerMinute: a.Config.WebhooksPerMinute}
	a.Privacy.Shop = a.Webhooks
	a.SetupCheck = &setupCheck{ask: a.setupMissing, now: clock.Now}
}

// webhookAddress is where the store sends webhooks to; empty when the service has no public address.
func (c Config) webhookAddress() string {
	if c.PublicURL == "" {
		return ""
	}
	return strings.TrimSuffix(c.PublicURL, "/") + shopify.WebhookPath
}

// subscriptions are those to be made by the API: none where the app's own file makes them, or all would come twice.
func (c Config) subscriptions() []webhooks.Subscription {
	if c.ShopifyWebhooks == "app" {
		return nil
	}
	return webhooks.Subscriptions()
}

// SetupShop makes what the service needs in the store: the metafield's definition, the subscriptions, and what the
// guard of the checkout needs, or no longer does.
func (a *App) SetupShop(ctx context.Context) error {
	err := a.Shop.Setup(ctx)
	if uri := a.Config.webhookAddress(); uri != "" {
		err = errors.Join(err, a.Shop.Subscribe(ctx, uri, a.Config.subscriptions()))
	}
	return errors.Join(err, a.setupGuard(ctx))
}

// ShopAbilities says what the store can enforce of campaigns, and which scopes the rules that are switched on lack.
func (a *App) ShopAbilities(ctx context.Context) ([]string, error) {
	shop, err := a.Shop.ReadSetup(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.Store.Campaigns.List(ctx)
	if err != nil {
		return nil, err
	}
	var needed []setup.Needed
	for _, c := range list {
		if c.Status == campaigns.Ended || c.Policy.Mode == decisions.Off {
			continue
		}
		for _, scope := range c.Policy.Scopes() {
			needed = append(needed, setup.Needed{Campaign: c.Key, Scope: scope})
		}
	}
	return shop.Abilities(needed), nil
}

// setupMissing says what SetupShop would do.
func (a *App) setupMissing(ctx context.Context) ([]string, error) {
	shop := a.Shop.Background()
	list, err := shop.SetupMissing(ctx)
	if err != nil {
		return nil, err
	}
	guarded, err := a.guardMissing(ctx)
	if err != nil {
		return nil, err
	}
	list = append(list, guarded...)
	uri := a.Config.webhookAddress()
	if uri == "" {
		return append(list, "PUBLIC_URL is not set, so the store cannot tell what happens in it"), nil
	}
	more, err := shop.SubscriptionsMissing(ctx, uri, a.Config.subscriptions())
	return append(list, more...), err
}

// Notes are what /readyz shows beside what fails. The store is asked in the background, so that no probe waits for it.
func (a *App) Notes(ctx context.Context) []string {
	list := slices.Concat(a.announcements(ctx), a.rolelessNotes(ctx), a.reader.Missing(),
		a.SetupCheck.known(a.Stopping))
	for _, d := range a.Setup.Differences(a.Stopping) {
		list = append(list, d.String())
	}
	return list
}

// wantedShop is what the settings say of the shop: its currency and time zone, and the scopes that what is switched on
// needs. Without write_discounts no code can be deactivated, and without read_orders nobody knows which were used.
func (c Config) wantedShop() setup.Wanted {
	scopes := []setup.Scope{{Name: "write_discounts", Vital: true}, {Name: "read_orders", Vital: true},
		{Name: "write_customers"}}
	if c.OrderTag != "" || c.IdentityTagOrder != "" || c.IdentityRisk {
		scopes = append(scopes, setup.Scope{Name: shopify.ScopeRisk})
	}
	if c.IdentityHold {
		scopes = append(scopes, setup.Scope{Name: shopify.ScopeHold, Or: shopify.ScopeHoldOthers})
	}
	return setup.Wanted{Currency: c.ShopCurrency, Timezone: c.ShopTimezone, Scopes: scopes}
}

// setupCheck remembers what the shop lacks.
type setupCheck struct {
	ask func(context.Context) ([]string, error)
	now func() time.Time

	mu     sync.Mutex
	list   []string
	asked  time.Time
	asking bool
}

// known returns what the shop lacked when it was last asked, and has it asked again where that is long ago.
func (l *setupCheck) known(ctx context.Context) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asking && (l.asked.IsZero() || l.now().Sub(l.asked) >= shopEvery) {
		l.asking = true
		go l.Refresh(ctx)
	}
	return l.list
}

// Refresh asks the store. One that does not answer leaves what was known.
func (l *setupCheck) Refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, shopLimit)
	defer cancel()
	list, err := l.ask(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asking, l.asked = false, l.now()
	if err == nil {
		l.list = list
	}
}

var _ api.Webhooks = (*webhooks.Service)(nil)
