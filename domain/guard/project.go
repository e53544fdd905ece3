package guard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/domain/metafields"
)

// lease is how long one writer may take for one metafield.
const lease = time.Minute

// Service tells the Function of the checkout what it has to know. Its fields are set once, before the first call.
type Service struct {
	Campaigns   Campaigns
	Knowledge   Knowledge
	Projections Projections
	Rounds      Rounds
	Switch      Switch
	Fields      Fields
	Admin       Admin
	// Key makes marks, and KeyVersion says which key it is.
	Key        Key
	KeyVersion int
	// Texts and Default are as Shop's.
	Texts    map[string]Texts
	Default  string
	Clock    domain.Clock
	Observer domain.StepObserver
	Logger   *slog.Logger
}

// Note keeps what an order's use of a code showed: addresses as they were typed, numbers in international form. It may
// be called any number of times.
func (s Service) Note(ctx context.Context, orderID, code string, emails, phones []string) error {
	return s.Knowledge.Keep(ctx, orderID, code, s.KeyVersion, s.Key.Marks(emails, phones))
}

// Sync brings one metafield up to date if it is behind: it writes what is so now, whatever asked for it, and any number
// of changes become one. Errors: domain.ErrConflict when another writer is at it; a *domain.UpstreamError.
func (s Service) Sync(ctx context.Context, id int64) error {
	now := s.Clock.Now()
	p, err := s.Projections.Claim(ctx, id, now, now.Add(lease))
	if err != nil || p.Owner == "" {
		return err
	}
	if p.Written >= p.Wanted || p.target() == "" {
		return s.Projections.Release(ctx, id, p.Digest)
	}
	value, said, err := s.value(ctx, p)
	if err != nil {
		return errors.Join(err, s.Projections.Release(ctx, id, p.Digest))
	}
	if said == p.Said && p.Digest != metafields.DigestUnknown {
		return s.Projections.Written(ctx, id, p.Wanted, said, p.Digest)
	}
	return s.write(ctx, p, value, said)
}

// target is the metafield's owner in the shop; empty where there is none yet.
func (p Projection) target() string {
	if p.Owner == OwnerShop {
		return p.GID
	}
	return p.Owner
}

// value is what a metafield should say, with its digest; that of a customer of whom there is nothing to say is empty.
func (s Service) value(ctx context.Context, p Projection) (value []byte, said string, err error) {
	families, err := s.families(ctx)
	if err != nil {
		return nil, "", err
	}
	if p.Owner == OwnerShop {
		value, _, err = s.shop(ctx, families)
		return value, digestOf(value), err
	}
	c, err := s.customer(ctx, families, p.Owner)
	if err != nil {
		return nil, "", err
	}
	if value, err = c.Encode(); err != nil || c.Empty() {
		return value, "", err
	}
	return value, digestOf(value), nil
}

func (s Service) write(ctx context.Context, p Projection, value []byte, said string) error {
	if p.Said != SaidUnknown {
		if err := s.Projections.Begin(ctx, p.ID); err != nil {
			return errors.Join(err, s.Projections.Release(ctx, p.ID, p.Digest))
		}
	}
	digest, err := domain.Timed(ctx, s.Clock, s.Observer, "shopify.guard", func(ctx context.Context) (string, error) {
		return metafields.Put(ctx, metafields.Field{
			Read: func(ctx context.Context) ([]byte, string, error) { return s.Fields.ReadGuard(ctx, p.target()) },
			Write: func(ctx context.Context, value []byte, digest string) (string, error) {
				return s.Fields.WriteGuard(ctx, p.target(), value, digest)
			},
		}, value, p.Digest)
	})
	switch {
	case err == nil:
		return s.Projections.Written(ctx, p.ID, p.Wanted, said, digest)
	case domain.KindOf(err) == domain.KindNotFound:
		s.Logger.WarnContext(ctx, "what the checkout's guard is told has no owner any more", "shop", p.Owner == OwnerShop)
		return s.Projections.Gone(ctx, p.ID)
	}
	digest, err = metafields.Refused(p.Digest, err)
	return errors.Join(err, s.Projections.Release(ctx, p.ID, digest))
}

func digestOf(value []byte) string {
	sum := sha256.Sum256(value)
	return hex.EncodeToString(sum[:])
}

// told tells whether the Function is told of a campaign: one with a prefix whose rules are enforced and that is live or
// paused. What only watches rejects nothing.
func told(c campaigns.Campaign) bool {
	return c.Prefix != "" && c.Policy.Mode == decisions.Enforce &&
		(c.Status == campaigns.Live || c.Status == campaigns.Paused)
}

// families are the campaigns that the Function is told of, the newest first.
func (s Service) families(ctx context.Context) ([]campaigns.Campaign, error) {
	all, err := s.Campaigns.List(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(c campaigns.Campaign) bool { return !told(c) })
	slices.SortFunc(all, func(a, b campaigns.Campaign) int {
		return cmp.Or(b.MadeAt.Compare(a.MadeAt), cmp.Compare(b.ID, a.ID))
	})
	return all, nil
}

// shop is what the shop's metafield says, and how much of it did not fit.
func (s Service) shop(ctx context.Context, families []campaigns.Campaign) (value []byte, left int, err error) {
	shop := Shop{Key: s.Key, Texts: s.Texts, Default: s.Default}
	for _, c := range families[:min(len(families), MaxFamilies)] {
		f := Family{Key: c.Key, Prefix: c.Prefix, Paused: c.Status == campaigns.Paused}
		alone := slices.DeleteFunc([]identity.Kind{identity.Email, identity.Phone}, func(k identity.Kind) bool {
			return !c.Policy.Suffices(k)
		})
		if c.Policy.UsesPerPerson > 0 && len(alone) > 0 {
			q := Query{KeyVersion: s.KeyVersion, Kinds: alone, Limit: MaxMarks + 1}
			if f.Used, err = s.Knowledge.UsedUp(ctx, c.ID, q, c.Policy.UsesPerPerson); err != nil {
				return nil, 0, err
			}
		}
		// A verdict blocks a customer and an e-mail; a phone stands for a person only where the rules say so.
		named := append([]identity.Kind{identity.Email}, alone...)
		slices.Sort(named)
		q := Query{KeyVersion: s.KeyVersion, Kinds: slices.Compact(named), Limit: MaxMarks + 1}
		if f.Blocked, err = s.Knowledge.Blocked(ctx, c.ID, q); err != nil {
			return nil, 0, err
		}
		shop.Families = append(shop.Families, f)
	}
	value, left, err = shop.Encode()
	return value, left + max(0, len(families)-MaxFamilies), err
}

func (s Service) customer(ctx context.Context, families []campaigns.Campaign, gid string) (Customer, error) {
	uses, blocked, err := s.Knowledge.OfCustomer(ctx, gid)
	var c Customer
	for _, f := range families {
		if most := f.Policy.UsesPerPerson; most > 0 && uses[f.ID] >= most {
			c.Used = append(c.Used, f.Key)
		}
		if slices.Contains(blocked, f.ID) {
			c.Blocked = append(c.Blocked, f.Key)
		}
	}
	return c, err
}
