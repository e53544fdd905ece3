package command

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// providerEnvironment is a whole environment with an identity provider.
func providerEnvironment() map[string]string {
	env := world.GoodEnvironment()
	env["OIDC_ISSUER"], env["OIDC_CLIENT_ID"], env["OIDC_CLIENT_SECRET"] = "https://id.example.com/realms/shop", "points", "a word of theirs"
	env["OIDC_ROLES"] = "cn=admins=system_admin,shop=staff"
	return env
}

func TestSettingsOfTheIdentityProvider(t *testing.T) {
	t.Parallel()
	t.Run("a whole environment", func(t *testing.T) {
		t.Parallel()
		env := providerEnvironment()
		env["OIDC_ONLY"] = "true"
		cfg, err := app.LoadConfig(world.EnvironOf(env))
		if err != nil {
			t.Fatal(err)
		}
		p := cfg.Provider()
		want := []staff.RoleRule{
			{Value: "cn=admins", Role: domain.RoleSystemAdmin},
			{Value: "shop", Role: domain.RoleStaff},
		}
		if !p.Only || p.By == nil || !slices.Equal(p.Roles, want) || cfg.OIDCRoleClaim != "groups" ||
			cfg.OIDCTrustEmail {
			t.Errorf("only %v, roles %v, claim %s", p.Only, p.Roles, cfg.OIDCRoleClaim)
		}
	})
	t.Run("without a provider there is none", func(t *testing.T) {
		t.Parallel()
		cfg, err := app.LoadConfig(world.EnvironOf(world.GoodEnvironment()))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "cfg.Provider().By", cfg.Provider().By, nil)
		expect.Equal(t, "cfg.Provider().Only", cfg.Provider().Only, false)
	})
	for name, tc := range map[string]struct{ name, value, says string }{
		"an issuer that everybody can read": {"OIDC_ISSUER", "http://id.example.com", "OIDC_ISSUER must be https"},
		"an issuer with a query": {"OIDC_ISSUER", "https://id.example.com/?a=b",
			"OIDC_ISSUER must have no query"},
		"no client": {"OIDC_CLIENT_ID", "", "OIDC_CLIENT_ID is not set"},
		"no secret": {"OIDC_CLIENT_SECRET", "", "OIDC_CLIENT_SECRET is not set"},
		"no roles":  {"OIDC_ROLES", "", "OIDC_ROLES is not set"},
		"a role that nobody has": {"OIDC_ROLES", "admins=boss",
			"OIDC_ROLES: \"admins=boss\" is not value=role"},
		"a role that is no person's": {"OIDC_ROLES", "kiosks=pos",
			"OIDC_ROLES: \"kiosks=pos\" is not value=role"},
		"a value twice": {"OIDC_ROLES", "a=staff,a=system_admin",
			"OIDC_ROLES: \"a\" stands there twice"},
		"scopes that are not the protocol's":  {"OIDC_SCOPES", "email", "OIDC_SCOPES must contain openid"},
		"no other way in, and nobody to lead": {"OIDC_ONLY", "true", "OIDC_ROLES gives nobody system_admin"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := providerEnvironment()
			if tc.name == "OIDC_ONLY" {
				env["OIDC_ROLES"] = "shop=staff"
			}
			env[tc.name] = tc.value
			_, err := app.LoadConfig(world.EnvironOf(env))
			expect.MustThat(t, "err != nil", err != nil)
			expect.That(t, "err.Error() to contain tc.says", strings.Contains(err.Error(), tc.says), tc.says, err)
			expect.That(t, `err.Error() not to contain "a word of theirs"`,
				!strings.Contains(err.Error(), "a word of theirs"), err)
		})
	}
	for name, value := range map[string]string{"OIDC_ONLY": "true", "OIDC_CLIENT_ID": "points",
		"OIDC_CLIENT_SECRET": "a word of theirs", "OIDC_ROLES": "a=staff"} {
		t.Run("without an issuer "+name, func(t *testing.T) {
			t.Parallel()
			env := world.GoodEnvironment()
			env[name] = value
			_, err := app.LoadConfig(world.EnvironOf(env))
			expect.MustThat(t, "err != nil", err != nil)
			expect.That(t, "err.Error() to contain name", strings.Contains(err.Error(), name), name, err)
			expect.That(t, `err.Error() to contain "OIDC_ISSUER"`, strings.Contains(err.Error(), "OIDC_ISSUER"), err)
		})
	}
}
