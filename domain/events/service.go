package events

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/vault"
)

// Endpoints keeps endpoints. A change that somebody else has overtaken is domain.ErrConflict.
type Endpoints interface {
	Endpoints(ctx context.Context) ([]Endpoint, error)
	// Endpoint reads one. Errors: not_found.
	Endpoint(ctx context.Context, publicID string) (Endpoint, error)
	// AddEndpoint keeps a new one, once its number is known sealed by seal. Errors: validation_failed when another has
	// the address, or there are too many.
	AddEndpoint(ctx context.Context, by domain.Caller, e Endpoint, seal func(id int64) (string, error)) (Endpoint, error)
	// ChangeEndpoint writes it down with an entry of the audit.
	ChangeEndpoint(ctx context.Context, by domain.Caller, e Endpoint, action string) (Endpoint, error)
	RemoveEndpoint(ctx context.Context, by domain.Caller, e Endpoint) error
}

// Outbox keeps what is to be delivered.
type Outbox interface {
	// FanOut writes down what was not yet, for each endpoint that wants it, with a job for each. more says that there
	// is more to do.
	FanOut(ctx context.Context, limit int) (more bool, err error)
	// Load reads a delivery with its endpoint and what it tells. Errors: not_found.
	Load(ctx context.Context, id int64) (Delivery, Endpoint, Fact, error)
	// Tried writes down how an attempt went; off switches the endpoint off with it.
	Tried(ctx context.Context, d Delivery, off bool) error
	// Replay asks for everything again that an endpoint wants of a time. Errors: validation_failed when it is more than
	// limit.
	Replay(ctx context.Context, by domain.Caller, e Endpoint, from, to time.Time, limit int) (int, error)
	// Forget removes what was settled before a moment, and says how much that was.
	Forget(ctx context.Context, before time.Time) (int64, error)
}

// Sender makes one attempt.
type Sender interface {
	// Send posts a body, signed by each of the secrets. status is 0 where no answer came.
	Send(ctx context.Context, m Message) (status int, err error)
}

// Message is what is sent.
type Message struct {
	URL     string
	ID      string
	At      time.Time
	Body    []byte
	Secrets []string
}

// State is how a delivery stands.
type State string

// The states. A delivery that waits is tried until it is delivered, or given up after a time.
const (
	Waiting   State = "waiting"
	Delivered State = "delivered"
	GivenUp   State = "given_up"
)

// Delivery is one event for one endpoint.
type Delivery struct {
	ID       int64
	EventID  string
	Kind     Kind
	At       time.Time // of the event
	State    State
	Attempts int
	// Status is that of the last answer, 0 for none, and Reason the machine word of why there was none.
	Status  int
	Reason  string
	TriedAt *time.Time
	AskedAt time.Time
}

const (
	fanOutAtOnce = 500
	// maxReplay is how many events can be asked for again at once.
	maxReplay = 5000
	// giveUpAfter is how long an event is tried.
	giveUpAfter = 3 * 24 * time.Hour
	secretBytes = 32
	secretMark  = "whsec_"
	purpose     = "event endpoint"
	statusGone  = 410
)

// Service tells the merchant's own systems.
type Service struct {
	Endpoints Endpoints
	Outbox    Outbox
	Sender    Sender
	Vault     vault.Vault
	Clock     domain.Clock
	Logger    *slog.Logger
	// Allowed are networks of the merchant's own that addresses may lead into.
	Allowed []netip.Prefix
	// Keep is how long the log of deliveries is kept.
	Keep time.Duration
}

// Add keeps a new endpoint and returns its secret, which is shown once.
func (s *Service) Add(ctx context.Context, by domain.Caller, e Endpoint) (Endpoint, string, error) {
	e = tidied(e)
	if err := e.check(s.Allowed); err != nil {
		return Endpoint{}, "", err
	}
	secret, err := s.newSecret()
	if err != nil {
		return Endpoint{}, "", err
	}
	e.PublicID, e.On, e.CreatedAt, e.CreatedBy = "whe_"+strings.ToLower(rand.Text()), true, s.Clock.Now(), by.ID
	e, err = s.Endpoints.AddEndpoint(ctx, by, e, func(id int64) (string, error) {
		return s.Vault.Seal(purpose, id, []byte(secret))
	})
	return e, secret, err
}

// Edit is what may be changed of an endpoint; nil leaves it.
type Edit struct {
	URL, Description *string
	Kinds            *[]Kind
	On               *bool
}

