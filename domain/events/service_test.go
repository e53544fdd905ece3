package events_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"log/slog"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/events"
	"pointbridge/domain/vault"
	"pointbridge/test/expect"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

type clock struct{ at time.Time }

func (c *clock) Now() time.Time { return c.at }

func (c *clock) After(time.Duration) <-chan time.Time { return nil }

// What is not asked for here.
type (
	endpoints = events.Endpoints
	outbox    = events.Outbox
)

// book is one endpoint with one delivery.
type book struct {
	endpoints
	outbox
	endpoint events.Endpoint
	delivery events.Delivery
	gone     bool
}

func (b *book) Endpoint(context.Context, string) (events.Endpoint, error) { return b.endpoint, nil }

func (b *book) AddEndpoint(_ context.Context, _ domain.Caller, e events.Endpoint,
	seal func(int64) (string, error)) (_ events.Endpoint, err error) {
	e.ID, e.Version = 1, 1
	e.Secret, err = seal(1)
	b.endpoint = e
	return e, err
}

func (b *book) ChangeEndpoint(_ context.Context, _ domain.Caller, e events.Endpoint, _ string) (events.Endpoint, error) {
	if b.gone {
		b.gone = false // somebody else was first
		return events.Endpoint{}, domain.ErrConflict
	}
	b.endpoint = e
	return e, nil
}

func (b *book) Load(context.Context, int64) (events.Delivery, events.Endpoint, events.Fact, error) {
	if b.delivery.ID == 0 {
		return b.delivery, b.endpoint, events.Fact{}, domain.Refuse(domain.CodeNotFound)
	}
	return b.delivery, b.endpoint, events.Fact{Kind: b.delivery.Kind, At: noon}, nil
}

func (b *book) Tried(_ context.Context, d events.Delivery, off bool) error {
	b.delivery = d
	if off {
		b.endpoint.On = false
	}
	return nil
}

// answering answers each attempt in the same way.
type answering struct {
	status int
	err    error
	sent   []events.Message
}

func (a *answering) Send(_ context.Context, m events.Message) (int, error) {
	a.sent = append(a.sent, m)
	return a.status, a.err
}

func serviceWith(t *testing.T, a *answering) (*events.Service, *book, *clock, string) {
	t.Helper()
	b, c := &book{}, &clock{noon}
	s := &events.Service{Endpoints: b, Outbox: b, Sender: a, Clock: c, Logger: slog.New(slog.DiscardHandler),
		Vault: vault.Vault{Secret: []byte("a secret of at least thirty-two letters"), Label: "events", Random: rand.Reader}}
	_, secret, err := s.Add(t.Context(), domain.System(), events.Endpoint{URL: " https://erp.example.com/e "})
	expect.MustEqual(t, "err", err, nil)
	b.delivery = events.Delivery{ID: 1, EventID: "evt_a1", Kind: events.CouponIssued, State: events.Waiting, AskedAt: noon}
	return s, b, c, secret
}

func failed(kind domain.Kind, reason string) error {
	return &domain.UpstreamError{Kind: kind, Upstream: "events", Act: "deliver", Reason: reason}
}

// TestHowADeliveryEnds: what arrived for certain is done; everything else is the queue's to repeat until the time is
// over; an address that says it is gone is told nothing more.
func TestHowADeliveryEnds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer answering
		later  time.Duration
		off    bool
		state  events.State
		again  bool
		sent   int
		on     bool
	}{
		"taken":                   {answer: answering{status: 204}, state: events.Delivered, sent: 1, on: true},
		"refused":                 {answering{status: 400, err: failed(domain.KindUnknown, "status_400")}, 0, false, events.Waiting, true, 1, true},
		"no answer":               {answering{err: failed(domain.KindUnknown, "")}, 0, false, events.Waiting, true, 1, true},
		"no connection":           {answering{err: failed(domain.KindUnavailable, "")}, 0, false, events.Waiting, true, 1, true},
		"gone":                    {answering{status: 410, err: failed(domain.KindUnknown, "status_410")}, 0, false, events.GivenUp, false, 1, false},
		"after almost three days": {answering{err: failed(domain.KindUnknown, "")}, 72*time.Hour - 1, false, events.Waiting, true, 1, true},
		"after three days":        {answering{status: 204}, 72 * time.Hour, false, events.GivenUp, false, 0, true},
		"to one switched off":     {answering{status: 204}, 0, true, events.GivenUp, false, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := c
			s, b, clock, _ := serviceWith(t, &c.answer)
			clock.at, b.endpoint.On = noon.Add(c.later), !c.off
			err := s.Deliver(t.Context(), 1)
			expect.Equal(t, "an error for the queue", err != nil, c.again)
			expect.Equal(t, "the state", b.delivery.State, c.state)
			expect.Equal(t, "attempts", len(c.answer.sent), c.sent)
			expect.Equal(t, "the endpoint to be on", b.endpoint.On, c.on)
		})
	}
}

// TestADeliveryIsSentOnce: a job that comes again, or whose delivery is gone, sends nothing.
func TestADeliveryIsSentOnce(t *testing.T) {
	t.Parallel()
	a := &answering{status: 200}
	s, b, _, _ := serviceWith(t, a)
	for range 3 {
		expect.MustEqual(t, "err", s.Deliver(t.Context(), 1), nil)
	}
	b.delivery.ID = 0
	expect.MustEqual(t, "err", s.Deliver(t.Context(), 1), nil)
	expect.Equal(t, "attempts", len(a.sent), 1)
	expect.Equal(t, "the id", a.sent[0].ID, "evt_a1")
}

// TestTwoSecretsSignForADay: after a change both do, and a day later the new one alone.
func TestTwoSecretsSignForADay(t *testing.T) {
	t.Parallel()
	a := &answering{status: 200}
	s, b, clock, first := serviceWith(t, a)
	expect.Equal(t, "the address", b.endpoint.URL, "https://erp.example.com/e")
	b.gone = true
	_, second, err := s.Rotate(t.Context(), domain.System(), b.endpoint.PublicID)
	expect.MustEqual(t, "err", err, nil)
	secrets := func() []string {
		b.delivery.State, b.delivery.AskedAt = events.Waiting, clock.at
		expect.MustEqual(t, "err", s.Deliver(t.Context(), 1), nil)
		return a.sent[len(a.sent)-1].Secrets
	}
	expect.Equal(t, "at once", secrets(), []string{second, first})
	clock.at = clock.at.Add(events.OldSecretFor)
	expect.Equal(t, "a day later", secrets(), []string{second})
	b.endpoint.Secret = base64.RawURLEncoding.EncodeToString([]byte("written by somebody who has the database alone"))
	b.delivery.State, b.delivery.AskedAt = events.Waiting, clock.at
	err = s.Deliver(t.Context(), 1)
	expect.That(t, "a secret that somebody wrote into the database signs nothing", errors.Is(err, vault.ErrSealed), err)
}
