package policies

import (
	"slices"

	"pointbridge/domain"
)

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

// allowed reports whether a role with this lineage has the right: something in it allows it and nothing denies it.
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
			c.faults.add(s.line, "line %d denies %s to %s, from which %s inherits, and that wins", other.line, s.right,
				other.role, s.role)
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
		c.faults.add(s.line, "acts.csv allows what %s takes to none of the roles that %s inherits from, so it could not be used",
			s.right, s.role)
	}
}
