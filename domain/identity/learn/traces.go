package learn

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
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
	// Current fails where a key is in use that Keys lacks: what they cannot find they cannot forget. nil for never.
	Current func(context.Context) (int, error)
	Members Members
	// Recipients are those of batches that wait for their codes; nil for none.
	Recipients Recipients
	Now        func() time.Time
}

// MarkOf makes digests of an e-mail and a phone under the oldest key, from which those under every other are made: what
// is to be forgotten later, also by another process, with nobody's address or number in a table until then.
func (t Traces) MarkOf(email, phone string) (string, error) {
	asked, err := t.Keys.Candidates(t.Canonical.Forms(identity.Shown{Emails: texts(email), Phones: texts(phone)}))
	if err != nil {
		return "", err
	}
	var parts []string
	for _, kind := range []identity.Kind{identity.Email, identity.Phone} {
		for _, d := range asked[kind] {
			if d.Key == 1 {
				parts = append(parts, string(kind)+":"+hex.EncodeToString(d.Sum[:]))
			}
		}
	}
	return strings.Join(parts, " "), nil
}

// errMark is a mark that MarkOf has not made.
var errMark = errors.New("this does not say who is to be forgotten")

// marked are the digests of a mark under every key.
func (t Traces) marked(mark string) (identity.Print, error) {
	person := identity.Print{}
	for _, part := range strings.Fields(mark) {
		kind, text, _ := strings.Cut(part, ":")
		sum, err := hex.DecodeString(text)
		if err != nil || len(sum) != len(identity.Digest{}.Sum) {
			return nil, errMark
		}
		for version := 1; version <= t.Keys.Version(); version++ {
			d, err := t.Keys.WrapTo(identity.Digest{Key: 1, Sum: [16]byte(sum)}, version)
			if err != nil {
				return nil, err
			}
			person[identity.Kind(kind)] = append(person[identity.Kind(kind)], d)
		}
	}
	return person, nil
}

// Forget removes what was learned of one person: by the shop's customers that they are or were, by the e-mail and phone
// of a member where there is one, and by those of a mark. It comes before the member is forgotten, who would not be
// found afterwards. found tells whether there was anything. It may be repeated.
func (t Traces) Forget(ctx context.Context, memberID, mark string, customerGIDs ...string) (found bool, err error) {
	if t.Current != nil {
		if _, err := t.Current(ctx); err != nil {
			return false, err
		}
	}
	shown := identity.Shown{}
	if memberID != "" {
		member, err := t.Members.Customer(ctx, memberID)
		if err != nil && domain.CodeOf(err) != domain.CodeCustomerNotFound {
			return false, err
		}
		shown.Emails, shown.Phones = texts(member.Email), texts(member.Phone)
		customerGIDs = append(customerGIDs, member.ShopifyCustomerGID)
	}
	person, err := t.personOf(shown, mark)
	if err != nil {
		return false, err
	}
	if found, err = t.forgetRecipient(ctx, memberID, customerGIDs, person); err != nil {
		return found, err
	}
	done := map[string]bool{}
	for _, gid := range customerGIDs {
		if gid == "" && len(shown.Emails)+len(shown.Phones) == 0 && mark == "" || done[gid] {
			continue
		}
		done[gid] = true
		shown.CustomerID = gid
		if person, err = t.personOf(shown, mark); err != nil {
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

// personOf are the digests of whoever shows something, and those of a mark.
func (t Traces) personOf(shown identity.Shown, mark string) (identity.Print, error) {
	person, err := t.Keys.Candidates(t.Canonical.Forms(shown))
	if err != nil {
		return nil, err
	}
	marked, err := t.marked(mark)
	if err != nil {
		return nil, err
	}
	for kind, digests := range marked {
		person[kind] = append(person[kind], digests...)
	}
	return person, nil
}

// texts is a text as a list; an empty one is none.
func texts(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// ForgetEverybody removes what was learned of anybody, and the figures of the shop's orders with it.
func (t Traces) ForgetEverybody(ctx context.Context) error {
	if _, err := t.forgetRecipients(ctx, func(Recipient) (bool, error) { return true, nil }); err != nil {
		return err
	}
	if err := (Maintenance{Archive: t.Archive, Retention: time.Nanosecond, Now: t.Now}).Forget(ctx); err != nil {
		return err
	}
	for {
		done, err := t.Archive.ForgetOrders(ctx, t.Now(), atOnce)
		if err != nil || done == 0 {
			return err
		}
	}
}
