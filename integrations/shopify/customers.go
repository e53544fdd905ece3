package shopify

import (
	"context"
	"strings"

	"pointbridge/domain"
	people "pointbridge/domain/members"
)

// mostCustomers is how many customers one question lists.
const mostCustomers = 100

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

// ShopperPhone reads the phone number that the store has of a customer; empty where they have none, or where it is
// withheld from us, which the log says once. Errors: KindNotFound, else as CreateDiscount.
func (c *Client) ShopperPhone(ctx context.Context, gid string) (string, error) {
	act := c.act("read_shopper", "customer")
	resp, err := shopperPhone(ctx, act, gid)
	switch {
	case err != nil && domain.KindOf(err) == domain.KindAuth:
		there, err := c.CustomerExists(ctx, gid)
		if err == nil && !there {
			err = noSuchShopper(act)
		}
		if _, said := c.said.LoadOrStore("shopper.phone", true); err == nil && !said {
			c.log.Warn("the shop withholds the phone numbers of customers: SHOPPER_PHONES finds nobody by them")
		}
		return "", err
	case err != nil:
		return "", err
	case resp.Customer == nil:
		return "", noSuchShopper(act)
	case resp.Customer.DefaultPhoneNumber == nil:
		return "", nil
	}
	return resp.Customer.DefaultPhoneNumber.PhoneNumber, nil
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

// FindCustomers implements the port of an import of members. Each key is a quoted value of the search, so that nothing in it is read as
// more than that; one with a quote or a backslash is left out.
func (c *Client) FindCustomers(ctx context.Context, by people.Key,
	keys []string) (found []people.ShopCustomer, more bool, err error) {
	var terms []string
	for _, key := range keys {
		key = strings.TrimPrefix(key, domain.ShopCustomerPrefix)
		if key != "" && !strings.ContainsAny(key, `"\`) {
			terms = append(terms, string(by)+`:"`+key+`"`)
		}
	}
	if len(terms) == 0 {
		return nil, false, nil // a search for nothing would find everybody
	}
	query := strings.Join(terms, " OR ")
	if by == people.KeyID {
		return c.byID(ctx, query)
	}
	resp, err := customersByContact(ctx, c.act("find_customers", "customers"), mostCustomers, query)
	if err != nil {
		return nil, false, err
	}
	for _, n := range resp.Customers.Nodes {
		s := people.ShopCustomer{GID: n.Id}
		if n.DefaultEmailAddress != nil {
			s.Email = n.DefaultEmailAddress.EmailAddress
		}
		if n.DefaultPhoneNumber != nil {
			s.Phone = n.DefaultPhoneNumber.PhoneNumber
		}
		found = append(found, s)
	}
	return found, resp.Customers.PageInfo.HasNextPage, nil
}

func (c *Client) byID(ctx context.Context, query string) (found []people.ShopCustomer, more bool, err error) {
	resp, err := customersByID(ctx, c.act("find_customers", "customers"), mostCustomers, query)
	if err != nil {
		return nil, false, err
	}
	for _, n := range resp.Customers.Nodes {
		found = append(found, people.ShopCustomer{GID: n.Id})
	}
	return found, resp.Customers.PageInfo.HasNextPage, nil
}
