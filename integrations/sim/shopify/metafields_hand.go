package shopify

import (
	"errors"

	graphql "github.com/graph-gophers/graphql-go"
)

// ErrUnknownMetafield and ErrBadMetafield refuse what somebody wants done to a metafield by hand.
var (
	ErrUnknownMetafield = errors.New("there is no such metafield")
	ErrBadMetafield     = errors.New("the metafield cannot have this value")
)

// unwritten names a metafield that is no more.
type unwritten struct {
	OwnerID   string `json:"owner_id"`
	Namespace string `json:"namespace"`
	Key       string `json:"key"`
}

// EditMetafield changes a customer's metafield as a person in the store's admin does: nothing is compared. The customer
// is a gid or a number; an empty namespace is the app's own. Errors: ErrUnknownCustomer, ErrBadMetafield.
func (s *Server) EditMetafield(customer, namespace, key, value string) error {
	return s.SetMetafield(customer, namespace, key, "json", value)
}

// SetMetafield is EditMetafield for a metafield of any type.
func (s *Server) SetMetafield(customer, namespace, key, kind, value string) error {
	number, err := customerNumber(customer)
	if err != nil {
		return err
	}
	in := metafieldInput{OwnerID: graphql.ID(gid("Customer", number)), Namespace: graphql.NullString{Value: &namespace,
		Set: true}, Key: key,
		Type: graphql.NullString{Value: &kind, Set: true}, Value: value}
	_, refused, err := s.setMetafields([]metafieldInput{in})
	switch {
	case len(refused) > 0 && refused[0].Message == noOwner:
		return ErrUnknownCustomer
	case len(refused) > 0:
		return ErrBadMetafield
	default:
		return err
	}
}

// DeleteMetafield removes a customer's metafield. Errors: ErrUnknownCustomer, ErrUnknownMetafield.
func (s *Server) DeleteMetafield(customer, namespace, key string) error {
	number, err := customerNumber(customer)
	if err != nil {
		return err
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	m := s.metafield(gid("Customer", number), namespace, key)
	if m == nil {
		return ErrUnknownMetafield
	}
	return s.commit("", s.touched([]record{{Unwritten: &unwritten{m.OwnerID, m.Namespace, m.Key}}})...)
}

// touched adds the customers whose metafields the records change, each once: a metafield belongs to its customer, who
// counts as changed with it. The caller holds the lock.
func (s *Server) touched(records []record) []record {
	seen := map[string]bool{}
	for _, r := range records {
		owner := ""
		switch {
		case r.Metafield != nil:
			owner = r.Metafield.OwnerID
		case r.Unwritten != nil:
			owner = r.Unwritten.OwnerID
		}
		c := s.customer(owner)
		if c == nil || seen[owner] {
			continue
		}
		seen[owner] = true
		changed := *c
		changed.UpdatedAt = wholeSecond(s.cfg.Clock())
		records = append(records, record{Customer: &changed})
	}
	return records
}
