package privacy

import (
	"context"
	"log/slog"
	"time"

	"pointbridge/domain"
)

// allowed is the time that Shopify gives for a request.
const allowed = 30 * 24 * time.Hour

// page is how many members are erased between two looks at the list.
const page = 200

// Service carries requests out. All fields are needed.
type Service struct {
	Store  Store
	Clock  domain.Clock
	Logger *slog.Logger
}

// AskForData keeps the request of a customer who wants to know what is held: an operator exports it and hands it over. Where
// nothing is held there is nothing to do.
func (s *Service) AskForData(ctx context.Context, webhookID, customerGID string) error {
	r, err := s.open(ctx, DataRequest, webhookID, customerGID)
	if err != nil || !r.Open {
		return err
	}
	people, err := s.Store.PeopleOf(ctx, customerGID)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return s.close(ctx, r, domain.System().ID, ReasonNobody)
	}
	s.Logger.WarnContext(ctx, "a customer asks for their data", "request", r.ID, "due", r.DueAt)
	return nil
}

// Redact forgets a customer. A member who is another customer of the shop by now is left to an operator.
func (s *Service) Redact(ctx context.Context, webhookID, customerGID string) error {
	r, err := s.open(ctx, CustomersRedact, webhookID, customerGID)
	if err != nil || !r.Open {
		return err
	}
	return s.redact(ctx, r, domain.System(), false)
}

// RedactShop forgets every member once the shop has let the app go. While the app is installed nobody is forgotten because
// of it, and an operator looks.
func (s *Service) RedactShop(ctx context.Context, webhookID string, installed bool) error {
	r, err := s.open(ctx, ShopRedact, webhookID, "")
	if err != nil || !r.Open {
		return err
	}
	if installed {
		return s.leave(ctx, r, ReasonInstalled)
	}
	return s.eraseAll(ctx, r, domain.System())
}

// Erase carries an open request to forget out, for an operator who has looked at it. Errors: not_found; validation_failed
// when it does not ask for that.
func (s *Service) Erase(ctx context.Context, id int64, by domain.Caller) error {
	r, err := s.Store.Request(ctx, id)
	if err != nil {
		return err
	}
	switch r.Kind {
	case CustomersRedact:
		return s.redact(ctx, r, by, true)
	case ShopRedact:
		return s.eraseAll(ctx, r, by)
	default:
		return domain.Refuse(domain.CodeValidation, "field", "id")
	}
}

// Export reads everything that is held about the person of a request, as it is now. Errors: not_found.
func (s *Service) Export(ctx context.Context, id int64) ([]Dossier, error) {
	r, err := s.Store.Request(ctx, id)
	if err != nil {
		return nil, err
	}
	people, err := s.Store.PeopleOf(ctx, r.CustomerGID)
	if err != nil {
		return nil, err
	}
	list := make([]Dossier, 0, len(people))
	for _, p := range people {
		d, err := s.Store.Dossier(ctx, p.CustomerID)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	return list, nil
}

// Done closes a request that an operator has answered. Errors: not_found.
func (s *Service) Done(ctx context.Context, id int64, by domain.Caller) error {
	r, err := s.Store.Request(ctx, id)
	if err != nil || !r.Open {
		return err
	}
	return s.close(ctx, r, by.ID, ReasonHandedOver)
}

// List gives the requests, newest first.
func (s *Service) List(ctx context.Context, openOnly bool, limit int) ([]Request, error) {
	return s.Store.Requests(ctx, openOnly, limit)
}

func (s *Service) open(ctx context.Context, kind Kind, webhookID, customerGID string) (Request, error) {
	now := s.Clock.Now()
	return s.Store.OpenRequest(ctx, Request{WebhookID: webhookID, Kind: kind, CustomerGID: customerGID, Open: true, RequestedAt: now,
		DueAt: now.Add(allowed)})
}

// redact erases whoever is behind the customer. A member who is linked to another one is erased only by an operator.
func (s *Service) redact(ctx context.Context, r Request, by domain.Caller, all bool) error {
	people, err := s.Store.PeopleOf(ctx, r.CustomerGID)
	if err != nil {
		return err
	}
	elsewhere := false
	for _, p := range people {
		if !all && p.CustomerGID != "" && p.CustomerGID != r.CustomerGID {
			elsewhere = true
			continue
		}
		if err := s.erase(ctx, p, r, by); err != nil {
			return err
		}
	}
	switch {
	case elsewhere:
		return s.leave(ctx, r, ReasonLinkedElsewhere)
	case len(people) == 0:
		return s.close(ctx, r, by.ID, ReasonNobody)
	default:
		return s.close(ctx, r, by.ID, ReasonErased)
	}
}

func (s *Service) eraseAll(ctx context.Context, r Request, by domain.Caller) error {
	for after := ""; ; {
		people, err := s.Store.PeopleAfter(ctx, after, page)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return s.close(ctx, r, by.ID, ReasonErased)
		}
		for _, p := range people {
			if err := s.erase(ctx, p, r, by); err != nil {
				return err
			}
			after = p.CustomerID
		}
	}
}

func (s *Service) erase(ctx context.Context, p Person, r Request, by domain.Caller) error {
	now := s.Clock.Now()
	return s.Store.Erase(ctx, p.CustomerID, now, domain.AuditEntry{At: now, Actor: by.ID, ActorName: by.Name, Credential: by.Credential, Action: "customer.erased",
		CustomerID: p.CustomerID, Outcome: domain.OutcomeDone, Detail: map[string]any{"request": r.ID, "kind": string(r.Kind)}})
}

// leave keeps a request open and says why a person has to look.
func (s *Service) leave(ctx context.Context, r Request, reason string) error {
	s.Logger.WarnContext(ctx, "a privacy request waits for a person", "request", r.ID, "reason", reason, "due", r.DueAt)
	r.Reason = reason
	return s.Store.SetRequest(ctx, r)
}

func (s *Service) close(ctx context.Context, r Request, by, reason string) error {
	now := s.Clock.Now()
	r.Open, r.Reason, r.ClosedAt, r.ClosedBy = false, reason, &now, by
	return s.Store.SetRequest(ctx, r)
}
