package staff

import (
	"context"
	"io"
	"slices"
	"time"

	"pointbridge/domain"
)

// Keys keeps the API keys that belong to no person: POS systems and other programs.
type Keys interface {
	// CreateKey stores a key and the audit entry of its making. Errors: key_already_made.
	CreateKey(ctx context.Context, by domain.Caller, k domain.APIKey) (domain.APIKey, error)
	// RevokeKey ends a key's life. Errors: not_found.
	RevokeKey(ctx context.Context, by domain.Caller, prefix string) error
	// ListKeys lists every key that was ever made, people's tokens too, oldest first, with their owners; hashes stay
	// behind.
	ListKeys(ctx context.Context) ([]domain.APIKey, error)
}

// Owners reads who answers for keys.
type Owners interface {
	// StaffByEmail reads a person. Errors: not_found.
	StaffByEmail(ctx context.Context, email string) (domain.Staff, error)
}

const (
	// KeyLife is how long a key lets in where nothing else is said, MaxKeyLife how long one with an end does at most.
	KeyLife    = 365 * 24 * time.Hour
	MaxKeyLife = 5 * 366 * 24 * time.Hour
)

// NewKey is what is asked for of a key.
type NewKey struct {
	// Caller is what the key is: name, role, and the member for a customer's key.
	Caller domain.Caller
	// Owner is the mail address of the person who answers for the key. The POS's key, and a customer's, can do without.
	Owner string
	// ExpiresAt is its end; zero means KeyLife from now. Endless asks for a key that does not end.
	ExpiresAt time.Time
	Endless   bool
}

// Machines hands out keys to programs.
type Machines struct {
	Keys   Keys
	Owners Owners
	Random io.Reader
	Now    func() time.Time
	// Roles are what a key can be; the zero book has the roles that come with Pointbridge.
	Roles domain.RoleBook
}

// Add makes a key and gives its token, which nobody can read again. Errors: validation_failed with the field.
func (m Machines) Add(ctx context.Context, by domain.Caller, k NewKey) (token string, key domain.APIKey, err error) {
	return m.add(ctx, by, k, m.Random)
}

// AddOnce makes a key as Add does, one for each occasion: a form that is sent again makes no other. Errors:
// key_already_made as well.
func (m Machines) AddOnce(ctx context.Context, by domain.Caller, k NewKey, occasion string) (token string,
	key domain.APIKey, err error) {
	return m.add(ctx, by, k, domain.OfOccasion(occasion, m.Random))
}

func (m Machines) add(ctx context.Context, by domain.Caller, k NewKey, random io.Reader) (token string,
	key domain.APIKey, err error) {
	if key, err = m.checked(ctx, k); err != nil {
		return "", domain.APIKey{}, err
	}
	token, prefix, hash, err := domain.NewAPIKey(random)
	if err != nil {
		return "", domain.APIKey{}, err
	}
	key.Prefix, key.Hash = prefix, hash
	if key, err = m.Keys.CreateKey(ctx, by, key); err != nil {
		return "", domain.APIKey{}, err
	}
	return token, key, nil
}

// checked returns the key as it is to be stored, but for its secret.
func (m Machines) checked(ctx context.Context, k NewKey) (key domain.APIKey, err error) {
	caller := k.Caller
	switch {
	case !m.Roles.Knows(caller.Role):
		return key, wrong("role")
	case caller.Name != "" && !validName(caller.Name):
		return key, wrong("name")
	case (caller.Role == domain.RoleCustomer) != (caller.CustomerID != ""), caller.CustomerID != "" &&
		!domain.ValidCustomerID(caller.CustomerID):
		return key, wrong("customer_id")
	}
	key.Caller = caller
	if key.ExpiresAt, err = m.end(k); err != nil {
		return key, err
	}
	if k.Owner != "" {
		email, _ := domain.NormalizeEmail(k.Owner)
		owner, err := m.Owners.StaffByEmail(ctx, email)
		if domain.CodeOf(err) == domain.CodeNotFound || err == nil && !owner.Enabled() {
			return key, wrong("owner")
		}
		if err != nil {
			return key, err
		}
		key.OwnerID = owner.ID
	}
	if key.Unowned() {
		return key, wrong("owner")
	}
	return key, nil
}

// end is when the key ends; nil for one that is asked to go on for ever.
func (m Machines) end(k NewKey) (*time.Time, error) {
	now := m.Now()
	at := k.ExpiresAt
	switch {
	case k.Endless && at.IsZero():
		return nil, nil //nolint:nilnil // no end is an answer
	case k.Endless, !at.IsZero() && !at.After(now), at.After(now.Add(MaxKeyLife)):
		return nil, wrong("expires")
	case at.IsZero():
		at = now.Add(KeyLife)
	}
	return &at, nil
}

// Revoke ends a key's life; processes that believe it forget it within seconds. Errors: not_found.
func (m Machines) Revoke(ctx context.Context, by domain.Caller, prefix string) error {
	return m.Keys.RevokeKey(ctx, by, prefix)
}

// List lists the keys of programs that were not revoked, oldest first; those whose time is over too, so that somebody
// sees why a program is not let in any more.
func (m Machines) List(ctx context.Context) ([]domain.APIKey, error) {
	all, err := m.Keys.ListKeys(ctx)
	return slices.DeleteFunc(all, func(k domain.APIKey) bool { return k.StaffID != 0 || k.RevokedAt != nil }), err
}
