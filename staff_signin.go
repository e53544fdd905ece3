package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/passkeys"
	"pointbridge/integrations/strength"
	"pointbridge/integrations/totp"
)

// secondFactorRoles are the roles that have to have a second factor.
func (c Config) secondFactorRoles() (map[domain.Role]bool, error) {
	required := map[domain.Role]bool{}
	switch c.SecondFactor {
	case "optional":
		return required, nil
	case "required":
		for _, role := range c.roles().Staff() {
			required[role] = true
		}
		return required, nil
	}
	for _, name := range strings.Split(c.SecondFactor, ",") {
		role := domain.Role(strings.TrimSpace(name))
		if !c.roles().OfStaff(role) {
			return nil, errors.New("must be optional, required, or roles such as ec_admin,system_admin")
		}
		required[role] = true
	}
	for _, role := range c.roles().Own() { // what is asked of a role is asked of those that inherit from it
		if slices.ContainsFunc(c.roles().Lineage(role), func(from domain.Role) bool { return required[from] }) {
			required[role] = true
		}
	}
	return required, nil
}

// staffService is everything that concerns people, with all that it takes.
func (c Config) staffService(db staff.Store) (*staff.Service, error) {
	required, err := c.secondFactorRoles()
	if err != nil {
		return nil, err
	}
	keys, err := passkeys.New(c.PublicURL, c.ShopName)
	if err != nil {
		return nil, err
	}
	tools := staff.Tools{Strength: strength.Meter{}, TOTP: totp.Codes{}, Passkeys: keys, Secret: []byte(c.SecretKey),
		Shop: c.ShopName, Required: required, Idle: c.SessionIdle}
	return newStaff(db, c.signInLimits()).WithProvider(c.provider()).WithRoles(c.roles()).Equip(tools), nil
}

func staffSecondFactorCommand(environ []string) *cobra.Command {
	var email, data string
	cmd := &cobra.Command{
		Use:   "reset-second-factor",
		Short: "Take every second factor of a person away, who lost theirs; their sessions end at once",
		Args:  cobra.NoArgs,
		RunE: withStaff(environ, &data, func(cmd *cobra.Command, people *staff.Service) error {
			p, err := people.ByEmail(cmd.Context(), email)
			if err != nil {
				return err
			}
			if err := people.ResetSecondFactor(cmd.Context(), staff.Operator(), p.ID); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s has no second factor any more.\n", p.Email)
			return nil
		}),
	}
	cmd.Flags().StringVar(&email, "email", "", "the person's mail address")
	withData(cmd, &data)
	return cmd
}
