package policies

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// combined makes the enforcer of a file that has no fault.
func combined(t *testing.T, text string) *Enforcer {
	t.Helper()
	e, faults, err := combine(text)
	expect.MustEqual(t, "err", err, nil)
	expect.MustThat(t, "len(faults) <= 0", len(faults) <= 0, len(faults))
	return e
}

const cashiers = `# The shop's own.
g, cashier_lead, staff
p, cashier_lead, conversions, create
p, cashier_lead, conversions, read, allow

g, second_pos, pos
p, second_pos, refunds, create, deny

g, deputy, store_manager
g, deputy, cashier_lead
p, deputy, reviews, decide, deny

p, store_manager, coupons, suspend, deny
p, figures, reports, read
`

func TestARoleOfTheShopsOwnMayWhatItInheritsAndIsGiven(t *testing.T) {
	t.Parallel()
	e := combined(t, "\ufeff"+strings.ReplaceAll(cashiers, "\n", "\r\n"))
	for role, want := range map[domain.Role][]string{
		"cashier_lead": {"campaigns:read", "conversions:create", "conversions:read", "coupons:ask", "coupons:read",
			"customer_coupons:read", "customers:note", "customers:read", "dashboard:read", "decisions:read", "points:read", "session:own"},
		"second_pos": {"conversions:create", "conversions:read", "customer_coupons:read", "customers:link",
			"customers:read", "customers:renumber", "decisions:create", "points:read", "refunds:read"},
		"deputy": {"approvals:decide", "campaigns:read", "conversions:create", "conversions:read", "coupons:ask", "coupons:cancel", "coupons:read",
			"customer_coupons:read", "customers:note", "customers:read", "customers:renumber", "customers:unlock",
			"dashboard:read", "decisions:judge", "decisions:read", "mails:resend",
			"points:read", "refund_reports:read", "reviews:read", "session:own"},
		"store_manager": {"approvals:decide", "campaigns:read", "conversions:create", "conversions:read", "coupons:ask", "coupons:cancel", "coupons:read",
			"customer_coupons:read", "customers:note", "customers:read", "customers:renumber", "customers:unlock",
			"dashboard:read", "decisions:judge", "decisions:read", "mails:resend",
			"points:read", "refund_reports:read", "reviews:decide", "reviews:read", "session:own"},
		"figures": {"reports:read"},
		"cashier": {},
	} {
		if got := e.Rights(role); !slices.Equal(got, want) {
			t.Errorf("%s may %v, want %v", role, got, want)
		}
	}
	book := e.Roles()
	if own := book.Own(); !slices.Equal(own, []domain.Role{"cashier_lead", "deputy", "figures", "second_pos"}) {
		t.Errorf("the shop's roles are %v", own)
	}
	if people := book.Staff(); !slices.Equal(people, append(domain.StaffRoles(), "cashier_lead", "deputy")) {
		t.Errorf("people can be %v", people)
	}
	if plain := enforcerOf(t); e.Digest() == plain.Digest() || plain.Digest() != Digest() {
		t.Error("the digest does not tell a file from none")
	}
	if e.Permits(domain.Caller{Role: "deputy", Machine: true}, "reviews", "decide") {
		t.Error("a program decides")
	}
}

func TestAnActIsDoneAsByTheRoleThatIsInheritedFrom(t *testing.T) {
	t.Parallel()
	rules, err := combined(t, cashiers).Acts()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := enforcerOf(t).Acts()
	if err != nil {
		t.Fatal(err)
	}
	cancel := domain.ActKey{Act: domain.ActCancel, Role: "deputy"}
	if rules[cancel] != plain[domain.ActKey{Act: domain.ActCancel, Role: domain.RoleStoreManager}] {
		t.Errorf("a deputy cancels by %v", rules[cancel])
	}
	for key := range rules {
		if own := key.Role == "deputy" && key.Act != domain.ActCancel; own || key.Role == "cashier_lead" ||
			key.Role == "second_pos" {
			t.Errorf("%s may %s", key.Role, key.Act)
		}
	}
	if _, ok := rules[domain.ActKey{Act: domain.ActSuspend, Role: domain.RoleStoreManager}]; ok {
		t.Error("a store manager suspends without the right")
	}
	for act, want := range map[domain.Act]domain.ActRule{domain.ActReissue: {Person: true, Capped: true,
		SecondPerson: true}} {
		both := combined(t, "g, both, pos\ng, both, store_manager\n")
		if rules, err := both.Acts(); err != nil || rules[domain.ActKey{Act: act, Role: "both"}] != want {
			t.Errorf("%s by both: %v %v", act, rules[domain.ActKey{Act: act, Role: "both"}], err)
		}
	}
}

