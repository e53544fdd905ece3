package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// underWay is what a caller is told to wait while a movement is settled.
const underWay = 30 * time.Second

// Renumber implements members.Numbers. Coupons are locked before members, as every step of the saga locks them. A
// coupon's version goes up, so that whoever works on it meanwhile begins anew with the new number.
func (s Members) Renumber(ctx context.Context, from, to string, at time.Time,
	entry func(coupons int) domain.AuditEntry) (domain.Customer, error) {
	var next customerRow
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		count, err := s.lockCoupons(tx, from)
		if err != nil {
			return err
		}
		old, there, err := s.lockNumbers(tx, from, to)
		if err != nil {
			return err
		}
		if err := mayMove(tx, old, there); err != nil {
			return err
		}
		if next, err = s.moveMember(tx, old, there, to, utc(at)); err != nil {
			return err
		}
		if err := saveAudit(tx, []domain.AuditEntry{entry(count)}, 0); err != nil {
			return err
		}
		projected(tx)
		return nil
	})
	return next.domain(), translate(err)
}

func (s Members) lockCoupons(tx *gorm.DB, member string) (int, error) {
	text := `SELECT id FROM coupons WHERE customer_id = ? ORDER BY id`
	if s.dialect == "postgres" {
		text += " FOR UPDATE"
	}
	var ids []int64
	err := tx.Raw(text, member).Scan(&ids).Error
	return len(ids), err
}

// lockNumbers reads the member and, nil when nobody has it, the one with the new number.
func (s Members) lockNumbers(tx *gorm.DB, from, to string) (old customerRow, there *customerRow, err error) {
	text := `SELECT ` + customerColumns + ` FROM customers WHERE id IN (?, ?) ORDER BY id`
	if s.dialect == "postgres" {
		text += " FOR UPDATE"
	}
	var rows []customerRow
	if err := tx.Raw(text, from, to).Scan(&rows).Error; err != nil {
		return old, nil, err
	}
	for i := range rows {
		if rows[i].ID == from {
			old = rows[i]
		} else {
			there = &rows[i]
		}
	}
	if old.ID == "" {
		return old, nil, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return old, there, nil
}

// mayMove refuses what members.Service.Renumber says.
func mayMove(tx *gorm.DB, old customerRow, there *customerRow) error {
	var busy bool
	if err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM movements m JOIN coupons k ON k.id = m.coupon_id
		WHERE k.customer_id = ? AND m.state = 'open')`, old.ID).Row().Scan(&busy); err != nil {
		return err
	}
	if busy {
		return &domain.Error{Code: domain.CodeMovementInProgress, RetryAfter: underWay}
	}
	if there == nil {
		return nil
	}
	if old.ShopifyCustomerGID != "" && there.ShopifyCustomerGID != "" {
		return domain.Refuse(domain.CodeNumberTaken, "reason", "linked")
	}
	var coupons, forgotten bool
	if err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM coupons WHERE customer_id = ?),
		EXISTS (SELECT 1 FROM forgotten WHERE customer_id = ?)`, there.ID, there.ID).Row().Scan(&coupons,
		&forgotten); err != nil {
		return err
	}
	if coupons || forgotten {
		return domain.Refuse(domain.CodeNumberTaken, "reason", "coupons")
	}
	return nil
}

// moveMember gives the member the new number and takes the old one off the list of members.
func (s Members) moveMember(tx *gorm.DB, old customerRow, there *customerRow, to string,
	at time.Time) (customerRow, error) {
	if err := tx.Exec(`DELETE FROM former_numbers WHERE number = ? AND customer_id = ?`, to, old.ID).Error; err != nil {
		return customerRow{}, err
	}
	if err := newNumber(tx, to); err != nil {
		if domain.CodeOf(err) == domain.CodeRenumbered {
			err = domain.Refuse(domain.CodeNumberTaken, "reason", "former")
		}
		return customerRow{}, err
	}
	// One customer of the shop is one member at any instant, within a transaction too.
	if err := tx.Exec(`UPDATE customers SET shopify_customer_gid = '' WHERE id = ?`, old.ID).Error; err != nil {
		return customerRow{}, err
	}
	next := joined(old, there, to, at)
	save := tx.Create
	if there != nil {
		save = tx.Save
	}
	if err := save(&next).Error; err != nil {
		return customerRow{}, err
	}
	// What counts refusals is no part of the row that others read.
	if err := tx.Exec(`UPDATE customers SET refusals = (SELECT max(refusals) FROM customers WHERE id IN (@old, @new)),
		refusals_since = (SELECT max(refusals_since) FROM customers WHERE id IN (@old, @new)) WHERE id = @new`,
		map[string]any{"old": old.ID, "new": to}).Error; err != nil {
		return customerRow{}, err
	}
	if err := makeTerms(tx, to); err != nil {
		return customerRow{}, err
	}
	return next, follow(tx, old.ID, to, at)
}

