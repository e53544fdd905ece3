package learn

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// atOnce is how many digests, and how many subjects, one step of the upkeep takes.
const atOnce = 500

// Keys are the keys of digests; identity.Keyring is.
type Keys interface {
	Version() int
	WrapTo(d identity.Digest, version int) (identity.Digest, error)
	Check(version int) ([]byte, error)
	Verify(version int, kept []byte) bool
}

// Upkeep keeps digests in order: it forgets what is old, and brings everything under the newest key.
type Upkeep struct {
	Archive decisions.Archive
	Keys    Keys
	// Retention is how long uses, decisions' facts and verdicts' persons are kept; zero for ever.
	Retention time.Duration
	Now       func() time.Time
	Logger    *slog.Logger
}

// ErrOtherKeys is a keyring that cannot have made the digests that are kept: with it nobody would be recognised.
var ErrOtherKeys = errors.New("IDENTITY_KEY or IDENTITY_KEY_OLD is not what it was")

// CheckKeys compares the keys with what is known of those that were used, and makes the new ones known. Errors:
// ErrOtherKeys when one that was used is another now, or is missing.
func (u Upkeep) CheckKeys(ctx context.Context) error {
	known, err := u.Archive.KeyChecks(ctx)
	if err != nil {
		return err
	}
	for version, check := range known {
		if !u.Keys.Verify(version, check) {
			return fmt.Errorf("%w: key %d", ErrOtherKeys, version)
		}
	}
	for version := 1; version <= u.Keys.Version(); version++ {
		if _, have := known[version]; have {
			continue
		}
		check, err := u.Keys.Check(version)
		if err != nil {
			return err
		}
		err = u.Archive.KeepKeyCheck(ctx, version, check, u.Now())
		if errors.Is(err, domain.ErrConflict) && !errors.Is(err, domain.ErrUnavailable) {
			return fmt.Errorf("%w: key %d", ErrOtherKeys, version)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Forget removes what is older than the retention, step by step; one that is cut off goes on with the next round.
func (u Upkeep) Forget(ctx context.Context) error {
	if u.Retention <= 0 {
		return nil
	}
	_, err := repeat(ctx, func() (int, error) { return u.Archive.Forget(ctx, u.Now().Add(-u.Retention), atOnce) })
	return err
}

// Rotate brings every digest that is under an older key under the newest one, step by step, beside everything else.
// It does nothing with keys that are not those of the digests.
func (u Upkeep) Rotate(ctx context.Context) (done int, err error) {
	if err := u.CheckKeys(ctx); err != nil {
		return 0, err
	}
	newest := u.Keys.Version()
	done, err = repeat(ctx, func() (int, error) {
		return u.Archive.Rewrap(ctx, newest, atOnce, func(d identity.Digest) (identity.Digest, error) {
			return u.Keys.WrapTo(d, newest)
		})
	})
	if done > 0 {
		u.Logger.InfoContext(ctx, "digests were brought under the newest key", "digests", done, "key", newest)
	}
	return done, err
}

func repeat(ctx context.Context, step func() (int, error)) (sum int, err error) {
	for {
		done, err := step()
		if sum += done; err != nil || done == 0 {
			return sum, err
		}
		if err := ctx.Err(); err != nil {
			return sum, err
		}
	}
}
