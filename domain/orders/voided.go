package orders

import (
	"context"
	"errors"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

// fate opens the reviews of an order that used a coupon: whatever of it was voided has one of its own, so that none
// hides another one, decided or not.
func (s *Service) fate(ctx context.Context, o Order, c domain.Coupon) error {
	if s.PartialRefunds {
		parts := o.Parts()
		if len(parts) == 0 && o.Payment == domain.PaymentPartiallyRefunded && !o.Voided() && len(o.Refunds) == 0 {
			parts = []domain.OrderRefund{{}} // the shop does not say which refund it was
		}
		for _, refund := range parts {
			v := s.voidedOrder(o, c, reviews.OrderRefunded, reviews.ReasonPartiallyRefunded)
			if v.Part, v.Refund = refund.ID, refund; v.Part == "" {
				v.Part = reviews.PartRefund
			}
			if _, err := s.Reviews.OpenVoidedOrder(ctx, v); err != nil {
				return err
			}
		}
	}
	switch {
	case o.Voided():
		if err := s.reviewVoided(ctx, o, c); err != nil {
			return err
		}
	case o.Unpaid():
		reason := reviews.ReasonPaymentExpired
		if o.Payment == domain.PaymentVoided {
			reason = reviews.ReasonPaymentVoided
		}
		v := s.voidedOrder(o, c, reviews.OrderUnpaid, reason)
		v.Part, v.Entry.Action = reviews.PartUnpaid, domain.ActionOrderUnpaid
		if _, err := s.Reviews.OpenVoidedOrder(ctx, v); err != nil {
			return err
		}
	}
	return s.Reviews.NotePayment(ctx, c.ID, o.ID, o.Payment, o.UpdatedAt)
}

func (s *Service) voidedOrder(o Order, c domain.Coupon, kind reviews.Kind, reason string) reviews.VoidedOrder {
	now := s.Clock.Now()
	return reviews.VoidedOrder{CouponID: c.ID, OrderID: o.ID, OrderName: o.Name, Kind: kind, Reason: reason, At: now,
		Payment: o.Payment, SeenAt: o.UpdatedAt,
		Entry: domain.EntryOf(c, domain.System(), domain.ActionOrderVoided, c.Status, now, "order", o.Name,
			"kind", string(kind), "reason", reason, "payment", string(o.Payment)),
		Jobs: s.Tags.Jobs(o.ID, c.ID)}
}

// reviewVoided opens the review of a voided order, and decides it where that is left to the service.
func (s *Service) reviewVoided(ctx context.Context, o Order, c domain.Coupon) error {
	kind, reason := reviews.OrderCancelled, o.CancelReason
	if o.CancelledAt.IsZero() {
		kind, reason = reviews.OrderRefunded, reviews.ReasonRefunded
	}
	review, err := s.Reviews.OpenVoidedOrder(ctx, s.voidedOrder(o, c, kind, reason))
	if err != nil || !o.MoneyBack() {
		return err
	}
	return s.Saga.DecideAlone(ctx, review)
}

// lookInto opens the review of an order that carries a code and may have given its value a second time.
func (s *Service) lookInto(ctx context.Context, o Order, c domain.Coupon, why string) error {
	now, action := s.Clock.Now(), domain.ActionOrderNamesCode
	if why == reviews.LookSecondOrder {
		action = domain.ActionOrderSecondUse
	}
	_, err := s.Reviews.OpenVoidedOrder(ctx, reviews.VoidedOrder{CouponID: c.ID, OrderID: o.ID, OrderName: o.Name,
		Kind: reviews.CodeElsewhere, Reason: why, Part: reviews.PartCode, At: now, Payment: o.Payment,
		SeenAt: o.UpdatedAt,
		Entry: domain.EntryOf(c, domain.System(), action, c.Status, now, "order", o.Name, "order_id", o.ID,
			"reason", why)})
	return err
}

// tooMany opens a review of each coupon that an order used beyond as many as may stand in one.
func (s *Service) tooMany(ctx context.Context, o Order, used []domain.Coupon) error {
	if s.CouponsPerOrder == 0 || o.Voided() {
		return nil
	}
	place := func(c domain.Coupon) int { return slices.Index(o.carried(), c.Code) }
	standing := slices.DeleteFunc(slices.Clone(used), func(c domain.Coupon) bool {
		return c.Status != domain.Used || c.UsedOrderID != o.ID || place(c) < 0
	})
	slices.SortFunc(standing, func(a, b domain.Coupon) int { return place(a) - place(b) })
	var err error
	for _, c := range standing[min(s.CouponsPerOrder, len(standing)):] {
		v := s.voidedOrder(o, c, reviews.TooManyInOrder, reviews.LookTooMany)
		v.Part, v.Entry.Action = reviews.PartLimit, domain.ActionOrderTooMany
		_, opened := s.Reviews.OpenVoidedOrder(ctx, v)
		err = errors.Join(err, opened)
	}
	return err
}
