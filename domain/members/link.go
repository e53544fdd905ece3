package members

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// Link makes a member known, or changes what is known: above all which Shopify customer the member is. Coupons that
// were issued before keep the customer they were bound to. Errors: validation_failed, own_membership,
// customer_already_linked, customer_renumbered.
func (s *Service) Link(ctx context.Context, l Link) (domain.Customer, bool, error) {
	if !domain.ValidCustomerID(l.CustomerID) {
		return domain.Customer{}, false, domain.Refuse(domain.CodeValidation, "field", "customer_id")
	}
	now := s.Clock.Now()
	c, err := s.Members.Customer(ctx, l.CustomerID)
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
	// The audit names the fields, not the values: it outlives a customer's wish to be forgotten.
	return s.Members.SaveCustomer(ctx, c, domain.AuditEntry{At: now, Actor: l.Caller.ID, ActorName: l.Caller.Name,
		Credential: l.Caller.Credential, Action: domain.ActionCustomerLinked, CustomerID: c.ID,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"changed": changed}})
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
	set("name_kana", &c.NameKana, l.NameKana)
	set("email", &c.Email, l.Email)
	set("phone", &c.Phone, l.Phone)
	set("locale", &c.Locale, l.Locale)
	set("rank", &c.Rank, l.Rank)
	return changed
}

// Member is a customer and how far their metafield has come.
type Member struct {
	domain.Customer
	// Behind says that the shop does not show the newest state yet; ChangedAt is since when there is something to
	// show.
	Behind    bool
	ChangedAt *time.Time
}

// Link is what the POS tells of a member. Nil fields stay as they are; an empty text clears one.
type Link struct {
	Caller             domain.Caller
	CustomerID         string
	ShopifyCustomerGID *string
	Name               *string
	NameKana           *string
	Email              *string
	Phone              *string
	Locale             *string
	Rank               *string
}

// notTheirOwn refuses to change a member who is the caller, as they are or as they would be: a coupon of theirs is
// found by what is known of them. Errors: own_membership.
func (s *Service) notTheirOwn(ctx context.Context, who domain.Caller, states ...domain.Customer) error {
	if who.PersonID == 0 && who.MakerID == 0 {
		return nil
	}
	for _, member := range states {
		own := who.CustomerID != "" && who.CustomerID == member.ID && who.Role != domain.RoleCustomer
		if !own {
			var err error
			if own, err = s.Staff.OwnMember(ctx, who, member); err != nil {
				return err
			}
		}
		if own {
			e := domain.AuditEntry{At: s.Clock.Now(), Actor: who.ID, ActorName: who.Name, Credential: who.Credential,
				Action: domain.ActionCustomerRefused, CustomerID: member.ID, Outcome: domain.OutcomeRefused,
				Detail: map[string]any{"problem": string(domain.CodeOwnMembership)}}
			if err := s.Recorder.Record(context.WithoutCancel(ctx), e); err != nil {
				return err
			}
			return domain.Refuse(domain.CodeOwnMembership)
		}
	}
	return nil
}
