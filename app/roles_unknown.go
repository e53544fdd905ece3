package app

import (
	"context"
	"fmt"
	"strconv"

	"pointbridge/domain"
)

// roleless is somebody, or a key, whose role is none: POLICY_FILE made it once and does not any more. They may do
// nothing.
type roleless struct {
	who  string
	role domain.Role
}

// rolelessNow finds the people who may get in and the keys that let in, whose role is none.
func (a *App) rolelessNow(ctx context.Context) (list []roleless, err error) {
	people, err := a.Aside.Staff.ListStaff(ctx)
	if err != nil {
		return nil, err
	}
	roles := a.Rules.Roles()
	for _, p := range people {
		if p.DisabledAt == nil && !roles.OfStaff(p.Role) { // one that has become a program's is none of theirs either
			list = append(list, roleless{domain.StaffMark + strconv.FormatInt(p.ID, 10), p.Role})
		}
	}
	keys, err := Machines(a.Aside).List(ctx)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.Alive(a.Service.Clock.Now()) && !roles.Knows(k.Caller.Role) {
			list = append(list, roleless{domain.KeyMark + k.Prefix, k.Caller.Role})
		}
	}
	return list, nil
}

// WarnOfRoles tells of each of them once, at the start.
func (a *App) WarnOfRoles(ctx context.Context) error {
	list, err := a.rolelessNow(ctx)
	if err != nil {
		return err
	}
	for _, r := range list {
		a.Logger.WarnContext(ctx, "a role is unknown, so whoever has it may do nothing: give another one, or put it back into POLICY_FILE",
			"who", r.who, "role", r.role)
	}
	a.sawRoleless = len(list) > 0
	return nil
}

// rolelessNotes are what /readyz shows of them: how many, for anybody may ask. None can come while the service runs, so
// one that began without any need not look. That the database does not answer is said elsewhere.
func (a *App) rolelessNotes(ctx context.Context) []string {
	if !a.sawRoleless {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	list, err := a.rolelessNow(ctx)
	if err != nil || len(list) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d accounts or keys have a role that there is not, and may do nothing; the log of the start names them", len(list))}
}
