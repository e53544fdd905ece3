package decisions

import (
	"context"
	"time"

	"pointbridge/domain"
)

// askShop asks once for everything that the rules need, outside any transaction. Of what is not answered in time nobody
// can tell; the decision says so. An order is not waited for by anybody: what may go better later is an error then, and
// the queue asks again.
func (s Service) askShop(ctx context.Context, q Question, p Policy, at time.Time) (ShopAnswer, error) {
	wants := p.wants(q, at)
	if s.Shop == nil || wants.nothing() {
		return ShopAnswer{}, nil
	}
	if q.Stage == StageOrder {
		answer, err := s.Shop.ShopFacts(ctx, wants)
		if err != nil && !forGood(err) {
			return ShopAnswer{}, err
		}
		return answer, nil
	}
	limited, cancel := context.WithTimeout(ctx, s.ShopWait)
	defer cancel()
	answer, err := s.Shop.ShopFacts(limited, wants)
	if ctx.Err() != nil {
		return ShopAnswer{}, ctx.Err() // whoever asked has gone
	}
	if err != nil {
		return ShopAnswer{}, nil //nolint:nilerr // what nobody knows is decided by the campaign, and the answer names it
	}
	return answer, nil
}

// forGood tells that the shop would refuse the same question again.
func forGood(err error) bool {
	switch domain.KindOf(err) {
	case domain.KindRefused, domain.KindNotFound:
		return true
	case domain.KindAuth:
		return domain.ReasonOf(err) == domain.ReasonAccessDenied
	default:
		return false
	}
}

// money is the amount of a minimum.
func money(c Condition) domain.Money { return domain.Money{Minor: c.Number, Currency: c.Key} }
