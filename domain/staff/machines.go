package staff

import (
	"context"
	"io"
	"slices"

	"pointbridge/domain"
)

// Keys keeps the API keys that belong to no person: tills and other programs.
type Keys interface {
	// CreateKey stores a key and the record of its making. Errors: key_already_made.
	CreateKey(ctx context.Context, by domain.Caller, k domain.APIKey) (domain.APIKey, error)
	// RevokeKey ends a key's life. Errors: not_found.
	RevokeKey(ctx context.Context, by domain.Caller, prefix string) error
	// ListKeys lists every key that was ever made, people's tokens too, oldest first; hashes stay behind.
	ListKeys(ctx context.Context) ([]domain.APIKey, error)
}

// Machines hands out keys to programs.
type Machines struct {
	Keys   Keys
	Random io.Reader
}

// Add makes a key and gives its token, which nobody can read again. A customer's key names the member it belongs to.
// Errors: validation_failed with the field.
func (m Machines) Add(ctx context.Context, by, caller domain.Caller) (token string, key domain.APIKey, err error) {
	return m.add(ctx, by, caller, m.Random)
}

// AddOnce makes a key as Add does, one for each occasion: a form that is sent again makes no other. Errors: key_already_made
// as well.
func (m Machines) AddOnce(ctx context.Context, by, caller domain.Caller, occasion string) (token string, key domain.APIKey, err error) {
	return m.add(ctx, by, caller, domain.OfOccasion(occasion, m.Random))
}

func (m Machines) add(ctx context.Context, by, caller domain.Caller, random io.Reader) (token string, key domain.APIKey, err error) {
	switch {
	case !slices.Contains(domain.Roles(), caller.Role):
		return "", key, wrong("role")
	case caller.Name != "" && !validName(caller.Name):
		return "", key, wrong("name")
	case (caller.Role == domain.RoleCustomer) != (caller.CustomerID != ""), caller.CustomerID != "" && !domain.ValidCustomerID(caller.CustomerID):
		return "", key, wrong("customer_id")
	}
	token, prefix, hash, err := domain.NewAPIKey(random)
	if err != nil {
		return "", key, err
	}
	if key, err = m.Keys.CreateKey(ctx, by, domain.APIKey{Prefix: prefix, Hash: hash, Caller: caller}); err != nil {
		return "", domain.APIKey{}, err
	}
	return token, key, nil
}

// Revoke ends a key's life; processes that believe it forget it within seconds. Errors: not_found.
func (m Machines) Revoke(ctx context.Context, by domain.Caller, prefix string) error {
	return m.Keys.RevokeKey(ctx, by, prefix)
}

// List lists the keys that belong to nobody, the living ones, oldest first.
func (m Machines) List(ctx context.Context) ([]domain.APIKey, error) {
	all, err := m.Keys.ListKeys(ctx)
	return slices.DeleteFunc(all, func(k domain.APIKey) bool { return k.StaffID != 0 || k.RevokedAt != nil }), err
}
