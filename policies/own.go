package policies

import (
	"cmp"
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
	// maxDepth is over how many steps a role can inherit. Casbin looks no further than ten, and would deny what lies behind.
	maxDepth = 8
)

var (
	roleName = regexp.MustCompile(`^[a-z0-9_]{3,40}$`)
	// reserved are names that mean something else where roles are set.
	reserved = []domain.Role{domain.RoleService, "system", "operator", "command", "anybody", "nobody", "everybody", "any", "all", "none",
		"allow", "deny", "unknown", "optional", "required", "never"}
	// closed are the roles that nothing inherits from: a customer reaches their own data only, which no other role does, and whoever
	// runs the system hands out rights, and is marked on record where they step in.
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

// Load reads the embedded rules, and the merchant's own file where path names one. It gives one line for each fault of the file;
// what there is beside them can be used to look further, and for nothing else.
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

// checker holds the merchant's file against the embedded rules.
type checker struct {
	shipped *Enforcer
	acts    domain.ActRules
	faults  faultList
	// declared are the roles of the merchant's own, by the first line that makes each one.
	declared map[domain.Role]int
}

// check names every fault there is and gives what is left without the lines that have one.
func (c *checker) check(text string) ownPolicy {
	all := read(text, &c.faults)
	c.declare(all)
	list := slices.DeleteFunc(slices.Clone(all), func(s statement) bool { return !c.fits(s) })
	list = c.once(list)
	own := c.trace(list)
	c.effects(own)
	return own
}

// declare finds the roles that the file makes: those that inherit, and those that are given a right.
func (c *checker) declare(list []statement) {
	c.declared = map[domain.Role]int{}
	for _, s := range list {
		if _, known := c.declared[s.role]; !known && !s.deny && roleName.MatchString(string(s.role)) && !taken(s.role) {
			c.declared[s.role] = s.line
			if len(c.declared) == MaxRoles+1 {
				c.faults.add(s.line, "this is one role more than the %d that can be made", MaxRoles)
			}
		}
	}
}

// taken tells whether a name is no role's that can be made.
func taken(role domain.Role) bool {
	return slices.Contains(domain.Roles(), role) || slices.Contains(reserved, role)
}

// fits looks at one line by itself.
func (c *checker) fits(s statement) bool {
	fault := c.roleFault(s)
	if fault == "" && s.inherits() {
		fault = c.parentFault(s)
	} else if fault == "" {
		fault = c.rightFault(s)
	}
	if fault != "" {
		c.faults.add(s.line, "%s", fault)
	}
	return fault == ""
}

func (c *checker) roleFault(s statement) string {
	_, declared := c.declared[s.role]
	shipped := slices.Contains(domain.Roles(), s.role)
	switch {
	case slices.Contains(reserved, s.role):
		return fmt.Sprintf("the name %s is reserved", quoted(string(s.role)))
	case !roleName.MatchString(string(s.role)):
		return fmt.Sprintf("%s is no role's name, which is 3 to 40 lower case letters, digits and underscores", quoted(string(s.role)))
	case !shipped && !declared:
		return fmt.Sprintf("there is no role %s; a role is made by what it inherits or is allowed", quoted(string(s.role)))
	case shipped && s.inherits():
		return fmt.Sprintf("%s comes with Pointbridge and inherits nothing more", quoted(string(s.role)))
	default:
		return ""
	}
}

func (c *checker) parentFault(s statement) string {
	_, declared := c.declared[s.parent]
	switch {
	case s.parent == s.role:
		return fmt.Sprintf("%s inherits from itself", quoted(string(s.role)))
	case slices.Contains(closed, s.parent):
		return fmt.Sprintf("nothing inherits from %s", quoted(string(s.parent)))
	case !declared && !slices.Contains(domain.Roles(), s.parent):
		return fmt.Sprintf("there is no role %s to inherit from", quoted(string(s.parent)))
	default:
		return ""
	}
}

func (c *checker) rightFault(s statement) string {
	shipped := slices.Contains(domain.Roles(), s.role)
	object := func(r right) bool { return r.object == s.right.object }
	switch {
	case !slices.ContainsFunc(c.shipped.rights, object):
		return fmt.Sprintf("there is no object %s", quoted(s.right.object))
	case !slices.Contains(c.shipped.rights, s.right):
		return fmt.Sprintf("there is no action %s on %s", quoted(s.right.action), s.right.object)
	case shipped && !s.deny && !c.shipped.Allow(s.role, s.right.object, s.right.action):
		return fmt.Sprintf("%s would be widened by %s; a role that comes with Pointbridge can be narrowed only", s.role, s.right)
	case shipped && s.deny && s.right == session && s.role.OfStaff():
		return fmt.Sprintf("%s cannot lose %s: whoever has an account must be able to end their own sign-in", s.role, s.right)
	case s.role == domain.RoleSystemAdmin && s.deny && slices.Contains(running, s.right):
		return fmt.Sprintf("%s cannot lose %s: nobody could manage the staff any more", s.role, s.right)
	case !shipped && !s.deny && s.right == manage:
		return fmt.Sprintf("%s is for %s alone: whoever hands out rights could take any", s.right, domain.RoleSystemAdmin)
	default:
		return ""
	}
}

// once leaves out what is said again, or said otherwise.
func (c *checker) once(list []statement) (kept []statement) {
	first := map[matter]statement{}
	for _, s := range list {
		before, said := first[s.about()]
		switch {
		case !said:
			first[s.about()] = s
			kept = append(kept, s)
		case before.deny != s.deny:
			c.faults.add(s.line, "it says the opposite of line %d", before.line)
		default:
			c.faults.add(s.line, "it says again what line %d says", before.line)
		}
	}
	return kept
}

// trace follows what inherits from what. The lines of a circle are left out.
func (c *checker) trace(list []statement) ownPolicy {
	parents := map[domain.Role][]statement{}
	for _, s := range list {
		if s.inherits() {
			parents[s.role] = append(parents[s.role], s)
		}
	}
	circular, done := map[int]bool{}, map[domain.Role]bool{}
	for _, role := range c.rolesByLine() {
		c.findCircle(role, parents, nil, done, circular)
	}
	list = slices.DeleteFunc(list, func(s statement) bool { return circular[s.line] })
	for role, lines := range parents {
		parents[role] = slices.DeleteFunc(lines, func(s statement) bool { return circular[s.line] })
	}
	own := ownPolicy{statements: list, lineage: map[domain.Role][]domain.Role{}, staff: map[domain.Role]bool{}}
	for _, role := range c.rolesByLine() {
		own.lineage[role] = c.lineageOf(role, parents)
	}
	return own
}

func (c *checker) rolesByLine() []domain.Role {
	list := make([]domain.Role, 0, len(c.declared))
	for role := range c.declared {
		list = append(list, role)
	}
	slices.SortFunc(list, func(a, b domain.Role) int { return cmp.Compare(c.declared[a], c.declared[b]) })
	return list
}

// findCircle walks up from a role and names a way that comes back to one that it went through, once.
func (c *checker) findCircle(role domain.Role, parents map[domain.Role][]statement, way []statement, done map[domain.Role]bool, circular map[int]bool) {
	if done[role] {
		return
	}
	if i := slices.IndexFunc(way, func(s statement) bool { return s.role == role }); i >= 0 {
		c.nameCircle(way[i:], circular)
		return
	}
	for _, s := range parents[role] {
		if !circular[s.line] {
			c.findCircle(s.parent, parents, append(way[:len(way):len(way)], s), done, circular)
		}
	}
	done[role] = true
}

func (c *checker) nameCircle(way []statement, circular map[int]bool) {
	names := []string{string(way[0].role)}
	for _, s := range way {
		names = append(names, string(s.parent))
		circular[s.line] = true
	}
	c.faults.add(way[len(way)-1].line, "roles inherit in a circle: %s", strings.Join(names, " from "))
}

// lineageOf lists what a role inherits from, near and far, nearest first.
func (c *checker) lineageOf(role domain.Role, parents map[domain.Role][]statement) (found []domain.Role) {
	level := []domain.Role{role}
	for depth := 0; len(level) > 0; depth++ {
		var next []domain.Role
		for _, r := range level {
			for _, s := range parents[r] {
				if !slices.Contains(found, s.parent) {
					found, next = append(found, s.parent), append(next, s.parent)
				}
			}
		}
		if level = next; depth == maxDepth && len(next) > 0 {
			c.faults.add(c.declared[role], "%s inherits over more than %d steps", role, maxDepth)
			break
		}
	}
	return found
}

// effects looks at what the lines come to together: a right that counts for nothing is found out too late.
func (c *checker) effects(own ownPolicy) {
	for role, from := range own.lineage {
		line := append([]domain.Role{role}, from...)
		own.staff[role] = c.allowed(own, line, session)
		for _, s := range own.statements {
			if s.role == role && !s.inherits() && !s.deny {
				c.counts(own, line, s)
			}
		}
	}
}

// allowed tells whether a role with this lineage has the right: something in it allows it and nothing denies it.
func (c *checker) allowed(own ownPolicy, line []domain.Role, r right) (yes bool) {
	for _, role := range line {
		yes = yes || c.shipped.Allow(role, r.object, r.action)
	}
	for _, s := range own.statements {
		if s.right != r || !slices.Contains(line, s.role) {
			continue
		}
		if s.deny {
			return false
		}
		yes = true
	}
	return yes
}

// counts names a right that its line gives in vain.
func (c *checker) counts(own ownPolicy, line []domain.Role, s statement) {
	for _, other := range own.statements {
		if other.deny && other.right == s.right && slices.Contains(line, other.role) {
			c.faults.add(s.line, "line %d denies %s to %s, from which %s inherits, and that wins", other.line, s.right, other.role, s.role)
			return
		}
	}
	acted, can := false, false
	for _, act := range domain.Acts() {
		if need := needed(act); need != s.right {
			continue
		}
		acted = true
		for _, role := range line {
			_, ok := c.acts[domain.ActKey{Act: act, Role: role}]
			can = can || ok
		}
	}
	if acted && !can {
		c.faults.add(s.line, "acts.csv allows what %s takes to none of the roles that %s inherits from, so it could not be used", s.right, s.role)
	}
}
