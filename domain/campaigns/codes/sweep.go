package codes

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// Sweep takes discounts out of the shop whose time has been over for as long as their campaign says. They are named by
// the ids that the shop gave us for them, many in one call; the shop does it later, and is asked whether each is gone.
// Our rows and figures stay. Deleting what is gone changes nothing, so that a lost answer is made good by asking again.
//
//	found in the database            | step
//	sweep_at has passed              | read the discount; one that is over, and whose uses are known: announce the removal, ask
//	                                 | for it, keep the job
//	being removed, the job runs      | ask again later
//	being removed, otherwise         | read each discount: gone ones are removed, the others are asked for again
func (s *Service) Sweep(ctx context.Context) error {
	timing, now := s.Timing.filled(), s.now()
	list, err := s.Shelf.Sweepable(ctx, now, now.Add(timing.Lease), sweepAtOnce)
	if err != nil || len(list) == 0 {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timing.Lease)
	defer cancel()
	var fresh []Batch
	var all []error // of one discount that cannot be read the others do not wait for
	for _, b := range list {
		if b.Shop != ShopRemoving {
			fresh = append(fresh, b)
			continue
		}
		left, err := s.removed(ctx, b)
		all = append(all, err)
		if left != nil {
			fresh = append(fresh, *left)
		}
	}
	return errors.Join(append(all, s.remove(ctx, fresh))...)
}

// remove announces the removal of discounts, asks for it, and keeps the shop's job.
func (s *Service) remove(ctx context.Context, list []Batch) error {
	ids := make([]string, 0, len(list))
	var announced []Batch
	var all []error
	for i := range list {
		over, err := s.overInShop(ctx, list[i])
		all = append(all, err)
		if err != nil || !over {
			continue
		}
		at, b := s.now(), list[i]
		b.Shop, b.ShopSince, b.Removal = ShopRemoving, &at, ""
		b, err = s.Batches.Commit(ctx, Change{Was: list[i], Batch: b})
		if errors.Is(err, domain.ErrConflict) {
			continue
		}
		if err != nil {
			return err
		}
		announced, ids = append(announced, b), append(ids, b.DiscountID)
	}
	if len(ids) == 0 {
		return errors.Join(all...)
	}
	job, err := s.Bulk.DeleteDiscounts(ctx, ids)
	if err != nil {
		return errors.Join(append(all, err)...)
	}
	for _, was := range announced {
		b := was
		b.Removal, b.LeaseUntil = job, s.now().Add(removalPoll)
		if _, err := s.Batches.Commit(ctx, Change{Was: was, Batch: b}); err != nil && !errors.Is(err, domain.ErrConflict) {
			return err
		}
	}
	return errors.Join(all...)
}

// lateOrders is how long after its end a discount is kept of which the shop counts a use that we do not know of. It is as
// far back as an app may read orders: what has not come by then, as that of a test, does not come.
const lateOrders = 60 * 24 * time.Hour

// untold reports whether an order that used a discount may still come to light: the shop counts more uses than we know of.
func (s *Service) untold(ctx context.Context, b Batch, found Found) (bool, error) {
	if found.Uses == 0 || b.EndsAt != nil && !s.now().Before(b.EndsAt.Add(lateOrders)) {
		return false, nil
	}
	known, err := s.Shelf.UsesOf(ctx, b.ID)
	return err == nil && known < found.Uses, err
}

// overInShop tells whether a discount is over in the shop too, and its orders are known. Any other one is left alone for
// a day: the books have it where somebody gave it another end there, also where its removal was announced and never came
// to be.
func (s *Service) overInShop(ctx context.Context, b Batch) (bool, error) {
	found, err := s.Shop.ReadCampaignDiscount(ctx, b.DiscountID)
	if err != nil && domain.KindOf(err) == domain.KindNotFound {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if late, err := s.untold(ctx, b, found); err != nil || !late && !found.Alive() {
		return err == nil, err
	}
	left, later := b, s.now().AddDate(0, 0, 1)
	left.SweepAt, left.LeaseUntil = &later, s.now()
	if b.Shop == ShopRemoving {
		at := s.now()
		left.Shop, left.ShopSince, left.Removal = ShopOff, &at, ""
	}
	if _, err := s.Batches.Commit(ctx, Change{Was: b, Batch: left}); err != nil && !errors.Is(err, domain.ErrConflict) {
		return false, err
	}
	return false, nil
}

// removalPoll is how long the shop is left alone with a removal.
const removalPoll = 10 * time.Second

// removed finds out whether a removal has taken effect; left is the batch whose discount is still there and has to be
// asked for again.
func (s *Service) removed(ctx context.Context, was Batch) (left *Batch, err error) {
	b := was
	if b.Removal != "" {
		done, err := s.Bulk.JobDone(ctx, b.Removal)
		if err != nil && domain.KindOf(err) != domain.KindNotFound {
			return nil, err
		}
		if err == nil && !done {
			b.LeaseUntil = s.now().Add(removalPoll)
			_, err := s.Batches.Commit(ctx, Change{Was: was, Batch: b})
			return nil, err
		}
	}
	_, err = s.Shop.ReadCampaignDiscount(ctx, b.DiscountID)
	if err == nil {
		return &was, nil
	}
	if domain.KindOf(err) != domain.KindNotFound {
		return nil, err
	}
	at := s.now()
	b.Shop, b.ShopSince, b.Removal, b.LeaseUntil = ShopRemoved, &at, "", at
	_, err = s.Batches.Commit(ctx, Change{Was: was, Batch: b, Entry: s.system(domain.ActionCampaignDiscountRemoved, b,
		map[string]any{"codes": b.Made})})
	return nil, err
}
