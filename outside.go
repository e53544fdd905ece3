package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"

	"pointbridge/integrations/sim"
	"pointbridge/integrations/sim/mailbox"
	"pointbridge/integrations/sim/pos"
	simshopify "pointbridge/integrations/sim/shopify"
)

const (
	demoShop       = "pointbridge-demo.myshopify.com"
	demoAPIVersion = "2026-10"
	posPath        = "/sim/pos"
	shopifyPath    = "/sim/shopify"
	mailboxPath    = "/mailbox"
	storePath      = "/store"
	discountPath   = "/discount"
)

// outside is the simulated rest of the world: till, store and mailbox, on one address beside whatever else is served there.
type outside struct {
	faults  *sim.Faults
	pos     *pos.Server
	shopify *simshopify.Server
	mailbox *mailbox.Server
	smtp    net.Listener
}

// credentials are what the simulated upstreams ask for.
type credentials struct {
	POSToken     string `json:"pos_token"`
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// newOutsideTelling opens the simulators, with a store that serves webhooks in this way. dir is where they keep what outlives
// them; empty keeps everything in memory. fast lifts the store's cost limits, for measurements.
func newOutsideTelling(ctx context.Context, dir string, c credentials, fast bool, hooks simshopify.Webhooks) (*outside, error) {
	journal := func(name string) string {
		if dir == "" {
			return ""
		}
		return filepath.Join(dir, name)
	}
	o := &outside{faults: &sim.Faults{}}
	var err error
	if o.pos, err = pos.New(pos.Config{Token: c.POSToken, Faults: o.faults, Path: journal("pos.jsonl")}); err != nil {
		return nil, err
	}
	cfg := simshopify.Config{Shop: demoShop, Name: "Pointbridge Demo", APIVersion: demoAPIVersion, ClientID: c.ClientID, ClientSecret: c.ClientSecret,
		AccessToken: c.AccessToken, Scopes: "write_customers,write_discounts,write_orders", Currency: "JPY", Timezone: "Asia/Tokyo", Faults: o.faults, Path: journal("shopify.jsonl"), Webhooks: hooks}
	if fast {
		cfg.Bucket = simshopify.Bucket{Maximum: 1e12, RestoreRate: 1e12, SingleQuery: 1000}
	}
	if o.shopify, err = simshopify.New(cfg); err != nil {
		return nil, errors.Join(err, o.pos.Close())
	}
	if o.mailbox, err = mailbox.New(mailbox.Config{Faults: o.faults, Path: journal("mailbox.jsonl")}); err != nil {
		return nil, errors.Join(err, o.pos.Close(), o.shopify.Close())
	}
	if o.smtp, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, o.close())
	}
	go func() { _ = o.mailbox.Serve(o.smtp) }()
	return o, nil
}

// handler serves the simulators under their paths and everything else by next.
func (o *outside) handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(posPath+"/", http.StripPrefix(posPath, o.pos))
	// The Admin API has fixed paths below its host, so it stands where the store has it; its own switches do not.
	mux.Handle("/admin/api/", o.shopify)
	mux.Handle("/admin/oauth/", o.shopify)
	mux.Handle(shopifyPath+"/", http.StripPrefix(shopifyPath, o.shopify))
	storefront := o.shopify.Storefront()
	mux.Handle(storePath+"/", storefront)
	mux.Handle(discountPath+"/", storefront)
	mux.Handle(mailboxPath+"/", http.StripPrefix(mailboxPath, o.mailbox.Handler()))
	mux.Handle("/", next)
	return mux
}

func (o *outside) close() error {
	return errors.Join(o.mailbox.Close(), o.pos.Close(), o.shopify.Close())
}

// populate makes people known to till and store.
func (o *outside) populate(list []person) error {
	for _, p := range list {
		o.pos.AddCustomer(p.ID, p.Name, p.Points)
		if _, err := o.shopify.AddCustomer(p.Shopify, p.Email, p.Name, p.Locale); err != nil {
			return err
		}
	}
	return nil
}

// environment is what points a service at these simulators on this base address.
func (o *outside) environment(base string, c credentials) []string {
	host, port, _ := net.SplitHostPort(o.smtp.Addr().String())
	return []string{
		"SHOP_NAME=Pointbridge Demo", "SHOPIFY_SHOP=" + demoShop, "SHOPIFY_API_URL=" + base, "SHOPIFY_API_VERSION=" + demoAPIVersion,
		"SHOPIFY_CLIENT_ID=" + c.ClientID, "SHOPIFY_CLIENT_SECRET=" + c.ClientSecret,
		"POS_URL=" + base + posPath, "POS_TOKEN=" + c.POSToken,
		"SMTP_HOST=" + host, "SMTP_PORT=" + port, "SMTP_TLS=none", "MAIL_FROM=shop@pointbridge.example",
		"MAIL_FOOTER=お問い合わせ / Questions: shop@pointbridge.example",
	}
}
