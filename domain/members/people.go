package members

import (
	"context"

	"pointbridge/domain"
)

// A person can be several members: every other member with the same mail address or the same phone number counts as the
// same person where reviews are counted. Nothing is moved, told or refused because of it: it sends a review to somebody
// who looks.

// peoplePage is how many members are keyed between two looks at the list.
const peoplePage = 500

// People finds members whose keys were never made.
type People interface {
	// UnkeyedAfter lists members with a mail address or a phone number that has no key, by id.
	UnkeyedAfter(ctx context.Context, id string, limit int) ([]domain.Customer, error)
	// SaveKeys writes the keys of members whose mail address and phone number are still the same.
	SaveKeys(ctx context.Context, members []domain.Customer) error
}

// keyed returns the member with the keys of mail address and phone number.
func keyed(c domain.Customer, phone func(string) string) domain.Customer {
	c.EmailKey, c.PhoneKey = domain.MailKey(c.Email), ""
	if c.Phone != "" && phone != nil {
		c.PhoneKey = phone(c.Phone)
	}
	return c
}

// KeyMembers makes the keys of all members who have none yet. It can be repeated, and cut off at any moment.
func KeyMembers(ctx context.Context, people People, phone func(string) string) error {
	for after := ""; ; {
		page, err := people.UnkeyedAfter(ctx, after, peoplePage)
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			page[i] = keyed(page[i], phone)
		}
		if err := people.SaveKeys(ctx, page); err != nil {
			return err
		}
		after = page[len(page)-1].ID
	}
}
