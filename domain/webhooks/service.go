package webhooks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pointbridge/domain"
)

// Service takes deliveries in and works on them. All fields are needed.
type Service struct {
	Reader    Reader
	Store     Store
	Shop      Shop
	Discounts Discounts
	Privacy   Privacy
	Observer  Observer
	Clock     domain.Clock
	Logger    *slog.Logger
	// Keep is how long deliveries are kept.
	Keep time.Duration
}

// Receive proves a delivery and stores it with the job that follows from it. When it returns without an error the delivery
// is safe and the shop can be told so. Errors: unauthenticated, validation_failed; anything else means that the shop should
// send it again.
func (s *Service) Receive(ctx context.Context, in Incoming) (Receipt, error) {
	d, err := s.Reader.ReadWebhook(in)
	if err != nil {
		return Receipt{}, err
	}
	d.ReceivedAt = s.Clock.Now()
	fresh, err := s.keep(ctx, &d)
	if err != nil {
		return Receipt{}, fmt.Errorf("keep a webhook: %w", err)
	}
	if d.Outcome == Unreadable && fresh {
		s.Logger.WarnContext(ctx, "webhook without what it is about", "topic", string(d.Topic), "webhook_id", d.WebhookID)
		s.Observer.Alert("webhook_unreadable")
	}
	return Receipt{Delivery: d, Repeated: !fresh}, nil
}

// keep stores a delivery with what follows from it. Of a customer's change nothing is read but what it may have done to the
// metafield that we write; the member's data come from the till.
func (s *Service) keep(ctx context.Context, d *Delivery) (fresh bool, err error) {
	outcome, jobs := d.plan()
	if d.Outcome = outcome; d.Topic != CustomersUpdate || outcome != Queued {
		return s.Store.KeepDelivery(ctx, *d, jobs)
	}
	d.Outcome, fresh, err = s.Store.KeepCustomerUpdate(ctx, *d)
	return fresh, err
}

// WorkDelivery does what a stored delivery means. It may be called any number of times. Errors: a *domain.UpstreamError when
// the shop could not be asked: try again.
func (s *Service) WorkDelivery(ctx context.Context, webhookID string) error {
	d, err := s.Store.Delivery(ctx, webhookID)
	if errors.Is(err, &domain.Error{Code: domain.CodeNotFound}) {
		return nil // it was forgotten meanwhile
	}
	if err != nil || d.Outcome == Done {
		return err
	}
	if err := s.work(ctx, d); err != nil {
		return err
	}
	return s.Store.DeliveryDone(ctx, webhookID)
}

func (s *Service) work(ctx context.Context, d Delivery) error {
	switch d.Topic {
	case DiscountsUpdate, DiscountsDelete:
		return s.discount(ctx, d)
	case CustomersMerge:
		return s.merged(ctx, d)
	case CustomersDelete:
		return s.deleted(ctx, d)
	case AppUninstalled:
		return s.uninstalled(ctx)
	case DataRequest:
		return s.Privacy.AskForData(ctx, d.WebhookID, d.Customer)
	case CustomersRedact:
		return s.Privacy.Redact(ctx, d.WebhookID, d.Customer)
	case ShopRedact:
		installed, err := s.installed(ctx)
		if err != nil {
			return err
		}
		return s.Privacy.RedactShop(ctx, d.WebhookID, installed)
	default:
		return nil
	}
}

// Forget removes deliveries that have been kept for long enough.
func (s *Service) Forget(ctx context.Context) error {
	n, err := s.Store.ForgetDeliveries(ctx, s.Clock.Now().Add(-s.Keep))
	if n > 0 {
		s.Logger.InfoContext(ctx, "webhooks forgotten", "deliveries", n)
	}
	return err
}
