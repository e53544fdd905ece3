package policies

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// managers are the roles that may cancel coupons; general staff may only look.
var managers = []domain.Role{domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin}

// rights is policy.csv written down a second time, by right instead of by role.
var rights = map[string][]domain.Role{
	"points read": {domain.RoleCustomer, domain.RolePOS, domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin,
		domain.RoleSystemAdmin},
	"customer_coupons read": {domain.RoleCustomer, domain.RolePOS, domain.RoleStaff, domain.RoleStoreManager,
		domain.RoleECAdmin, domain.RoleSystemAdmin},
	"conversions create": {domain.RoleCustomer, domain.RolePOS, domain.RoleStoreManager, domain.RoleECAdmin,
		domain.RoleSystemAdmin},
	"conversions read": {domain.RoleCustomer, domain.RolePOS, domain.RoleStoreManager, domain.RoleECAdmin,
		domain.RoleSystemAdmin},
	"conversions undo": {domain.RoleCustomer},
	"coupons read":     {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"coupons ask":      {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"coupons cancel":   managers,
	"coupons suspend":  managers,
	"approvals decide": managers,
	"mails resend":     managers,
	"mails manage":     {domain.RoleECAdmin, domain.RoleSystemAdmin},
	"reviews read":     managers,
	"reviews decide":   managers,
	"refunds create":   {domain.RolePOS, domain.RoleSystemAdmin},
	"refunds read":     {domain.RolePOS, domain.RoleSystemAdmin},
	"customers read": {domain.RolePOS, domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin,
		domain.RoleSystemAdmin},
	"customers unlock":    {domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"customers renumber":  {domain.RolePOS, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"dashboard read":      {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"refund_reports read": managers,
	"audit read":          {domain.RoleECAdmin, domain.RoleSystemAdmin},
	"reports read":        {domain.RoleECAdmin, domain.RoleSystemAdmin},
	"customers link":      {domain.RolePOS, domain.RoleSystemAdmin},
	"session own":         {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"customers note":      {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"decisions create":    {domain.RoleCustomer, domain.RolePOS, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"decisions read":      {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"decisions judge":     managers,
	"campaigns read":      {domain.RoleStaff, domain.RoleStoreManager, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"campaigns manage":    {domain.RoleECAdmin, domain.RoleSystemAdmin},
	// Who works at the POS may where a merchant's own file says so.
	"campaign_codes create":  {domain.RoleCustomer, domain.RoleECAdmin, domain.RoleSystemAdmin},
	"campaign_codes read":    {domain.RoleECAdmin, domain.RoleSystemAdmin},
	"staff read":             {domain.RoleSystemAdmin},
	"staff manage":           {domain.RoleSystemAdmin},
	"event_endpoints read":   {domain.RoleSystemAdmin},
	"event_endpoints manage": {domain.RoleSystemAdmin},
	"queue read":             {domain.RoleSystemAdmin},
}

func TestAllow(t *testing.T) {
	t.Parallel()
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for name, roles := range rights {
		object, action, _ := strings.Cut(name, " ")
		for _, role := range domain.Roles() {
			if got, want := e.Allow(role, object, action), slices.Contains(roles, role); got != want {
				t.Errorf("%s %s: %v, want %v", role, name, got, want)
			}
		}
	}
	for _, asked := range e.rights {
		if _, known := rights[asked.object+" "+asked.action]; !known {
			t.Errorf("the policy names %s %s, which this test does not know", asked.object, asked.action)
		}
	}
}

// TestEveryRightHasAReason holds the file to its explanations: each block of lines stands under a sentence, and is
// about one role or one kind of right.
// covers: 004-50
func TestEveryRightHasAReason(t *testing.T) {
	t.Parallel()
	for i, block := range strings.Split(strings.TrimSpace(policyText), "\n\n") {
		first, rules, _ := strings.Cut(block, "\n")
		if i == 0 {
			continue // the file's own heading
		}
		if !strings.HasPrefix(first, "# ") || len(first) < 40 || !strings.HasSuffix(first, ".") ||
			(!strings.HasPrefix(rules, "p, ") && !strings.HasPrefix(rules, "g, ")) {
			t.Errorf("no reason is given for:\n%s", block)
		}
	}
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range domain.Roles() {
		list := e.Rights(role)
		for _, right := range list {
			object, action, _ := strings.Cut(right, ":")
			if !e.Allow(role, object, action) {
				t.Errorf("%s does not have the right to %s", role, right)
			}
		}
		expect.MustThat(t, "len(list) != 0", len(list) != 0, role, list)
		expect.That(t, "slices.IsSorted(list)", slices.IsSorted(list), role, list)
	}
	if all := e.All(); !slices.Contains(all, "pos customers:link") || slices.Contains(all, "staff customers:link") ||
		!slices.IsSorted(all) {
		t.Errorf("all rights are %v", all)
	}
	if list := e.Rights("root"); len(list) != 0 {
		t.Errorf("a role nobody has may %v", list)
	}
}

func TestDeniedByDefault(t *testing.T) {
	t.Parallel()
	e, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for _, asked := range []struct {
		role           domain.Role
		object, action string
	}{
		{"", "points", "read"}, {"root", "points", "read"}, {domain.RoleSystemAdmin, "points", "delete"},
		{domain.RoleSystemAdmin, "", ""}, {domain.RoleSystemAdmin, "unheard_of", "read"}, {"*", "points", "read"},
	} {
		if e.Allow(asked.role, asked.object, asked.action) {
			t.Errorf("%v is allowed", asked)
		}
	}
}

func TestBrokenPoliciesAreFaults(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a quote that never ends": "p, pos, points, read\np, \"pos, points, link\n",
		"a rule stated twice":     "p, pos, points, read\np, pos, points, read\n",
		"a role nobody has":       "p, cashier, points, read\n",
		"nothing at all":          "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := load(modelText, text); err == nil {
				t.Fatal("it was accepted")
			}
		})
	}
	if _, err := load("[request_definition]", policyText); err == nil {
		t.Error("half a model was accepted")
	}
}

// covers: 004-50
func TestDigest(t *testing.T) {
	t.Parallel()
	if digest([]byte("p, pos, points, read\n")) == digest([]byte("p, pos, points, link\n")) ||
		Digest() != digest([]byte(policyText)) || len(Digest()) != 64 {
		t.Errorf("the digest %q does not tell one policy from another", Digest())
	}
}
