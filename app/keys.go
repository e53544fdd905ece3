package app

import (
	"context"
	"crypto/rand"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store"
)

// CreateKey makes a key as whoever works at this machine, and gives its token, which nobody can read again.
func CreateKey(ctx context.Context, db *store.Store, k staff.NewKey) (string, error) {
	token, _, err := Machines(db).Add(ctx, staff.Operator(), k)
	return token, err
}

// Machines hands out keys with the roles that come with Pointbridge.
func Machines(db *store.Store) staff.Machines { return MachinesOf(db, domain.RoleBook{}) }

func MachinesOf(db *store.Store, roles domain.RoleBook) staff.Machines {
	return staff.Machines{Keys: db.Keys, Owners: db.Staff, Random: rand.Reader, Now: domain.SystemClock{}.Now,
		Roles: roles}
}

// WarnOfKeys tells, at the start, of keys that nobody answers for, and of those that end soon.
func (a *App) WarnOfKeys(ctx context.Context) error {
	list, err := Machines(a.Store).List(ctx)
	if err != nil {
		return err
	}
	now := a.Service.Clock.Now()
	for _, k := range list {
		if !k.Alive(now) {
			continue
		}
		if k.Unowned() {
			a.Logger.WarnContext(ctx, "nobody answers for a key: make another one with --owner and revoke it", "prefix",
				k.Prefix, "role", k.Caller.Role)
		}
		if k.ExpiresAt != nil && k.ExpiresAt.Sub(now) < endsSoon {
			a.Logger.WarnContext(ctx, "a key ends soon", "prefix", k.Prefix, "role", k.Caller.Role, "ends",
				k.ExpiresAt.UTC())
		}
	}
	return nil
}

// endsSoon is how long before its end a key is told of at each start.
const endsSoon = 14 * 24 * time.Hour
