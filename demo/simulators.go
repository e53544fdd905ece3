package demo

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
	"pointbridge/integrations/zones"
)

const (
	DemoShop       = "pointbridge-demo.myshopify.com"
	DemoAPIVersion = "2026-10"
	PosPath        = "/sim/pos"
	ShopifyPath    = "/sim/shopify"
	MailboxPath    = "/mailbox"
	StorePath      = "/store"
	discountPath   = "/discount"
)

// Simulators is the simulated rest of the world: POS, store and mailbox, on one address beside whatever else is served
// there.
type Simulators struct {
	Faults *sim.Faults
	// POS is the till of the neutral contract, nil where another kind stands there.
	POS     *pos.Server
	till    till
	add     func(person)
	Shopify *simshopify.Server
	Mailbox *mailbox.Server
	smtp    net.Listener
}

// Credentials are what the simulated upstreams ask for.
type Credentials struct {
	// Kind is the POS's, as POS_KIND calls it; empty is the neutral contract's.
	Kind         string `json:"pos_kind"`
	POSToken     string `json:"pos_token"`
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
}

// NewSimulators opens the simulators, with a store that serves webhooks in this way. dir is where they keep what
// outlives them; empty keeps everything in memory. fast lifts the store's cost limits, for measurements. A test sets
// other things by adjust; of the POS, Square's and Smaregi's take the token, the clock, the faults and the journal alone.
func NewSimulators(ctx context.Context, dir string, c Credentials, fast bool, hooks simshopify.Webhooks,
	adjust ...func(*pos.Config, *simshopify.Config)) (*Simulators, error) {
	journal := func(name string) string {
		if dir == "" {
			return ""
		}
		return filepath.Join(dir, name)
	}
	o := &Simulators{Faults: &sim.Faults{}}
	till := pos.Config{Token: c.POSToken, Faults: o.Faults, Path: journal("pos.jsonl")}
	cfg := simshopify.Config{Shop: DemoShop, Name: "Pointbridge Demo", APIVersion: DemoAPIVersion, ClientID: c.ClientID,
		ClientSecret: c.ClientSecret, AccessToken: c.AccessToken,
		Scopes:   "read_products,write_customers,write_discounts,write_orders,write_merchant_managed_fulfillment_orders",
		Currency: "JPY", Timezone: "Asia/Tokyo",
		Faults: o.Faults, Path: journal("shopify.jsonl"), Webhooks: hooks}
	if fast {
		cfg.Bucket = simshopify.Bucket{Maximum: 1e12, RestoreRate: 1e12, SingleQuery: 1000}
	}
	for _, f := range adjust {
		f(&till, &cfg)
	}
	var err error
	if o.till, o.add, err = openTill(c.Kind, till); err != nil {
		return nil, err
	}
	o.POS, _ = o.till.(*pos.Server)
	if o.Shopify, err = simshopify.New(cfg); err != nil {
		return nil, errors.Join(err, o.till.Close())
	}
	zone, err := zones.Newest().Load(cfg.Timezone)
	if err != nil {
		return nil, errors.Join(err, o.till.Close(), o.Shopify.Close())
	}
	if o.Mailbox, err = mailbox.New(mailbox.Config{Faults: o.Faults, Path: journal("mailbox.jsonl"),
		Zone: zone}); err != nil {
		return nil, errors.Join(err, o.till.Close(), o.Shopify.Close())
	}
	if o.smtp, err = (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, o.Close())
	}
	go func() { _ = o.Mailbox.Serve(o.smtp) }()
	return o, nil
}

// Handler serves the simulators under their paths and everything else by next.
func (o *Simulators) Handler(next http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(PosPath+"/", http.StripPrefix(PosPath, o.till))
	// The Admin API has fixed paths below its host, so it stands where the store has it; its own switches do not.
	mux.Handle("/admin/api/", o.Shopify)
	mux.Handle("/admin/oauth/", o.Shopify)
	mux.Handle(ShopifyPath+"/", http.StripPrefix(ShopifyPath, o.Shopify))
	storefront := o.Shopify.Storefront()
	mux.Handle(StorePath+"/", storefront)
	mux.Handle(discountPath+"/", storefront)
	mux.Handle(MailboxPath+"/", http.StripPrefix(MailboxPath, o.Mailbox.Handler()))
	mux.Handle("/", next)
	return mux
}

func (o *Simulators) Close() error {
	return errors.Join(o.Mailbox.Close(), o.till.Close(), o.Shopify.Close())
}

// Populate makes people known to POS and store.
func (o *Simulators) Populate(list []person) error {
	for _, p := range list {
		o.add(p)
		if _, err := o.Shopify.AddCustomer(p.Shopify, p.Email, p.Name, p.Locale); err != nil {
			return err
		}
	}
	return nil
}

// Environment is what points a service at these simulators on this base address.
func (o *Simulators) Environment(base string, c Credentials) []string {
	host, port, _ := net.SplitHostPort(o.smtp.Addr().String())
	return append(tillSettings(base, c), []string{
		"SHOP_NAME=Pointbridge Demo", "SHOPIFY_SHOP=" + DemoShop, "SHOPIFY_API_URL=" + base, "SHOPIFY_API_VERSION=" +
			DemoAPIVersion, "SHOPIFY_CLIENT_ID=" + c.ClientID, "SHOPIFY_CLIENT_SECRET=" + c.ClientSecret,
		"SMTP_HOST=" + host, "SMTP_PORT=" + port, "SMTP_TLS=none", "MAIL_FROM=shop@pointbridge.example",
		"MAIL_FOOTER=お問い合わせ / Questions: shop@pointbridge.example",
	}...)
}
