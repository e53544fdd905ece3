// Package policies says which role may do what. The rules are policy.csv and, where the merchant has one, a file of the
// merchant's own; nothing is allowed that no line of them allows. Casbin decides each request, and this is the only
// package that knows it.
package policies

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"

	"pointbridge/domain"
)

//go:embed model.conf
var modelText string

//go:embed policy.csv
var policyText string

// Digest is the SHA-256 of policy.csv, in hexadecimal: it changes with every line, the reasons included.
func Digest() string { return digest([]byte(policyText)) }

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Enforcer answers who may do what. Casbin decides when it is asked and remembers what it decided: the policy does not
// change while a process runs, so the answer does not either. Casbin compares a request with every line that it was
// given. So that this takes as long in a shop with two hundred roles as in one with none, each role has a Casbin of its
// own, with the lines of the role and of what it inherits from. A role that has none is nobody's and may do nothing.
type Enforcer struct {
	casbin map[domain.Role]*casbin.SyncedCachedEnforcer
	book   domain.RoleBook
	// rights is everything that any line of policy.csv allows to somebody, sorted.
	rights []right
	digest string
}

// New reads the embedded rules alone. It fails on a rule that cannot be read or that names an unknown role, because a
// right that silently does not count is found out too late.
func New() (*Enforcer, error) { return shippedAlone() }

// shippedAlone reads the rules once: they are part of the program, and making Casbin of them takes longer than most
// commands do.
var shippedAlone = sync.OnceValues(func() (*Enforcer, error) { return load(modelText, policyText) })

func load(modelText, policyText string) (*Enforcer, error) {
	shipped, err := readShipped(policyText)
	if err != nil {
		return nil, err
	}
	return enforcer(modelText, shipped, ownPolicy{}, digest([]byte(policyText)))
}

// readShipped reads policy.csv.
func readShipped(text string) ([]statement, error) {
	var faults faultList
	list := read(text, &faults)
	seen := map[matter]bool{}
	for _, s := range list {
		known := func(role domain.Role) bool { return isDuty(role) || slices.Contains(domain.Roles(), role) }
		switch {
		case !known(s.role):
			faults.add(s.line, "there is no role %q", s.role)
		case s.inherits() && !isDuty(s.parent):
			faults.add(s.line, "only duties are handed on here, not %q", s.parent)
		case s.deny:
			faults.add(s.line, "what is not allowed is denied already")
		case seen[s.about()]:
			faults.add(s.line, "it is stated twice")
		}
		seen[s.about()] = true
	}
	if len(list) == 0 {
		faults.add(0, "there is no rule in it")
	}
	if texts := faults.texts(); len(texts) > 0 {
		return nil, errors.New("policy.csv: " + strings.Join(texts, "; "))
	}
	return list, nil
}

// isDuty reports whether a name is that of a few rights that go together: nobody can be given one.
func isDuty(role domain.Role) bool { return strings.HasPrefix(string(role), "duty:") }

// enforcer hands the rules to Casbin, to each role those that are about it.
func enforcer(modelText string, shipped []statement, own ownPolicy, digest string) (*Enforcer, error) {
	e := &Enforcer{casbin: map[domain.Role]*casbin.SyncedCachedEnforcer{}, book: own.book(), rights: rightsIn(shipped),
		digest: digest}
	byRole := map[domain.Role][]statement{}
	for _, s := range slices.Concat(shipped, own.statements) {
		byRole[s.role] = append(byRole[s.role], s)
	}
	for _, role := range e.book.All() {
		one, err := casbinOf(modelText, linesOf(role, byRole))
		if err != nil {
			return nil, fmt.Errorf("policy of %s: %w", role, err)
		}
		e.casbin[role] = one
	}
	return e, nil
}

// linesOf returns the lines about a role and about what it inherits from, near and far.
func linesOf(role domain.Role, byRole map[domain.Role][]statement) (list []statement) {
	seen, waiting := map[domain.Role]bool{role: true}, []domain.Role{role}
	for len(waiting) > 0 {
		lines := byRole[waiting[0]]
		waiting, list = waiting[1:], append(list, lines...)
		for _, s := range lines {
			if s.inherits() && !seen[s.parent] {
				seen[s.parent] = true
				waiting = append(waiting, s.parent)
			}
		}
	}
	return list
}

// casbinOf makes an enforcer. Casbin's adapter skips what it cannot read, so what it took is counted.
func casbinOf(modelText string, list []statement) (*casbin.SyncedCachedEnforcer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("read the model: %w", err)
	}
	var text strings.Builder
	text.WriteString("\n") // a policy without a line is none to the adapter
	for _, s := range list {
		text.WriteString(s.casbin())
	}
	c, err := casbin.NewSyncedCachedEnforcer(m, stringadapter.NewAdapter(text.String()))
	if err != nil {
		return nil, err
	}
	rules, err1 := c.GetPolicy()
	handed, err2 := c.GetGroupingPolicy()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if len(rules)+len(handed) != len(list) {
		return nil, fmt.Errorf("%d of %d lines were read", len(rules)+len(handed), len(list))
	}
	return c, nil
}

// rightsIn lists what the policy allows to anybody, sorted.
func rightsIn(list []statement) (rights []right) {
	for _, s := range list {
		if !s.inherits() {
			rights = append(rights, s.right)
		}
	}
	slices.SortFunc(rights, func(a, b right) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(rights)
}

// Roles are the roles there are.
func (e *Enforcer) Roles() domain.RoleBook { return e.book }

// Digest tells one policy from another: that of policy.csv, and of the merchant's own file with it where there is one.
func (e *Enforcer) Digest() string { return e.digest }

// Allow reports whether the role may do the action on the object. Roles and words that nobody knows are denied.
func (e *Enforcer) Allow(role domain.Role, object, action string) bool {
	c, known := e.casbin[role]
	if !known {
		return false
	}
	yes, err := c.Enforce(string(role), object, action)
	return err == nil && yes
}

// Rights lists what the role may do, as object:action, sorted.
func (e *Enforcer) Rights(role domain.Role) []string {
	list := []string{}
	for _, r := range e.rights {
		if e.Allow(role, r.object, r.action) {
			list = append(list, r.String())
		}
	}
	return list
}

// All lists every right of every role, as "role object:action", sorted.
func (e *Enforcer) All() []string {
	var list []string
	for _, role := range e.book.All() {
		for _, right := range e.Rights(role) {
			list = append(list, string(role)+" "+right)
		}
	}
	slices.Sort(list)
	return list
}
