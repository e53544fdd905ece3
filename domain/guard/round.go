package guard

import (
	"context"
	"fmt"

	"pointbridge/domain"
)

const (
	// spreadAtOnce is how many customers a change of rules reaches in one transaction, and spreadsARound how many of
	// those a round makes of one campaign.
	spreadAtOnce  = 500
	spreadsARound = 20
	// dueAtOnce is how many jobs a round asks for: the queue is everybody's.
	dueAtOnce = 500
)

// TokenOff is that of a campaign of which nobody is told.
const TokenOff = "off"

// Round finds what is behind: customers of campaigns whose rules have changed, the shop's metafield where it would say
// something else now, and whatever a change has left to be written. It may be repeated, and the next one goes on.
func (s Service) Round(ctx context.Context) error {
	p, on, err := s.Rounds.Shop(ctx)
	if err != nil || !on || p.GID == "" {
		return err
	}
	behind, err := s.Knowledge.Behind(ctx, s.KeyVersion)
	if err != nil {
		return err
	}
	if err := s.spread(ctx, behind); err != nil {
		return err
	}
	if err := s.compare(ctx, p); err != nil {
		return err
	}
	return s.Rounds.AskDue(ctx, dueAtOnce, func(id int64) domain.Job {
		return domain.Job{Kind: domain.JobGuard, Ref: fmt.Sprint(id)}
	})
}

// spread goes over all campaigns, because one that the Function is no longer told of has customers who are.
func (s Service) spread(ctx context.Context, behind bool) error {
	all, err := s.Campaigns.List(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		token := TokenOff
		if told(c) {
			token = fmt.Sprintf("%d/%d/%t", c.Policy.UsesPerPerson, s.KeyVersion, behind)
		}
		for left, i := true, 0; left && i < spreadsARound; i++ {
			if left, err = s.Rounds.Spread(ctx, c.ID, token, spreadAtOnce); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare wants the shop's metafield written where it would say something else now. No change counts it up: a mark that
// is kept, and every other cause, is found by what follows from it.
func (s Service) compare(ctx context.Context, p Projection) error {
	if p.Written < p.Wanted {
		return nil
	}
	families, err := s.families(ctx)
	if err != nil {
		return err
	}
	value, left, err := s.shop(ctx, families)
	if err != nil || digestOf(value) == p.Said {
		return err
	}
	if left > 0 {
		s.Logger.InfoContext(ctx, "the checkout's guard is not told of everything: there is no room", "left_out", left)
	}
	return s.Rounds.Want(ctx)
}
