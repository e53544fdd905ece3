package coupons

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
)

// Whatever somebody does to a discount of ours in the shop, it is looked at as it is now:
//
//	coupon                what the discount is          what is done
//	any that can be used  used                          asked as ever, and the order, or the count, uses the coupon
//	active                gone, or as somebody made it  told to a person: nobody but one moves points
//	active                without an end                it gets its end again, and a person is told
//	expired               alive with another end        it gets its end again, and a person is told
//	cancelling            alive                         before the credit: nothing, the flow looks for itself. Else ended
//	suspended, cancelled, failed, forfeited             alive: deactivated again, and a person is told
//	used                  alive after we deactivated it, or good for more uses: deactivated, and a person is told
//
// Deactivating is always safe. Giving an end makes a code alive that was deactivated meanwhile, so it is written down
// before it is sent how long it can take to arrive, and no points go back before that (Service.spentUntil).

// Look is what a look at a discount found that a person should hear of; the zero Look is nothing.
type Look struct {
	Action  string // as the audit calls it
	Differs []string
}

// LookAtDiscount looks at a coupon's discount and does what the table says. It can be asked for any number of times.
// Errors: coupon_not_found; domain.ErrConflict while somebody is at the coupon: ask again; a *domain.UpstreamError.
func (s *Service) LookAtDiscount(ctx context.Context, couponID int64) (Look, error) {
	st, err := s.Store.Load(ctx, couponID)
	if err != nil || st.Coupon.DiscountID == "" || st.Coupon.DiscountDeletedAt != nil {
		return Look{}, err
	}
	found, err := s.codes().find(ctx, st.Coupon)
	at := inspection{s, st, found}
	switch {
	case err != nil && domain.KindOf(err) == domain.KindNotFound:
		if st.Coupon.StatusAt(s.Clock.Now()) != domain.Active {
			return Look{}, nil
		}
		return at.tell(ctx, Look{domain.ActionDiscountDeleted, []string{DiffersCode}})
	case err != nil:
		return Look{}, err
	}
	if found.Usage > 0 {
		if at.st, err = at.noticeUse(ctx); err != nil {
			return Look{}, err
		}
	}
	return at.judge(ctx)
}

// inspection is a look at the discount of a coupon: both as they are now.
type inspection struct {
	s     *Service
	st    State
	found FoundDiscount
}

// judge does what the table says of a discount that is there.
func (at inspection) judge(ctx context.Context) (Look, error) {
	c, found := at.st.Coupon, at.found
	status := c.StatusAt(at.s.Clock.Now())
	switch {
	case found.Alive() && mustBeDeactivated(at.st, found):
		look, err := at.tell(ctx, Look{domain.ActionDiscountRevived, []string{DiffersStatus}})
		if err == nil {
			err = at.s.codes().deactivateFound(ctx, found)
		}
		return look, err
	case found.Usage > 0:
		return Look{}, nil // of a code that was used the orders tell
	case status == domain.Active && found.EndsAt.IsZero(),
		status == domain.Expired && found.Alive() && !found.EndsAt.Equal(c.ExpiresAt):
		return at.endAgain(ctx)
	case status != domain.Active:
		return Look{}, nil
	}
	if differs := Differs(c, found); len(differs) > 0 {
		return at.tell(ctx, Look{domain.ActionDiscountChanged, differs})
	}
	return Look{}, nil
}

// mustBeDeactivated reports whether nobody may spend the code any more, and no flow is about to end it.
func mustBeDeactivated(st State, found FoundDiscount) bool {
	switch c := st.Coupon; c.Status {
	case domain.Cancelled, domain.Failed, domain.Forfeited:
		return true
	case domain.Suspended:
		return c.DeactivatedAt != nil
	case domain.Cancelling:
		return st.Movement(domain.GiveBack) != nil
	case domain.Used:
		return c.DeactivatedAt != nil || c.SupersededBy != "" || found.UsageLimit != 1
	default:
		return false
	}
}

// noticeUse records a use that Shopify counts and nobody told us of.
func (at inspection) noticeUse(ctx context.Context) (State, error) {
	s, st, c := at.s, at.st, at.st.Coupon
	if c.Status == domain.Used || c.UsedAt != nil {
		return st, nil
	}
	usage, err := s.usage(ctx, c)
	if err != nil || !usage.Used() {
		return st, err
	}
	if err := s.Use(ctx, usage.Sighting(c, s.Clock.Now())); err != nil {
		return st, err
	}
	return s.Store.Load(ctx, c.ID)
}

// endAgain gives a code the end of its coupon. The commit before it is refused where somebody ended the coupon
// meanwhile, and lets whoever ends it from then on wait until the call has arrived or never will.
func (at inspection) endAgain(ctx context.Context) (Look, error) {
	s, k := at.s, at.st.Coupon
	look := Look{domain.ActionDiscountEndLost, []string{DiffersEnd}}
	news, err := at.news(ctx, look)
	if err != nil {
		return Look{}, err
	}
	until := s.Clock.Now().Add(s.Timing.Lease + s.Timing.Settle)
	k.EndSetUntil = &until
	set, err := s.Store.Commit(ctx, Change{Coupon: k, Audit: news})
	if err != nil {
		return Look{}, err
	}
	within, cancel := context.WithTimeout(ctx, s.Timing.Lease)
	defer cancel()
	_, err = act(within, s, "shopify.set_end", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.Shop.SetDiscountEnd(ctx, k.DiscountID, k.ExpiresAt)
	})
	if err != nil {
		return look, err
	}
	k = set.Coupon
	k.EndSetUntil = nil
	if _, err = s.Store.Commit(ctx, Change{Coupon: k}); errors.Is(err, domain.ErrConflict) {
		err = nil // somebody moved the coupon on: they wait a little longer than they have to
	}
	return look, err
}

// tell writes into the audit what somebody did, before anything is done about it, and once for each state of the
// discount. Of two looks at a coupon that rests one is refused, so that both do not tell it.
func (at inspection) tell(ctx context.Context, look Look) (Look, error) {
	s, c := at.s, at.st.Coupon
	news, err := at.news(ctx, look)
	switch {
	case err != nil:
		return Look{}, err
	case len(news) == 0:
		return look, nil
	case c.OnTheWay():
		return look, s.Store.Record(ctx, news[0]) // whoever is at it goes on
	}
	if _, err = s.Store.Commit(ctx, Change{Coupon: c, Audit: news}); err != nil {
		return Look{}, err
	}
	return look, nil
}

// news is the audit entry, or none when this state of the discount has been told of.
func (at inspection) news(ctx context.Context, look Look) ([]domain.AuditEntry, error) {
	s, c, found := at.s, at.st.Coupon, at.found
	history, err := s.Catalogue.History(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	changed := ""
	if !found.UpdatedAt.IsZero() {
		changed = found.UpdatedAt.UTC().Format(time.RFC3339)
	}
	if slices.ContainsFunc(history, func(e domain.AuditEntry) bool {
		return e.Action == look.Action && e.Detail["changed_at"] == changed
	}) {
		return nil, nil
	}
	return []domain.AuditEntry{domain.EntryOf(c, domain.Caller{ID: actorShop}, look.Action, c.Status, s.Clock.Now(),
		"differs", look.Differs, "changed_at", changed)}, nil
}

// actorShop is who the audit names for what somebody did in the shop.
const actorShop = "shopify"
