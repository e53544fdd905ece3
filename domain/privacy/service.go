package privacy

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"time"

	"pointbridge/domain"
)

// allowed is the time that Shopify gives for a request.
const allowed = 30 * 24 * time.Hour

// most bounds how many open requests are looked at; there are never so many.
const most = 1000

// Service carries requests out. All fields are needed but those that say otherwise.
type Service struct {
	Store Store
	// Traces forgets what was learned of people from the shop's orders; nil where nothing is.
	Traces Traces
	Clock  domain.Clock
	Logger *slog.Logger
	// Shop and Observer are not needed for what an operator asks for.
	Shop     Shop
	Observer Observer
	// AtOnce is how many members at most a request forgets without an announcement, Delay for how long an announcement
	// stands before it is carried out.
	AtOnce int
	Delay  time.Duration
	// Key is what digests of customers' numbers are made with.
	Key []byte
}

// AskForData keeps the request of a customer who wants to know what is held: an operator exports it and hands it over.
// Where nothing is held, and nothing was, there is nothing to do.
func (s *Service) AskForData(ctx context.Context, webhookID, customerGID string) error {
	r, err := s.open(ctx, DataRequest, webhookID, customerGID, "")
	if err != nil || !r.Open {
		return err
	}
	people, err := s.peopleOf(ctx, r)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return s.close(ctx, r, domain.System().ID, ReasonNobody)
	}
	s.Logger.WarnContext(ctx, "a customer asks for their data", "request", r.ID, "due", r.DueAt)
	if r.CustomerGID == "" {
		return nil
	}
	return s.Store.ForgetNumber(ctx, r.CustomerGID, s.digestOf(r))
}

// Redact forgets a customer, and whoever showed the e-mail or phone of which person are digests. A member who is another
// customer of the shop by now is left to an operator.
func (s *Service) Redact(ctx context.Context, webhookID, customerGID, person string) error {
	r, err := s.open(ctx, CustomersRedact, webhookID, customerGID, person)
	if err != nil {
		return err
	}
	return s.goOn(ctx, r)
}

// RedactShop forgets every member once it is proved that the shop has let the app go. Until then nobody is forgotten
// because of it, and an operator looks.
func (s *Service) RedactShop(ctx context.Context, webhookID string) error {
	r, err := s.open(ctx, ShopRedact, webhookID, "", "")
	if err != nil {
		return err
	}
	return s.goOn(ctx, r)
}

// Done closes a request that an operator has answered. Errors: not_found.
func (s *Service) Done(ctx context.Context, id int64, by domain.Caller) error {
	r, err := s.Store.Request(ctx, id)
	if err != nil || !r.Open {
		return err
	}
	return s.close(ctx, r, by.ID, ReasonHandedOver)
}

// List returns the requests, newest first.
func (s *Service) List(ctx context.Context, openOnly bool, limit int) ([]Request, error) {
	return s.Store.Requests(ctx, openOnly, limit)
}

// Work goes on with the requests that wait for a time or for a proof. One that fails does not hold the others up.
func (s *Service) Work(ctx context.Context) error {
	list, err := s.Store.Requests(ctx, true, most)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Kind == ShopRedact || r.AnnouncedAt != nil {
			err = errors.Join(err, s.goOn(ctx, r))
		}
	}
	return err
}

// MarkOf makes digests of what a request to forget came with; "" where nothing is learned of anybody.
func (s *Service) MarkOf(email, phone string) (string, error) {
	if s.Traces == nil {
		return "", nil
	}
	return s.Traces.MarkOf(email, phone)
}

func (s *Service) open(ctx context.Context, kind Kind, webhookID, customerGID, person string) (Request, error) {
	now := s.Clock.Now()
	return s.Store.OpenRequest(ctx, Request{WebhookID: webhookID, Kind: kind, CustomerGID: customerGID, Person: person,
		Open: true, RequestedAt: now, DueAt: now.Add(allowed)})
}

// leave keeps a request open and says why a person has to look, once.
func (s *Service) leave(ctx context.Context, r Request, reason string, entry domain.AuditEntry) error {
	if r.Reason == reason && entry.Action == "" {
		return nil
	}
	r.Reason = reason
	if err := s.Store.SetRequest(ctx, r, entry); err != nil {
		return err
	}
	s.Logger.WarnContext(ctx, "a privacy request waits for a person", "request", r.ID, "reason", reason, "due", r.DueAt)
	return nil
}

// close ends a request. The customer's number goes with it, unless the customer is somebody's all the same.
func (s *Service) close(ctx context.Context, r Request, by, reason string) error {
	now := s.Clock.Now()
	r.Open, r.Reason, r.ClosedAt, r.ClosedBy = false, reason, &now, by
	r.AnnouncedAt, r.Digest = nil, s.digestOf(r)
	return s.Store.CloseRequest(ctx, r, domain.AuditEntry{})
}

// digestOf stands for the customer of a request.
func (s *Service) digestOf(r Request) string {
	if r.CustomerGID == "" {
		return r.Digest
	}
	return s.digest(r.CustomerGID)
}

// digest stands for a customer's number where the number itself must not be kept. Whoever has the database alone cannot
// find the number by trying all of them.
func (s *Service) digest(customerGID string) string {
	mac := hmac.New(sha256.New, s.Key)
	_, _ = mac.Write([]byte("forgotten customer\x00" + customerGID))
	return hex.EncodeToString(mac.Sum(nil))
}

func (s *Service) entry(by domain.Caller, action string, r Request, detail map[string]any) domain.AuditEntry {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["request"], detail["kind"] = r.ID, string(r.Kind)
	return domain.AuditEntry{At: s.Clock.Now(), Actor: by.ID, ActorName: by.Name, Credential: by.Credential,
		Action: action, Outcome: domain.OutcomeDone, Detail: detail}
}
