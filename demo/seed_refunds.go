package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/zones"
)

// passingClock stands still at a moment of the past, and passes when somebody waits for it. So a cancellation that was
// done yesterday waited for late orders yesterday, and the demo does not wait for it today.
type passingClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *passingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *passingClock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	over := make(chan time.Time, 1)
	over <- c.now
	return over
}

// refund is a coupon that was made and cancelled yesterday.
type refund struct {
	by           string // who cancelled it, by their mail address
	reason, note string
	points       int64
}

func seededRefunds() []refund {
	const manager, ec = "manager@example.com", "ec@example.com"
	return []refund{
		{manager, domain.ReasonIssuedInError, "ポイント数の入力間違い", 100},
		{manager, domain.ReasonCustomerRequest, "", 200},
		{ec, domain.ReasonOrderCancelled, "", 100},
		{ec, domain.ReasonOther, "お問い合わせの結果、別のクーポンをご案内しました。", 100},
	}
}

// seedRefunds makes and cancels coupons of yesterday's noon in the shop's zone, by the same steps as any other: so
// whoever asks what was given back yesterday, by whom and why, finds something.
func seedRefunds(ctx context.Context, a *app.App, list []person) error {
	zone, err := zones.Newest().Load(a.Config.ShopTimezone)
	if err != nil {
		return err
	}
	today := domain.SystemClock{}.Now().In(zone)
	noon := time.Date(today.Year(), today.Month(), today.Day()-1, 12, 0, 0, 0, zone).UTC()
	for i, r := range seededRefunds() {
		err := seedRefund(ctx, a, list[14+i], r, noon.Add(time.Duration(i)*time.Hour))
		var refusal *domain.Error
		if err != nil && !errors.As(err, &refusal) { // a refusal leaves the demo with less to look at, and nothing wrong
			return fmt.Errorf("seed a refund of yesterday: %w", err)
		}
	}
	return nil
}

func seedRefund(ctx context.Context, a *app.App, p person, r refund, at time.Time) error {
	who, err := a.Staff.ByEmail(ctx, r.by)
	if err != nil {
		return err
	}
	ago := domain.SystemClock{}.Now().Sub(at)
	making := lastingUntilNow(a.ServiceAt(pastClock{ago}), ago)
	made, err := making.Convert(ctx, coupons.Conversion{Caller: domain.System(), CustomerID: p.ID, Points: r.points,
		Key: "demo-refund-" + p.ID})
	if err != nil {
		return err
	}
	if err := making.Drain(ctx); err != nil { // on a busy machine the coupon may still be on its way
		return err
	}
	ending := lastingUntilNow(a.ServiceAt(&passingClock{now: at.Add(20 * time.Minute)}), ago)
	if _, err := ending.Cancel(ctx, coupons.Cancellation{Caller: who.Caller(), Code: made.Coupon.Code, Reason: r.reason,
		Note: r.note, Key: "demo-refund-" + p.ID}); err != nil {
		return err
	}
	return ending.Drain(ctx)
}

// lastingUntilNow has a service of the past take leases that last until today: to the queue, which goes by the machine's
// clock, they would be over at once, and it would finish today what belongs to yesterday.
func lastingUntilNow(s *coupons.Service, ago time.Duration) *coupons.Service {
	s.Timing.Lease += ago
	return s
}
