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
