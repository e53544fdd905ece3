package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"

	"pointbridge/domain/audit"
)

// accountPage is how many coupons are read at once.
const accountPage = 500

// changedStatus tells whether a row of the audit changed its coupon's status.
func changedStatus(row string) string {
	return row + `.to_status <> '' AND ` + row + `.to_status <> ` + row + `.from_status`
}

// accountsSQL is one statement, so that it sees one moment: a coupon, its movements and its audit entries are committed
// together and must be read together. Every part has the columns part, coupon, a, b, c, n. Up to the number that is
// archived the carried entries speak and not the audit, of which rows may be left; after it the audit does. A coupon's status is
// that of the last row that changed it: one that changed nothing may tell a status that was read a moment too early. Where the audit
// has no such row left, the newest that tells a status speaks: archives of before did not always carry the change.
var accountsSQL = `
SELECT 0 AS part, c.id AS coupon, c.code AS a, c.status AS b,
	coalesce((SELECT to_status FROM audit r WHERE r.coupon_id = c.id AND ` + changedStatus("r") + ` AND ` + unarchived + `
			ORDER BY r.id DESC LIMIT 1),
		(SELECT to_status FROM audit r WHERE r.coupon_id = c.id AND r.to_status <> '' AND ` + unarchived + ` ORDER BY r.id DESC LIMIT 1),
		(SELECT to_status FROM audit_carried k WHERE k.coupon_id = c.id AND k.to_status <> '' AND k.seq > 0 AND k.seq <= ` + archivedSeq + `
			ORDER BY k.audit_id DESC LIMIT 1), '') AS c, 0 AS n
	FROM coupons c WHERE c.id >= @from AND c.id < @to
UNION ALL
SELECT 1, m.coupon_id, m.kind, m.reference, m.entry_id, m.points FROM movements m
	WHERE m.coupon_id >= @from AND m.coupon_id < @to AND m.state = 'applied'
UNION ALL
SELECT 2, r.coupon_id, r.action, r.detail, '', r.id FROM audit r
	WHERE r.coupon_id >= @from AND r.coupon_id < @to AND r.action IN @actions AND ` + unarchived + `
UNION ALL
SELECT 2, k.coupon_id, k.action, k.detail, '', k.audit_id FROM audit_carried k
	WHERE k.coupon_id >= @from AND k.coupon_id < @to AND k.action IN @actions AND k.seq > 0 AND k.seq <= ` + archivedSeq + `
ORDER BY 2, 1, 6`

const unarchived = `NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.audit_id = r.id AND s.seq <= ` + archivedSeq + `)`

// Accounts returns every coupon with its applied movements and what the audit says about both, page by page.
func (s Audit) Accounts(ctx context.Context) iter.Seq2[audit.Account, error] {
	return func(yield func(audit.Account, error) bool) {
		for from := int64(0); ; {
			ids, err := s.ids(ctx, `SELECT id FROM coupons WHERE id >= ? ORDER BY id LIMIT ?`, from, accountPage)
			if err != nil {
				yield(audit.Account{}, err)
				return
			}
			if len(ids) == 0 {
				return
			}
			next := ids[len(ids)-1] + 1
			page, err := s.accounts(ctx, from, next)
			if err != nil {
				yield(audit.Account{}, err)
				return
			}
			for _, a := range page {
				if !yield(a, nil) {
					return
				}
			}
			from = next
		}
	}
}

func (s Audit) accounts(ctx context.Context, from, to int64) (page []audit.Account, err error) {
	rows, err := s.db.WithContext(ctx).Raw(accountsSQL, sql.Named("from", from), sql.Named("to", to),
		sql.Named("actions", audit.MovementActions())).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var (
			part      int
			coupon, n int64
			a, b, c   string
		)
		if err := rows.Scan(&part, &coupon, &a, &b, &c, &n); err != nil {
			return nil, err
		}
		if part == 0 {
			page = append(page, audit.Account{CouponID: coupon, Code: a, Status: b, LastStatus: c})
			continue
		}
		if len(page) == 0 || page[len(page)-1].CouponID != coupon {
			continue // an audit entry that names no coupon there is
		}
		account := &page[len(page)-1]
		if part == 1 {
			account.Moves = append(account.Moves, audit.Move{Kind: a, Reference: b, EntryID: c, Points: n})
		} else {
			account.Entries = append(account.Entries, audit.MovementEntry{AuditID: n, Action: a, Detail: b})
		}
	}
	return page, rows.Err()
}
