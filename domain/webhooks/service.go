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
	Visitors  Visitors
	Clock     domain.Clock
	Logger    *slog.Logger
	// Keep is how long deliveries are kept.
	Keep time.Duration
	// PerMinute is how many deliveries of one topic are taken in a minute; of those about the whole shop far fewer are.
	PerMinute int

	flow flow
}

// Expect looks at what came before the body and gives how many bytes that may have. Errors: unauthenticated,
// validation_failed.
func (s *Service) Expect(in Incoming) (mostBytes int64, err error) {
	if err := s.Reader.CheckHeaders(in); err != nil {
		return 0, err
	}
	return Topic(in.Topic).MaxBody(), nil
}

// Receive proves a delivery and stores it with the job that follows from it. When it returns without an error the
// delivery is safe and the shop can be told so. Errors: unauthenticated, validation_failed; rate_limited and anything
// else means that the shop should send it again.
func (s *Service) Receive(ctx context.Context, in Incoming) (Receipt, error) {
	d, err := s.Reader.ReadWebhook(in)
	if err != nil {
		return Receipt{}, err
	}
	if about, known := d.about(); !known || about == "" {
		return Receipt{}, domain.Refuse(domain.CodeValidation, "field", "body")
	}
	if d.Topic == CustomersRedact {
		if d.Person, err = s.Privacy.MarkOf(d.Email, d.Phone); err != nil {
			return Receipt{}, fmt.Errorf("read a request to forget: %w", err)
		}
		d.Email, d.Phone = "", ""
	}
	d.ReceivedAt, d.Outcome = s.Clock.Now(), Queued
	if err := s.admit(d.Topic, d.ReceivedAt); err != nil {
		return Receipt{}, err
	}
	fresh, err := s.keep(ctx, &d)
	if errors.Is(err, ErrOtherDelivery) {
		d = d.renamed()
		fresh, err = s.keep(ctx, &d)
	}
	if err != nil {
		return Receipt{}, fmt.Errorf("keep a webhook: %w", err)
	}
	return Receipt{Delivery: d, Repeated: !fresh}, nil
}

// keep stores a delivery with what follows from it. Of a customer's change nothing is read but what it may have done to
// the metafield that we write; the member's data come from the POS.
func (s *Service) keep(ctx context.Context, d *Delivery) (fresh bool, err error) {
	if d.Topic != CustomersUpdate {
		return s.Store.KeepDelivery(ctx, *d, d.jobs())
	}
	s.Visitors.CustomerChanged(d.Customer)
	d.Outcome, fresh, err = s.Store.KeepCustomerUpdate(ctx, *d)
	return fresh, err
}

// WorkDelivery does what a stored delivery means. It may be called any number of times. Errors: a *domain.UpstreamError
// when the shop could not be asked: try again.
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
		return s.Privacy.Redact(ctx, d.WebhookID, d.Customer, d.Person)
	case ShopRedact:
		return s.Privacy.RedactShop(ctx, d.WebhookID)
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
