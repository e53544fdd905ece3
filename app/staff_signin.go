package app

import (
	"errors"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/passkeys"
	"pointbridge/integrations/store"
	"pointbridge/integrations/strength"
	"pointbridge/integrations/totp"
)

// SecondFactorRoles are the roles that have to have a second factor.
func (c Config) SecondFactorRoles() (map[domain.Role]bool, error) {
	required := map[domain.Role]bool{}
	switch c.SecondFactor {
	case "optional":
		return required, nil
	case "required":
		// Every role of the merchant's own is among them: somebody can have one that has become a program's since.
		for _, role := range append(c.Roles().Staff(), c.Roles().Own()...) {
			required[role] = true
		}
		return required, nil
	}
	for _, name := range strings.Split(c.SecondFactor, ",") {
		role := domain.Role(strings.TrimSpace(name))
		if !c.Roles().OfStaff(role) {
			return nil, errors.New("must be optional, required, or roles such as ec_admin,system_admin")
		}
		required[role] = true
	}
	for _, role := range c.Roles().Own() { // what is asked of a role is asked of those that inherit from it
		if slices.ContainsFunc(c.Roles().Lineage(role), func(from domain.Role) bool { return required[from] }) {
			required[role] = true
		}
	}
	return required, nil
}

// StaffService is everything that concerns people, with all that it takes; record gets the entries of what changes
// nothing.
func (c Config) StaffService(db *store.Store, record staff.Recorder) (*staff.Service, error) {
	required, err := c.SecondFactorRoles()
	if err != nil {
		return nil, err
	}
	keys, err := passkeys.New(c.PublicURL, c.ShopName)
	if err != nil {
		return nil, err
	}
	tools := staff.Tools{Strength: strength.Meter{}, TOTP: totp.Codes{}, Passkeys: keys, Secret: []byte(c.SecretKey),
		Shop: c.ShopName, Required: required, Idle: c.SessionIdle}
	return newStaff(staffStore(db, record),
		c.signInLimits()).WithProvider(c.Provider()).WithRoles(c.Roles()).Equip(tools), nil
}
