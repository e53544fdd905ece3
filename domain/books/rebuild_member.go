package books

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/reviews"
)

// item is one code of a member with what follows for it.
type item struct {
	outside Outside
	ours    *coupons.State
	plan    Plan
	next    coupons.State
	reviews []reviews.Kind
}

// member plans all codes of a member, and hands them on to be restored, the oldest first. of is the run that it is a part of.
func (r *rebuild) member(ctx context.Context, of *rebuild, id string, listed []coupons.FoundDiscount) error {
	of.met(id)
	m, err := r.readMember(ctx, id, listed)
	if err != nil {
		return err
	}
	left := func(code, cause string) {
		if of.first(code) {
			of.leave(Restored{CustomerID: id, Code: code}, cause)
		}
	}
	if cause := m.unknown(); cause != "" {
		for _, code := range m.codes() {
			left(code, cause)
		}
		return of.answered(len(m.gaps) == 0)
	}
	if err := of.answered(true); err != nil {
		return err
	}
	var items []item
	whole := true
	for _, code := range m.codes() {
		one, cause, err := m.item(ctx, r, code)
		if err != nil {
			return err
		}
		switch {
		case cause != "":
			whole = false
			left(code, cause)
		case !of.first(code):
		case one == nil:
			of.right()
		default:
			items = append(items, *one)
		}
	}
	slices.SortFunc(items, func(a, b item) int {
		return cmp.Or(a.plan.Coupon.CreatedAt.Compare(b.plan.Coupon.CreatedAt), cmp.Compare(a.outside.Code, b.outside.Code))
	})
	ready, err := m.prepare(ctx, of, items, whole)
	if err != nil {
		return err
	}
	return of.put(ctx, ready)
}

// unknown is why nothing can be said of a member's codes.
func (m *member) unknown() string {
	switch {
	case len(m.gaps) > 0:
		return m.gaps[0].Upstream + ": " + m.gaps[0].Cause
	case m.stranger:
		return "the POS does not know the member"
	default:
		return ""
	}
}

// item plans one code; nil where our book is right. cause is why nothing can be said.
func (m *member) item(ctx context.Context, r *rebuild, code string) (*item, string, error) {
	if err := m.unread[code]; err != nil {
		return nil, "shopify: " + gapOf(m.id, 0, upstreamShopify, err).Cause, nil
	}
	one := &item{outside: m.outside(code), ours: m.ours[code]}
	if m.movedElsewhere(one.outside, r.Till) {
		return nil, "its points moved in another POS", nil
	}
	if one.outside.hints(one.ours) {
		if err := m.askUse(ctx, one); err != nil {
			return nil, "shopify: " + gapOf(m.id, 0, upstreamShopify, err).Cause, ctx.Err()
		}
	}
	one.plan = r.Plan(one.outside, m.now)
	if one.plan.Nothing() {
		if one.ours == nil {
			return nil, "only the metafield names it", nil
		}
		return nil, "", nil
	}
	if one.plan.Coupon.ShopifyCustomerGID == "" {
		return nil, "no customer in the shop: link the member first", nil
	}
	if one.ours == nil && one.plan.worthless() {
		return nil, "nobody tells what it was worth", nil
	}
	changes := false
	one.next, changes = merge(one.ours, one.plan, m.now)
	doubted, err := m.doubted(ctx, one)
	if err != nil || !changes && !doubted {
		return nil, "", err
	}
	if doubted {
		one.reviews = append(one.reviews, reviews.Restored)
	}
	if one.plan.UsedAfterRefund && (one.ours == nil || one.ours.Coupon.UsedAt == nil) {
		one.reviews = append(one.reviews, reviews.UsedAfterRefund)
	}
	return one, "", nil
}

// movedElsewhere reports whether our book has the points of a code, or of the first one of its chain, as moved in another
// POS: that this one's history does not hold them says nothing then.
func (m *member) movedElsewhere(o Outside, pos string) bool {
	return slices.ContainsFunc([]string{o.Code, o.First}, func(code string) bool {
		st := m.ours[code]
		return st != nil && slices.ContainsFunc(st.Movements, func(moved domain.Movement) bool {
			return moved.POS != "" && moved.POS != pos
		})
	})
}

// askUse asks for the order that holds a code.
func (m *member) askUse(ctx context.Context, one *item) error {
	c := m.settled(*one).Coupon
	usage, err := m.usage(ctx, c)
	if err == nil {
		one.outside.Usage = &usage
	}
	return err
}

// settled is the coupon as far as it is needed for a question.
func (m *member) settled(one item) coupons.State {
	if one.ours != nil {
		return *one.ours
	}
	o := one.outside
	c := domain.Coupon{Code: o.Code, ShopifyCustomerGID: o.Customer.ShopifyCustomerGID}
	switch {
	case o.Discount != nil:
		c.DiscountID, c.CreatedAt = o.Discount.ID, o.Discount.StartsAt
	case o.Take != nil:
		c.CreatedAt = o.Take.At
	case o.Shown != nil:
		c.CreatedAt = o.Shown.IssuedAt
	}
	return coupons.State{Coupon: c}
}