func TestEveryFaultOfAPolicyFileIsNamed(t *testing.T) {
	t.Parallel()
	chain := ""
	for i := range maxDepth + 1 {
		chain += fmt.Sprintf("g, step_%d, step_%d\n", i, i+1)
	}
	many := ""
	for i := range MaxRoles + 1 {
		many += fmt.Sprintf("g, role_%d, staff\n", i)
	}
	for text, fault := range map[string]string{
		"q, lead, staff\n":                                      "line 1: it begins with neither p nor g",
		"\n# why\np, lead, points\n":                            "line 3: p has a role, an object, an action and, if wanted, allow or deny; here are 3 fields",
		"p, lead, points, read, allow, more\n":                  "here are 6 fields",
		"g, lead\n":                                             "line 1: g has a role and the one it inherits from; here are 2 fields",
		"g, lead, staff, store\n":                               "here are 4 fields",
		"g, lead, \n":                                           "here are 3 fields",
		"p, \"lead, points, read\n":                             "line 1: it cannot be read as CSV",
		"p, lead, points\x00, read\n":                           "line 1: it is not text",
		"p, lead, points, \xff\n":                               "line 1: it is not text",
		"p, lead, points, read, perhaps\n":                      `line 1: "perhaps" is neither allow nor deny`,
		"p, lead, point, read\n":                                `line 1: there is no object "point"`,
		"p, lead, points, write\n":                              `line 1: there is no action "write" on points`,
		"p, lead, *, *\n":                                       "there is no object what stands there",
		"p, Lead, points, read\n":                               `"Lead" is no role's name`,
		"p, le, points, read\n":                                 `"le" is no role's name`,
		"p, " + strings.Repeat("a", 41) + ", points, read\n":    "is no role's name",
		"p, 店長, points, read\n":                                 "what stands there is no role's name",
		"p, duty:correct, coupons, read, deny\n":                `"duty:correct" is no role's name`,
		"g, lead, duty:correct\n":                               `there is no role "duty:correct" to inherit from`,
		"p, service, points, read\n":                            `line 1: the name "service" is reserved`,
		"g, unknown, staff\n":                                   `the name "unknown" is reserved`,
		"g, lead, service\n":                                    `there is no role "service" to inherit from`,
		"p, lead, points, read, deny\n":                         `line 1: there is no role "lead"; a role is made by what it inherits or is allowed`,
		"g, lead, stor_manager\n":                               `line 1: there is no role "stor_manager" to inherit from`,
		"g, lead, customer\n":                                   `line 1: nothing inherits from "customer"`,
		"g, lead, system_admin\n":                               `line 1: nothing inherits from "system_admin"`,
		"g, lead, lead\n":                                       `line 1: "lead" inherits from itself`,
		"g, staff, store_manager\n":                             `line 1: "staff" comes with Pointbridge and inherits nothing more`,
		"g, lead, staff\ng, pos, lead\n":                        `line 2: "pos" comes with Pointbridge and inherits nothing more`,
		"p, staff, coupons, cancel\n":                           "line 1: staff would be widened by coupons:cancel",
		"p, pos, customers, unlock, allow\n":                    "line 1: pos would be widened by customers:unlock",
		"p, lead, staff, manage\n":                              "line 1: staff:manage is for system_admin alone",
		"p, system_admin, staff, manage, deny\n":                "line 1: system_admin cannot lose staff:manage: nobody could manage the staff",
		"p, system_admin, staff, read, deny\n":                  "line 1: system_admin cannot lose staff:read: nobody could manage the staff",
		"p, system_admin, session, own, deny\n":                 "line 1: system_admin cannot lose session:own",
		"p, staff, session, own, deny\n":                        "line 1: staff cannot lose session:own",
		"g, lead, staff\n\ng, lead, staff\n":                    "line 3: it says again what line 1 says",
		"p, lead, points, read\np, lead, points, read, allow\n": "line 2: it says again what line 1 says",
		"p, lead, points, read\np, lead, points, read, deny\n":  "line 2: it says the opposite of line 1",
		"g, one, two\ng, two, three\ng, three, one\n":           "roles inherit in a circle: one from two from three from one",
		chain + "g, step_9, staff\n":                            "line 1: step_0 inherits over more than 8 steps",
		many:                                                    "line 201: this is one role more than the 200 that can be made",
		"g, lead, staff\np, lead, coupons, cancel\n":            "line 2: acts.csv allows what coupons:cancel takes to none of the roles that lead inherits from",
		"p, lead, refunds, create\n":                            "acts.csv allows what refunds:create takes to none",
		"g, lead, pos\np, lead, reviews, decide\n":              "acts.csv allows what reviews:decide takes to none",
		"g, lead, staff\np, staff, points, read, deny\np, lead, points, read\n": "line 3: line 2 denies points:read to staff, from which lead inherits",
	} {
		if _, faults, err := combine(text); err != nil || !slices.ContainsFunc(faults,
			func(f string) bool { return strings.Contains(f, fault) }) {
			t.Errorf("%.80q: %v %.300q, want %q", text, err, faults, fault)
		}
	}
	_, faults, err := combine("nonsense\np, lead, point, read\np, staff, coupons, cancel\ng, one, two\ng, two, one\ng, lead, nobody_knows\n")
	if err != nil || len(faults) != 5 {
		t.Errorf("five faults are named as %q, %v", faults, err)
	}
}

func TestAFileThatCannotBeReadIsAFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large, good := filepath.Join(dir, "large.csv"), filepath.Join(dir, "good.csv")
	for path, text := range map[string]string{large: strings.Repeat("# a line\n", MaxFile/8), good: cashiers} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{filepath.Join(dir, "none.csv"): "the file cannot be read: there is none",
		dir:         "it names no file",
		"/dev/zero": "it names no file", large: "the file is larger than 256 KiB", good: "", "": ""} {
		e, faults, err := Load(path)
		if err != nil || e == nil || strings.Join(faults, "; ") != want {
			t.Errorf("%s: %v %q, want %q", path, err, faults, want)
		}
		if want != "" && len(e.Roles().Own()) > 0 {
			t.Errorf("%s makes roles", path)
		}
	}
}

// moving are the rights by which points move or come free, or by which it is said whose they are.
var moving = []right{{"conversions", "create"}, {"coupons", "cancel"}, {"coupons", "suspend"}, {"refunds", "create"},
	{"reviews", "decide"}, {"customers", "link"}}

// TestNoAcceptedFileWidens draws files, takes the lines away that are named as faults until none is, and holds what is
// left to what no file may do.
func TestNoAcceptedFileWidens(t *testing.T) {
	t.Parallel()
	plain := enforcerOf(t)
	rapid.Check(t, func(r *rapid.T) {
		for text := drawFile(r, plain); ; {
			e, faults, err := combine(text)
			if err != nil {
				r.Fatal(err)
			}
			if len(faults) == 0 {
				holds(r, plain, e, text)
				return
			}
			text = without(r, text, faults)
		}
	})
}

// without returns a file without the lines that faults name.
func without(r *rapid.T, text string, faults []string) string {
	lines := strings.SplitAfter(text, "\n")
	for _, fault := range faults {
		var number int
		if _, err := fmt.Sscanf(fault, "line %d:", &number); err != nil || number < 1 || number > len(lines) {
			r.Fatalf("%q names no line", fault)
		}
		lines[number-1] = "\n"
	}
	return strings.Join(lines, "")
}

func drawFile(r *rapid.T, plain *Enforcer) string {
	own := []domain.Role{"one", "two", "three", "four"}
	named := append(domain.Roles(), "one", "two", "three", "four", "duty:correct", "service")
	var text strings.Builder
	for range rapid.IntRange(1, 14).Draw(r, "lines") {
		role := rapid.SampledFrom(own).Draw(r, "role")
		if rapid.IntRange(0, 3).Draw(r, "shipped") == 0 {
			role = rapid.SampledFrom(named).Draw(r, "any role")
		}
		if rapid.Bool().Draw(r, "inherits") {
			fmt.Fprintf(&text, "g, %s, %s\n", role, rapid.SampledFrom(named).Draw(r, "parent"))
			continue
		}
		what := rapid.SampledFrom(plain.rights).Draw(r, "right")
		effect := rapid.SampledFrom([]string{"", ", allow", ", deny"}).Draw(r, "effect")
		fmt.Fprintf(&text, "p, %s, %s, %s%s\n", role, what.object, what.action, effect)
	}
	return text.String()
}