// Change changes an endpoint. One that is switched on again is told of what happens from then on; what it missed can be
// replayed.
func (s *Service) Change(ctx context.Context, by domain.Caller, publicID string, c Edit) (Endpoint, error) {
	return s.edit(ctx, by, publicID, domain.ActionEventEndpointChanged, func(e *Endpoint) error {
		if c.URL != nil {
			e.URL = *c.URL
		}
		if c.Description != nil {
			e.Description = *c.Description
		}
		if c.Kinds != nil {
			e.Kinds = *c.Kinds
		}
		if c.On != nil {
			e.On, e.Gone = *c.On, false
		}
		*e = tidied(*e)
		return e.check(s.Allowed)
	})
}

// edit changes an endpoint as it is when the change is written down.
func (s *Service) edit(ctx context.Context, by domain.Caller, publicID, action string,
	change func(*Endpoint) error) (Endpoint, error) {
	for {
		e, err := s.Endpoints.Endpoint(ctx, publicID)
		if err == nil {
			err = change(&e)
		}
		if err != nil {
			return Endpoint{}, err
		}
		e, err = s.Endpoints.ChangeEndpoint(ctx, by, e, action)
		if !errors.Is(err, domain.ErrConflict) || ctx.Err() != nil {
			return e, err
		}
	}
}

func tidied(e Endpoint) Endpoint {
	e.URL, e.Description = strings.TrimSpace(e.URL), strings.TrimSpace(e.Description)
	e.Kinds = slices.Clone(e.Kinds)
	slices.Sort(e.Kinds)
	e.Kinds = slices.Compact(e.Kinds)
	return e
}

// Rotate gives an endpoint a new secret. Both sign for a day, so that whoever verifies can change over in their own
// time; a third one replaces the older of two.
func (s *Service) Rotate(ctx context.Context, by domain.Caller, publicID string) (Endpoint, string, error) {
	secret, err := s.newSecret()
	if err != nil {
		return Endpoint{}, "", err
	}
	e, err := s.edit(ctx, by, publicID, domain.ActionEventSecretRotated, func(e *Endpoint) (err error) {
		until := s.Clock.Now().Add(OldSecretFor)
		e.OldSecret, e.OldUntil = e.Secret, &until
		e.Secret, err = s.Vault.Seal(purpose, e.ID, []byte(secret))
		return err
	})
	return e, secret, err
}

// Remove forgets an endpoint with its log.
func (s *Service) Remove(ctx context.Context, by domain.Caller, publicID string) error {
	e, err := s.Endpoints.Endpoint(ctx, publicID)
	if err != nil {
		return err
	}
	return s.Endpoints.RemoveEndpoint(ctx, by, e)
}

// Replay sends again what an endpoint wants of the events from one moment (inclusive) to another (exclusive), under the
// ids that they had: whoever had one already knows it by that.
func (s *Service) Replay(ctx context.Context, by domain.Caller, publicID string, from, to time.Time) (int, error) {
	e, err := s.Endpoints.Endpoint(ctx, publicID)
	if err != nil {
		return 0, err
	}
	if !from.Before(to) {
		return 0, refuse("to", "range")
	}
	if !e.On {
		return 0, refuse("id", "off")
	}
	return s.Outbox.Replay(ctx, by, e, from, to, maxReplay)
}

// Try sends an event that tells of nothing, at once, and says what came back.
func (s *Service) Try(ctx context.Context, publicID string) (Attempt, error) {
	e, err := s.Endpoints.Endpoint(ctx, publicID)
	if err != nil {
		return Attempt{}, err
	}
	secrets, err := s.secretsOf(e)
	if err != nil {
		return Attempt{}, err
	}
	now := s.Clock.Now()
	body, err := Fact{Kind: Test, At: now}.Body()
	if err != nil {
		return Attempt{}, err
	}
	status, err := s.Sender.Send(ctx, Message{URL: e.URL, ID: idMark + "test_" + strings.ToLower(rand.Text()), At: now,
		Body: body, Secrets: secrets})
	if err != nil {
		return Attempt{Status: status, Reason: reasonOf(err)}, nil //nolint:nilerr // that is the answer
	}
	return Attempt{Status: status, Taken: true}, nil
}

// Attempt is how an attempt went.
type Attempt struct {
	Taken  bool
	Status int
	Reason string
}

// Round writes down what happened since the last one. It is asked for again and again, and finds by itself where it
// was.
func (s *Service) Round(ctx context.Context) error {
	for {
		more, err := s.Outbox.FanOut(ctx, fanOutAtOnce)
		if err != nil || !more {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Sweep forgets what was settled long ago.
func (s *Service) Sweep(ctx context.Context) error {
	n, err := s.Outbox.Forget(ctx, s.Clock.Now().Add(-s.Keep))
	if n > 0 {
		s.Logger.InfoContext(ctx, "old deliveries of events forgotten", "deliveries", n)
	}
	return err
}

func (s *Service) newSecret() (string, error) {
	raw := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.Vault.Random, raw); err != nil {
		return "", err
	}
	return secretMark + base64.StdEncoding.EncodeToString(raw), nil
}
