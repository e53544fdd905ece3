package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"pointbridge/api"
	"pointbridge/domain"
	"pointbridge/domain/setup"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/shopify"
)

const (
	// forgetEvery is how often deliveries that were kept for long enough are removed, and lookEvery how often a shop that
	// let the app go is asked whether it is back.
	forgetEvery = time.Hour
	lookEvery   = time.Minute
	// shopEvery is how long what the store lacks is believed.
	shopEvery = 10 * time.Minute
	shopLimit = 30 * time.Second
)

// wireWebhooks connects what the shop tells by itself.
func (a *app) wireWebhooks(watch *metrics.Metrics) {
	clock := domain.SystemClock{}
	background := a.shop.Background()
	a.reader = &shopify.Webhooks{Shop: a.cfg.ShopifyShop, APIVersion: a.cfg.ShopifyAPIVersion, Logger: a.logger,
		Secrets: shopify.Secrets{string(a.cfg.ShopifyClientSecret), string(a.cfg.ShopifyClientSecretOld)}}
	a.privacy = a.cfg.privacy(a.store, clock, a.logger)
	a.privacy.Observer = watch
	a.webhooks = &webhooks.Service{Reader: a.reader, Store: a.store.Webhooks, Shop: background, Discounts: a.service, Privacy: a.privacy,
		Observer: watch, Visitors: a.members, Clock: clock, Logger: a.logger,
		Keep: time.Duration(a.cfg.WebhooksKeep), PerMinute: a.cfg.WebhooksPerMinute}
	a.privacy.Shop = a.webhooks
	a.lacks = &lacks{ask: a.setupMissing, now: clock.Now}
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

// setupShop makes what the service needs in the store: the metafield's definition and the subscriptions.
func (a *app) setupShop(ctx context.Context) error {
	err := a.shop.Setup(ctx)
	if uri := a.cfg.webhookAddress(); uri != "" {
		err = errors.Join(err, a.shop.Subscribe(ctx, uri, a.cfg.subscriptions()))
	}
	return err
}

// setupMissing says what setupShop would do.
func (a *app) setupMissing(ctx context.Context) ([]string, error) {
	shop := a.shop.Background()
	list, err := shop.SetupMissing(ctx)
	if err != nil {
		return nil, err
	}
	uri := a.cfg.webhookAddress()
	if uri == "" {
		return append(list, "PUBLIC_URL is not set, so the store cannot tell what happens in it"), nil
	}
	more, err := shop.SubscriptionsMissing(ctx, uri, a.cfg.subscriptions())
	return append(list, more...), err
}

// notes are what /readyz shows beside what fails. The store is asked in the background, so that no probe waits for it.
func (a *app) notes(ctx context.Context) []string {
	list := slices.Concat(a.announcements(ctx), a.rolelessNotes(ctx), a.reader.Missing(), a.lacks.known(a.stopping))
	for _, d := range a.setup.Differences(a.stopping) {
		list = append(list, d.String())
	}
	return list
}

// wantedShop is what the settings say of the shop: its currency and time zone, and the scopes that what is switched on needs.
// Without write_discounts no code can be ended, and without read_orders nobody knows which were used.
func (c Config) wantedShop() setup.Wanted {
	scopes := []setup.Scope{{Name: "write_discounts", Vital: true}, {Name: "read_orders", Vital: true}, {Name: "write_customers"}}
	if c.OrderTag != "" {
		scopes = append(scopes, setup.Scope{Name: "write_orders"})
	}
	return setup.Wanted{Currency: c.ShopCurrency, Timezone: c.ShopTimezone, Scopes: scopes}
}

// lacks remembers what the store lacks.
type lacks struct {
	ask func(context.Context) ([]string, error)
	now func() time.Time

	mu     sync.Mutex
	list   []string
	asked  time.Time
	asking bool
}

// known gives what the store lacked when it was last asked, and has it asked again where that is long ago.
func (l *lacks) known(ctx context.Context) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.asking && (l.asked.IsZero() || l.now().Sub(l.asked) >= shopEvery) {
		l.asking = true
		go l.refresh(ctx)
	}
	return l.list
}

// refresh asks the store. One that does not answer leaves what was known.
func (l *lacks) refresh(ctx context.Context) {
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
