package shopify

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
)

// CreateCampaignDiscount makes a discount that anybody can use, with its first code. Errors as CreateDiscount.
func (c *Client) CreateCampaignDiscount(ctx context.Context, d codes.Discount) (id string, err error) {
	act := c.act("create_campaign_discount", "discountCodeBasicCreate")
	if err := checkCampaignDiscount(d); err != nil {
		return "", act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: "invalid_discount", Err: err})
	}
	return createDiscount(ctx, act, campaignInput(d))
}

// checkCampaignDiscount keeps back what must never be in the shop: a code without a value or an end.
func checkCampaignDiscount(d codes.Discount) error {
	amount, part := d.Amount.Minor > 0 && d.Amount.Currency != "", d.BasisPoints > 0 &&
		d.BasisPoints <= campaigns.BasisPoints
	switch {
	case d.Code == "" || len(d.Code) > longestCode || strings.ContainsAny(d.Code, "\r\n"):
		return errors.New("the code is empty, too long or has line breaks")
	case amount == part:
		return errors.New("the value is neither an amount nor a percentage, or both")
	case len(d.Products) > 0 && len(d.Collections) > 0:
		return errors.New("the code is for products and for collections")
	case d.StartsAt.IsZero() || !d.EndsAt.After(d.StartsAt):
		return errors.New("the end is not after the start")
	}
	return nil
}

func campaignInput(d codes.Discount) DiscountCodeBasicInput {
	startsAt, endsAt := wholeSecond(d.StartsAt), wholeSecond(d.EndsAt)
	in := DiscountCodeBasicInput{
		Title:                  &d.Title,
		Code:                   &d.Code,
		StartsAt:               &startsAt,
		EndsAt:                 &endsAt,
		AppliesOncePerCustomer: &d.OncePerCustomer,
		Context:                campaignContextInput(d.Segment),
		CustomerGets: &DiscountCustomerGetsInput{Items: itemsInput(d.Products, d.Collections),
			Value: &DiscountCustomerGetsValueInput{}},
		CombinesWith: &DiscountCombinesWithInput{
			OrderDiscounts:    &d.Combines.Order,
			ProductDiscounts:  &d.Combines.Product,
			ShippingDiscounts: &d.Combines.Shipping,
		},
		Tags: d.Tags,
	}
	if d.UsageLimit > 0 {
		in.UsageLimit = &d.UsageLimit
	}
	if d.BasisPoints > 0 {
		part := float64(d.BasisPoints) / campaigns.BasisPoints
		in.CustomerGets.Value.Percentage = &part
	} else {
		amount := d.Amount.Decimal()
		in.CustomerGets.Value.DiscountAmount = &DiscountAmountInput{Amount: &amount, AppliesOnEachItem: new(false)}
	}
	if d.Minimum.Minor > 0 {
		subtotal := d.Minimum.Decimal()
		in.MinimumRequirement = &DiscountMinimumRequirementInput{
			Subtotal: &DiscountMinimumSubtotalInput{GreaterThanOrEqualToSubtotal: &subtotal}}
	}
	return in
}

// campaignContextInput is who may use the codes: a discount has one context.
func campaignContextInput(segment string) *DiscountContextInput {
	if segment != "" {
		return &DiscountContextInput{CustomerSegments: &DiscountCustomerSegmentsInput{Add: []string{segment}}}
	}
	return &DiscountContextInput{All: new(DiscountBuyerSelectionAll)}
}

