// Package policies says which role may do what. The rules are policy.csv, read by Casbin; nothing is allowed that no line
// of it allows. It is the only package that knows Casbin.
package policies

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

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

// right is one thing a role may do.
type right struct {
	role           domain.Role
	object, action string
}

// Enforcer answers who may do what. Casbin decides every combination once, at the start; the answers are then a table
// that never changes, so asking takes nanoseconds and no lock.
type Enforcer struct{ allowed map[right]bool }

// New reads the embedded rules. It fails on a rule that cannot be read or that names an unknown role, because a right
// that silently does not count is found out too late.
func New() (*Enforcer, error) { return load(modelText, policyText) }

func load(modelText, policyText string) (*Enforcer, error) {
	e, err := enforcer(modelText, policyText)
	if err != nil {
		return nil, err
	}
	rules, err := e.GetPolicy()
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	if err := check(rules, policyText); err != nil {
		return nil, err
	}
	return decide(e, rules)
}

func enforcer(modelText, policyText string) (*casbin.Enforcer, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("read the policy model: %w", err)
	}
	e, err := casbin.NewEnforcer(m, stringadapter.NewAdapter(policyText))
	if err != nil {
		return nil, fmt.Errorf("read the policy: %w", err)
	}
	return e, nil
}

// check makes up for the adapter, which skips what it cannot read.
func check(rules [][]string, text string) error {
	lines := 0
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines++
		}
	}
	if lines != len(rules) {
		return fmt.Errorf("policy: %d of %d lines were read; the others are broken or repeated", len(rules), lines)
	}
	for _, rule := range rules {
		if !slices.Contains(domain.Roles(), domain.Role(rule[0])) {
			return fmt.Errorf("policy: there is no role %q", rule[0])
		}
	}
	return nil
}

// decide asks Casbin about each role with each object and action that any rule names.
func decide(e *casbin.Enforcer, rules [][]string) (*Enforcer, error) {
	table := make(map[right]bool)
	for _, role := range domain.Roles() {
		for _, rule := range rules {
			yes, err := e.Enforce(string(role), rule[1], rule[2])
			if err != nil {
				return nil, fmt.Errorf("policy: decide %s %s %s: %w", role, rule[1], rule[2], err)
			}
			table[right{role, rule[1], rule[2]}] = yes
		}
	}
	return &Enforcer{allowed: table}, nil
}

// Rights lists what the role may do, as object:action, sorted.
func (e *Enforcer) Rights(role domain.Role) []string {
	list := []string{}
	for asked, yes := range e.allowed {
		if yes && asked.role == role {
			list = append(list, asked.object+":"+asked.action)
		}
	}
	slices.Sort(list)
	return list
}

// All lists every right of every role, as "role object:action", sorted.
func (e *Enforcer) All() []string {
	var list []string
	for _, role := range domain.Roles() {
		for _, right := range e.Rights(role) {
			list = append(list, string(role)+" "+right)
		}
	}
	slices.Sort(list)
	return list
}

// Allow tells whether the role may do the action on the object. Unknown words are denied.
func (e *Enforcer) Allow(role domain.Role, object, action string) bool {
	return e.allowed[right{role, object, action}]
}
