package domain

import (
	"maps"
	"slices"
)

// OwnRole is a role that the merchant made, beside those that come with Pointbridge.
type OwnRole struct {
	Name Role
	// Inherits are the roles it inherits from, near and far.
	Inherits []Role
	// Staff says that a person can have it; the others are for programs alone.
	Staff bool
}

// RoleBook is the roles that there are in one installation. The zero RoleBook has those that come with Pointbridge.
type RoleBook struct{ own map[Role]OwnRole }

// NewRoleBook makes the book of an installation with roles of its own.
func NewRoleBook(own []OwnRole) RoleBook {
	b := RoleBook{own: make(map[Role]OwnRole, len(own))}
	for _, r := range own {
		b.own[r.Name] = r
	}
	return b
}

// Own lists the merchant's roles by name.
func (b RoleBook) Own() []Role { return slices.Sorted(maps.Keys(b.own)) }

// All lists every role, the merchant's last.
func (b RoleBook) All() []Role { return append(Roles(), b.Own()...) }

// Staff lists the roles that a person can have.
func (b RoleBook) Staff() []Role {
	return slices.DeleteFunc(b.All(), func(r Role) bool { return !b.OfStaff(r) })
}

// Knows reports whether there is the role. What somebody was given before and is there no longer has no rights.
func (b RoleBook) Knows(role Role) bool { return slices.Contains(Roles(), role) || b.IsOwn(role) }

// IsOwn reports whether the role is the merchant's.
func (b RoleBook) IsOwn(role Role) bool {
	_, own := b.own[role]
	return own
}

// OfStaff reports whether a person can have the role.
func (b RoleBook) OfStaff(role Role) bool { return role.OfStaff() || b.own[role].Staff }

// Decides reports whether the role may do what only a person may: a program that could make such a person could be one.
// Every role of the merchant's counts as one.
func (b RoleBook) Decides(role Role) bool { return b.OfStaff(role) && role != RoleStaff }

// Lineage returns the role and everything that it inherits from, so that what is set for one of them holds for it too.
func (b RoleBook) Lineage(role Role) []Role {
	return append([]Role{role}, b.own[role].Inherits...)
}
