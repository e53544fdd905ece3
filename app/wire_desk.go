package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/bulk"
	"pointbridge/domain/notifications"
	"pointbridge/domain/requests"
	"pointbridge/integrations/jobs"
)

// deskEvery is how often it is looked for approvals that were not carried out, and for what people are to be told.
const deskEvery = 15 * time.Second

// notificationsEvery is how often notifications that were kept for long enough are removed.
const notificationsEvery = time.Hour

const (
	// bulkEvery is how often it is looked for bulk jobs whose actor is gone, bulkLease how long one has a coupon of it.
	bulkEvery = 5 * time.Second
	bulkLease = time.Minute
)

// wireDesk connects what people ask one another for, and how they hear of it.
func (a *App) wireDesk() {
	clock := a.Service.Clock
	a.Requests = &requests.Service{Store: a.Store.CancelRequests, Saga: a.Service, Coupons: a.Store.Coupons,
		Members: a.Store.Members, Callers: a.Store.Keys, Clock: clock, Logger: a.Logger}
	a.Bulk = &bulk.Service{Store: a.Store.Bulk, Desk: a.Store.Bulk, Saga: a.Service, Coupons: a.Store.Coupons, Mails: a.notices,
		Callers: a.Store.Keys,
		Policy:  a.Service.Policy, Clock: clock, Logger: a.Logger, Lease: bulkLease}
	a.notifications = notifications.Desk{Facts: a.Store.Notifications, Every: a.Config.NotifyEvery,
		Roles: a.deciders(), Keep: time.Duration(a.Config.NotifyKeep), Clock: clock}
}

// deciders are the roles of people who decide reviews, or what others ask for.
func (a *App) deciders() (roles []domain.Role) {
	for _, role := range a.Rules.Roles().Staff() {
		if a.Rules.Allow(role, "reviews", "decide") || a.Rules.Allow(role, "approvals", "decide") {
			roles = append(roles, role)
		}
	}
	return roles
}

func (a *App) deskRounds() []jobs.Round {
	return []jobs.Round{{Name: "bulk", Every: bulkEvery, Run: a.Bulk.Work},
		{Name: "desk", Every: deskEvery, Run: func(ctx context.Context) error {
			return errors.Join(a.Requests.Work(ctx), a.notifications.Work(ctx))
		}},
		{Name: "notifications", Every: notificationsEvery, Run: a.notifications.Forget}}
}

// tellDifferences tells people of what a comparison of the books found and did not repair.
func (a *App) tellDifferences(ctx context.Context, sum books.Summary) {
	left := sum.Differences() - sum.Repaired
	if left <= 0 {
		return
	}
	if err := a.Store.Notifications.Tell(ctx, notifications.Fact{Kind: notifications.BooksDiffer,
		Ref: strconv.Itoa(left), At: a.Service.Clock.Now()}); err != nil {
		a.Logger.WarnContext(ctx, "differences of the books were told of to nobody", "error", err)
	}
}

// mailGivenUp tells people of a mail to a customer that was given up.
func (a *App) mailGivenUp(ctx context.Context, job domain.Job) {
	if err := a.Store.Notifications.Tell(ctx, notifications.Fact{Kind: notifications.MailFailed, Ref: string(job.Mail),
		CouponID: job.CouponID, At: a.Service.Clock.Now()}); err != nil {
		a.Logger.WarnContext(ctx, "a mail that was given up was told of to nobody", "error", err)
	}
}
