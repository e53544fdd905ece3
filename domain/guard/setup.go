package guard

import (
	"context"
	"errors"

	"pointbridge/domain"
)

// Title is what the shop's staff see the automatic discount as.
const Title = "Pointbridge guard"

// ErrNotPlus is a shop whose plan lets an app of its own have no Function.
var ErrNotPlus = errors.New("the guard of the checkout is switched on (GUARD=true), but the shop is not on Shopify " +
	"Plus, and only there may an app of a shop's own have a Function; nothing was made for it")

// TurnOn makes what the guard needs in the shop: the definition of the customers' metafield and the automatic discount
// that the Function stands behind. It may be repeated; where the answer to a creation was lost the discount is found by
// its metafield, and one too many is removed. Errors: ErrNotPlus; a *domain.UpstreamError.
func (s Service) TurnOn(ctx context.Context, function string) error {
	plus, err := s.Admin.ReadPlus(ctx)
	if err != nil {
		return err
	}
	if !plus {
		return ErrNotPlus
	}
	if err := s.Switch.TurnOn(ctx); err != nil {
		return err
	}
	if err := s.Admin.DefineGuard(ctx); err != nil {
		return err
	}
	p, _, err := s.Rounds.Shop(ctx)
	if err != nil {
		return err
	}
	if there, err := s.stands(ctx, p.GID); err != nil || there {
		return err
	}
	gid, err := s.oneDiscount(ctx, function)
	if err != nil {
		return err
	}
	return s.Switch.Made(ctx, gid)
}

// stands tells whether the automatic discount that we know is in the shop.
func (s Service) stands(ctx context.Context, gid string) (bool, error) {
	if gid == "" {
		return false, nil
	}
	_, _, err := s.Fields.ReadGuard(ctx, gid)
	if domain.KindOf(err) == domain.KindNotFound {
		return false, nil
	}
	return err == nil, err
}

// oneDiscount finds ours, or makes it. Of several the oldest stays.
func (s Service) oneDiscount(ctx context.Context, function string) (gid string, err error) {
	found, err := s.Admin.FindGuards(ctx)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		families, err := s.families(ctx)
		if err != nil {
			return "", err
		}
		value, _, err := s.shop(ctx, families)
		if err != nil {
			return "", err
		}
		return s.Admin.CreateGuard(ctx, function, Title, value, s.Clock.Now())
	}
	for _, more := range found[1:] {
		if err := s.Admin.DeleteGuard(ctx, more); err != nil {
			return "", err
		}
	}
	return found[0], nil
}

// TurnOff removes what TurnOn made, and then everything that is kept for the guard. Where it was never on it does
// nothing, and asks the shop nothing. Errors: a *domain.UpstreamError.
func (s Service) TurnOff(ctx context.Context) error {
	p, on, err := s.Rounds.Shop(ctx)
	if err != nil || !on {
		return err
	}
	found, err := s.Admin.FindGuards(ctx)
	if err != nil {
		return err
	}
	if p.GID != "" {
		found = append(found, p.GID) // the search may not know it yet
	}
	for _, gid := range found {
		if err := s.Admin.DeleteGuard(ctx, gid); err != nil {
			return err
		}
	}
	// With the definition every customer's value goes.
	if err := s.Admin.UndefineGuard(ctx); err != nil {
		return err
	}
	return s.Switch.TurnOff(ctx)
}

// Missing says what TurnOn, or TurnOff where the guard is not wanted, has to do yet.
func (s Service) Missing(ctx context.Context, wanted bool) ([]string, error) {
	p, on, err := s.Rounds.Shop(ctx)
	switch {
	case err != nil:
		return nil, err
	case !wanted && on:
		return []string{"GUARD is off, and what the guard of the checkout needed is still in the shop"}, nil
	case !wanted:
		return nil, nil
	}
	plus, err := s.Admin.ReadPlus(ctx)
	if err != nil {
		return nil, err
	}
	if !plus {
		return []string{ErrNotPlus.Error()}, nil
	}
	there, err := s.stands(ctx, p.GID)
	if err != nil || there {
		return nil, err
	}
	return []string{"the automatic discount behind the guard of the checkout is not in the shop"}, nil
}
