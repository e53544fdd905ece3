package app

import (
	"context"
	"time"

	"pointbridge/domain/notices"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/store"
)

// mailDesk implements pages.Mails: what is written of mails, beside what the queue still knows of them.
type mailDesk struct {
	*notices.Service
	log   store.Mails
	queue *jobs.Client
}

// OfCoupon reads what became of a coupon's mails.
func (d mailDesk) OfCoupon(ctx context.Context, couponID int64) ([]notices.Entry, error) {
	entries, err := d.log.OfCoupon(ctx, couponID)
	if err != nil {
		return nil, err
	}
	queued, err := d.queue.Mails(ctx, couponID)
	return notices.Merged(entries, queued), err
}

// OfCustomer reads what is written of a member's mails.
func (d mailDesk) OfCustomer(ctx context.Context, customerID string) ([]notices.Entry, error) {
	return d.log.OfCustomer(ctx, customerID)
}

// mailsEvery is how often what was kept of mails for long enough is removed.
const mailsEvery = time.Hour

// mailRounds are the periodic works on the log of mails.
func (a *App) mailRounds() []jobs.Round {
	return []jobs.Round{{Name: "mails", Every: mailsEvery, Run: a.notices.Forget}}
}
