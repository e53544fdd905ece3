package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/staff"
	"pointbridge/test/world"
)

// ownEnvironment is a whole environment with a policy of the shop's own.
func ownEnvironment(t *testing.T, policy string) map[string]string {
	t.Helper()
	env := providerEnvironment()
	env["POLICY_FILE"] = filepath.Join(t.TempDir(), "policy.csv")
	if err := os.WriteFile(env["POLICY_FILE"], []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	return env
}

func TestWhatIsSetForARoleHoldsForWhatInheritsFromIt(t *testing.T) {
	t.Parallel()
	env := ownEnvironment(t, "g, deputy, store_manager\ng, both, store_manager\ng, both, ec_admin\ng, trainee, deputy\ng, lead, staff\n")
	env["CANCEL_CAPS"] = "store_manager=1000/50000,ec_admin=5000/20000,deputy=800/40000"
	env["STAFF_SECOND_FACTOR"] = "ec_admin,trainee"
	env["OIDC_ROLES"] = "admins=system_admin,leads=lead"
	cfg, err := app.LoadConfig(world.EnvironOf(env))
	if err != nil {
		t.Fatal(err)
	}
	p, err := cfg.Policy()
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[domain.Role]coupons.Cap{"deputy": {PerAction: 800, PerDay: 40000},
		"both":    {PerAction: 1000, PerDay: 20000},
		"trainee": {PerAction: 800, PerDay: 40000}, "lead": {}} {
		if got := p.Caps[role]; got != want {
			t.Errorf("%s moves up to %v, want %v", role, got, want)
		}
	}
	factors, err := cfg.SecondFactorRoles()
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[domain.Role]bool{"ec_admin": true, "both": true, "trainee": true, "deputy": false,
		"lead": false, "store_manager": false} {
		if factors[role] != want {
			t.Errorf("%s has to have a second factor: %v", role, factors[role])
		}
	}
	if got := cfg.Provider().Roles; !slices.Contains(got, staff.RoleRule{Value: "leads", Role: "lead"}) {
		t.Errorf("the provider gives %v", got)
	}
}

func TestFaultsOfThePolicyFileAreNamedWithTheOthers(t *testing.T) {
	t.Parallel()
	env := ownEnvironment(t, "g, deputy, store_manager\np, staff, coupons, cancel\n\ng, pos_two, pos\nnonsense\n")
	env["CANCEL_CAPS"] = "store_manager=1000/1000,deputy=2000/1000,nobody=1/1"
	env["OIDC_ROLES"] = "a=system_admin,b=pos_two"
	_, err := app.LoadConfig(world.EnvironOf(env))
	for _, fault := range []string{"POLICY_FILE: line 2: staff would be widened by coupons:cancel",
		"POLICY_FILE: line 5: it begins with neither p nor g",
		"CANCEL_CAPS: deputy is given more than a role that it inherits from",
		`CANCEL_CAPS: there is no role "nobody"`,
		`OIDC_ROLES: "b=pos_two" is not value=role, with staff, store_manager, ec_admin, system_admin or deputy`} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q is not named: %v", fault, err)
		}
	}
	env["POLICY_FILE"] = filepath.Join(t.TempDir(), "none.csv")
	if _, err := app.LoadConfig(world.EnvironOf(env)); err == nil || !strings.Contains(err.Error(),
		"POLICY_FILE: the file cannot be read: there is none") {
		t.Errorf("a file that is not there: %v", err)
	}
}
