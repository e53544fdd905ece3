package policies

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"pointbridge/domain"
)

const (
	// MaxFile is how long a policy file can be, MaxRoles how many roles it can make.
	MaxFile  = 256 << 10
	MaxRoles = 200
	// maxDepth is over how many steps a role can inherit. Casbin looks no further than ten, and would deny what lies
	// behind.
	maxDepth = 8
)

var (
	roleName = regexp.MustCompile(`^[a-z0-9_]{3,40}$`)
	// reserved are names that mean something else where roles are set.
	reserved = []domain.Role{domain.RoleService, "system", "operator", "command", "anybody", "nobody", "everybody",
		"any", "all", "none", "allow", "deny", "unknown", "optional", "required", "never"}
	// closed are the roles that nothing inherits from: a customer reaches their own data only, which no other role
	// does, and whoever runs the system hands out rights, and is marked in the audit where they step in.
	closed = []domain.Role{domain.RoleCustomer, domain.RoleSystemAdmin}
	// running are the rights without which nobody could manage the staff any more.
	running = []right{{"staff", "read"}, {"staff", "manage"}, {"session", "own"}}
	manage  = right{"staff", "manage"}
	session = right{"session", "own"}
)

// ownPolicy is what the merchant's file says.
type ownPolicy struct {
	statements []statement
	// lineage is what each role of the merchant's own inherits from, near and far.
	lineage map[domain.Role][]domain.Role
	staff   map[domain.Role]bool
}

func (p ownPolicy) book() domain.RoleBook {
	list := make([]domain.OwnRole, 0, len(p.lineage))
	for role, from := range p.lineage {
		list = append(list, domain.OwnRole{Name: role, Inherits: from, Staff: p.staff[role]})
	}
	return domain.NewRoleBook(list)
}

// Load reads the embedded rules, and the merchant's own file where path names one. It gives one line for each fault of
// the file; what there is beside them can be used to look further, and for nothing else.
func Load(path string) (*Enforcer, []string, error) {
	if path == "" {
		e, err := New()
		return e, nil, err
	}
	text, fault := readFile(path)
	if fault != "" {
		e, err := New()
		return e, []string{fault}, err
	}
	return combine(text)
}

// readFile reads a file that is one, up to its largest size.
func readFile(path string) (text, fault string) {
	if info, err := os.Stat(path); err != nil {
		return "", "the file cannot be read: " + cause(err)
	} else if !info.Mode().IsRegular() {
		return "", "it names no file"
	}
	file, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return "", "the file cannot be read: " + cause(err)
	}
	defer func() { _ = file.Close() }()
	raw, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	switch {
	case err != nil:
		return "", "the file cannot be read: " + cause(err)
	case len(raw) > MaxFile:
		return "", fmt.Sprintf("the file is larger than %d KiB", MaxFile>>10)
	}
	return string(raw), ""
}

// cause is why a file cannot be read, without its path.
func cause(err error) string {
	switch {
	case os.IsNotExist(err):
		return "there is none"
	case os.IsPermission(err):
		return "that is not permitted"
	default:
		return "it fails"
	}
}

// embedded is what comes with Pointbridge: the rules, and who may do which act by them.
type embedded struct {
	statements []statement
	enforcer   *Enforcer
	acts       domain.ActRules
}

var readEmbedded = sync.OnceValues(func() (all embedded, err error) {
	if all.statements, err = readShipped(policyText); err != nil {
		return all, err
	}
	if all.enforcer, err = enforcer(modelText, all.statements, ownPolicy{}, Digest()); err != nil {
		return all, err
	}
	all.acts, err = all.enforcer.shippedActs(actsText)
	return all, err
})

func combine(text string) (*Enforcer, []string, error) {
	plain, err := readEmbedded()
	if err != nil {
		return nil, nil, err
	}
	shipped := plain.statements
	c := &checker{shipped: plain.enforcer, acts: plain.acts}
	own := c.check(strings.TrimPrefix(text, "\ufeff"))
	own.statements = slices.DeleteFunc(own.statements, func(s statement) bool { // said already
		return !s.deny && slices.ContainsFunc(shipped, func(o statement) bool { return o.about() == s.about() })
	})
	e, err := enforcer(modelText, shipped, own, digest([]byte(policyText+"\x00"+text)))
	return e, c.faults.texts(), err
}
