package events

import (
	"context"
	"fmt"
	"time"

	"pointbridge/domain"
)

// Deliver makes one attempt at a delivery. The queue tries again whatever did not arrive for certain: also an answer
// that was lost, because whoever was told twice knows it by the id.
func (s *Service) Deliver(ctx context.Context, id int64) error {
	d, e, fact, err := s.Outbox.Load(ctx, id)
	if isGone(err) {
		return nil // its endpoint was removed, or its time is over
	}
	if err != nil || d.State != Waiting {
		return err
	}
	now := s.Clock.Now()
	if !e.On || now.Sub(d.AskedAt) >= giveUpAfter {
		d.State = GivenUp
		return s.Outbox.Tried(ctx, d, false)
	}
	secrets, err := s.secretsOf(e)
	if err != nil {
		return err
	}
	body, err := fact.Body()
	if err != nil {
		return err
	}
	d.Attempts++
	d.TriedAt = &now
	d.Status, err = s.Sender.Send(ctx, Message{URL: e.URL, ID: d.EventID, At: now, Body: body, Secrets: secrets})
	gone := d.Status == statusGone
	d.Reason = reasonOf(err)
	switch {
	case err == nil:
		d.State = Delivered
	case gone:
		d.State = GivenUp
	}
	// How it went is kept although the time for the attempt may be over.
	keep, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if kept := s.Outbox.Tried(keep, d, gone); kept != nil || gone {
		return kept
	}
	return err
}

func isGone(err error) bool { return domain.CodeOf(err) == domain.CodeNotFound }

// reasonOf is the machine word of a failed attempt.
func reasonOf(err error) string {
	if err == nil {
		return ""
	}
	if reason := domain.ReasonOf(err); reason != "" {
		return reason
	}
	return string(domain.KindOf(err))
}

// secretsOf are those that sign for an endpoint now, the newest first.
func (s *Service) secretsOf(e Endpoint) ([]string, error) {
	sealed := []string{e.Secret}
	if e.OldSecret != "" && e.OldUntil != nil && s.Clock.Now().Before(*e.OldUntil) {
		sealed = append(sealed, e.OldSecret)
	}
	var list []string
	for _, text := range sealed {
		plain, err := s.Vault.Open(purpose, e.ID, text)
		if err != nil {
			return nil, fmt.Errorf("the secret of the endpoint %s: %w", e.PublicID, err)
		}
		list = append(list, string(plain))
	}
	return list, nil
}
