package shopify

import (
	"context"
	"strings"

	"pointbridge/domain"
)

// CustomerExists reports whether the store has a customer. Errors as CreateDiscount.
func (c *Client) CustomerExists(ctx context.Context, gid string) (bool, error) {
	resp, err := customerExists(ctx, c.act("read_customer", "customer"), gid)
	return err == nil && resp.Customer != nil, err
}

// Shopper implements coupons.Shoppers. Where names and mail addresses are withheld from us, because the app was not
// approved for them, a customer is known by their number alone: they get their code, and no mail about it. Errors:
// KindNotFound, else as CreateDiscount.
func (c *Client) Shopper(ctx context.Context, gid string) (domain.Customer, error) {
	act := c.act("read_shopper", "customer")
	resp, err := shopperByID(ctx, act, gid)
	if err != nil && domain.KindOf(err) == domain.KindAuth {
		there, err := c.CustomerExists(ctx, gid)
		if err == nil && !there {
			err = noSuchShopper(act)
		}
		return domain.Customer{ShopifyCustomerGID: gid}, err
	}
	if err != nil {
		return domain.Customer{}, err
	}
	return shopperOf(act, resp.Customer)
}

// ShopperByEmail implements coupons.Shoppers. The store has one customer for an address at most, and knows them as soon
// as they are made, which a search does not. Errors as Shopper.
func (c *Client) ShopperByEmail(ctx context.Context, email string) (domain.Customer, error) {
	act := c.act("read_shopper", "customerByIdentifier")
	resp, err := shopperByEmail(ctx, act, email)
	if err != nil {
		return domain.Customer{}, err
	}
	found, err := shopperOf(act, resp.CustomerByIdentifier)
	if err == nil && !strings.EqualFold(found.Email, email) {
		return domain.Customer{}, act.nonsense("a customer with another mail address")
	}
	return found, err
}

func shopperOf(act *call, s *shopper) (domain.Customer, error) {
	if s == nil {
		return domain.Customer{}, noSuchShopper(act)
	}
	if !customerGID.MatchString(s.Id) {
		return domain.Customer{}, act.nonsense("a customer without an id")
	}
	c := domain.Customer{ShopifyCustomerGID: s.Id, Name: s.DisplayName}
	if s.DefaultEmailAddress != nil {
		c.Email = s.DefaultEmailAddress.EmailAddress
	}
	if c.Name == c.Email {
		c.Name = "" // who has no name is shown by their address
	}
	for _, known := range []string{"ja", "en"} {
		if strings.HasPrefix(s.Locale, known) {
			c.Locale = known
		}
	}
	return c, nil
}

func noSuchShopper(act *call) error {
	return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound, Reason: domain.ReasonCustomerNotFound})
}
