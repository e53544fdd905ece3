package coupons

import (
	"context"

	"pointbridge/domain"
)

// fate opens the reviews of an order that used a coupon: whatever of it was voided has one of its own, so that none
// hides another one, decided or not.
func (s *OrderService) fate(ctx context.Context, o Order, c domain.Coupon) error {
	if s.PartialRefunds {
		parts := o.Parts()
		if len(parts) == 0 && o.Payment == PaymentPartiallyRefunded && !o.Voided() && len(o.Refunds) == 0 {
			parts = []OrderRefund{{}} // the shop does not say which refund it was
		}
		for _, refund := range parts {
			v := s.voidedOrder(o, c, ReviewOrderRefunded, ReasonPartiallyRefunded)
			if v.Part, v.Refund = refund.ID, refund; v.Part == "" {
				v.Part = PartRefund
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
		reason := ReasonPaymentExpired
		if o.Payment == PaymentVoided {
			reason = ReasonPaymentVoided
		}
		v := s.voidedOrder(o, c, ReviewOrderUnpaid, reason)
		v.Part, v.Entry.Action = PartUnpaid, domain.ActionOrderUnpaid
		if _, err := s.Reviews.OpenVoidedOrder(ctx, v); err != nil {
			return err
		}
	}
	return s.Reviews.NotePayment(ctx, c.ID, o.ID, o.Payment, o.UpdatedAt)
}

func (s *OrderService) voidedOrder(o Order, c domain.Coupon, kind ReviewKind, reason string) VoidedOrder {
	now := s.Clock.Now()
	return VoidedOrder{CouponID: c.ID, OrderID: o.ID, OrderName: o.Name, Kind: kind, Reason: reason, At: now,
		Payment: o.Payment, SeenAt: o.UpdatedAt,
		Entry: entry(c, domain.System(), domain.ActionOrderVoided, c.Status, now, "order", o.Name, "kind", string(kind),
			"reason", reason, "payment", string(o.Payment)),
		Jobs: s.Tags.jobs(o.ID, c.ID)}
}

// reviewVoided opens the review of a voided order, and decides it where that is left to the service.
func (s *OrderService) reviewVoided(ctx context.Context, o Order, c domain.Coupon) error {
	kind, reason := ReviewOrderCancelled, o.CancelReason
	if o.CancelledAt.IsZero() {
		kind, reason = ReviewOrderRefunded, ReasonRefunded
	}
	review, err := s.Reviews.OpenVoidedOrder(ctx, s.voidedOrder(o, c, kind, reason))
	if err != nil || !o.MoneyBack() {
		return err
	}
	return s.Saga.DecideAlone(ctx, review)
}

// lookInto opens the review of an order that carries a code and may have given its value a second time.
func (s *OrderService) lookInto(ctx context.Context, o Order, c domain.Coupon, why string) error {
	now, action := s.Clock.Now(), domain.ActionOrderNamesCode
	if why == LookSecondOrder {
		action = domain.ActionOrderSecondUse
	}
	_, err := s.Reviews.OpenVoidedOrder(ctx, VoidedOrder{CouponID: c.ID, OrderID: o.ID, OrderName: o.Name,
		Kind: ReviewCodeElsewhere, Reason: why, Part: PartCode, At: now, Payment: o.Payment, SeenAt: o.UpdatedAt,
		Entry: entry(c, domain.System(), action, c.Status, now, "order", o.Name, "order_id", o.ID, "reason", why)})
	return err
}
