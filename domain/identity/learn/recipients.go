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
	// NumbersOf lists the shop's customers that a member is or was.
	NumbersOf(ctx context.Context, memberID string) ([]string, error)
	// ForgetRecipients refuses their rows and takes what names them away.
	ForgetRecipients(ctx context.Context, list []Recipient) error
}

// Recipient is one of a batch; what Kind says of Text is codes.Recipient's.
type Recipient struct {
	BatchID    int64
	Row        int
	Kind, Text string
}

// recipient is somebody who may stand in a list: by their id here, their numbers in the shop, or by an e-mail in
// whatever spelling.
type recipient struct {
	memberID string
	gids     []string
	person   identity.Print
}

func (t Traces) named(r Recipient, who recipient) (bool, error) {
	switch r.Kind {
	case "customer_id":
		return who.memberID != "" && r.Text == who.memberID, nil
	case "shopify_customer_id":
		return r.Text != "" && slices.Contains(who.gids, r.Text), nil
	}
	theirs, err := t.Keys.Candidates(t.Canonical.Forms(identity.Shown{Emails: texts(r.Text)}))
	return slices.ContainsFunc(theirs[identity.Email], func(d identity.Digest) bool {
		return slices.Contains(who.person[identity.Email], d)
	}), err
}

// forgetRecipient forgets somebody among those who wait for a code.
func (t Traces) forgetRecipient(ctx context.Context, memberID string, gids []string, person identity.Print) (bool, error) {
	if t.Recipients == nil {
		return false, nil
	}
	who := recipient{memberID, gids, person}
	if memberID != "" {
		numbers, err := t.Recipients.NumbersOf(ctx, memberID)
		if err != nil {
			return false, err
		}
		who.gids = slices.Concat(gids, numbers)
	}
	return t.forgetRecipients(ctx, func(r Recipient) (bool, error) { return t.named(r, who) })
}

// forgetRecipients forgets those who wait for a code and are meant.
func (t Traces) forgetRecipients(ctx context.Context, meant func(Recipient) (bool, error)) (found bool, err error) {
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
			is, err := meant(r)
			if err != nil {
				return found, err
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
