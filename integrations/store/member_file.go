package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

var selectMoves = `SELECT ` + movementColumns + ` FROM movements m JOIN coupons c ON c.id = m.coupon_id WHERE c.customer_id = ?
	ORDER BY m.id DESC LIMIT ?`

// Moves implements members.File. What moved under a number of before is the member's.
func (s Members) Moves(ctx context.Context, customerID string, limit int) (list []members.Move, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var rows []movementRow
		if err := tx.Raw(selectMoves, customerID, limit).Scan(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]int64, 0, len(rows))
		for _, r := range rows {
			ids = append(ids, r.CouponID)
		}
		var coupons []struct {
			ID   int64
			Code string
		}
		if err := tx.Raw(`SELECT id, code FROM coupons WHERE id IN ?`, ids).Scan(&coupons).Error; err != nil {
			return err
		}
		codes := map[int64]string{}
		for _, c := range coupons {
			codes[c.ID] = c.Code
		}
		for _, r := range rows {
			list = append(list, members.Move{Movement: r.domain(), Code: codes[r.CouponID]})
		}
		return nil
	})
	return list, err
}

// orderUseRow is an order's use of a code, of a coupon's or of another one.
type orderUseRow struct {
	Name, OrderID, Code, CustomerID string
	UsedAt                          time.Time
	Coupon                          bool
}

// The columns of both sides are alike, so that either can stand in a union.
const (
	selectCouponUses = `SELECT used_order AS name, used_order_id AS order_id, code, customer_id, used_at, true AS coupon
		FROM coupons WHERE `
	selectCodeUses = `SELECT u.order_name AS name, u.order_id, u.code, coalesce(c.id, '') AS customer_id, u.used_at,
		false AS coupon FROM identity_uses u LEFT JOIN customers c ON c.shopify_customer_gid = u.customer_gid
		AND c.shopify_customer_gid <> '' WHERE `
)

// FindOrders implements members.Finder. The shop's names for orders begin with # unless somebody chose otherwise, and
// people say them without.
func (s Members) FindOrders(ctx context.Context, name string, limit int) ([]members.OrderUse, error) {
	bare := strings.TrimPrefix(domain.FoldTyped(name), "#")
	if bare == "" || len(bare) > members.LongestText {
		return nil, nil
	}
	names := []string{bare, "#" + bare, strings.ToUpper(bare), "#" + strings.ToUpper(bare)}
	return s.orderUses(ctx, limit, where(selectCouponUses+`used_order IN ? AND used_order <> ''`, names),
		where(selectCodeUses+`u.order_name IN ? AND u.order_name <> ''`, names))
}

// OrdersOf implements members.File.
func (s Members) OrdersOf(ctx context.Context, customerID string, limit int) ([]members.OrderUse, error) {
	return s.orderUses(ctx, limit, where(selectCouponUses+`customer_id = ? AND used_at IS NOT NULL`, customerID),
		where(selectCodeUses+`u.customer_gid <> '' AND u.customer_gid = (SELECT shopify_customer_gid FROM customers
			WHERE id = ?)`, customerID))
}

// orderUses reads uses, the newest first. One that both sides know is a coupon's.
func (s Members) orderUses(ctx context.Context, limit int, sides ...clauseOf) ([]members.OrderUse, error) {
	var list []members.OrderUse
	seen := map[[2]string]bool{}
	for _, side := range sides {
		var rows []orderUseRow
		if err := s.db.WithContext(ctx).Raw(side.text+` ORDER BY used_at DESC LIMIT ?`,
			append(slices.Clone(side.args), limit)...).Scan(&rows).Error; err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			key := [2]string{r.OrderID, r.Code}
			if !seen[key] {
				seen[key] = true
				list = append(list, members.OrderUse{Name: r.Name, OrderID: r.OrderID, Code: r.Code,
					CustomerID: r.CustomerID, UsedAt: r.UsedAt.UTC(), Coupon: r.Coupon})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b members.OrderUse) int {
		return cmp.Or(b.UsedAt.Compare(a.UsedAt), cmp.Compare(a.Code, b.Code))
	})
	return list[:min(len(list), limit)], nil
}

// Notes implements members.File.
func (s Members) Notes(ctx context.Context, customerID string, limit int) ([]members.Note, error) {
	var rows []struct {
		ID                       int64
		CustomerID               string
		At                       time.Time
		Actor, Author, Text, Key string
	}
	err := s.db.WithContext(ctx).Raw(`SELECT id, customer_id, at, actor, author, text, key FROM member_notes WHERE customer_id = ? ORDER BY id DESC LIMIT ?`,
		customerID, limit).Scan(&rows).Error
	list := make([]members.Note, 0, len(rows))
	for _, r := range rows {
		list = append(list, members.Note{ID: r.ID, CustomerID: r.CustomerID, At: r.At.UTC(), Actor: r.Actor,
			Author: r.Author, Text: r.Text, Key: r.Key})
	}
	return list, translate(err)
}

// AddNote implements members.File. The member is locked first: a wish to be forgotten comes wholly before the note or
// wholly after it.
func (s Members) AddNote(ctx context.Context, n members.Note, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		text := `SELECT id FROM customers WHERE id = ?`
		if s.dialect == "postgres" {
			text += " FOR UPDATE"
		}
		var ids []string
		if err := tx.Raw(text, n.CustomerID).Scan(&ids).Error; err != nil {
			return err
		}
		if len(ids) == 0 {
			return domain.Refuse(domain.CodeCustomerNotFound)
		}
		done := tx.Exec(`INSERT INTO member_notes (customer_id, at, actor, author, text, key) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT (key) DO NOTHING`, n.CustomerID, utc(n.At), n.Actor, n.Author, n.Text, n.Key)
		if done.Error != nil || done.RowsAffected == 0 {
			return done.Error
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}
