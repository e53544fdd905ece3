package policies

import (
	"fmt"
	"slices"

	"pointbridge/domain"
)

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

// taken reports whether a name is no role's that can be made.
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
		return fmt.Sprintf("%s is no role's name, which is 3 to 40 lower case letters, digits and underscores",
			quoted(string(s.role)))
	case !shipped && !declared:
		return fmt.Sprintf("there is no role %s; a role is made by what it inherits or is allowed",
			quoted(string(s.role)))
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
		return fmt.Sprintf("%s would be widened by %s; a role that comes with Pointbridge can be narrowed only", s.role,
			s.right)
	case shipped && s.deny && s.right == session && s.role.OfStaff():
		return fmt.Sprintf("%s cannot lose %s: whoever has an account must be able to end their own sign-in", s.role,
			s.right)
	case s.role == domain.RoleSystemAdmin && s.deny && slices.Contains(running, s.right):
		return fmt.Sprintf("%s cannot lose %s: nobody could manage the staff any more", s.role, s.right)
	case !shipped && !s.deny && s.right == manage:
		return fmt.Sprintf("%s is for %s alone: whoever hands out rights could take any", s.right,
			domain.RoleSystemAdmin)
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
