package webhooks_test

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/webhooks"
	"pointbridge/test/expect"
)

// till is what a till tells, and what is kept of it.
type till struct {
	read     webhooks.Delivery
	members  []string
	readErr  error
	kept     map[string]webhooks.Delivery
	of       []string
	strange  bool // nobody is meant
	keepFail error
}

func (f *till) CheckPoints(webhooks.Incoming) error { return f.readErr }

func (f *till) ReadPoints(webhooks.Incoming) (webhooks.Delivery, []string, error) {
	return f.read, f.members, f.readErr
}

func (f *till) KeepPointsChange(_ context.Context, d webhooks.Delivery, members []string) (webhooks.Outcome, bool,
	error) {
	if f.keepFail != nil {
		return "", false, f.keepFail
	}
	if f.strange {
		return webhooks.Ignored, true, nil
	}
	if before, known := f.kept[d.WebhookID]; known {
		if before.Digest != d.Digest {
			return "", false, webhooks.ErrOtherDelivery
		}
		return webhooks.Queued, false, nil
	}
	f.kept[d.WebhookID], f.of = d, members
	return webhooks.Queued, true, nil
}

func newTill() (*till, *webhooks.Points) {
	f := &till{kept: map[string]webhooks.Delivery{}, members: []string{"a", "b"},
		read: webhooks.Delivery{WebhookID: "square-1", Topic: webhooks.PointsAccount}}
	return f, &webhooks.Points{Reader: f, Store: f, Clock: couponstest.NewClock(), PerMinute: 60}
}

func TestWhatATillTellsOfPointsIsKeptOnce(t *testing.T) {
	t.Parallel()
	f, points := newTill()
	for n, topic := range []webhooks.Topic{webhooks.PointsAccount, webhooks.PointsEvent} {
		f.read.WebhookID, f.read.Topic = "square-"+strconv.Itoa(n), topic
		for _, repeated := range []bool{false, true, true} {
			got, err := points.Receive(t.Context(), webhooks.Incoming{})
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "repeated", got.Repeated, repeated, topic)
			expect.Equal(t, "the outcome", got.Outcome, webhooks.Queued, topic)
		}
	}
	expect.Equal(t, "deliveries", len(f.kept), 2)
	expect.Equal(t, "members", len(f.of), 2)
	f.read.Digest[0] = 1
	got, err := points.Receive(t.Context(), webhooks.Incoming{})
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "another body under a known id is another delivery", got.Repeated, false)
	expect.Equal(t, "deliveries", len(f.kept), 3)
}

func TestWhatMeansNothingIsTakenAndNotKept(t *testing.T) {
	t.Parallel()
	f, points := newTill()
	f.strange = true
	got, err := points.Receive(t.Context(), webhooks.Incoming{})
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "of nobody's account", got.Outcome, webhooks.Ignored)
	f.strange, f.read.Topic = false, "payment.created"
	got, err = points.Receive(t.Context(), webhooks.Incoming{})
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "of something else", got.Outcome, webhooks.Ignored)
	expect.Equal(t, "deliveries", len(f.kept), 0)
}

func TestWhatATillTellsIsBounded(t *testing.T) {
	t.Parallel()
	f, points := newTill()
	f.readErr = domain.Refuse(domain.CodeUnauthenticated)
	most, err := points.Expect(webhooks.Incoming{})
	expect.Equal(t, "the code", domain.CodeOf(err), domain.CodeUnauthenticated)
	expect.Equal(t, "the largest body", most, 64<<10)
	for range 100 { // strangers use nothing up
		_, err := points.Receive(t.Context(), webhooks.Incoming{})
		expect.MustEqual(t, "the code", domain.CodeOf(err), domain.CodeUnauthenticated)
	}
	f.readErr = nil
	for n := range 60 {
		f.read.WebhookID = strconv.Itoa(n)
		_, err := points.Receive(t.Context(), webhooks.Incoming{})
		expect.MustEqual(t, "err", err, nil, n)
	}
	_, err = points.Receive(t.Context(), webhooks.Incoming{})
	expect.Equal(t, "the code beyond a minute's worth", domain.CodeOf(err), domain.CodeRateLimited)
	f.read.Topic, f.keepFail = webhooks.PointsEvent, errors.New("no database")
	_, err = points.Receive(t.Context(), webhooks.Incoming{})
	expect.That(t, "what cannot be kept is sent again", err != nil)
}
