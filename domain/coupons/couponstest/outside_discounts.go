package couponstest

import (
	"context"
	"fmt"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// covers: T-10
func (o *Outside) CreateDiscount(_ context.Context, d coupons.Discount) (string, error) {
	err := o.enter("create")
	defer o.Mu.Unlock()
	if err != nil {
		return "", err
	}
	if o.called(d.Code) != nil {
		return "", &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create",
			Reason: domain.ReasonCodeTaken}
	}
	if !o.booked(domain.TakeReference(d.Code)) && !o.unpaid(d.Code) && (o.PaidFor == nil || !o.PaidFor()) {
		o.t.Errorf("%s becomes usable before its points are taken", d.Code)
	}
	id := fmt.Sprintf("gid://shopify/DiscountCodeNode/%d", len(o.Codes)+1)
	o.Codes[d.Code] = &coupons.FoundDiscount{ID: id, Codes: []string{d.Code}, CustomerGID: d.CustomerGID,
		CustomerCount: 1, Title: d.Title, Tags: d.Tags, Percent: d.Percent, EndsAt: d.EndsAt, UsageLimit: 1,
		Status: "ACTIVE", MinimumSubtotal: d.MinimumSubtotal, CombinesWith: d.CombinesWith}
	if d.Percent == 0 {
		o.Codes[d.Code].Amount = d.Amount
	}
	return id, nil
}

// called finds a discount by a text that it has now, byID by its id; nil for none.
func (o *Outside) called(code string) *coupons.FoundDiscount {
	for _, d := range o.Codes {
		if d.Called(code) {
			return d
		}
	}
	return nil
}

func (o *Outside) byID(id string) *coupons.FoundDiscount {
	for _, d := range o.Codes {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func (o *Outside) FindDiscount(_ context.Context, code string) (coupons.FoundDiscount, error) {
	err := o.enter("finddiscount")
	defer o.Mu.Unlock()
	return o.found(o.called(code), err)
}

func (o *Outside) ReadDiscount(_ context.Context, id string) (coupons.FoundDiscount, error) {
	err := o.enter("finddiscount")
	defer o.Mu.Unlock()
	return o.found(o.byID(id), err)
}

func (o *Outside) DiscountOf(ctx context.Context, code string) (string, error) {
	d, err := o.FindDiscount(ctx, code)
	return d.ID, err
}

// found is a discount as the shop shows it: one whose end has passed on its own clock has expired.
func (o *Outside) found(d *coupons.FoundDiscount, err error) (coupons.FoundDiscount, error) {
	if err != nil {
		return coupons.FoundDiscount{}, err
	}
	if d == nil {
		return coupons.FoundDiscount{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify",
			Act: "find"}
	}
	shown := *d
	if o.clock != nil && shown.Status == "ACTIVE" && !shown.EndsAt.IsZero() && !o.shopTime().Before(shown.EndsAt) {
		shown.Status = "EXPIRED"
	}
	return shown, nil
}

func (o *Outside) SetDiscountEnd(_ context.Context, id string, at time.Time) error {
	err := o.enter("set_end")
	defer o.Mu.Unlock()
	if err != nil {
		return err
	}
	d := o.byID(id)
	if d == nil {
		return &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "set_end"}
	}
	d.EndsAt, d.Status = at, "EXPIRED"
	if o.clock.Now().Before(at) {
		d.Status = "ACTIVE"
	}
	return nil
}

// shopTime is the shop's own clock, which tells the same time as ours unless a test says otherwise.
func (o *Outside) shopTime() time.Time { return o.clock.Now().Add(-o.Behind) }

func (o *Outside) DeleteDiscount(_ context.Context, id string) error {
	err := o.enter("delete")
	defer o.Mu.Unlock()
	for code, d := range o.Codes {
		if err == nil && d.ID == id {
			delete(o.Codes, code)
		}
	}
	return err
}

func (o *Outside) DeactivateDiscount(_ context.Context, id string) error {
	err := o.enter("deactivate")
	defer o.Mu.Unlock()
	if err != nil {
		return err
	}
	for _, d := range o.Codes {
		if d.ID == id {
			d.Status = "EXPIRED"
			return nil
		}
	}
	return &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "deactivate"}
}

// Edit changes a code in the shop by hand.
func (o *Outside) Edit(code string, change func(*coupons.FoundDiscount)) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	change(o.Codes[code])
}
