package books

import (
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// merge says what of a plan our book still lacks; ok is false when that is nothing. What our book knows better stays.
func merge(ours *coupons.State, p Plan, now time.Time) (next coupons.State, ok bool) {
	if ours == nil {
		return coupons.State{Coupon: p.Coupon, Movements: p.Movements}, !p.Nothing()
	}
	next = coupons.State{Coupon: ours.Coupon}
	if p.Nothing() || waits(ours.Coupon, p) {
		return next, p.Stop
	}
	c, t := &next.Coupon, p.Coupon
	same := c.StatusAt(now) == t.Status // that an end has passed is written down by the service
	moves := !same && reaches(c.Status, t.Status)
	if moves {
		advance(c, t, now)
	}
	used := c.UsedAt == nil && t.UsedAt != nil && same
	if used {
		c.UsedAt, c.UsedOrder, c.UsedOrderID = t.UsedAt, t.UsedOrder, t.UsedOrderID
	}
	linked := c.DiscountID == "" && t.DiscountID != "" || c.SupersededBy == "" && t.SupersededBy != ""
	if linked {
		c.DiscountID, c.SupersededBy = t.DiscountID, t.SupersededBy
	}
	if p.Stop {
		c.DeactivatedAt = &now
	}
	for _, m := range p.Movements {
		if m, lacks := missing(ours, m); lacks && (moves || same) {
			next.Movements = append(next.Movements, m)
		}
	}
	return next, moves || used || linked || p.Stop || len(next.Movements) > 0
}

// waits reports whether the saga is to go on with a coupon by itself: it is a person's, or on its way, and the outside
// does not tell where it ended.
func waits(c domain.Coupon, p Plan) bool {
	switch {
	case c.ParkedAt != nil:
		return true
	case c.Status == domain.Pending && p.Coupon.Status == domain.Suspended && p.Coupon.DiscountID == "":
		return true
	default:
		return c.Status == domain.Cancelling && p.Coupon.Status != domain.Cancelled && p.Coupon.Status != domain.Used
	}
}

// reaches reports whether the table of legal moves leads from one status to another.
func reaches(from, to domain.Status) bool {
	seen := map[domain.Status]bool{from: true}
	for open := []domain.Status{from}; len(open) > 0; open = open[1:] {
		for _, next := range domain.Statuses() {
			if open[0].CanBecome(next) && !seen[next] {
				if next == to {
					return true
				}
				seen[next], open = true, append(open, next)
			}
		}
	}
	return false
}

// advance moves a coupon of ours to where the outside says that it came.
func advance(c *domain.Coupon, t domain.Coupon, now time.Time) {
	c.Status, c.Unfinished, c.LeaseUntil, c.Attempts, c.Failure = t.Status, t.Unfinished, now, 0, t.Failure
	c.UsedAt, c.UsedOrder, c.UsedOrderID = t.UsedAt, t.UsedOrder, t.UsedOrderID
	c.CancelledAt = t.CancelledAt
	if c.CancelStartedAt == nil {
		c.CancelStartedAt = t.CancelStartedAt
	}
	if c.ActivatedAt == nil {
		c.ActivatedAt = t.ActivatedAt
	}
	if c.DiscountID == "" {
		c.DiscountID, c.Terms = t.DiscountID, t.Terms
	}
	if c.DeactivatedAt == nil {
		c.DeactivatedAt = t.DeactivatedAt
	}
	if c.DiscountDeletedAt == nil {
		c.DiscountDeletedAt = t.DiscountDeletedAt
	}
}

// missing is a movement as our book lacks it: not there, or there and not known to be made.
func missing(ours *coupons.State, m domain.Movement) (domain.Movement, bool) {
	i := slices.IndexFunc(ours.Movements, func(have domain.Movement) bool { return have.Kind == m.Kind })
	if i < 0 {
		return m, true
	}
	have := ours.Movements[i]
	if have.State == domain.MovementApplied || have.Reference != m.Reference {
		return have, false
	}
	have.State, have.EntryID, have.SettledAt = domain.MovementApplied, m.EntryID, m.SettledAt
	return have, true
}
