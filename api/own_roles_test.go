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
	"cashier_lead": {"points:read", "customer_coupons:read", "coupons:read", "customers:read", "conversions:create",
		"conversions:read", "session:own", "decisions:read", "campaigns:read"},
	"second_pos": {"points:read", "customer_coupons:read", "customers:read", "customers:link", "customers:renumber", "conversions:create",
		"conversions:read", "refunds:read", "decisions:create"},
	"store_manager": {"points:read", "customer_coupons:read", "coupons:read", "customers:read", "conversions:create",
		"conversions:read", "customers:renumber", "coupons:cancel", "coupons:suspend", "reviews:read",
		"reviews:decide", "session:own",
		"decisions:read", "decisions:judge", "campaigns:read"},
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
	for name, w := range walk {
		method, path, _ := strings.Cut(name, " ")
		if strings.HasPrefix(path, proxyPath) {
			continue
		}
		for role, rights := range ownRights {
			s := newOwnShop(t, policy)
			changes := []request{keyed("k1")}
			if slices.Contains(rights, "session:own") {
				changes = append(changes, s.signedIn(role))
			}
			may := slices.Contains(rights, s.api.permissions[name].String())
			got := s.call(role, method, w.path, w.body, changes...)
			if may {
				got.want(t, w.status, "")
				continue
			}
			got.want(t, http.StatusForbidden, domain.CodePermissionDenied)
			if s.service.called() != 0 || s.coupons.reads != 0 || len(s.audit.filters) != 0 || s.reports.reads != 0 {
				t.Errorf("%s as %s was refused after something had been read", name, role)
			}
			if noted := len(s.record.list) == 1 &&
				s.record.list[0].Action == "access.refused"; noted != (method != http.MethodGet) {
				t.Errorf("%s as %s: in the audit %v", name, role, noted)
			}
		}
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
