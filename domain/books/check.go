package books

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	memberPage = 200
	couponPage = 100
	// historyPage is the most that the POS contract gives at once.
	historyPage = 200
	// mostPages bounds one customer's history: more of them are a POS that does not come to an end.
	mostPages = 10_000
)

// Checker compares. Its fields are set once, before the first call.
type Checker struct {
	Ours Ours
	Runs Runs
	// POS is the POS's history; nil where Entries takes its place, because the POS keeps no references.
	POS POS
	// Entries are what moved a member's points, without references.
	Entries coupons.History
	Shop    Shop
	Fields  Fields
	Uses    Uses
	// Campaigns and CampaignShop are for the discounts of campaigns; without them those are not compared.
	Campaigns    CampaignBook
	CampaignShop CampaignShop
	Clock        domain.Clock
	Timing       Timing
	// TestOrders lets the shop's test orders count as orders, as it does for the service.
	TestOrders bool
}

// Timing tells what is still moving from what is left lying.
type Timing struct {
	// Fresh is how long the service may take to notice something before it counts as a difference.
	Fresh time.Duration
	// Stuck is how long after its lease a coupon on the way counts as forgotten: longer than the queue waits between
	// tries.
	Stuck time.Duration
	// Pause is the wait before a difference is looked at a second time.
	Pause time.Duration
}

// DefaultTiming suits a service that runs beside the comparison.
func DefaultTiming() Timing {
	return Timing{Fresh: time.Minute, Stuck: 30 * time.Minute, Pause: 2 * time.Second}
}

// Options say what is compared, and whether safe repairs are made.
type Options struct {
	// CustomerID limits the comparison to one customer; empty means all.
	CustomerID string
	Repair     bool
}

// Run compares and tells out what it finds. It holds one customer's entries at a time. An upstream that cannot be asked
// leaves a gap and is no error. Errors: customer_not_found; those of the database; the context's.
func (c *Checker) Run(ctx context.Context, o Options, out Sink) (Summary, error) {
	r := &run{Checker: c, opts: o, out: out, failed: map[string]int{}}
	r.sum = Summary{Began: c.Clock.Now(), Found: map[Kind]int{}}
	err := r.all(ctx)
	r.sum.Ended, r.sum.Broken = c.Clock.Now(), err != nil
	if o.CustomerID == "" && c.Runs != nil {
		if saved := c.Runs.SaveRun(context.WithoutCancel(ctx), r.sum); err == nil {
			err = saved
		}
	}
	return r.sum, err
}

// Due reports whether the last whole comparison is longer ago than every. One that was incomplete is tried again
// sooner.
func (c *Checker) Due(ctx context.Context, every time.Duration) (bool, error) {
	last, err := c.Runs.LastRun(ctx)
	if err != nil || last.Began.IsZero() {
		return err == nil, err
	}
	if last.Incomplete() {
		every = min(every, time.Hour)
	}
	return !c.Clock.Now().Before(last.Began.Add(every)), nil
}

// run is one comparison.
type run struct {
	*Checker
	opts Options
	out  Sink
	sum  Summary
	// failed counts the failures in a row of each upstream.
	failed map[string]int
}

func (r *run) all(ctx context.Context) error {
	if r.opts.CustomerID != "" {
		return r.customer(ctx, r.opts.CustomerID)
	}
	for after := ""; ; {
		ids, err := r.Ours.Members(ctx, after, memberPage)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := r.customer(ctx, id); err != nil {
				return err
			}
		}
		if len(ids) < memberPage {
			return r.campaigns(ctx)
		}
		after = ids[len(ids)-1]
	}
}

// customer compares one customer. What differs is looked at once more, from the beginning: what a running service was
// just about to put right is gone by then.
func (r *run) customer(ctx context.Context, id string) error {
	p, err := r.look(ctx, id)
	if err != nil {
		return err
	}
	if len(p.found) > 0 {
		if err := r.wait(ctx, r.Timing.Pause); err != nil {
			return err
		}
		first := map[key]bool{}
		for _, d := range p.found {
			first[d.key()] = true
		}
		if p, err = r.look(ctx, id); err != nil {
			return err
		}
		p.keep(first)
	}
	return r.tell(ctx, p)
}

func (r *run) tell(ctx context.Context, p *pass) error {
	r.sum.Customers++
	err := r.told(ctx, p)
	if r.out.Progress != nil {
		r.out.Progress(r.sum)
	}
	return err
}

// told tells of what was found, and repairs what is safe.
func (r *run) told(ctx context.Context, p *pass) error {
	r.sum.Coupons += p.coupons
	r.sum.Moving += p.moving
	r.sum.Gaps += len(p.gaps)
	for _, g := range p.gaps {
		if r.out.Gap != nil {
			r.out.Gap(g)
		}
	}
	for _, d := range p.found {
		if r.opts.Repair && d.Safe() {
			d.Fault = r.repair(ctx, d)
			if d.Repaired = d.Fault == nil; d.Repaired {
				r.sum.Repaired++
			}
		}
		r.sum.Found[d.Kind]++
		if r.out.Difference != nil {
			r.out.Difference(d)
		}
	}
	return ctx.Err()
}

func (r *run) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-r.Clock.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
