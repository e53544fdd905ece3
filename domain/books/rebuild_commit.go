package books

import (
	"context"
	"errors"

	"pointbridge/domain"
)

// commitAt is from how many coupons on those that wait are committed: a commit a member would be most of a run's work.
const commitAt = 200

// prepared are a member's codes that can be committed: those whose points are not with us are deactivated already.
type prepared struct {
	found []Restored
	list  []Restoration
}

// put lets a member's codes wait for a commit of several members, and makes it when there are enough of them.
func (r *rebuild) put(ctx context.Context, p prepared) error {
	if len(p.list) == 0 {
		return nil
	}
	r.mu.Lock()
	r.waiting = append(r.waiting, p)
	r.waits += len(p.list)
	full := r.waits >= commitAt
	r.mu.Unlock()
	if !full {
		return nil
	}
	return r.flush(ctx)
}

// flush commits what waits. Commits come one at a time: two of them could wait for each other's rows.
func (r *rebuild) flush(ctx context.Context) error {
	r.committing.Lock()
	defer r.committing.Unlock()
	r.mu.Lock()
	batch := r.waiting
	r.waiting, r.waits = nil, 0
	r.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	return r.commit(ctx, batch)
}

// commit writes members' codes together. Where that fails each member is tried alone, so that what is wrong with one keeps
// nobody else away; somebody who was faster with one of a member's codes leaves all of them to the next run.
func (r *rebuild) commit(ctx context.Context, batch []prepared) error {
	var list []Restoration
	var found []Restored
	for _, p := range batch {
		list, found = append(list, p.list...), append(found, p.found...)
	}
	var err error
	if r.write {
		err = r.Restorer.Restore(ctx, list)
	}
	switch {
	case err == nil:
		for _, f := range found {
			r.tell(f)
		}
	case ctx.Err() == nil && len(batch) > 1:
		for i := range batch {
			if err := r.commit(ctx, batch[i:i+1]); err != nil {
				return err
			}
		}
	case errors.Is(err, domain.ErrConflict):
		for _, f := range found {
			r.leave(f, "somebody else was faster")
		}
	default:
		return err
	}
	return nil
}
