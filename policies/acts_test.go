package policies

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

func enforcerOf(t *testing.T) *Enforcer {
	t.Helper()
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestActsAreReadAndDeniedByDefault(t *testing.T) {
	t.Parallel()
	rules, err := enforcerOf(t).Acts()
	if err != nil {
		t.Fatal(err)
	}
	for key, rule := range rules {
		if key.Act.ClosesReview() && !rule.Person && key.Role != domain.RoleService {
			t.Errorf("a program may %s as %s", key.Act, key.Role)
		}
		if key.Role == domain.RoleStaff || key.Role == domain.RoleCustomer {
			t.Errorf("%s may %s", key.Role, key.Act)
		}
	}
	for _, act := range domain.Acts() { // what moves value has a bound, whoever does it
		for _, role := range domain.StaffRoles() {
			if rule, ok := rules[domain.ActKey{Act: act, Role: role}]; ok && rule.Capped == (act == domain.ActRefuse) {
				t.Errorf("%s by %s is capped: %v", act, role, rule.Capped)
			}
		}
	}
	if len(ActsDigest()) != 64 || ActsDigest() == Digest() {
		t.Errorf("the digest is %s", ActsDigest())
	}
}

func TestEveryFaultOfTheActsIsNamed(t *testing.T) {
	t.Parallel()
	e := enforcerOf(t)
	whole := actsText
	for line, fault := range map[string]string{
		"cancl, ec_admin, any, capped, never":          `no act "cancl"`,
		"cancel, cashier, any, capped, never":          `no role "cashier"`,
		"cancel, pos, any, capped, never":              "policy.csv does not let",
		"cancel, staff, any, capped, never":            "policy.csv does not let",
		"cancel, ec_admin, any, capped, never":         "stated twice",
		"refund, pos, anybody, capped, never":          "by is any, person or service",
		"refund, pos, service, capped, never":          "nobody else, acts by service",
		"refuse, service, any, free, never":            "nobody else, acts by service",
		"refund, pos, any, some, never":                "cap is capped or free",
		"refund, pos, any, capped, sometimes":          "second is above, always or never",
		"refund, pos, any, capped, above":              "a second person needs a case",
		"forfeit, pos, any, capped, above":             "only a person decides a case",
		"cancel, ec_admin":                             "does not have act, role, by, cap and second",
		"cancel, ec_admin, any, capped, never, really": "does not have act, role, by, cap and second",
	} {
		_, err := e.shippedActs(whole + line + "\n")
		expect.MustThat(t, "err != nil", err != nil, line)
		expect.That(t, "err.Error() to contain fault", strings.Contains(err.Error(), fault), line, fault, err)
	}
	_, err := e.shippedActs("cancl, ec_admin, any, capped, never\ncancel, cashier, all, no, maybe\n")
	for _, fault := range []string{`"cancl"`, `"cashier"`, `"all"`, `"no"`, `"maybe"`, "nobody may cancel",
		"nobody may forfeit"} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%s is not named: %v", fault, err)
		}
	}
	if _, err := e.shippedActs(whole + "\"an open quote\n"); err == nil {
		t.Error("a quote that never ends was accepted")
	}
	if rules, err := e.shippedActs(""); err == nil || len(rules) != 0 {
		t.Errorf("nothing at all: %v, %v", rules, err)
	}
}

func TestProgramsNeitherDecideNorManage(t *testing.T) {
	t.Parallel()
	e := enforcerOf(t)
	for _, role := range domain.Roles() {
		person, program := domain.Caller{Role: role}, domain.Caller{Role: role, Machine: true}
		for _, asked := range e.rights {
			allowed := e.Allow(role, asked.object, asked.action)
			takesPerson := slices.Contains([]string{"approvals:decide", "reviews:decide", "decisions:judge", "staff:manage"},
				asked.object+":"+asked.action)
			expect.Equal(t, "e.Permits(person, asked.object, asked.action)",
				e.Permits(person, asked.object, asked.action), allowed, role, asked.object, asked.action)
			expect.Equal(t, "e.Permits(program, asked.object, asked.action)",
				e.Permits(program, asked.object, asked.action), allowed && !takesPerson, role, asked.object,
				asked.action)
		}
		if list := e.RightsOf(program); slices.Contains(list, "reviews:decide") ||
			slices.Contains(list, "staff:manage") || !slices.IsSorted(list) {
			t.Errorf("a program's rights as %s: %v", role, list)
		}
		if !slices.Equal(e.RightsOf(person), e.Rights(role)) {
			t.Errorf("a person's rights as %s: %v", role, e.RightsOf(person))
		}
	}
}
