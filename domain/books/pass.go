package books

import (
	"context"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// pass is one look at one customer.
type pass struct {
	*run
	id  string
	now time.Time

	// pos is what the POS's history has under names of ours; known is false when it could not be asked.
	pos   map[string]*booked
	known bool
	// stranger says that the POS knows the customer under no number.
	stranger bool
	// past takes the place of pos where the POS keeps no references; nil for any other, and when it could not be asked.
	past *history
	// counted is under which number the POS's entries were seen, by its id of them; gone are numbers that the customer
	// had before and that the POS knows no more.
	counted map[string]string
	gone    map[string]bool
	// takes are the references of the conversions that our books hold as made.
	takes   map[string]bool
	refunds []refund
	sum     sum

	coupons, moving int
	found           []Difference
	gaps            []Gap
}

func (r *run) newPass(id string) *pass {
	return &pass{run: r, id: id, now: r.Clock.Now(), pos: map[string]*booked{}, takes: map[string]bool{},
		counted: map[string]string{}, gone: map[string]bool{}}
}

func (r *run) look(ctx context.Context, id string) (*pass, error) {
	p := r.newPass(id)
	field, err := r.Ours.Field(ctx, id)
	if err != nil {
		return nil, err
	}
	read := p.readPOS
	if r.POS == nil {
		read = p.readEntries
	}
	if err := read(ctx, field.FormerNumbers); err != nil {
		return nil, err
	}
	for after := int64(0); ; {
		page, err := r.Ours.CouponsOf(ctx, id, after, couponPage)
		if err != nil {
			return nil, err
		}
		for _, st := range page {
			if err := p.coupon(ctx, st); err != nil {
				return nil, err
			}
			after = st.Coupon.ID
		}
		if len(page) < couponPage {
			break
		}
	}
	p.comparePOS()
	p.compareSum()
	if err := p.compareField(ctx, field); err != nil {
		return nil, err
	}
	slices.SortFunc(p.found, byKey)
	return p, nil
}

// stuckAttempts is how many faults in a row make a coupon stuck that is still being worked on: at the queue's pace they
// take longer than half an hour.
const stuckAttempts = 15

// coupon compares one coupon. One on its way within its lease, or not long after, is moving and left out.
func (p *pass) coupon(ctx context.Context, st coupons.State) error {
	c := st.Coupon
	p.coupons++
	if !c.OnTheWay() {
		p.movements(st)
		p.sum.add(st)
		return p.code(ctx, st)
	}
	p.sum.skip(st)
	switch {
	case c.ParkedAt != nil:
		p.differ(Difference{Kind: Parked}, c)
	case !p.now.Before(c.LeaseUntil.Add(p.Timing.Stuck)), c.Attempts >= stuckAttempts:
		p.differ(Difference{Kind: Stuck, since: c.LeaseUntil}, c)
	default:
		p.moving++
	}
	p.leaveOut(st)
	return nil
}

func (p *pass) differ(d Difference, c domain.Coupon) {
	d.CustomerID, d.CouponID, d.Code = p.id, c.ID, c.Code
	p.found = append(p.found, d)
}

// gap notes what could not be asked; only the end of the whole comparison is an error.
func (p *pass) gap(ctx context.Context, couponID int64, upstream string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.gaps = append(p.gaps, gapOf(p.id, couponID, upstream, err))
	return nil
}

// keep leaves only what was found before as well.
func (p *pass) keep(before map[key]bool) {
	p.found = slices.DeleteFunc(p.found, func(d Difference) bool { return !before[d.key()] })
}
