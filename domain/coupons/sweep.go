package coupons

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
)

const (
	// sweepLimit bounds one round per kind of work; what is left over is found in the next round.
	sweepLimit = 200
	// requestLife is how long a repeated request gets its first answer.
	requestLife = 30 * 24 * time.Hour
)

// Sweep finds what nobody is working on: coupons left on the way, ended coupons, reminders that are due, codes that
// were over long ago, old requests. It may run any number of times, and in several places at
// once.
func (s *Service) Sweep(ctx context.Context) error {
	round := maintenance{s, s.Clock.Now()}
	return errors.Join(
		round.stuck(ctx),
		round.ended(ctx),
		round.reminders(ctx),
		round.removable(ctx),
		round.requests(ctx),
	)
}

// maintenance is one round of the sweep.
type maintenance struct {
	s   *Service
	now time.Time
}

func (m maintenance) stuck(ctx context.Context) error {
	ids, err := m.s.Backlog.Stuck(ctx, m.now, sweepLimit)
	return m.enqueueEach(ctx, ids, err, func(id int64) domain.Job {
		return domain.Job{Kind: domain.JobAdvance, CouponID: id}
	})
}

func (m maintenance) removable(ctx context.Context) error {
	ids, err := m.s.Backlog.Removable(ctx, m.now, m.now.Add(-m.s.Policy.Retention), sweepLimit)
	return m.enqueueEach(ctx, ids, err, func(id int64) domain.Job {
		return domain.Job{Kind: domain.JobRemoveDiscount, CouponID: id}
	})
}

func (m maintenance) requests(ctx context.Context) error {
	_, err := m.s.Store.ForgetRequests(ctx, m.now.Add(-requestLife))
	return err
}

func (m maintenance) enqueueEach(ctx context.Context, ids []int64, err error, job func(int64) domain.Job) error {
	if err != nil || len(ids) == 0 {
		return err
	}
	jobs := make([]domain.Job, 0, len(ids))
	for _, id := range ids {
		jobs = append(jobs, job(id))
	}
	return m.s.Backlog.Enqueue(ctx, jobs)
}

// ended writes down what has been true since the second of the end.
func (m maintenance) ended(ctx context.Context) error {
	ids, err := m.s.Backlog.Ended(ctx, m.now, sweepLimit)
	if err != nil {
		return err
	}
	return m.changeEach(ctx, ids, func(st State) (Change, bool) {
		c := st.Coupon
		if c.Status != domain.Active || c.StatusAt(m.now) != domain.Expired {
			return Change{}, false
		}
		c.Status = domain.Expired
		return Change{Coupon: c, Project: true,
			Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionCouponExpired, domain.Active,
				m.now)}}, true
	})
}

// reminders mails each step once. Steps are taken nearest to the end first, so that after a long silence a
// customer gets one reminder, not three.
func (m maintenance) reminders(ctx context.Context) error {
	steps := slices.Sorted(slices.Values(m.s.Policy.ReminderDays))
	for _, step := range steps {
		ids, err := m.s.Backlog.RemindersDue(ctx, m.now, step, sweepLimit)
		if err != nil {
			return err
		}
		err = m.changeEach(ctx, ids, func(st State) (Change, bool) {
			c := st.Coupon
			return Change{Coupon: c, Reminders: []int{step},
					Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionReminderDue, c.Status,
						m.now, "days", step)},
					Jobs: []domain.Job{{Kind: domain.JobMail, CouponID: c.ID, Mail: domain.MailReminder, Step: step}}},
				c.StatusAt(m.now) == domain.Active
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// changeEach commits one change per coupon. A coupon that somebody else moved meanwhile is left to the next round.
func (m maintenance) changeEach(ctx context.Context, ids []int64, change func(State) (Change, bool)) error {
	for _, id := range ids {
		st, err := m.s.Store.Load(ctx, id)
		if err != nil {
			return err
		}
		c, ok := change(st)
		if !ok {
			continue
		}
		if _, err := m.s.Store.Commit(ctx, c); err != nil && !errors.Is(err, domain.ErrConflict) {
			return err
		}
	}
	return nil
}

// RemoveDiscount removes a code that was over long ago from Shopify; our own record of it stays. That it cannot be
// spent is not known from our own clock alone, which may be wrong: Shopify has to say that it has ended or was used,
// or have it no more. One that may not go yet is left alone for a day: however many of these there are, no other code waits
// behind them. Errors: a *domain.UpstreamError.
func (s *Service) RemoveDiscount(ctx context.Context, couponID int64) error {
	st, err := s.Store.Load(ctx, couponID)
	if err != nil {
		return err
	}
	c := st.Coupon
	if !removable(c.Status) || c.DiscountID == "" || c.DiscountDeletedAt != nil {
		return nil
	}
	if err = s.removeDiscount(ctx, c); err == nil || !refusedUpstream(err) {
		return err
	}
	left := s.Clock.Now().Add(removeAgain)
	c.RemoveAfter = &left
	_, failed := s.Store.Commit(ctx, Change{Coupon: c})
	return errors.Join(err, failed)
}

// removeAgain is how long a code is left alone that could not be removed.
const removeAgain = 24 * time.Hour

func (s *Service) removeDiscount(ctx context.Context, c domain.Coupon) error {
	found, err := s.codes().find(ctx, c)
	gone := err != nil && domain.KindOf(err) == domain.KindNotFound
	switch {
	case err != nil && !gone:
		return err
	case !gone && found.ID == c.DiscountID && found.Alive() && found.Usage == 0: // one that was used has no use left
		s.Logger.ErrorContext(ctx, "a code is over here, and Shopify says that it is not: it is left there",
			"coupon_id", c.ID)
		return &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "delete_discount",
			Reason: "still_active"}
	case !gone && found.ID == c.DiscountID && found.Usage > 0 && s.orderMissing(c):
		s.Logger.WarnContext(ctx, "a code was used, and its order has not come yet: it is left in the shop",
			"coupon_id", c.ID)
		return &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "delete_discount",
			Reason: "order_not_recorded"}
	}
	if _, err := act(ctx, s, "shopify.delete", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Shop.DeleteDiscount(ctx, c.DiscountID)
	}); err != nil {
		return err
	}
	now := s.Clock.Now()
	c.DiscountDeletedAt = &now
	_, err = s.Store.Commit(ctx, Change{Coupon: c,
		Audit: []domain.AuditEntry{domain.EntryOf(c, domain.System(), domain.ActionDiscountRemoved, c.Status, now,
			"discount", c.DiscountID)}})
	return err
}

// lateOrders is how long after the retention a code is kept of which the shop counts a use whose order we have not
// recorded. It is as far back as an app may read orders: what has not come by then, as that of a test, does not come.
const lateOrders = 60 * 24 * time.Hour

// orderMissing reports whether the order that used an expired code may still come. Whoever ended a code otherwise has
// asked for its orders before.
func (s *Service) orderMissing(c domain.Coupon) bool {
	return c.Status == domain.Expired && c.UsedOrderID == "" &&
		s.Clock.Now().Before(c.ExpiresAt.Add(s.Policy.Retention+lateOrders))
}

func removable(status domain.Status) bool {
	return slices.Contains([]domain.Status{domain.Expired, domain.Used, domain.Cancelled, domain.Forfeited}, status)
}
