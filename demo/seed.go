package demo

import (
	"context"
	"errors"
	"time"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// link makes a person known to the service.
func link(ctx context.Context, a *app.App, p person) error {
	_, _, err := a.Members.Link(ctx, members.Link{Caller: domain.System(), CustomerID: p.ID,
		ShopifyCustomerGID: &p.Shopify, Name: &p.Name, NameKana: &p.Kana, Email: &p.Email, Locale: &p.Locale})
	return err
}

// pastClock is the machine's clock, some time ago.
type pastClock struct{ ago time.Duration }

func (c pastClock) Now() time.Time { return domain.SystemClock{}.Now().Add(-c.ago) }

func (c pastClock) After(d time.Duration) <-chan time.Time { return domain.SystemClock{}.After(d) }

// seedCoupons gives the demo something to look at: coupons that were made today, a while ago and more than a year ago,
// by the same steps as any other, only on an earlier clock. Their owners have no address, so no mail is sent.
func seedCoupons(ctx context.Context, a *app.App, list []person) error {
	const day = 24 * time.Hour
	for i, ago := range []time.Duration{380 * day, 372 * day, 345 * day, 330 * day, 90 * day, 12 * day, day, 0} {
		p := list[4+i]
		making := lastingUntilNow(a.ServiceAt(pastClock{ago}), ago)
		_, err := making.Convert(ctx, coupons.Conversion{Caller: domain.System(), CustomerID: p.ID, Points: 100 +
			int64(i%3)*100, Key: "demo-" + p.ID})
		var refusal *domain.Error
		if err != nil && !errors.As(err, &refusal) {
			return err
		}
		if err := making.Drain(ctx); err != nil { // on a busy machine the coupon may still be on its way
			return err
		}
	}
	return nil
}