// FindCampaignDiscount reads whatever discount can be entered by a text; one of another kind comes back with its id
// only. Errors: KindNotFound, else as CreateDiscount.
func (c *Client) FindCampaignDiscount(ctx context.Context, code string) (codes.Found, error) {
	act := c.act("find_campaign_discount", "codeDiscountNodeByCode")
	resp, err := campaignByCode(ctx, act, code)
	if err != nil {
		return codes.Found{}, err
	}
	node := resp.CodeDiscountNodeByCode
	switch {
	case node == nil:
		return codes.Found{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	case node.Id == "":
		return codes.Found{}, act.nonsense("a discount without id")
	}
	if one, ok := node.CodeDiscount.(*campaignCodeDiscountDiscountCodeBasic); ok {
		return act.campaignFound(node.Id, &one.campaignBasic)
	}
	return codes.Found{ID: node.Id}, nil
}

// ReadCampaignDiscount reads a discount by its id. Errors as FindCampaignDiscount.
func (c *Client) ReadCampaignDiscount(ctx context.Context, id string) (codes.Found, error) {
	act := c.act("read_campaign_discount", "discountNode")
	resp, err := campaignByID(ctx, act, id)
	if err != nil {
		return codes.Found{}, err
	}
	node := resp.DiscountNode
	switch {
	case node == nil:
		return codes.Found{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	case node.Id == "":
		return codes.Found{}, act.nonsense("a discount without id")
	}
	if one, ok := node.Discount.(*campaignDiscountDiscountCodeBasic); ok {
		return act.campaignFound(node.Id, &one.campaignBasic)
	}
	return codes.Found{ID: node.Id}, nil
}

func (c *call) campaignFound(id string, b *campaignBasic) (codes.Found, error) {
	f := codes.Found{ID: id, Title: b.Title, Status: string(b.Status), Tags: b.Tags, StartsAt: b.StartsAt,
		OncePerCustomer: b.AppliesOncePerCustomer, Uses: b.AsyncUsageCount, Combines: campaigns.Combines{Order: b.CombinesWith.OrderDiscounts,
			Product: b.CombinesWith.ProductDiscounts, Shipping: b.CombinesWith.ShippingDiscounts}}
	if b.EndsAt != nil {
		f.EndsAt = *b.EndsAt
	}
	if b.UsageLimit != nil {
		f.UsageLimit = *b.UsageLimit
	}
	if b.CodesCount != nil {
		f.Codes = b.CodesCount.Count
	}
	readCampaignAudience(b, &f)
	if err := readCampaignMoney(b, &f); err != nil {
		return codes.Found{}, c.fail(broken(err))
	}
	return f, nil
}

func readCampaignAudience(b *campaignBasic, f *codes.Found) {
	switch who := b.Context.(type) {
	case *campaignContextDiscountBuyerSelectionAll:
		f.Everybody = true
	case *campaignContextDiscountCustomerSegments:
		for _, segment := range who.Segments {
			f.Segments = append(f.Segments, segment.Id)
		}
	}
	switch b.CustomerGets.Items.(type) {
	case *campaignItemsDiscountProducts:
		f.On = codes.OnProducts
	case *campaignItemsDiscountCollections:
		f.On = codes.OnCollections
	}
}

func readCampaignMoney(b *campaignBasic, f *codes.Found) (err error) {
	switch v := b.CustomerGets.Value.(type) {
	case *campaignValueDiscountPercentage:
		f.BasisPoints = int64(math.Round(v.Percentage * campaigns.BasisPoints))
	case *campaignValueDiscountAmount:
		if f.Amount, err = domain.ParseMoney(v.Amount.Amount, v.Amount.CurrencyCode); err != nil {
			return errors.New("the amount cannot be read")
		}
	}
	if b.MinimumRequirement == nil {
		return nil
	}
	if least, ok := (*b.MinimumRequirement).(*campaignMinimumDiscountMinimumSubtotal); ok {
		money := least.GreaterThanOrEqualToSubtotal
		if f.Minimum, err = domain.ParseMoney(money.Amount, money.CurrencyCode); err != nil {
			return errors.New("the minimum cannot be read")
		}
	}
	return nil
}

// SetDiscountPeriod gives a discount its start and its end, and changes nothing else of it. One that was deactivated is
// good again until then. Errors: KindNotFound when somebody deleted it, else as CreateDiscount.
func (c *Client) SetDiscountPeriod(ctx context.Context, id string, startsAt, endsAt time.Time) error {
	act := c.act("set_discount_period", "discountCodeBasicUpdate")
	resp, err := campaignSetPeriod(ctx, act, id, wholeSecond(startsAt), wholeSecond(endsAt))
	if err != nil {
		return err
	}
	payload := resp.DiscountCodeBasicUpdate
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if gone(problems) {
		return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	return act.ended(payload.CodeDiscountNode != nil, problems)
}

// AddCodes has the shop add codes to a discount, at most 250. It answers before it does so: ReadBulk tells how it went.
// Errors: KindNotFound when there is no such discount, else as CreateDiscount.
func (c *Client) AddCodes(ctx context.Context, discountID string, list []string) (bulkID string, err error) {
	act := c.act("add_codes", "discountRedeemCodeBulkAdd")
	in := make([]DiscountRedeemCodeInput, len(list))
	for i, code := range list {
		in[i].Code = code
	}
	resp, err := codesAdd(ctx, act, discountID, in)
	if err != nil {
		return "", err
	}
	payload := resp.DiscountRedeemCodeBulkAdd
	if payload == nil {
		return "", act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	made := payload.BulkCreation != nil && payload.BulkCreation.Id != ""
	switch {
	case made && len(problems) == 0:
		return payload.BulkCreation.Id, nil
	case made, len(problems) == 0:
		return "", act.nonsense("neither a creation nor an error, or both")
	case len(problems) == 1 && codeOf(problems[0]) == "INVALID" &&
		slices.Equal(problems[0].GetField(), []string{"discountId"}):
		return "", act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	return "", act.refused(problems)
}

// ReadBulk tells how far the shop is with codes that were added. Errors: KindNotFound when it knows nothing of them.
func (c *Client) ReadBulk(ctx context.Context, bulkID string) (codes.BulkState, error) {
	act := c.act("read_codes_added", "discountRedeemCodeBulkCreation")
	resp, err := codesAdded(ctx, act, bulkID)
	if err != nil {
		return codes.BulkState{}, err
	}
	one := resp.DiscountRedeemCodeBulkCreation
	if one == nil {
		return codes.BulkState{}, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	state := codes.BulkState{Done: one.Done, Imported: one.ImportedCount, Failed: one.FailedCount}
	if !state.Done || state.Failed == 0 {
		return state, nil
	}
	state.Failures, err = c.failures(ctx, bulkID)
	return state, err
}

func (c *Client) failures(ctx context.Context, bulkID string) (list []codes.Failure, err error) {
	act := c.act("read_codes_failed", "discountRedeemCodeBulkCreation")
	resp, err := codesFailed(ctx, act, bulkID)
	if err != nil {
		return nil, err
	}
	one := resp.DiscountRedeemCodeBulkCreation
	if one == nil {
		return nil, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	for _, node := range one.Codes.Nodes {
		if len(node.Errors) == 0 {
			continue
		}
		why := "uncoded"
		if code := node.Errors[0].Code; code != nil {
			why = reason(*code)
		}
		if why == "taken" {
			why = domain.ReasonCodeTaken
		}
		list = append(list, codes.Failure{Code: node.Code, Reason: why})
	}
	return list, nil
}

// NewestCodes lists the codes of a discount, those last added first, 250 at a time. Errors: KindNotFound when there is
// no such discount.
func (c *Client) NewestCodes(ctx context.Context, discountID, after string) (list []string, next string, err error) {
	act := c.act("list_codes", "discountNode")
	var from *string
	if after != "" {
		from = &after
	}
	resp, err := codesNewest(ctx, act, discountID, from)
	if err != nil {
		return nil, "", err
	}
	if resp.DiscountNode == nil {
		return nil, "", act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	one, ok := resp.DiscountNode.Discount.(*listedDiscountDiscountCodeBasic)
	if !ok {
		return nil, "", act.nonsense("a discount of another kind")
	}
	for _, node := range one.Codes.Nodes {
		list = append(list, node.Code)
	}
	if page := one.Codes.PageInfo; page.HasNextPage && page.EndCursor != nil {
		next = *page.EndCursor
	}
	return list, next, nil
}

// DeleteDiscounts has the shop delete discounts, by their ids, at most 250. It answers before it does so: JobDone tells
// when. Errors as CreateDiscount.
func (c *Client) DeleteDiscounts(ctx context.Context, ids []string) (jobID string, err error) {
	act := c.act("delete_discounts", "discountCodeBulkDelete")
	resp, err := discountsDelete(ctx, act, ids)
	if err != nil {
		return "", err
	}
	payload := resp.DiscountCodeBulkDelete
	switch {
	case payload == nil:
		return "", act.nonsense("no payload")
	case len(payload.UserErrors) > 0:
		return "", act.refused(problemsOf(payload.UserErrors))
	case payload.Job == nil || payload.Job.Id == "":
		return "", act.nonsense("neither a job nor an error")
	}
	return payload.Job.Id, nil
}

// JobDone tells whether the shop has finished a job. Errors: KindNotFound when it knows of none.
func (c *Client) JobDone(ctx context.Context, jobID string) (bool, error) {
	act := c.act("read_job", "job")
	resp, err := jobRead(ctx, act, jobID)
	if err != nil {
		return false, err
	}
	if resp.Job == nil {
		return false, act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	}
	return resp.Job.Done, nil
}
