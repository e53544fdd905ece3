package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
)

// restoredAtOnce is how many rows one statement inserts: few enough for the number of values that a database takes.
const restoredAtOnce = 200

// Restore implements books.Restorer. New coupons, which are most, go in with one statement a table.
func (s Books) Restore(ctx context.Context, list []books.Restoration) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		list := slices.Clone(list) // ids are for this try alone
		kept := map[string]bool{}
		for _, r := range list {
			if kept[r.Customer.ID] {
				continue
			}
			kept[r.Customer.ID] = true
			if err := s.keepRestored(tx, r.Customer); err != nil {
				return err
			}
		}
		changed := slices.DeleteFunc(slices.Clone(list), func(r books.Restoration) bool { return r.State.Coupon.ID == 0 })
		if err := insertRestored(tx, list); err != nil {
			return err
		}
		for _, r := range changed {
			if _, err := Coupons(s).write(ctx, tx, coupons.Change{Coupon: r.State.Coupon, Movements: r.State.Movements,
				Audit: []domain.AuditEntry{r.Audit}}); err != nil {
				return err
			}
		}
		return s.accompanyRestored(ctx, tx, list)
	})
}

// accompanyRestored opens the reviews, and has metafields written where all of a member is known.
func (s Books) accompanyRestored(ctx context.Context, tx *gorm.DB, list []books.Restoration) error {
	saga := Coupons(s)
	for _, r := range list {
		for _, kind := range r.Reviews {
			if err := saga.accompanyReview(tx, coupons.Change{Coupon: r.State.Coupon, Review: kind}); err != nil {
				return err
			}
		}
		if !r.Project {
			continue
		}
		if err := saga.accompany(tx, coupons.Change{Coupon: r.State.Coupon, Project: true}); err != nil {
			return err
		}
	}
	return nil
}

// insertRestored inserts the coupons that have no id yet, with their movements and entries, and gives them their ids.
func insertRestored(tx *gorm.DB, list []books.Restoration) error {
	ids, err := insertCoupons(tx, list)
	if err != nil || len(ids) == 0 {
		return err
	}
	var movements []movementRow
	var entries []auditRow
	for i := range list {
		r := &list[i]
		if r.State.Coupon.ID != 0 {
			continue
		}
		if r.State.Coupon.ID = ids[r.State.Coupon.Code]; r.State.Coupon.ID == 0 {
			return fmt.Errorf("coupon %d of %d was inserted and is not there", i, len(list))
		}
		for _, m := range r.State.Movements {
			m.CouponID = r.State.Coupon.ID
			movements = append(movements, movementToRow(m))
		}
		entry, err := auditToRow(r.Audit, r.State.Coupon.ID)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	if len(movements) > 0 {
		if err := tx.CreateInBatches(&movements, restoredAtOnce).Error; err != nil {
			return err
		}
	}
	return tx.CreateInBatches(&entries, restoredAtOnce).Error
}

// insertCoupons inserts those that have no id yet, and gives their ids by code: no database promises to return them in
// the order of one statement's rows.
func insertCoupons(tx *gorm.DB, list []books.Restoration) (map[string]int64, error) {
	var rows []couponRow
	for _, r := range list {
		if r.State.Coupon.ID != 0 {
			continue
		}
		row, err := couponToRow(r.State.Coupon)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	ids := make(map[string]int64, len(rows))
	for part := range slices.Chunk(rows, restoredAtOnce) {
		if err := tx.Create(&part).Error; err != nil {
			return nil, err
		}
		codes := make([]string, 0, len(part))
		for _, row := range part {
			codes = append(codes, row.Code)
		}
		var there []struct {
			ID   int64
			Code string
		}
		if err := tx.Raw(`SELECT id, code FROM coupons WHERE code IN ?`, codes).Scan(&there).Error; err != nil {
			return nil, err
		}
		for _, row := range there {
			ids[row.Code] = row.ID
		}
	}
	return ids, nil
}

// keepRestored keeps a member whom nobody has. Nothing is known of what stands in their metafield, so that it is read
// before it is written. Where another member is that customer of the shop, they are kept without a link; coupons of somebody
// who was no member and turns out to be them become theirs.
func (s Books) keepRestored(tx *gorm.DB, c domain.Customer) error {
	for _, gid := range []string{c.ShopifyCustomerGID, ""} {
		var there int64
		if err := tx.Raw(`SELECT count(*) FROM customers WHERE id = ?`, c.ID).Scan(&there).Error; err != nil || there > 0 {
			return err
		}
		released := ""
		if c.Member() {
			var err error
			if released, err = s.release(tx, gid, c.UpdatedAt); err != nil {
				return err
			}
		}
		c.ShopifyCustomerGID, c.CreatedAt, c.UpdatedAt = gid, utc(c.CreatedAt), utc(c.UpdatedAt)
		created, err := insertCustomer(tx, c)
		if err != nil {
			return err
		}
		if created {
			err := tx.Exec(`UPDATE customers SET projection_digest = ? WHERE id = ?`, metafields.DigestUnknown, c.ID).Error
			return errors.Join(err, adopt(tx, c.ID, released, &domain.AuditEntry{}))
		}
	}
	return domain.ErrConflict
}

// KnownDiscounts implements books.Restorer.
func (s Books) KnownDiscounts(ctx context.Context, ids []string) (known []string, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT discount_id FROM coupons WHERE discount_id <> '' AND discount_id IN ?
		UNION SELECT discount_id FROM campaign_batches WHERE discount_id <> '' AND discount_id IN ?`, ids, ids).
		Scan(&known).Error
	return known, translate(err)
}

// Families implements books.Restorer.
func (s Books) Families(ctx context.Context) (list []books.Family, err error) {
	var rows []struct {
		Key, Prefix, Offer string
		Version            int
		At                 time.Time
	}
	if err := s.db.WithContext(ctx).Raw(`SELECT c.key, c.prefix, p.version, p.at, p.offer FROM campaigns c
		JOIN campaign_policies p ON p.campaign_id = c.id WHERE c.prefix <> '' ORDER BY c.key, p.version`).
		Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, row := range rows {
		rules := books.Rules{Version: row.Version, At: row.At.UTC()}
		if err := json.Unmarshal([]byte(row.Offer), &rules.Offer); err != nil {
			return nil, fmt.Errorf("the offer of the campaign %s: %w", row.Key, err)
		}
		if rules.Offer.Codes != campaigns.Personal {
			continue
		}
		if len(list) == 0 || list[len(list)-1].Key != row.Key {
			list = append(list, books.Family{Key: row.Key, Prefix: row.Prefix})
		}
		last := &list[len(list)-1]
		last.Rules = append(last.Rules, rules)
	}
	return list, nil
}

// Holder implements books.Restorer.
func (s Books) Holder(ctx context.Context, shopCustomerGID string) (string, error) {
	row, err := customerWith(s.db.WithContext(ctx), shopCustomerGID, "")
	if errors.Is(err, &domain.Error{Code: domain.CodeCustomerNotFound}) {
		return "", nil
	}
	return row.ID, translate(err)
}

// NumberNow implements books.Restorer.
func (s Books) NumberNow(ctx context.Context, number string) (string, error) {
	var now []string
	err := s.db.WithContext(ctx).Raw(`SELECT customer_id FROM former_numbers WHERE number = ?`, number).Scan(&now).Error
	if err != nil || len(now) == 0 {
		return number, translate(err)
	}
	return now[0], nil
}
