package members

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// A member who gets another number in the POS is moved with everything that is theirs. The POS gives the number first,
// this follows; what may be found then, and what becomes of it:
//
//	a coupon at rest, or on its way with nothing under way in the POS
//	                     moves; its next movement is sent under the new number
//	a movement that was applied or refused
//	                     keeps the number that it was sent under: that is where it happened
//	a movement that is under way (open)
//	                     refuses the move: only under the number that it was sent with can it be settled
//	a movement that a person has to settle (parked)
//	                     keeps its number, by which it is looked up; if it has to be sent again, it is under the new one
//	link, metafield, lock, refusals, day's limit, keys, own membership of staff, requests that are remembered
//	                     follow the member
//	the new number is unknown here, or known without coupons
//	                     is taken; what is known of it alone is kept
//	the new number has coupons, is linked to another customer of the shop, or was somebody else's
//	                     refuses the move: these may be two people, and no one can part them again
//
// The order: what is wrong by itself, whose membership it is, what the POS says of both numbers, and then one commit.
// Before the commit nothing has changed, whatever fails; after it everything has, and the same request again finds it
// done. No point is moved in the POS by it.

// Numbers keeps which numbers members have, and had.
type Numbers interface {
	// Renumber moves a member with everything that is theirs to another number and writes the audit entry, made from
	// how many coupons that were, with it. Errors: customer_not_found, movement_in_progress, number_taken.
	Renumber(ctx context.Context, from, to string, at time.Time, entry func(coupons int) domain.AuditEntry) (
		domain.Customer, error)
	// HolderOf finds who has a number that a member had before. Errors: customer_not_found.
	HolderOf(ctx context.Context, former string) (domain.Customer, error)
	// FormerNumbers lists the numbers that a member had before, the latest first.
	FormerNumbers(ctx context.Context, id string) ([]string, error)
}

// askAgain is what a caller is told to wait when others write the same rows again and again.
const askAgain = time.Second

// Renumbering is what a member's new number is asked with.
type Renumbering struct {
	Caller   domain.Caller
	From, To string
	// OldKept says that the POS keeps old numbers, without points. Whoever says so vouches that both are one member.
	OldKept bool
}

// Renumber moves a member to the number that the POS has given them. Errors: validation_failed, customer_not_found,
// customer_renumbered, own_membership, number_unknown, old_number_in_use, number_taken, movement_in_progress,
// upstream_unavailable.
func (s *Service) Renumber(ctx context.Context, r Renumbering) (domain.Customer, error) {
	if !domain.ValidCustomerID(r.From) {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if !domain.ValidCustomerID(r.To) || r.From == r.To {
		return domain.Customer{}, domain.Refuse(domain.CodeValidation, "field", "customer_id")
	}
	member, err := s.Members.Customer(ctx, r.From)
	if errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		return s.moved(ctx, r)
	}
	if err != nil {
		return domain.Customer{}, err
	}
	next := member
	next.ID = r.To
	if err := s.notTheirOwn(ctx, r.Caller, member, next); err != nil {
		return domain.Customer{}, err
	}
	if err := s.numberedByPOS(ctx, r); err != nil {
		return domain.Customer{}, err
	}
	return s.renumber(ctx, r)
}

// renumberTries is how often the commit is made anew when somebody else wrote the same rows.
const renumberTries = 3

func (s *Service) renumber(ctx context.Context, r Renumbering) (moved domain.Customer, err error) {
	now := s.Clock.Now()
	for try := range renumberTries {
		moved, err = s.Numbers.Renumber(ctx, r.From, r.To, now, func(coupons int) domain.AuditEntry {
			return domain.AuditEntry{At: now, Actor: r.Caller.ID, ActorName: r.Caller.Name,
				Credential: r.Caller.Credential, Action: domain.ActionCustomerRenumbered, CustomerID: r.To,
				Outcome: domain.OutcomeDone, Detail: map[string]any{"from": r.From, "to": r.To, "coupons": coupons}}
		})
		switch {
		case try > 0 && errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}):
			return s.moved(ctx, r) // a commit in doubt was made, or somebody was faster
		case !errors.Is(err, domain.ErrConflict):
			return moved, err
		}
	}
	return domain.Customer{}, &domain.Error{Code: domain.CodeMovementInProgress, RetryAfter: askAgain, Err: err}
}

// FormerNumbers lists the numbers that a member had in the POS before, the latest first.
func (s *Service) FormerNumbers(ctx context.Context, id string) ([]string, error) {
	return s.Numbers.FormerNumbers(ctx, id)
}

// HolderOf finds who has a number that a member had before. Errors: customer_not_found.
func (s *Service) HolderOf(ctx context.Context, former string) (domain.Customer, error) {
	return s.Numbers.HolderOf(ctx, former)
}

// moved answers for a number that is nobody's now: the same request again finds it done.
func (s *Service) moved(ctx context.Context, r Renumbering) (domain.Customer, error) {
	holder, err := s.Numbers.HolderOf(ctx, r.From)
	if err == nil && holder.ID != r.To {
		return domain.Customer{}, domain.Refuse(domain.CodeRenumbered)
	}
	return holder, err
}

// numberedByPOS refuses a move that the POS has not made: it knows the new number, and the old one no more. As long as it
// knows both they are two members to it, and points that are given back would change hands.
func (s *Service) numberedByPOS(ctx context.Context, r Renumbering) error {
	_, known, err := s.inPOS(ctx, r.To)
	if err != nil {
		return err
	}
	if !known {
		return domain.Refuse(domain.CodeNumberUnknown)
	}
	left, known, err := s.inPOS(ctx, r.From)
	if err != nil {
		return err
	}
	if known && (!r.OldKept || left.Points != 0) {
		return domain.Refuse(domain.CodeOldNumberInUse)
	}
	return nil
}

// inPOS asks the POS for a number. Errors: upstream_unavailable.
func (s *Service) inPOS(ctx context.Context, id string) (_ coupons.Balance, known bool, err error) {
	balance, err := domain.Timed(ctx, s.Clock, s.Observer, "pos.balance",
		func(ctx context.Context) (coupons.Balance, error) { return s.POS.Balance(ctx, id) })
	switch {
	case err == nil:
		return balance, true, nil
	case domain.ReasonOf(err) == domain.ReasonCustomerNotFound:
		return coupons.Balance{}, false, nil
	}
	return coupons.Balance{}, false, &domain.Error{Code: domain.CodeUpstreamUnavailable,
		RetryAfter: domain.RetryAfterOf(err), Err: err}
}
