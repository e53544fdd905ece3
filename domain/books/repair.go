package books

import (
	"context"
	"fmt"

	"pointbridge/domain"
)

// repair makes a repair that is safe to repeat, and records it.
func (r *run) repair(ctx context.Context, d Difference) error {
	f := Fix{At: r.Clock.Now()}
	f.Entry = domain.AuditEntry{At: f.At, Actor: domain.System().ID, ActorName: domain.System().Name,
		Action: domain.ActionBooksRepaired, Code: d.Code, CouponID: d.CouponID, CustomerID: d.CustomerID,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"kind": string(d.Kind)}}
	switch d.Kind {
	case CodeAliveThoughEnded, CodeAliveThoughExpired, CampaignCodesAlive:
		if err := r.Shop.DeactivateDiscount(ctx, d.discountID); err != nil &&
			domain.KindOf(err) != domain.KindNotFound {
			return err
		}
	case UsedButActive, UsedAfterRefund:
		if err := r.Uses.Use(ctx, d.sighting); err != nil {
			return err
		}
	case MetafieldStale, MetafieldEdited:
		f.Renew = d.CustomerID
	case Stuck:
		f.Jobs = []domain.Job{{Kind: domain.JobAdvance, CouponID: d.CouponID}}
		asked, err := r.askedFor(ctx, d)
		if err != nil {
			return err
		}
		if asked {
			f.Entry = domain.AuditEntry{} // the job may have been lost, but once in the audit is enough
		}
	default:
		return fmt.Errorf("%s has no safe repair", d.Kind)
	}
	return r.Ours.Repaired(ctx, f)
}

// askedFor reports whether this repair is in the audit since the difference began.
func (r *run) askedFor(ctx context.Context, d Difference) (bool, error) {
	history, err := r.Ours.History(ctx, d.CouponID)
	for _, e := range history {
		if e.Action == domain.ActionBooksRepaired && e.Detail["kind"] == string(d.Kind) && e.At.After(d.since) {
			return true, nil
		}
	}
	return false, err
}
