package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"
	"time"

	"pointbridge/domain/audit"
)

// chainPage is how many rows are read at once where the whole audit is read: the connection is free between two pages.
const chainPage = 2000

const linkColumns = `s.seq, s.audit_id, s.hash, a.id, a.at, a.actor, a.actor_name, a.action, a.code, a.coupon_id, a.customer_id,
	a.from_status, a.to_status, a.outcome, a.detail, s.key_id, s.keyed_from, s.mac`

// EndOfChain stands for the last number, whatever it is.
const EndOfChain = math.MaxInt64

const selectLinks = `SELECT ` + linkColumns + ` FROM audit_seals s LEFT JOIN audit a ON a.id = s.audit_id
	WHERE s.seq >= ? AND s.seq <= ? ORDER BY s.seq LIMIT ?`

// Links returns the chain from one number to another, both included. It is read page by page, while whoever asked works
// on the page before.
func (s Audit) Links(ctx context.Context, from, to int64) iter.Seq2[audit.Link, error] {
	return func(yield func(audit.Link, error) bool) {
		next := from
		pages := ahead(ctx, func(ctx context.Context) ([]audit.Link, bool, error) {
			page, err := s.links(ctx, next, to)
			if len(page) > 0 {
				next = page[len(page)-1].Seq + 1
			}
			return page, len(page) == chainPage && next <= to, err
		})
		for page, err := range pages {
			if err != nil {
				yield(audit.Link{}, err)
				return
			}
			for _, l := range page {
				if !yield(l, nil) {
					return
				}
			}
		}
	}
}

// links reads a page.
func (s Audit) links(ctx context.Context, from, to int64) (page []audit.Link, err error) {
	if s.hot() {
		if page, asMade, err := s.linksAtOnce(ctx, from, to); err != nil || asMade {
			return page, err
		}
	}
	rows, err := s.db.WithContext(ctx).Raw(selectLinks, from, to, chainPage).Rows()
	if err != nil {
		return nil, translate(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		l, err := readLink(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, l)
	}
	return page, rows.Err()
}

// What is wrong with a row that cannot be read as what it has to be.
const (
	faultText  = "a text has become something else"
	faultValue = "a value is not of its kind"
	faultKeyed = "the keyed part of its seal is not of its kind"
)

// readLink takes every column as it comes, because what was tampered with may have become anything, at least on SQLite:
// that is then a fault of this row and not of the reading.
func readLink(rows *sql.Rows) (audit.Link, error) {
	var (
		l            audit.Link
		r            audit.Row
		hash         []byte
		id, couponID any
		at           any
		texts        [9]any
		keyed        struct{ id, from, mac any }
	)
	dest := []any{&l.Seq, &l.AuditID, &hash, &id, &at}
	for i := range texts {
		if i == 4 {
			dest = append(dest, &couponID)
		}
		dest = append(dest, &texts[i])
	}
	if err := rows.Scan(append(dest, &keyed.id, &keyed.from, &keyed.mac)...); err != nil {
		return l, err
	}
	copy(l.Hash[:], hash)
	if id == nil {
		l.Gone, l.Fault = true, "only its seal is left"
		return l, nil
	}
	r.ID = l.AuditID
	for i, field := range []*string{&r.Actor, &r.ActorName, &r.Action, &r.Code, &r.CustomerID, &r.FromStatus,
		&r.ToStatus, &r.Outcome, &r.Detail} {
		if !take(texts[i], field) {
			l.Fault = faultText
		}
	}
	var coupon int64
	if couponID != nil {
		r.CouponID = &coupon
	}
	if !take(at, &r.At) || (couponID != nil && !take(couponID, &coupon)) || len(hash) != len(l.Hash) ||
		r.At.Nanosecond()%int(time.Microsecond) != 0 {
		l.Fault = faultValue
	}
	l.At, l.Code, l.Canonical = r.At, r.Code, r.Canonical(l.Seq)
	if !takeKeyed(keyed.id, keyed.from, keyed.mac, &l.Keyed) {
		l.Fault = faultKeyed
	}
	return l, nil
}

func takeKeyed(id, from, mac any, into *audit.Keyed) bool {
	if id == "" && from == nil && mac == nil {
		return true
	}
	var digits []byte
	if !take(id, &into.Key) || !take(from, &into.From) || !take(mac, &digits) || len(digits) != len(into.MAC) ||
		into.Key == "" {
		return false
	}
	copy(into.MAC[:], digits)
	return true
}

func take[T any](value any, into *T) bool {
	got, ok := value.(T)
	if ok {
		*into = got
	}
	return ok
}

// Before returns the head that the row with this number was chained to, which may be the end of an archive. Errors: one
// that names a number without a seal.
func (s Audit) Before(ctx context.Context, seq int64) (audit.Head, error) {
	if seq <= 1 {
		return audit.Head{}, nil
	}
	var hashes []sealRow
	err := s.db.WithContext(ctx).Raw(`SELECT seq, hash FROM audit_seals WHERE seq = ?`, seq-1).Scan(&hashes).Error
	if err == nil && len(hashes) == 0 {
		return s.archivedHead(ctx, seq-1)
	}
	if err != nil || len(hashes[0].Hash) != len(audit.Hash{}) {
		return audit.Head{}, errors.Join(translate(err), fmt.Errorf("there is no seal %d", seq-1))
	}
	head := audit.Head{Seq: seq - 1}
	copy(head.Hash[:], hashes[0].Hash)
	return head, nil
}

// NewestRow returns the date of the row with the highest id, the zero time when there is none.
func (s Audit) NewestRow(ctx context.Context) (time.Time, error) {
	var rows []auditRow
	err := s.db.WithContext(ctx).Raw(`SELECT at FROM audit ORDER BY id DESC LIMIT 1`).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return time.Time{}, translate(err)
	}
	return rows[0].At.UTC(), nil
}
