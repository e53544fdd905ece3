package reviews

import (
	"context"
	"log/slog"
	"strings"

	"pointbridge/domain"
)

// Tags are the tags that a review puts on its order and on its customer in the shop, so that they are found in
// the shop's own admin too. An empty tag is never put.
type Tags struct{ Order, Customer string }

// Tagger puts a tag on an order or a customer of the shop, by its gid. A tag that is there already stays, and stays
// one. Errors: a *domain.UpstreamError; KindNotFound when there is no such order or customer, KindAuth with
// ReasonAccessDenied when the app may not.
type Tagger interface {
	AddTag(ctx context.Context, gid, tag string) error
}

// Subjects reads whom a review is about.
type Subjects interface {
	// Coupon reads a coupon. Errors: coupon_not_found.
	Coupon(ctx context.Context, id int64) (domain.Coupon, error)
}

// Marker puts the tags of reviews on orders and customers of the shop.
type Marker struct {
	Tags    Tags
	Coupons Subjects
	// Tagger may be nil: no tag is put then.
	Tagger   Tagger
	Clock    domain.Clock
	Observer domain.StepObserver
	Logger   *slog.Logger
}

const orderGIDs = "gid://shopify/Order/"

// of returns the tag for an order or a customer; "" for none.
func (t Tags) of(gid string) string {
	switch {
	case strings.HasPrefix(gid, orderGIDs):
		return t.Order
	case strings.HasPrefix(gid, domain.ShopCustomerPrefix):
		return t.Customer
	default:
		return ""
	}
}

// Jobs ask for the tags of a new review about a coupon and, where there is one, an order. They are committed with it,
// so that each is asked for once.
func (t Tags) Jobs(orderGID string, couponID int64) (list []domain.Job) {
	if t.of(orderGID) != "" {
		list = append(list, domain.Job{Kind: domain.JobTag, Ref: orderGID})
	}
	if t.Customer != "" {
		list = append(list, domain.Job{Kind: domain.JobTag, CouponID: couponID})
	}
	return list
}

// TagForReview puts the tag for review on an order or a customer, by the gid or by a coupon of the customer. A review
// never waits for its tags: what the shop refuses for good is logged and left. Errors: a *domain.UpstreamError of what
// may go better later.
func (m *Marker) TagForReview(ctx context.Context, gid string, couponID int64) error {
	if couponID != 0 {
		c, err := m.Coupons.Coupon(ctx, couponID)
		if err != nil {
			return err
		}
		gid = c.ShopifyCustomerGID // nobody's, once they have been forgotten
	}
	tag := m.Tags.of(gid)
	if tag == "" || m.Tagger == nil {
		return nil // switched off meanwhile
	}
	_, err := domain.Timed(ctx, m.Clock, m.Observer, "shopify.tag", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, m.Tagger.AddTag(ctx, gid, tag)
	})
	if err == nil || !hopelessTag(err) {
		return err
	}
	about := "customer" // who that is stays out of the log
	if strings.HasPrefix(gid, orderGIDs) {
		about = gid
	}
	m.Logger.WarnContext(ctx, "a case was not tagged in the shop", "about", about, "error", err)
	return nil
}

// hopelessTag says that the same call would be refused again: the order or customer is gone, or the app lacks the
// scope. Credentials that are not accepted at all are another matter, which an operator mends soon.
func hopelessTag(err error) bool {
	switch domain.KindOf(err) {
	case domain.KindRefused, domain.KindNotFound:
		return true
	case domain.KindAuth:
		return domain.ReasonOf(err) == domain.ReasonAccessDenied
	case domain.KindThrottled, domain.KindUnavailable, domain.KindUnknown:
	}
	return false
}
