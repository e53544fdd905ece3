package members

import (
	"context"
	"strings"

	"pointbridge/domain"
)

// A spreadsheet takes 00012 for the number twelve and writes 12. Of more than eleven digits it writes 1.2E+11, which no
// member number looks like, so that what is left of a number without its zeros is short.
const (
	mostLeftOfNumber = 11
	longestWithZeros = 20
)

// withZeros lists the numbers that a spreadsheet can have made this one of.
func withZeros(number string) (list []string) {
	if number == "" || len(number) > mostLeftOfNumber || number[0] == '0' || strings.Trim(number, "0123456789") != "" {
		return nil
	}
	for len(number) < longestWithZeros {
		number = "0" + number
		list = append(list, number)
	}
	return list
}

// lostZeros refuses rows about nobody who is known where a member has the same number with zeros before it: they would
// become a second member of one person.
func (im *Importer) lostZeros(ctx context.Context, part []candidate, known []*domain.Customer) error {
	var numbers []string
	for i, c := range part {
		if c.reason == "" && known[i] == nil {
			numbers = append(numbers, withZeros(c.link.CustomerID)...)
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	members, err := im.Members.Members.WhichAreMembers(ctx, numbers)
	if err != nil {
		return err
	}
	whole := map[string]bool{}
	for _, number := range members {
		whole[strings.TrimLeft(number, "0")] = true
	}
	for i := range part {
		if part[i].reason == "" && known[i] == nil && whole[part[i].link.CustomerID] {
			part[i].reason = LostZeros
		}
	}
	return nil
}
