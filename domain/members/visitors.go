package members

import (
	"context"
	"errors"

	"pointbridge/domain"
)

// Field is where the shop itself says which member one of its customers is.
type Field interface {
	// MemberID reads the member's id from the customer; "" when there is none. Errors: a *domain.UpstreamError,
	// KindNotFound when the shop has no such customer, KindRefused when customers could have written the field
	// themselves.
	MemberID(ctx context.Context, shopCustomerGID string) (string, error)
}

// MemberOf finds the member whom a customer of the shop is. One who comes for the first time is linked when the shop's
// own field names a member whom the POS knows and who is nobody else's. That somebody is no member is remembered for a
// moment. Errors: customer_not_linked, upstream_unavailable.
func (s *Service) MemberOf(ctx context.Context, caller domain.Caller, shopCustomerGID string) (domain.Customer, error) {
	customer, err := s.Members.CustomerByGID(ctx, shopCustomerGID)
	if !errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		return customer, err
	}
	if s.Field == nil {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotLinked)
	}
	// One at a time, so that the first one's answer is the others' as well.
	release, ok := s.turns.Take(ctx, shopCustomerGID)
	if !ok {
		return domain.Customer{}, ctx.Err()
	}
	defer release()
	if s.strangers.has(shopCustomerGID, s.Clock.Now()) {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotLinked)
	}
	customer, err = s.introduce(ctx, caller, shopCustomerGID)
	if errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotLinked}) {
		s.strangers.note(shopCustomerGID, s.Clock.Now())
	}
	return customer, err
}

// introduce asks the shop who a customer is and links them.
func (s *Service) introduce(ctx context.Context, caller domain.Caller,
	shopCustomerGID string) (domain.Customer, error) {
	id, err := s.claimed(ctx, shopCustomerGID)
	if err != nil {
		return domain.Customer{}, err
	}
	now := s.Clock.Now()
	caller = caller.As(id)
	customer, err := s.Members.LinkCustomer(ctx, id, shopCustomerGID, domain.AuditEntry{At: now, Actor: caller.ID,
		ActorName: caller.Name, Credential: caller.Credential, Action: domain.ActionCustomerLinked, CustomerID: id,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"changed": []string{"shopify_customer_id"},
			"source": "metafield"}})
	switch {
	case errors.Is(err, &domain.Error{Code: domain.CodeCustomerAlreadyLinked}):
		// The field names a member who is somebody else's, or this customer was linked in the same moment.
		if customer, err = s.Members.CustomerByGID(ctx, shopCustomerGID); err == nil {
			return customer, nil
		}
		s.Logger.WarnContext(ctx, "a customer of the shop names a member who is linked to another one")
		return domain.Customer{}, notLinked(err)
	case err != nil:
		return domain.Customer{}, err
	}
	return customer, nil
}

// claimed returns the member whom the shop's field names, if the POS knows that one.
func (s *Service) claimed(ctx context.Context, shopCustomerGID string) (string, error) {
	id, err := domain.Timed(ctx, s.Clock, s.Observer, "shopify.member", func(ctx context.Context) (string, error) {
		return s.Field.MemberID(ctx, shopCustomerGID)
	})
	switch kind := domain.KindOf(err); {
	case err == nil && !domain.ValidCustomerID(id):
		return "", domain.Refuse(domain.CodeCustomerNotLinked)
	case err == nil:
	case kind == domain.KindNotFound, kind == domain.KindRefused:
		s.Logger.WarnContext(ctx, "the shop does not say which member its customer is", "error", err.Error())
		return "", notLinked(err)
	default:
		return "", &domain.Error{Code: domain.CodeUpstreamUnavailable, RetryAfter: domain.RetryAfterOf(err), Err: err}
	}
	return id, s.known(ctx, id)
}

// known asks the POS for a member.
func (s *Service) known(ctx context.Context, id string) error {
	_, known, err := s.inPOS(ctx, id)
	if err == nil && !known {
		return domain.Refuse(domain.CodeCustomerNotLinked)
	}
	return err
}

func notLinked(cause error) error {
	return &domain.Error{Code: domain.CodeCustomerNotLinked, Err: cause}
}
