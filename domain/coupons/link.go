package coupons

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// Link makes a member known, or changes what is known: above all which Shopify customer the member is. Coupons that
// were issued before keep the customer they were bound to. Errors: validation_failed, own_membership, customer_already_linked.
func (s *Service) Link(ctx context.Context, l Link) (domain.Customer, bool, error) {
	if !domain.ValidCustomerID(l.CustomerID) {
		return domain.Customer{}, false, domain.Refuse(domain.CodeValidation, "field", "customer_id")
	}
	now := s.Clock.Now()
	c, err := s.Catalogue.Customer(ctx, l.CustomerID)
	if errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		c, err = domain.Customer{ID: l.CustomerID, CreatedAt: now}, nil
	}
	if err != nil {
		return domain.Customer{}, false, err
	}
	before := c
	changed := l.apply(&c)
	c.UpdatedAt = now
	c = keyed(c, s.Phone)
	if err := s.notTheirOwn(ctx, l.Caller, before, c); err != nil {
		return domain.Customer{}, false, err
	}
	// The record names the fields, not the values: it outlives a customer's wish to be forgotten.
	return s.Catalogue.SaveCustomer(ctx, c, domain.AuditEntry{At: now, Actor: l.Caller.ID, ActorName: l.Caller.Name, Credential: l.Caller.Credential,
		Action: domain.ActionCustomerLinked, CustomerID: c.ID, Outcome: domain.OutcomeDone, Detail: map[string]any{"changed": changed}})
}

func (l Link) apply(c *domain.Customer) []string {
	changed := []string{}
	set := func(name string, field *string, value *string) {
		if value != nil && *field != *value {
			*field = *value
			changed = append(changed, name)
		}
	}
	set("shopify_customer_id", &c.ShopifyCustomerGID, l.ShopifyCustomerGID)
	set("name", &c.Name, l.Name)
	set("email", &c.Email, l.Email)
	set("phone", &c.Phone, l.Phone)
	set("locale", &c.Locale, l.Locale)
	set("rank", &c.Rank, l.Rank)
	return changed
}

// Member is a customer and how far their metafield has come.
type Member struct {
	domain.Customer
	// Behind tells that the shop does not show the newest state yet; ChangedAt is since when there is something to show.
	Behind    bool
	ChangedAt *time.Time
}
