package decisions

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Use is an order that used a code. Gross is what the order would have cost, Discount what the code took off, in the
// currency's smallest unit.
type Use struct {
	CampaignID      int64
	OrderID, Order  string
	Code            string
	CustomerGID     string
	At              time.Time
	Gross, Discount int64
	Currency        string
	Test            bool
	// VoidReason says why the order came to nothing; empty for one that stands.
	VoidReason string
	Source     Source
	// SeenAt is how new the order was that this was read from; now where it is zero. What was read of an older one never
	// takes the place of what is known of a newer one.
	SeenAt time.Time
}

// Source is how an order came to light.
type Source string

// The sources. What is imported is learned from and not decided about: the past is not refused.
const (
	FromOrder  Source = "order"
	FromImport Source = "import"
)

// SeenOrder is an order with a code, and the person as it shows them: empty where the shop does not let us see.
type SeenOrder struct {
	Use          Use
	Shown        identity.Shown
	OrdersBefore *int
}

// SeeUse learns that an order used a code, and decides about it after the fact. It may be called any number of times
// for one order: an order has one decision. The decision is empty, with no PublicID, where the code is of no campaign
// that is protected, and for an order that is a test, came to nothing, or was imported.
func (s Service) SeeUse(ctx context.Context, o SeenOrder) (Decision, error) {
	u := o.Use
	u.Code = CodeKey(u.Code)
	found, err := s.Campaigns.Find(ctx, "", u.Code)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound {
		return Decision{}, nil
	}
	if err != nil || found.Policy.Mode == Off || s.tooOld(u.At) {
		return Decision{}, err
	}
	shown := limited(o.Shown)
	if shown.CustomerID == "" {
		shown.CustomerID = u.CustomerGID
	}
	print, err := s.Keys.Print(s.Canonical.Forms(shown))
	if err != nil {
		return Decision{}, err
	}
	if u.CampaignID = found.CampaignID; u.SeenAt.IsZero() {
		u.SeenAt = s.Now()
	}
	// The use is committed before others are looked for: of two orders at once one at least finds the other.
	kept, err := s.Uses.KeepUse(ctx, u, print)
	if err != nil || !kept {
		return Decision{}, err
	}
	if u.Test || u.VoidReason != "" || u.Source == FromImport {
		return Decision{}, nil
	}
	d, err := s.Uses.OfOrder(ctx, found.CampaignID, u.OrderID, u.Code)
	if !errors.Is(err, &domain.Error{Code: domain.CodeDecisionNotFound}) {
		return d, err
	}
	return s.decideOrder(ctx, found, u, Question{Code: u.Code, Stage: StageOrder, Shown: shown,
		OrdersBefore: o.OrdersBefore, OrderID: u.OrderID, At: u.At})
}

// decideOrder asks for no currency: the order is kept in the shop's own, and the rule is about what the buyer pays in.
func (s Service) decideOrder(ctx context.Context, found Found, u Use, q Question) (Decision, error) {
	d, print, err := s.decide(ctx, q, found, found.Policy)
	if err != nil {
		return Decision{}, err
	}
	d.PublicID = newID(d.At)
	var jobs []domain.Job
	if s.Follow != nil {
		jobs = s.Follow(d)
	}
	kept, _, err := s.keep(ctx, d, print, jobs)
	return kept, err
}

// tooOld tells of an order that would be forgotten again at once.
func (s Service) tooOld(at time.Time) bool {
	return s.Retention > 0 && at.Before(s.Now().Add(-s.Retention))
}

// limited leaves out what no form of the shop has: an order cannot be refused for it as a request can.
func limited(shown identity.Shown) identity.Shown {
	shown.Emails, shown.Phones = some(shown.Emails, tooLong), some(shown.Phones, tooLong)
	shown.IPs, shown.Devices = some(shown.IPs, tooLong), some(shown.Devices, tooLong)
	shown.Names = some(shown.Names, tooLong)
	shown.Addresses = some(shown.Addresses, tooLongAddress)
	return shown
}

func some[T any](list []T, without func(T) bool) []T {
	kept := make([]T, 0, min(len(list), MaxValues))
	for _, v := range list {
		if !without(v) && len(kept) < MaxValues {
			kept = append(kept, v)
		}
	}
	return kept
}
