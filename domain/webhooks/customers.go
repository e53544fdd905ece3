package webhooks

import (
	"context"
	"time"

	"pointbridge/domain"
)

// deleted takes the link from the member whose customer is gone, once the shop says so too. The member's coupons stay
// as they are; a new link by the POS begins anew.
func (s *Service) deleted(ctx context.Context, d Delivery) error {
	gone, err := s.gone(ctx, d.Customer, d)
	if err != nil || !gone {
		return err
	}
	now := s.Clock.Now()
	return s.Store.Unlink(ctx, d.Customer, now, func(member string) domain.AuditEntry {
		return domain.AuditEntry{At: now, Actor: domain.System().ID, ActorName: domain.System().Name,
			Action: domain.ActionCustomerUnlinked, CustomerID: member, Outcome: domain.OutcomeDone,
			Detail: map[string]any{"cause": string(d.Topic)}}
	})
}

// merged follows a customer into the one who stays, once the shop says that the one is gone and the other is there.
func (s *Service) merged(ctx context.Context, d Delivery) error {
	gone, err := s.gone(ctx, d.Merged, d)
	if err != nil || !gone {
		return err
	}
	stays, err := s.Shop.CustomerExists(ctx, d.Customer)
	if err != nil || !stays {
		return err
	}
	now := s.Clock.Now()
	return s.Store.MergeLinks(ctx, d.Merged, d.Customer, now, func(member, holder string) domain.AuditEntry {
		e := domain.AuditEntry{At: now, Actor: domain.System().ID, ActorName: domain.System().Name,
			Action: domain.ActionCustomerMerged, CustomerID: member, Outcome: domain.OutcomeDone,
			Detail: map[string]any{}}
		if holder != "" {
			// Two members are one person in the shop now: which of them keeps the link is for a person to say.
			e.Outcome, e.Detail["holder"] = domain.OutcomeRefused, holder
			s.Logger.WarnContext(ctx, "two members are one customer after a merge; the record says which", "action",
				e.Action)
			s.Observer.Alert("customer_merge")
		}
		return e
	})
}

// lag is how long the shop may go on showing a customer after it has told that the customer is gone.
const (
	lag      = time.Hour
	askAgain = time.Minute
)

// gone asks the shop whether a customer is gone, as a delivery says. Errors: a *domain.UpstreamError, also for as long
// as the shop may be behind what it told itself.
func (s *Service) gone(ctx context.Context, gid string, d Delivery) (bool, error) {
	exists, err := s.Shop.CustomerExists(ctx, gid)
	if err != nil || !exists {
		return err == nil, err
	}
	if s.Clock.Now().Before(d.ReceivedAt.Add(lag)) {
		return false, &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "read_customer",
			Reason: "still_there", RetryAfter: askAgain}
	}
	s.Logger.WarnContext(ctx, "a customer who was said to be gone is still there", "topic", string(d.Topic),
		"webhook_id", d.WebhookID)
	return false, nil
}
