package codes

import (
	"context"
	"errors"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// A batch is moved on by one actor at a time, who has its lease. Before each act there is a commit that says what is
// being sent, and after it one that says what became of it; whoever finds the first without the second asks the shop
// before anything is sent again. The steps, in the order in which they are looked for:
//
//	found in the database                      | the shop may have         | step
//	a chunk that is being sent, by nobody      | some of its codes         | read the newest codes; the others after the quiet time are planned again
//	the discount was asked for, no id          | the discount, or not      | read by its first code; sent again after the quiet time
//	the discount was being switched            | either                    | switch it again after the quiet time
//	a chunk that the shop works on             | some of its codes         | ask how far it is
//	a list that stands still for too long      | –                         | forget whom it was for, and stop
//	the campaign was changed                   | the discount as it was    | pause, stop, resume; switch the discount off or on, or give it its end
//	running: fewer codes than wanted           | –                         | plan more of them
//	running: no discount                       | nothing                   | make it, with the first code
//	running: codes are planned                 | the discount              | send a chunk
//	running: rows wait                         | –                         | give personal codes out
//	running: all have an outcome               | all made codes            | done
//
// A code is planned in a commit before the shop hears of it, and Plan never plans more than are wanted. So whatever is
// in the shop is in our table, nothing is there twice, and there are never more codes than were asked for.

// run is one actor's work on a batch.
type run struct {
	*Service
	b      Batch
	c      campaigns.Campaign
	chunks []Chunk
	timing Timing
	until  time.Time
}

// Advance works on a batch for a slice of time. Errors: domain.ErrConflict while somebody else has it; domain.Later when
// there is more to do; whatever the shop says when it cannot be had.
func (s *Service) Advance(ctx context.Context, id int64) error {
	timing, now := s.Timing.filled(), s.now()
	b, c, err := s.Batches.Claim(ctx, id, now, now.Add(timing.Lease))
	if err != nil {
		return err
	}
	r := &run{Service: s, b: b, c: c, timing: timing, until: now.Add(timing.Slice)}
	if r.chunks, err = s.Shelf.OpenChunks(ctx, id); err != nil {
		return err
	}
	for {
		more, err := r.step(ctx)
		if err != nil {
			return r.leave(ctx, err)
		}
		if !more {
			return nil
		}
		if !s.now().Before(r.until) {
			return r.leave(ctx, &domain.Later{})
		}
	}
}

// leave gives the batch up so that the next actor need not wait for the lease, where nothing can be on its way. Of a
// commit that failed nobody knows what is in the database; then the lease ends by itself.
func (r *run) leave(ctx context.Context, why error) error {
	if errors.Is(why, domain.ErrConflict) {
		return why
	}
	free := r.b
	free.LeaseUntil = r.now().Add(pauseAfter(why))
	if _, err := r.Batches.Commit(context.WithoutCancel(ctx), Change{Was: r.b, Batch: free}); err != nil {
		return errors.Join(why, err)
	}
	return why
}

// pauseAfter is how long a batch is left alone. A refusal is the same when it is asked for again at once.
func pauseAfter(why error) time.Duration {
	var later *domain.Later
	if errors.As(why, &later) {
		return later.After
	}
	if asked := domain.RetryAfterOf(why); asked > 0 {
		return asked
	}
	switch domain.KindOf(why) {
	case domain.KindRefused, domain.KindAuth:
		return refusedPause
	default:
		return heldUp
	}
}

// commit writes a change and goes on with what was written. It renews the lease.
func (r *run) commit(ctx context.Context, ch Change) error {
	ch.Was, ch.Batch.LeaseUntil = r.b, r.now().Add(r.timing.Lease)
	b, err := r.Batches.Commit(ctx, ch)
	if err != nil {
		return err
	}
	r.b = b
	return nil
}

// quiet is how long it is until something that was sent at a moment can arrive no longer.
func (r *run) quiet(sent time.Time) time.Duration {
	return sent.Add(r.timing.Lease + r.timing.Settle).Sub(r.now())
}

// act gives an outside act no more time than the actor surely has.
func (r *run) act(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, r.timing.Lease)
	defer cancel()
	return do(ctx)
}

