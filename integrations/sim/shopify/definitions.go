package shopify

import (
	"fmt"
	"sort"
	"strings"

	graphql "github.com/graph-gophers/graphql-go"
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

// deleteDefinition removes a definition. In an app's own namespace no value may be left without one.
func (s *Server) deleteDefinition(args undefineArgs) (id graphql.ID, refused []userError, err error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if args.Identifier == nil {
		return "", []userError{refusal("PRESENT", "Identifier is needed", "identifier")}, nil
	}
	name := definitionKey{string(args.Identifier.OwnerType), s.resolveNamespace(textOf(args.Identifier.Namespace)),
		args.Identifier.Key}
	d := s.state.definitions[name]
	if d == nil {
		return "", []userError{refusal("NOT_FOUND", "Definition not found.", "identifier")}, nil
	}
	if s.ownNamespace(name.namespace) && !args.DeleteAllAssociatedMetafields {
		return "", []userError{refusal("RESERVED_NAMESPACE_ORPHANED_METAFIELDS",
			"Deleting a definition in a reserved namespace must have deleteAllAssociatedMetafields set to true.")}, nil
	}
	records := []record{{Undefined: d.ID}}
	for owner, owned := range s.state.metafields {
		kind, _ := s.state.ownerExists(owner)
		if m := owned[metafieldName{name.namespace, name.key}]; m != nil && kind == name.owner {
			records = append(records, record{Unwritten: &unwritten{OwnerID: owner, Namespace: m.Namespace, Key: m.Key}})
		}
	}
	return graphql.ID(gid("MetafieldDefinition", d.ID)), nil, s.commit("", records...)
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
