package shopify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	graphql "github.com/graph-gophers/graphql-go"
)

// mostMetafields is how many metafields one metafieldsSet may carry.
const mostMetafields = 25

const noOwner = "Owner does not exist."

type metafieldInput struct {
	OwnerID       graphql.ID
	Namespace     graphql.NullString
	Key           string
	Type          graphql.NullString
	Value         string
	CompareDigest graphql.NullString
}

// resolveNamespace writes out the app's own namespace: "$app" and none at all are "app--<id>", "$app:x" is
// "app--<id>--x".
func (s *Server) resolveNamespace(namespace string) string {
	own := "app--" + strconv.FormatInt(s.cfg.AppID, 10)
	if namespace == "" || namespace == "$app" {
		return own
	}
	if rest, ok := strings.CutPrefix(namespace, "$app:"); ok {
		return own + "--" + rest
	}
	return namespace
}

func textOf(n graphql.NullString) string {
	if n.Value == nil {
		return ""
	}
	return *n.Value
}

// setMetafields writes all of the metafields or none.
func (s *Server) setMetafields(inputs []metafieldInput) ([]*Metafield, []userError, error) {
	if len(inputs) > mostMetafields {
		return nil, []userError{refusal("LESS_THAN_OR_EQUAL_TO",
			"Exceeded the maximum metafields input limit of 25.", "metafields")}, nil
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	var (
		errs    []userError
		written []*Metafield
		records []record
		staged  = map[string]*Metafield{} // by owner and name: an input sees those before it
	)
	lastID := s.state.lastID
	for i, in := range inputs {
		m, changed, err := s.stage(in, staged)
		if err != nil {
			errs = append(errs, err.at(i))
			continue
		}
		written = append(written, m)
		if changed {
			records = append(records, record{Metafield: m})
		}
	}
	if len(errs) > 0 {
		s.state.lastID = lastID
		return []*Metafield{}, errs, nil
	}
	if len(records) == 0 {
		return written, nil, nil
	}
	return written, nil, s.commit("", s.touched(records)...)
}

// metafieldError is a refusal of one input, its field still without the index.
type metafieldError struct {
	code, message, field string
}

func (e *metafieldError) at(i int) userError {
	field := []string{"metafields", strconv.Itoa(i)}
	if e.field != "" {
		field = append(field, e.field)
	}
	return refusal(e.code, e.message, field...)
}

// stage makes the metafield an input asks for; changed is false when it has that value already.
func (s *Server) stage(in metafieldInput, staged map[string]*Metafield) (m *Metafield, changed bool,
	err *metafieldError) {
	owner, namespace := string(in.OwnerID), s.resolveNamespace(textOf(in.Namespace))
	if err := s.checkMetafieldName(namespace, in.Key); err != nil {
		return nil, false, err
	}
	ownerType, ok := s.state.ownerExists(owner)
	if !ok {
		return nil, false, &metafieldError{"INVALID_VALUE", noOwner, "ownerId"}
	}
	handle := owner + "\n" + namespace + "\n" + in.Key
	current := staged[handle]
	if current == nil {
		current = s.state.metafields[owner][metafieldName{namespace, in.Key}]
	}
	kind, err := s.metafieldType(in, ownerType, namespace, current)
	if err != nil {
		return nil, false, err
	}
	if err := checkMetafieldValue(kind, in.Value); err != nil {
		return nil, false, err
	}
	if err := checkDigest(in, current); err != nil {
		return nil, false, err
	}
	if current != nil && current.Value == in.Value && current.Type == kind {
		return current, false, nil
	}
	now := wholeSecond(s.cfg.Clock())
	next := Metafield{OwnerID: owner, Namespace: namespace, Key: in.Key, Type: kind, Value: in.Value, CreatedAt: now,
		UpdatedAt: now}
	if current != nil {
		next.ID, next.CreatedAt = current.ID, current.CreatedAt
	} else {
		next.ID = s.state.nextID()
	}
	staged[handle] = &next
	return &next, true, nil
}

func (s *Server) checkMetafieldName(namespace, key string) *metafieldError {
	if strings.HasPrefix(namespace, "app--") && !s.ownNamespace(namespace) {
		return &metafieldError{"APP_NOT_AUTHORIZED",
			"Access to this namespace and key on Metafields for this resource type is not allowed.", ""}
	}
	switch n := utf8.RuneCountInString(namespace); {
	case n < 3:
		return &metafieldError{"TOO_SHORT", "Namespace is too short (minimum is 3 characters)", "namespace"}
	case n > 255:
		return &metafieldError{"TOO_LONG", "Namespace is too long (maximum is 255 characters)", "namespace"}
	}
	switch n := utf8.RuneCountInString(key); {
	case n < 2:
		return &metafieldError{"TOO_SHORT", "Key is too short (minimum is 2 characters)", "key"}
	case n > 64:
		return &metafieldError{"TOO_LONG", "Key is too long (maximum is 64 characters)", "key"}
	}
	return nil
}

// metafieldType takes the type from the input, else from the definition; a definition's type cannot be overruled.
func (s *Server) metafieldType(in metafieldInput, ownerType, namespace string, current *Metafield) (string,
	*metafieldError) {
	given := textOf(in.Type)
	if d := s.state.definitions[definitionKey{ownerType, namespace, in.Key}]; d != nil {
		if given != "" && given != d.Type {
			return "", &metafieldError{"INVALID_TYPE",
				fmt.Sprintf("Type must be consistent with the definition's type: '%s'.", d.Type), "type"}
		}
		return d.Type, nil
	}
	if given == "" && current != nil {
		return current.Type, nil
	}
	if given == "" {
		return "", &metafieldError{"BLANK", "Type can't be blank", "type"}
	}
	return given, nil
}

func checkMetafieldValue(kind, value string) *metafieldError {
	if value == "" {
		return &metafieldError{"INVALID_VALUE", "Value can't be blank.", "value"}
	}
	if kind == "json" && !json.Valid([]byte(value)) {
		return &metafieldError{"INVALID_VALUE", "Value is invalid JSON.", "value"}
	}
	return nil
}

// checkDigest is the compare-and-set of the vendor: left out there is no guard; null says that nothing may exist; a
// digest has to be the current value's, unless the value would not change at all.
func checkDigest(in metafieldInput, current *Metafield) *metafieldError {
	switch {
	case !in.CompareDigest.Set:
		return nil
	case current != nil && current.Value == in.Value:
		return nil
	case in.CompareDigest.Value == nil && current == nil:
		return nil
	case in.CompareDigest.Value == nil, current != nil && *in.CompareDigest.Value != digest(*current):
		return &metafieldError{"STALE_OBJECT",
			"The resource has been updated since it was loaded. Try again with an updated `compareDigest` value.", ""}
	case current == nil:
		return &metafieldError{"INVALID_COMPARE_DIGEST", "Invalid `compareDigest` value.", ""}
	}
	return nil
}

func digest(m Metafield) string {
	sum := sha256.Sum256([]byte(m.Type + "\n" + m.Value))
	return hex.EncodeToString(sum[:])
}

// Metafield reads a value; false when there is none. "$app" namespaces may be written as such.
func (s *Server) Metafield(ownerGID, namespace, key string) (Metafield, bool) {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	if m := s.metafield(ownerGID, namespace, key); m != nil {
		return *m, true
	}
	return Metafield{}, false
}

// metafield is nil when there is none. The caller holds the lock.
func (s *Server) metafield(owner, namespace, key string) *Metafield {
	return s.state.metafields[owner][metafieldName{s.resolveNamespace(namespace), key}]
}
