package store

import (
	"context"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/audit"
)

// listedRow is an audit entry beside its seal, if it has one.
type listedRow struct {
	Line auditRow `gorm:"embedded"`
	Seq  *int64
	Hash []byte
}

func (listedRow) TableName() string { return "audit" }

// everyConversion are the actions that each conversion writes, as the index on actions leaves them out: they are found
// along the audit's time. What is in the index is asked for in its own words, so that it is used whatever was planned.
var everyConversion = []string{domain.ActionConversionStarted, domain.ActionPointsTaken, domain.ActionCouponActivated}

// actionIs is the condition for an action, which is its only value.
func actionIs(action string) string {
	if slices.Contains(everyConversion, action) {
		return "a.action = ?"
	}
	return "a.action = ? AND a.action NOT IN ('" + strings.Join(everyConversion, "', '") + "')"
}

// Audit lists the audit, newest first, by its time: indexes have the lines of a period, an actor or an action in that
// order, and there are too many lines to look through. A filter by a code goes by the coupon, which the audit is
// indexed by.
func (s Audit) Audit(ctx context.Context, f audit.Filter) ([]audit.Entry, error) {
	q := s.db.WithContext(ctx).Table("audit a").Select(auditColumns + ", s.seq, s.hash").Joins("LEFT JOIN audit_seals s ON s.audit_id = a.id").
		Order("a.at DESC, a.id DESC").Limit(f.Limit)
	if f.Code != "" {
		code, _ := domain.NormalizeCode(f.Code)
		q = q.Where("a.coupon_id = (SELECT id FROM coupons WHERE code = ?)", code)
	}
	if f.Actor != "" {
		q = q.Where("a.actor = ?", f.Actor)
	}
	if f.Action != "" {
		q = q.Where(actionIs(f.Action), f.Action)
	}
	if !f.From.IsZero() {
		q = q.Where("a.at >= ?", utc(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("a.at < ?", utc(f.To))
	}
	if f.Before != 0 {
		q = q.Where("(a.at, a.id) < ((SELECT at FROM audit WHERE id = ?), ?)", f.Before, f.Before)
	}
	var rows []listedRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]audit.Entry, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.entry())
	}
	return list, nil
}

// entry shows a detail that cannot be read as the text it is: one spoilt line must not hide the others of its page.
func (r listedRow) entry() audit.Entry {
	line, err := r.Line.domain()
	if err != nil {
		line.Detail = map[string]any{"unreadable": r.Line.Detail}
	}
	e := audit.Entry{AuditEntry: line}
	if r.Seq != nil {
		e.Seq = *r.Seq
		copy(e.Hash[:], r.Hash)
	}
	return e
}