// doubted reports whether a person has to look at what nobody has looked at. What our book knows better explains itself.
func (m *member) doubted(ctx context.Context, one *item) (bool, error) {
	switch {
	case !one.plan.Unsure():
		return false, nil
	case one.ours == nil:
		return true, nil
	case one.next.Coupon.Status != one.plan.Coupon.Status || waits(one.ours.Coupon, one.plan):
		return false, nil
	case one.ours.Coupon.Status != one.next.Coupon.Status:
		return true, nil
	case one.next.Coupon.Status == domain.Suspended:
		return false, nil // its own review is open
	}
	history, err := m.Ours.History(ctx, one.ours.Coupon.ID)
	return !sameDoubts(history, one.plan.Doubts), err
}

// prepare stops the codes first whose points are not with us, and gives all that is to be committed of the member. An answer
// that does not come leaves its code to the next run.
func (m *member) prepare(ctx context.Context, of *rebuild, items []item, whole bool) (prepared, error) {
	var ready prepared
	for _, one := range items {
		f := m.found(one)
		if of.write && one.plan.Stop {
			stopped, cause, err := m.stop(ctx, of, one)
			if err != nil {
				return prepared{}, err
			}
			if cause != "" {
				whole = false
				of.leave(f, cause)
				continue
			}
			one, f.Reviews = stopped, stopped.reviews
		}
		ready.found, ready.list = append(ready.found, f), append(ready.list, m.restoration(one, f))
	}
	if n := len(ready.list); n > 0 {
		ready.list[n-1].Project = whole
	}
	return ready, nil
}

func (m *member) found(one item) Restored {
	f := Restored{CustomerID: m.id, Code: one.outside.Code, To: one.next.Coupon.Status, Points: one.next.Coupon.Points,
		Doubts: one.plan.Doubts, Differs: one.plan.Differs, Stopped: one.plan.Stop, Reviews: one.reviews}
	if one.ours != nil {
		f.From = one.ours.Coupon.Status
	}
	return f
}

// stop deactivates a code whose points are not with us, and asks once more whether it was used.
func (m *member) stop(ctx context.Context, of *rebuild, one item) (item, string, error) {
	_, err := ask(ctx, m.run, upstreamShopify, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, m.Shop.DeactivateDiscount(ctx, one.outside.Discount.ID)
	})
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return one, "shopify: " + gapOf(m.id, 0, upstreamShopify, err).Cause, ctx.Err()
	}
	dead := *one.outside.Discount
	dead.Status = "EXPIRED"
	one.outside.Discount = &dead
	if err := m.askUse(ctx, &one); err != nil {
		return one, "shopify: " + gapOf(m.id, 0, upstreamShopify, err).Cause, ctx.Err()
	}
	after := of.Plan(one.outside, m.now)
	next, _ := merge(one.ours, after, m.now)
	next.Coupon.DeactivatedAt = &m.now
	if after.UsedAfterRefund && !one.plan.UsedAfterRefund {
		one.reviews = append(one.reviews, reviews.UsedAfterRefund)
	}
	one.plan, one.next = after, next
	return one, "", nil
}

// restoration is what is committed of one code.
func (m *member) restoration(one item, f Restored) Restoration {
	o := one.outside
	e := domain.EntryOf(one.next.Coupon, domain.System(), domain.ActionBooksRestored, f.From, m.now,
		"pos", o.tillSays(), "shop", o.shopSays(), "metafield", o.fieldSays())
	if len(one.plan.Doubts) > 0 {
		e.Detail["doubts"] = one.plan.Doubts
	}
	if len(one.plan.Differs) > 0 {
		e.Detail["differs"] = one.plan.Differs
	}
	if f.Stopped {
		e.Detail["deactivated"] = true
	}
	if len(one.next.Movements) > 0 {
		e.Detail["moves"] = Moves(one.next.Movements)
	}
	customer := m.customer
	customer.CreatedAt, customer.UpdatedAt = m.now, m.now
	return Restoration{Customer: customer, State: one.next, Audit: e, Reviews: one.reviews}
}

// Moves is what the audit says of movements that are restored: the book of movements is held against its record, and theirs
// is this one. An entry of its own each, as when points move, would tell figures and events that they moved again.
func Moves(list []domain.Movement) []map[string]any {
	moves := make([]map[string]any, 0, len(list))
	for _, m := range list {
		moves = append(moves, map[string]any{"kind": string(m.Kind), "points": m.Points, "reference": m.Reference,
			"entry": m.EntryID})
	}
	return moves
}

func (o Outside) tillSays() string {
	var list []string
	for _, e := range []*Entry{o.Take, o.Back, o.Grant, o.Retake} {
		if e != nil {
			list = append(list, e.Reference)
		}
	}
	return orNone(strings.Join(list, ", "))
}

func (o Outside) shopSays() string {
	switch d := o.Discount; {
	case d == nil:
		return Nothing
	case o.Usage != nil && o.Usage.Order != nil:
		return d.ID + " " + d.Status + ", order " + o.Usage.Order.Name
	default:
		return d.ID + " " + d.Status
	}
}

func (o Outside) fieldSays() string {
	if o.Shown == nil {
		return Nothing
	}
	return string(o.Shown.Status)
}
