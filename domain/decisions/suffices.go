package decisions

import "pointbridge/domain/identity"

// Suffices tells whether one kind that is the same is enough, by these rules, for two appearances to be one person's.
func (p Policy) Suffices(kind identity.Kind) bool {
	_, person := p.likeness([]identity.Kind{kind})
	return person
}