// holds checks what must be so of every file that was accepted.
func holds(r *rapid.T, plain, e *Enforcer, text string) {
	for _, role := range append(e.Roles().All(), "service", "nobody", "duty:correct", "duty:till", "duty:convert",
		"five", "") {
		for _, what := range e.rights {
			may := e.Allow(role, what.object, what.action)
			shipped := slices.Contains(domain.Roles(), role)
			declared := strings.Contains(text, "p, "+string(role)+",") || strings.Contains(text, "g, "+string(role)+",")
			switch {
			case may && shipped && !plain.Allow(role, what.object, what.action):
				r.Errorf("%s is widened by %s:\n%s", role, what, text)
			case may && !shipped && !e.Roles().IsOwn(role):
				r.Errorf("%q is no role and may %s:\n%s", role, what, text)
			case may && slices.Contains(moving, what) && !shipped && !declared:
				r.Errorf("%s moves points by %s and is not declared:\n%s", role, what, text)
			case may && what == manage && role != domain.RoleSystemAdmin:
				r.Errorf("%s manages staff:\n%s", role, text)
			case !may && role == domain.RoleSystemAdmin && slices.Contains(running, what):
				r.Errorf("nobody has %s any more:\n%s", what, text)
			}
		}
		if e.Roles().OfStaff(role) != e.Allow(role, "session", "own") {
			r.Errorf("whether people can be %s is not what the policy says:\n%s", role, text)
		}
	}
	actsHold(r, e, text)
}

// actsHold checks that nobody does an act otherwise than a role that comes with Pointbridge, from which they inherit.
func actsHold(r *rapid.T, e *Enforcer, text string) {
	rules, err := e.Acts()
	if err != nil {
		r.Fatal(err)
	}
	plain, err := enforcerLike(r).Acts()
	if err != nil {
		r.Fatal(err)
	}
	for key, rule := range rules {
		inherited := false
		for _, role := range e.Roles().Lineage(key.Role) {
			of, ok := plain[domain.ActKey{Act: key.Act, Role: role}]
			inherited = inherited || ok
			if ok && (of.Person && !rule.Person || of.Capped && !rule.Capped || of.SecondPerson && !rule.SecondPerson) {
				r.Errorf("%s does %s by %v, and %s by %v:\n%s", key.Role, key.Act, rule, role, of, text)
			}
		}
		if !inherited {
			r.Errorf("%s may %s and inherits it from nobody:\n%s", key.Role, key.Act, text)
		}
	}
}

func enforcerLike(r *rapid.T) *Enforcer {
	e, err := New()
	if err != nil {
		r.Fatal(err)
	}
	return e
}

// FuzzPolicyFile reads whatever there is, and holds it to the same.
func FuzzPolicyFile(f *testing.F) {
	f.Add(cashiers)
	f.Add("g, one, two\ng, two, one\n")
	f.Add("p, \"one\", points, read\n\ufeffp")
	plain, err := New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, faults, err := combine(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range domain.Roles() {
			for _, what := range e.rights {
				if len(faults) == 0 && e.Allow(role, what.object, what.action) && !plain.Allow(role, what.object,
					what.action) {
					t.Errorf("%s is widened by %s", role, what)
				}
			}
		}
	})
}

// TestTheExampleOfTheManualIsAccepted keeps docs/operations.md from showing a file that would stop the start.
func TestTheExampleOfTheManualIsAccepted(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(manual), "```csv\n")
	example, _, found := strings.Cut(after, "```")
	e := combined(t, example)
	if own := e.Roles().Own(); !found || !slices.Equal(own, []domain.Role{"cashier_lead", "deputy", "kiosk", "storefront"}) {
		t.Errorf("the example makes %v", own)
	}
	// What stands within a sentence, but for the two that say what a line looks like.
	var lines []string
	for _, found := range regexp.MustCompile("`([pg], [a-z_, ]+)`").FindAllStringSubmatch(string(manual), -1) {
		if !strings.HasPrefix(found[1][1:], ", role, ") {
			lines = append(lines, found[1])
		}
	}
	e = combined(t, strings.Join(lines, "\n"))
	if own := e.Roles().Own(); !slices.Equal(own, []domain.Role{"pos_with_codes", "storefront"}) {
		t.Errorf("%v makes %v", lines, own)
	}
}