// joined is the member under the new number. What the POS told of the new number is newer than what it told of the old
// one; a lock holds until the later end.
func joined(old customerRow, there *customerRow, to string, at time.Time) customerRow {
	next := old
	next.ID, next.UpdatedAt, next.ProjectionClaimedUntil = to, at, nil
	next.ProjectionWanted, next.ProjectionChangedAt = old.ProjectionWanted+1, &at
	if there == nil {
		return next
	}
	if old.ShopifyCustomerGID == "" {
		next.ShopifyCustomerGID, next.ProjectionDigest = there.ShopifyCustomerGID, ""
	}
	for _, field := range []struct{ into, from *string }{{&next.Name, &there.Name}, {&next.Locale, &there.Locale}, {&next.NameKana, &there.NameKana},
		{&next.Rank, &there.Rank}, {&next.Email, &there.Email}, {&next.Phone, &there.Phone}} {
		if *field.from != "" {
			*field.into = *field.from
		}
	}
	if there.Email != "" {
		next.EmailKey = there.EmailKey
	}
	if there.Phone != "" {
		next.PhoneKey = there.PhoneKey
	}
	if there.LockedUntil != nil && (next.LockedUntil == nil || there.LockedUntil.After(*next.LockedUntil)) {
		next.LockedUntil = there.LockedUntil
	}
	return next
}

// followers are the statements that make what is a member's follow them; the new number and the old one are their
// arguments. The audit and the movements keep the number that they happened under.
var followers = []string{
	`UPDATE coupons SET customer_id = ?, version = version + 1 WHERE customer_id = ?`,
	`UPDATE former_links SET customer_id = ? WHERE customer_id = ?`,
	`UPDATE forgotten SET customer_id = ? WHERE customer_id = ?`,
	`UPDATE api_keys SET customer_id = ? WHERE customer_id = ?`,
	`UPDATE staff SET customer_id = ? WHERE customer_id = ?`,
	`UPDATE former_numbers SET customer_id = ? WHERE customer_id = ?`,
	`UPDATE member_notes SET customer_id = ? WHERE customer_id = ?`,
}

func follow(tx *gorm.DB, from, to string, at time.Time) error {
	// The new number's own former links may name the same customer of the shop.
	if err := tx.Exec(`DELETE FROM former_links WHERE customer_id = ? AND customer_gid IN
		(SELECT customer_gid FROM former_links WHERE customer_id = ?)`, to, from).Error; err != nil {
		return err
	}
	for _, statement := range followers {
		if err := tx.Exec(statement, to, from).Error; err != nil {
			return err
		}
	}
	// A repeated request is the same one, whatever its member is called by now.
	if err := tx.Exec(`UPDATE requests SET caller_id = ? WHERE caller_id = ?`, domain.Caller{}.As(to).ID,
		domain.Caller{}.As(from).ID).Error; err != nil {
		return err
	}
	if err := tx.Exec(`DELETE FROM customers WHERE id = ?`, from).Error; err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO former_numbers (number, customer_id, at) VALUES (?, ?, ?)`, from, to, at).Error
}

// newNumber refuses a number that a member had before.
func newNumber(tx *gorm.DB, id string) error {
	var former bool
	if err := tx.Raw(`SELECT EXISTS (SELECT 1 FROM former_numbers WHERE number = ?)`, id).Row().Scan(&former); err != nil {
		return err
	}
	if former {
		return domain.Refuse(domain.CodeRenumbered)
	}
	return nil
}

// HolderOf implements members.Numbers.
func (s Members) HolderOf(ctx context.Context, former string) (domain.Customer, error) {
	var row customerRow
	err := s.db.WithContext(ctx).Where("id = (SELECT customer_id FROM former_numbers WHERE number = ?)",
		former).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return row.domain(), translate(err)
}

// FormerNumbers implements members.Numbers.
func (s Members) FormerNumbers(ctx context.Context, id string) ([]string, error) {
	return formerNumbers(s.db.WithContext(ctx), id)
}

func formerNumbers(tx *gorm.DB, id string) ([]string, error) {
	numbers := []string{}
	err := tx.Raw(`SELECT number FROM former_numbers WHERE customer_id = ? ORDER BY at DESC, number`,
		id).Scan(&numbers).Error
	return numbers, translate(err)
}
