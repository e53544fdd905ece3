package store

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// mostPeople bounds how many members with one mail address, and with one phone number, are looked at: an address that a
// shop writes down for everybody without one must not make its reviews slow. From the third review on it makes no
// difference.
const mostPeople = "100"

// peopleOf are the ids of everybody who is one person with a member: the member, and those with the same mail address
// or the same phone number. member is an expression that occurs three times. SQLite uses an index over a part of the
// rows only where the part is named.
func peopleOf(member string) string {
	text := `SELECT @member AS id`
	for _, key := range []string{"email_key", "phone_key"} {
		text += strings.ReplaceAll(` UNION SELECT id FROM (SELECT p.id FROM customers me JOIN customers p ON p.@key = me.@key AND p.@key <> ''
			WHERE me.id = @member ORDER BY p.id LIMIT `+mostPeople+`) AS same_@key`, "@key", key)
	}
	return strings.ReplaceAll(text, "@member", member)
}

// UnkeyedAfter implements members.People. A number of which an earlier version made nothing is tried again.
func (s Members) UnkeyedAfter(ctx context.Context, id string, limit int) ([]domain.Customer, error) {
	var rows []customerRow
	if err := s.db.WithContext(ctx).Where(`id > ? AND (email <> '' AND email_key = '' OR phone <> '' AND phone_key = '')`, id).
		Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]domain.Customer, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// SaveKeys implements members.People.
func (s Members) SaveKeys(ctx context.Context, members []domain.Customer) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		for _, c := range members {
			if c.EmailKey == "" && c.PhoneKey == "" {
				continue
			}
			if err := tx.Exec(`UPDATE customers SET email_key = ?, phone_key = ? WHERE id = ? AND email = ? AND phone = ?`,
				c.EmailKey, c.PhoneKey, c.ID, c.Email, c.Phone).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
