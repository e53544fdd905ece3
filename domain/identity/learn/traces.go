package learn

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Members reads who a member is.
type Members interface {
	Customer(ctx context.Context, customerID string) (domain.Customer, error)
}

// Traces forgets what was learned of people from their orders.
type Traces struct {
	Archive   decisions.Archive
	Canonical decisions.Canonical
	Keys      decisions.Keyring
	Members   Members
	Now       func() time.Time
}

// Forget removes what was learned of one person: by the shop's customers that they are or were, and by the e-mail of a
// member where there is one. It comes before the member is forgotten, who would not be found afterwards. found tells
// whether there was anything. It may be repeated.
func (t Traces) Forget(ctx context.Context, memberID string, customerGIDs ...string) (found bool, err error) {
	var emails []string
	if memberID != "" {
		member, err := t.Members.Customer(ctx, memberID)
		if err != nil && domain.CodeOf(err) != domain.CodeCustomerNotFound {
			return false, err
		}
		if emails = []string{member.Email}; member.Email == "" {
			emails = nil
		}
		customerGIDs = append(customerGIDs, member.ShopifyCustomerGID)
	}
	done := map[string]bool{}
	for _, gid := range customerGIDs {
		if gid == "" && len(emails) == 0 || done[gid] {
			continue
		}
		done[gid] = true
		person, err := t.Keys.Candidates(t.Canonical.Forms(identity.Shown{CustomerID: gid, Emails: emails}))
		if err != nil {
			return found, err
		}
		gone, err := t.Archive.Erase(ctx, gid, person, t.Now())
		if err != nil {
			return found, err
		}
		found = found || gone != decisions.Erased{}
	}
	return found, nil
}

// ForgetEverybody removes what was learned of anybody.
func (t Traces) ForgetEverybody(ctx context.Context) error {
	return Maintenance{Archive: t.Archive, Retention: time.Nanosecond, Now: t.Now}.Forget(ctx)
}
