package api

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/policies"
	"pointbridge/test/expect"
)

// ownPolicy is a shop's own policy: somebody between general staff and a store manager, and a POS that takes nothing
// back.
const ownPolicy = `g, cashier_lead, staff
p, cashier_lead, conversions, create
p, cashier_lead, conversions, read
g, second_pos, pos
p, second_pos, refunds, create, deny
p, store_manager, customers, unlock, deny
`

// ownRights are the rights of it, written down by themselves.
var ownRights = map[domain.Role][]string{
	"cashier_lead": {"points:read", "customer_coupons:read", "coupons:read", "coupons:ask", "customers:read", "customers:note", "conversions:create",
		"conversions:read", "session:own", "decisions:read", "campaigns:read", "dashboard:read"},
	"second_pos": {"points:read", "customer_coupons:read", "customers:read", "customers:link", "customers:renumber", "conversions:create",
		"conversions:read", "refunds:read", "decisions:create"},
	"store_manager": {"points:read", "customer_coupons:read", "coupons:ask", "approvals:decide", "coupons:read", "customers:read", "customers:note", "conversions:create",
		"conversions:read", "customers:renumber", "coupons:cancel", "coupons:suspend", "reviews:read",
		"reviews:decide", "session:own",
		"decisions:read", "decisions:judge", "campaigns:read", "dashboard:read", "refund_reports:read"},
	"gone": nil,
}

// readOwnPolicy reads it from a file.
func readOwnPolicy(t *testing.T) *policies.Enforcer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "policy.csv")
	if err := os.WriteFile(path, []byte(ownPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	policy, faults, err := policies.Load(path)
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	return policy
}

// newOwnShop is a shop with the policy, and a key of each of its roles, and of one that it had before.
func newOwnShop(t *testing.T, policy *policies.Enforcer) *shop {
	t.Helper()
	s := newShop(t, func(d *Deps) { d.Policy = policy })
	s.staff.WithRoles(policy.Roles())
	s.coupons.list = []domain.Coupon{coupon(domain.Active)}
	for i, role := range []domain.Role{"cashier_lead", "second_pos", "gone"} {
		s.tokens[role] = s.keys.add(t, uint64(100+i), domain.Caller{ID: "key:" + string(role), Name: "the " +
			string(role), Role: role})
	}
	return s
}

func TestEveryRouteWithARoleOfTheShopsOwn(t *testing.T) {
	t.Parallel()
	policy := readOwnPolicy(t)
	for role, rights := range ownRights {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			walkRoutes(t, role, func() (*shop, []request) {
				s := newOwnShop(t, policy)
				if slices.Contains(rights, "session:own") {
					return s, []request{keyed("k1"), s.signedIn(role)}
				}
				return s, []request{keyed("k1")}
			}, func(s *shop, name string) bool { return slices.Contains(rights, s.api.permissions[name].String()) })
		})
	}
}

func TestPeopleAreGivenRolesOfTheShopsOwn(t *testing.T) {
	t.Parallel()
	s := newOwnShop(t, readOwnPolicy(t))
	admin := s.signedIn(domain.RoleSystemAdmin)
	add := func(role, email string) answer {
		return s.call("", http.MethodPost, "/v1/staff", `{"email":"`+email+`","name":"Kato","role":"`+role+`"}`, admin)
	}
	got := add("cashier_lead", "kato@example.com").want(t, 201, "")
	expect.Equal(t, `got.body["role"]`, got.body["role"], "cashier_lead", got.raw)
	for _, role := range []string{"second_pos", "pos", "cashier", "gone", ""} { // a program's, and nobody's
		add(role, "other@example.com").want(t, 422, domain.CodeValidation)
	}
	made := s.call("", http.MethodGet, "/openapi.json", "").want(t, 200, "").raw
	plain := newShop(t).call("", http.MethodGet, "/openapi.json", "").want(t, 200, "").raw
	if !strings.Contains(made, `"cashier_lead"`) || !strings.Contains(made, `"second_pos"`) || strings.Contains(plain,
		"cashier_lead") {
		t.Error("the document does not name the roles that there are")
	}
	s.clock.Advance(staff.FreshFor + time.Second)
	add("cashier_lead", "late@example.com").want(t, 403, domain.CodeReauthentication)
}