// step does one thing; more is false when the batch is at rest.
func (r *run) step(ctx context.Context) (more bool, err error) {
	switch orphan := r.orphan(); {
	case orphan >= 0:
		return true, r.settleChunk(ctx, orphan)
	case r.b.CreatingSince != nil:
		return true, r.settleDiscount(ctx)
	case r.b.Shop == ShopAsking:
		return true, r.settleSwitch(ctx)
	case r.b.Shop == ShopRemoving:
		return false, r.rest(ctx) // Sweep goes on with it
	case r.b.Kind == Bound && r.b.Status == Paused && r.old():
		return true, r.stop(ctx, TookTooLong)
	case r.b.Synced != r.c.Version:
		return true, r.sync(ctx)
	case len(r.chunks) > 0 && (len(r.chunks) >= openChunks || r.b.Planned == 0 || r.b.Status != Running):
		return true, r.poll(ctx)
	case r.b.Status == Running:
		return true, r.make(ctx)
	default:
		return false, r.rest(ctx)
	}
}

// make does the next thing that brings codes about.
func (r *run) make(ctx context.Context) error {
	if !r.open() {
		return r.hold(ctx)
	}
	if r.b.Kind == Bound {
		return r.issue(ctx)
	}
	switch {
	case r.b.Refused > mostRefused:
		return r.stop(ctx, TooManyRefused)
	case r.b.Shop == ShopGone:
		return r.stop(ctx, DiscountGone)
	case r.b.Kind == Unbound && r.b.Made+r.b.Planned+r.b.Sent < r.b.Wanted:
		return r.plan(ctx)
	case r.b.DiscountID == "" && r.b.Planned > 0:
		return r.create(ctx)
	case r.b.Planned > 0:
		return r.send(ctx)
	default:
		return r.finish(ctx)
	}
}

// open tells whether codes of the campaign are made at this moment. Before its start they are: somebody has to send
// them out.
func (r *run) open() bool {
	return r.c.Status == campaigns.Live && r.now().Before(r.c.Offer.EndsAt)
}

func (r *run) over() bool {
	return r.c.Status == campaigns.Ended || !r.now().Before(r.c.Offer.EndsAt)
}

// hold pauses a batch whose campaign is paused, and stops one whose campaign is over.
func (r *run) hold(ctx context.Context) error {
	if r.over() {
		return r.stop(ctx, ByCampaign)
	}
	b := r.b
	b.Status, b.Reason = Paused, ByCampaign
	return r.commit(ctx, Change{Batch: b, Entry: r.system(domain.ActionBatchMoved, b, r.moved(Paused, ByCampaign))})
}

// stop ends the making for good. What was planned was never sent.
func (r *run) stop(ctx context.Context, why string) error {
	b, at := r.b, r.now()
	b.Status, b.Reason, b.FinishedAt = Stopped, why, &at
	return r.commit(ctx, Change{Batch: b, Forget: b.Kind == Bound,
		Entry: r.system(domain.ActionBatchMoved, b, r.moved(Stopped, why))})
}

func (r *run) finish(ctx context.Context) error {
	b, at := r.b, r.now()
	b.Status, b.Reason, b.FinishedAt = Done, "", &at
	detail := r.moved(Done, "")
	detail["made"], detail["refused"] = b.Made, b.Refused
	return r.commit(ctx, Change{Batch: b, Entry: r.system(domain.ActionBatchMoved, b, detail)})
}

func (r *run) moved(to Status, why string) map[string]any {
	return map[string]any{"campaign": r.c.Key, "before": string(r.b.Status), "after": string(to), "reason": why}
}

// rest gives the batch up.
func (r *run) rest(ctx context.Context) error {
	b := r.b
	b.LeaseUntil = r.now()
	_, err := r.Batches.Commit(ctx, Change{Was: r.b, Batch: b})
	return err
}

// orphan is the chunk of which nobody knows whether it arrived; -1 for none.
func (r *run) orphan() int {
	return slices.IndexFunc(r.chunks, func(c Chunk) bool { return c.State == Sending })
}

// wait leaves the shop alone for a while, if the slice is long enough for that.
func (r *run) wait(ctx context.Context, d time.Duration) error {
	if d > 0 && r.now().Add(d).After(r.until) {
		return &domain.Later{After: d}
	}
	if d <= 0 {
		return nil
	}
	select {
	case <-r.Clock.After(d):
		return nil
	case <-ctx.Done():
		return &domain.Later{After: d}
	}
}
