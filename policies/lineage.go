package policies

import (
	"cmp"
	"slices"
	"strings"

	"pointbridge/domain"
)

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
func (c *checker) findCircle(role domain.Role, parents map[domain.Role][]statement, way []statement,
	done map[domain.Role]bool,
	circular map[int]bool) {
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
