package shopify

import (
	"context"

	"pointbridge/domain/setup"
)

// Shop is what a store says of itself.
type Shop struct {
	Name string
	// Currency is the one that fixed amounts are in, by ISO 4217.
	Currency string
	Timezone string // IANA
	Domain   string // the permanent myshopify.com host
}

// ReadShop reads the store. Errors as CreateDiscount.
func (c *Client) ReadShop(ctx context.Context) (Shop, error) {
	act := c.act("read_shop", "shop")
	resp, err := shopRead(ctx, act)
	if err != nil {
		return Shop{}, err
	}
	s := resp.Shop
	if s.MyshopifyDomain == "" {
		return Shop{}, act.nonsense("a store without domain")
	}
	return Shop{Name: s.Name, Currency: s.CurrencyCode, Timezone: s.IanaTimezone, Domain: s.MyshopifyDomain}, nil
}

// Ping reports whether the store answers and accepts the credentials. Errors as CreateDiscount.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.ReadShop(ctx)
	return err
}

// ReadSetup implements setup.Reader. A shop that grants the app nothing at all could not have been asked: such an
// answer is none. Errors as CreateDiscount.
func (c *Client) ReadSetup(ctx context.Context) (setup.Shop, error) {
	act := c.act("read_setup", "shop")
	resp, err := setupRead(ctx, act)
	if err != nil {
		return setup.Shop{}, err
	}
	s := setup.Shop{Currency: resp.Shop.CurrencyCode, Timezone: resp.Shop.IanaTimezone,
		Plan: resp.Shop.Plan.PublicDisplayName}
	for _, scope := range resp.CurrentAppInstallation.AccessScopes {
		s.Scopes = append(s.Scopes, scope.Handle)
	}
	if resp.Shop.MyshopifyDomain == "" || s.Currency == "" || len(s.Scopes) == 0 {
		return setup.Shop{}, act.nonsense("a shop without domain, currency or scopes")
	}
	return s, nil
}
