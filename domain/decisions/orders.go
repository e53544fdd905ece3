package decisions

import (
	"context"
	"errors"
	"slices"
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

// The sources. What is imported is learned from and not decided about, until the shop tells of the order as well.
const (
	FromOrder  Source = "order"
	FromImport Source = "import"
)

// SeenOrder is an order with a code, and the person as it shows them: empty where the shop does not let us see.
type SeenOrder struct {
	Use          Use
	Shown        identity.Shown
	OrdersBefore *int
	// CustomerWithheld tells that the shop does not say whether a customer placed it.
	CustomerWithheld bool
	// Currency is what the buyer paid in; that of the use is the shop's.
	Currency string
}

// SeeUse learns that an order used a code, and decides about it after the fact, by the rules that stood when the order
// was placed: nobody is held to rules that came later, whenever the order comes to light. It may be called any number of
// times for one order: an order has one decision. The decision is empty, with no PublicID, where the code is of no
// campaign that is protected, and for an order that is a test, came to nothing, is being imported, or was placed before
// the protection began. Such an order counts as a use all the same. Of a campaign that is not protected the order's money
// alone is kept, and nothing of the person.
func (s Service) SeeUse(ctx context.Context, o SeenOrder) (Decision, error) {
	u := o.Use
	u.Code = CodeKey(u.Code)
	found, err := s.Campaigns.Find(ctx, "", u.Code)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound {
		return Decision{}, nil
	}
	if err != nil || s.tooOld(u.At) {
		return Decision{}, err
	}
	if u.CampaignID = found.CampaignID; u.SeenAt.IsZero() {
		u.SeenAt = s.Now()
	}
	if found.Policy.Mode == Off {
		u.CustomerGID = ""
		_, err := s.Uses.KeepUse(ctx, u, nil)
		return Decision{}, err
	}
	shown := limited(o.Shown)
	if shown.CustomerID == "" {
		shown.CustomerID = u.CustomerGID
	}
	_, print, err := s.digests(ctx, shown)
	if err != nil {
		return Decision{}, err
	}
	// The use is committed before others are looked for: of two orders at once one at least finds the other.
	kept, err := s.Uses.KeepUse(ctx, u, print)
	if err == nil && s.Noted != nil {
		err = s.Noted(ctx, u.OrderID, u.Code, shown.Emails,
			s.Canonical.Forms(shown)[identity.Phone])
	}
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
	found.Policy, err = s.Campaigns.PolicyBefore(ctx, found.CampaignID, u.At.Add(shopSecond))
	if domain.CodeOf(err) == domain.CodeCampaignNotFound || err == nil && found.Policy.Mode == Off {
		return Decision{}, nil
	}
	if err != nil {
		return Decision{}, err
	}
	return s.decideOrder(ctx, found, Question{Code: u.Code, Stage: StageOrder, Shown: shown, Currency: o.Currency,
		OrdersBefore: o.OrdersBefore, OrderID: u.OrderID, At: u.At, CustomerWithheld: o.CustomerWithheld})
}

// shopSecond is how exact the shop's times are: rules that came within the second in which an order was placed may have
// been there before it.
const shopSecond = time.Second

// decideOrder asks the shop before the order's turn; in it nobody else decides about an order of the campaign, so that
// the last use is given to one order.
func (s Service) decideOrder(ctx context.Context, found Found, q Question) (kept Decision, err error) {
	if s.Took != nil {
		began := s.Now()
		defer func() { s.Took(q.Stage, s.Now().Sub(began)) }()
	}
	a, err := s.prepare(ctx, q, found, found.Policy)
	if err != nil {
		return Decision{}, err
	}
	fresh := false
	err = s.Uses.InTurn(ctx, found.CampaignID, func(t Turn) error {
		kept, fresh, err = s.inTurn(ctx, t, a)
		return err
	})
	if err != nil {
		return Decision{}, err
	}
	if fresh {
		s.observe(kept)
	}
	return kept, nil
}

func (s Service) inTurn(ctx context.Context, t Turn, a asking) (kept Decision, fresh bool, err error) {
	kept, err = t.OfOrder(ctx, a.found.CampaignID, a.q.OrderID, CodeKey(a.q.Code))
	if !errors.Is(err, &domain.Error{Code: domain.CodeDecisionNotFound}) {
		return kept, false, err
	}
	known, err := t.Look(ctx, a.found.CampaignID, a.asked, a.at)
	if err != nil {
		return Decision{}, false, err
	}
	r := s.requestOf(a)
	if err := markPassed(ctx, t, a.found.CampaignID, r, known.Uses); err != nil {
		return Decision{}, false, err
	}
	counts, err := counted(ctx, t, a.found.CampaignID, a.policy, r)
	if err != nil {
		return Decision{}, false, err
	}
	d := s.decideBy(a, r, known, counts)
	d.PublicID = newID(d.At)
	var jobs []domain.Job
	if s.Follow != nil {
		jobs = s.Follow(d)
	}
	return store(ctx, t, d, a.print, jobs)
}

// markPassed finds the later orders among uses that have passed already; usually there are none.
func markPassed(ctx context.Context, t Turn, campaignID int64, r Request, uses []KnownUse) error {
	var later []string
	for _, u := range uses {
		if !u.Void && !u.Test && u.OrderID != r.OrderID && !earlier(u.At, u.OrderID, r) {
			later = append(later, u.OrderID)
		}
	}
	if len(later) == 0 {
		return nil
	}
	passed, err := t.Passed(ctx, campaignID, later)
	if err != nil {
		return err
	}
	for i, u := range uses {
		uses[i].Passed = slices.Contains(later, u.OrderID) && slices.Contains(passed[u.OrderID], u.Code)
	}
	return nil
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
