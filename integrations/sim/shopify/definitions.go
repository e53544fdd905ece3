package shopify

import (
	"fmt"
	"sort"
	"strings"
)

type accessInput struct {
	Admin           enum
	CustomerAccount enum
	Storefront      enum
}

// createDefinition registers a metafield definition; a second one of the same owner type, namespace and key is TAKEN.
func (s *Server) createDefinition(in definitionInput) (*Definition, []userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	d := Definition{
		OwnerType: string(in.OwnerType), Namespace: s.resolveNamespace(textOf(in.Namespace)), Key: in.Key,
		Name: in.Name, Type: in.Type, Description: textOf(in.Description),
		AdminAccess: "PUBLIC_READ_WRITE", Storefront: "NONE", CustomerAccount: "NONE",
	}
	if s.ownNamespace(d.Namespace) {
		d.AdminAccess = "MERCHANT_READ"
	}
	if err := s.checkMetafieldName(d.Namespace, d.Key); err != nil {
		return nil, []userError{definitionRefusal(err)}, nil
	}
	if strings.TrimSpace(d.Name) == "" {
		return nil, []userError{refusal("BLANK", "Name can't be blank", "definition", "name")}, nil
	}
	if _, taken := s.state.definitions[definitionKey{d.OwnerType, d.Namespace, d.Key}]; taken {
		return nil, []userError{refusal("TAKEN", fmt.Sprintf("Key is in use for %s metafields on the '%s' namespace.",
			titleCase(d.OwnerType), d.Namespace), "definition", "key")}, nil
	}
	if errs := s.grant(&d, in.Access, "INVALID"); errs != nil {
		return nil, errs, nil
	}
	d.ID = s.state.nextID()
	return &d, nil, s.commit("", record{Definition: &d})
}

// definitionRefusal words a bad name. Another app's namespace has no code of its own here.
func definitionRefusal(err *metafieldError) userError {
	if err.field == "" {
		return refusal("INVALID", err.message, "definition")
	}
	return refusal(err.code, err.message, "definition", err.field)
}

// updateDefinition changes the name and the access of a definition.
func (s *Server) updateDefinition(in definitionUpdateInput) (*Definition, []userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	name := definitionKey{string(in.OwnerType), s.resolveNamespace(textOf(in.Namespace)), in.Key}
	old := s.state.definitions[name]
	if old == nil {
		return nil, []userError{refusal("NOT_FOUND", "Definition not found.", "definition")}, nil
	}
	d := *old
	if in.Name.Value != nil {
		d.Name = *in.Name.Value
	}
	if errs := s.grant(&d, in.Access, "INVALID_INPUT"); errs != nil {
		return nil, errs, nil
	}
	return &d, nil, s.commit("", record{Definition: &d})
}

// grant sets who may read the values. Only an app's own namespace takes an admin access.
func (s *Server) grant(d *Definition, access *accessInput, code string) []userError {
	if access == nil {
		return nil
	}
	if access.Admin != "" && !s.ownNamespace(d.Namespace) {
		return []userError{refusal(code,
			`Setting this access control is not permitted. It must be one of ["public_read_write"].`, "definition")}
	}
	setIfGiven(&d.AdminAccess, access.Admin)
	setIfGiven(&d.Storefront, access.Storefront)
	setIfGiven(&d.CustomerAccount, access.CustomerAccount)
	return nil
}

func setIfGiven(field *string, value enum) {
	if value != "" {
		*field = string(value)
	}
}

func (s *Server) ownNamespace(resolved string) bool {
	own := s.resolveNamespace("")
	return resolved == own || strings.HasPrefix(resolved, own+"--")
}

func titleCase(word string) string { return word[:1] + strings.ToLower(word[1:]) }

// Definitions are the metafield definitions in the order in which they were made.
func (s *Server) Definitions() []Definition {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	all := make([]Definition, 0, len(s.state.definitions))
	for _, d := range s.state.definitions {
		all = append(all, *d)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}
