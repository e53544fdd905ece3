package codes

import (
	"cmp"
	"context"
	"slices"

	"pointbridge/domain"
)

// mark is the tag by which the discount of a batch is known for ours.
func mark(b Batch) string { return "pb-batch-" + b.PublicID }

func (r *run) tags() []string { return []string{"pointbridge", "pb-campaign-" + r.c.Key, mark(r.b)} }

// create makes the discount with the first code that is planned. The text is the key: it is the same however often it
// is asked for.
func (r *run) create(ctx context.Context) error {
	if err := r.mayMake(ctx); err != nil {
		return err
	}
	first, err := r.Shelf.NextPlanned(ctx, r.b.ID, 1)
	if err != nil {
		return err
	}
	if len(first) == 0 {
		return domain.ErrConflict
	}
	b, since, ends := r.b, r.now(), r.c.Offer.EndsAt
	b.CreatingSince, b.Terms, b.EndsAt = &since, termsOf(b, r.c, r.Currency).text(), &ends
	if err := r.commit(ctx, Change{Batch: b, Fates: fate(first[0], CodePlanned, CodeSent, "")}); err != nil {
		return err
	}
	return r.ask(ctx, first[0])
}

// mayMake asks the gate, where there is one. A shop that is not as it should be is waited for.
func (r *run) mayMake(ctx context.Context) error {
	if r.Gate == nil {
		return nil
	}
	err := r.Gate.MayIssue(ctx, currencyOf(r.c, r.Currency))
	if err == nil {
		return nil
	}
	return &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "create",
		Reason: string(domain.CodeOf(err)), RetryAfter: domain.RetryAfterOf(err), Err: err}
}

// ask has the shop make the discount, and commits what became of it.
func (r *run) ask(ctx context.Context, code string) error {
	t, err := TermsOf(r.b)
	if err != nil {
		return err
	}
	t.StartsAt = cmp.Or(t.StartsAt, r.c.Offer.StartsAt)
	d := t.discount(code, r.c.NameIn(r.Locale), r.tags(), *r.b.EndsAt, r.Currency)
	var id string
	err = r.act(ctx, func(ctx context.Context) (err error) {
		id, err = r.Shop.CreateCampaignDiscount(ctx, d)
		return err
	})
	switch {
	case err == nil:
		return r.created(ctx, code, id)
	case domain.KindOf(err) == domain.KindUnknown, domain.ReasonOf(err) == domain.ReasonCodeTaken:
		return r.settleDiscount(ctx) // taken: by an earlier request of ours, or by somebody else
	case domain.KindOf(err) != domain.KindRefused:
		return r.notSent(ctx, code, err)
	default:
		return r.refusedDiscount(ctx, code, domain.ReasonOf(err))
	}
}

// created writes down that the discount is there, and its first code.
func (r *run) created(ctx context.Context, code, id string) error {
	b, at := r.b, r.now()
	b.CreatingSince, b.DiscountID, b.Shop, b.ShopSince = nil, id, ShopOn, &at
	b.SweepAt = r.sweepAt(*b.EndsAt)
	// The campaign may have been changed while the discount was made: what it was made by is what was read before.
	b.Synced = 0
	return r.commit(ctx, Change{Batch: b, Fates: fate(code, CodeSent, CodeMade, ""),
		Entry: r.system(domain.ActionCampaignDiscountMade, b, map[string]any{"campaign": r.c.Key, "ends_at": b.EndsAt})})
}

// notSent takes back what was announced: the shop has not heard of it.
func (r *run) notSent(ctx context.Context, code string, why error) error {
	b := r.b
	b.CreatingSince = nil
	if err := r.commit(ctx, Change{Batch: b, Fates: fate(code, CodeSent, CodePlanned, "")}); err != nil {
		return err
	}
	return why
}

// refusedDiscount stops a batch whose discount the shop does not make.
func (r *run) refusedDiscount(ctx context.Context, code, why string) error {
	b := r.b
	b.CreatingSince = nil
	if err := r.commit(ctx, Change{Batch: b, Fates: fate(code, CodeSent, CodeRefused, why)}); err != nil {
		return err
	}
	return r.stop(ctx, why)
}

// settleDiscount finds out whether the discount was made, by the one text that was sent with it.
func (r *run) settleDiscount(ctx context.Context) error {
	code, err := r.sentAlone(ctx)
	if err != nil {
		return err
	}
	var found Found
	err = r.act(ctx, func(ctx context.Context) (err error) {
		found, err = r.Shop.FindCampaignDiscount(ctx, code)
		return err
	})
	switch {
	case err == nil && slices.Contains(found.Tags, mark(r.b)):
		return r.created(ctx, code, found.ID)
	case err == nil:
		return r.foreign(ctx, code)
	case domain.KindOf(err) != domain.KindNotFound:
		return err
	}
	if wait := r.quiet(*r.b.CreatingSince); wait > 0 {
		return &domain.Later{After: wait}
	}
	return r.again(ctx, code)
}

// foreign refuses a text that belongs to another discount: that of a shared code for good, that of an unbound batch for
// another one.
func (r *run) foreign(ctx context.Context, code string) error {
	if r.b.Kind == Shared {
		return r.refusedDiscount(ctx, code, TakenByOther)
	}
	b := r.b
	b.CreatingSince = nil
	return r.commit(ctx, Change{Batch: b, Fates: fate(code, CodeSent, CodeRefused, TakenByOther)})
}

// again sends the same text once more, unless codes are made no longer.
func (r *run) again(ctx context.Context, code string) error {
	b := r.b
	if r.b.Status != Running || !r.open() {
		b.CreatingSince = nil
		return r.commit(ctx, Change{Batch: b, Fates: fate(code, CodeSent, CodePlanned, "")})
	}
	since := r.now()
	b.CreatingSince = &since
	if err := r.commit(ctx, Change{Batch: b}); err != nil {
		return err
	}
	return r.ask(ctx, code)
}

// sentAlone is the code that was sent with the discount.
func (r *run) sentAlone(ctx context.Context) (string, error) {
	sent, err := r.Library.CodesOf(ctx, Query{Campaign: r.c.Key, BatchID: r.b.ID, State: CodeSent, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(sent) == 0 {
		return "", domain.ErrConflict
	}
	return sent[0].Code, nil
}

func fate(code string, from, to State, why string) []Fate { return []Fate{{code, from, to, why}} }
