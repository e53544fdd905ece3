package learn

import (
	"context"
	"slices"

	"pointbridge/domain/identity"
)

// Recipients are those of batches to whom no code was given yet: their addresses and numbers stand in our database, and
// nobody has asked the shop who they are.
type Recipients interface {
	// WaitingRecipients lists them in one order, those after the last one, which is the zero one at the beginning.
	WaitingRecipients(ctx context.Context, after Recipient, limit int) ([]Recipient, error)
	// ForgetRecipients refuses their rows and takes what names them away.
	ForgetRecipients(ctx context.Context, list []Recipient) error
}

// Recipient is one of a batch; what Kind says of Text is codes.Recipient's.
type Recipient struct {
	BatchID    int64
	Row        int
	Kind, Text string
}

// named tells whether a recipient is somebody: by their id here, their number in the shop, or by an e-mail or a phone in
// whatever spelling.
func (t Traces) named(r Recipient, memberID, gid string, person identity.Print) (bool, error) {
	switch r.Kind {
	case "customer_id":
		return memberID != "" && r.Text == memberID, nil
	case "shopify_customer_id":
		return gid != "" && r.Text == gid, nil
	}
	theirs, err := t.Keys.Candidates(t.Canonical.Forms(identity.Shown{Emails: texts(r.Text)}))
	return slices.ContainsFunc(theirs[identity.Email], func(d identity.Digest) bool {
		return slices.Contains(person[identity.Email], d)
	}), err
}

// forgetRecipients forgets somebody among those who wait for a code; everybody where all is true.
func (t Traces) forgetRecipients(ctx context.Context, memberID, gid string, person identity.Print,
	all bool) (found bool, err error) {
	if t.Recipients == nil {
		return false, nil
	}
	for after := (Recipient{}); ; {
		page, err := t.Recipients.WaitingRecipients(ctx, after, atOnce)
		if err != nil || len(page) == 0 {
			return found, err
		}
		var them []Recipient
		for _, r := range page {
			is := all
			if !is {
				if is, err = t.named(r, memberID, gid, person); err != nil {
					return found, err
				}
			}
			if is {
				them = append(them, r)
			}
			after = r
		}
		if len(them) == 0 {
			continue
		}
		if err := t.Recipients.ForgetRecipients(ctx, them); err != nil {
			return found, err
		}
		found = true
	}
}
