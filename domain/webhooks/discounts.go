package webhooks

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// ownEcho is how long after we made a code its own webhook is taken for an echo of that. What somebody else changes within
// it is found by the comparison of the books.
const ownEcho = 2 * time.Minute

// statusActive is Shopify's word for a code that can be spent.
const statusActive = "ACTIVE"

// discount looks at a code of ours that somebody changed or removed. Only a coupon that a customer can spend has something
// to lose. What differs goes on record and to the operator; the points are moved by nobody but a person, who cancels the
// coupon.
func (s *Service) discount(ctx context.Context, d Delivery) error {
	c, err := s.Store.CouponOfDiscount(ctx, d.Discount)
	if errors.Is(err, &domain.Error{Code: domain.CodeCouponNotFound}) {
		return nil // not ours, or removed by us long ago
	}
	now := s.Clock.Now()
	if err != nil || c.StatusAt(now) != domain.Active || echo(c, d) {
		return err
	}
	found, err := s.Shop.FindDiscount(ctx, c.Code)
	gone := err != nil && domain.KindOf(err) == domain.KindNotFound
	if err != nil && !gone {
		return err
	}
	action, differs := "discount.changed", differences(c, found)
	if gone || found.ID != c.DiscountID {
		action, differs = "discount.deleted", []string{"code"}
	}
	if len(differs) == 0 {
		return nil
	}
	s.Logger.WarnContext(ctx, "somebody changed a code in the shop", "coupon_id", c.ID, "what", differs, "action", action)
	s.Observer.Alert("discount_changed")
	return s.Store.Record(ctx, domain.AuditEntry{At: now, Actor: "shopify", Action: action, Code: c.Code, CouponID: c.ID,
		CustomerID: c.CustomerID, From: c.Status, To: c.Status, Outcome: domain.OutcomeDone, Detail: map[string]any{"differs": differs}})
}

// echo tells whether the delivery can be about our own making of the code.
func echo(c domain.Coupon, d Delivery) bool {
	return d.Topic == DiscountsUpdate && c.ActivatedAt != nil && !d.TriggeredAt.IsZero() && d.TriggeredAt.Before(c.ActivatedAt.Add(ownEcho))
}

// differences names what of a code is no longer as it was made. One that was used is for the orders to tell.
func differences(c domain.Coupon, f coupons.FoundDiscount) []string {
	var list []string
	differ := func(is bool, what string) {
		if is {
			list = append(list, what)
		}
	}
	if f.Usage > 0 {
		return nil
	}
	differ(f.Status != statusActive, "status")
	differ(f.UsageLimit != 1, "usage_limit")
	differ(f.Amount != c.Amount, "amount")
	differ(!f.EndsAt.Equal(c.ExpiresAt), "ends_at")
	erased := c.ShopifyCustomerGID == domain.ErasedCustomer // then only that there is one can be compared
	differ(f.CustomerCount != 1 || !erased && f.CustomerGID != c.ShopifyCustomerGID, "customer")
	return list
}
