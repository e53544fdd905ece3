package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// Counts implements web.Lists.
func (s *Store) Counts(ctx context.Context, text string, now time.Time) (map[domain.Status]int64, error) {
	found := s.db.WithContext(ctx).Model(&couponRow{}).Select("status, expires_at")
	if text != "" {
		found = whereText(found, text).Limit(coupons.CountedMatches + 1)
	}
	var rows []struct {
		Status string
		Number int64
	}
	err := s.db.WithContext(ctx).Raw(`SELECT CASE WHEN status = 'active' AND expires_at <= ? THEN 'expired' ELSE status END AS status,
		count(*) AS number FROM (?) AS found GROUP BY 1`, utc(now), found).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	counts, all := make(map[domain.Status]int64, len(rows)), int64(0)
	for _, r := range rows {
		counts[domain.Status(r.Status)] = r.Number
		all += r.Number
	}
	if text != "" && all > coupons.CountedMatches {
		return nil, nil
	}
	return counts, nil
}

// Find implements web.Lists.
func (s *Store) Find(ctx context.Context, l coupons.Look) (coupons.Found, error) {
	q := s.db.WithContext(ctx).Limit(l.Limit + 1)
	if len(l.Statuses) > 0 {
		q = whereStatuses(q, l.Statuses, l.Now)
	}
	if l.Text != "" {
		q = whereText(q, l.Text)
	}
	var rows []couponRow
	if err := inOrder(q, l).Find(&rows).Error; err != nil {
		return coupons.Found{}, translate(err)
	}
	more := len(rows) > l.Limit
	if more {
		rows = rows[:l.Limit]
	}
	if l.Back {
		slices.Reverse(rows)
	}
	list, err := toCoupons(rows)
	if err != nil {
		return coupons.Found{}, err
	}
	names, err := s.names(ctx, list)
	return coupons.Found{Coupons: list, More: more, Names: names}, err
}

func whereStatuses(q *gorm.DB, statuses []domain.Status, now time.Time) *gorm.DB {
	var either *gorm.DB
	for _, status := range statuses {
		one := whereStatus(q.Session(&gorm.Session{NewDB: true}), status, now)
		if either == nil {
			either = one
		} else {
			either = either.Or(one)
		}
	}
	return q.Where(either)
}

// whereText finds what somebody typed: a customer's whole id means that customer, anything else a part of an id or a code.
func whereText(q *gorm.DB, text string) *gorm.DB {
	if code, whole := domain.NormalizeCode(text); whole {
		return q.Where("code = ?", code)
	}
	escaped := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
	return q.Where(`customer_id = ? OR (NOT EXISTS (SELECT 1 FROM customers WHERE id = ?)
		AND (code LIKE ? ESCAPE '\' OR upper(customer_id) LIKE ? ESCAPE '\'))`, text, text, strings.ToUpper(escaped), strings.ToUpper(escaped))
}

// inOrder sorts, and begins after the mark. Going back reads the other way round.
func inOrder(q *gorm.DB, l coupons.Look) *gorm.DB {
	column, value, up := "", any(nil), false
	from := coupons.Mark{}
	if l.From != nil {
		from = *l.From
	}
	switch l.Sort {
	case coupons.SortEnd:
		column, value, up = "expires_at", utc(from.Ends), true
	case coupons.SortAmount:
		column, value = "amount_minor", from.Minor
	case coupons.SortNewest:
	}
	if l.Back {
		up = !up
	}
	compare, direction := "<", " DESC"
	if up {
		compare, direction = ">", ""
	}
	if column == "" {
		if l.From != nil {
			q = q.Where("id "+compare+" ?", from.ID)
		}
		return q.Order("id" + direction)
	}
	if l.From != nil {
		q = q.Where("("+column+", id) "+compare+" (?, ?)", value, from.ID)
	}
	return q.Order(column + direction + ", id" + direction)
}

func (s *Store) names(ctx context.Context, list []domain.Coupon) (map[string]string, error) {
	names := map[string]string{}
	if len(list) == 0 {
		return names, nil
	}
	for _, c := range list {
		names[c.CustomerID] = ""
	}
	ids := make([]string, 0, len(names))
	for id := range names {
		ids = append(ids, id)
	}
	var rows []customerRow
	if err := s.db.WithContext(ctx).Select("id, name").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}

// Member implements web.Lists.
func (s *Store) Member(ctx context.Context, id string) (coupons.Member, error) {
	var row customerRow
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return coupons.Member{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if err != nil {
		return coupons.Member{}, translate(err)
	}
	return coupons.Member{Customer: row.domain(), Behind: row.ProjectionWritten < row.ProjectionWanted,
		ChangedAt: utcOrNil(row.ProjectionChangedAt)}, nil
}

// longestChain bounds a chain that was damaged into a circle.
const longestChain = 100

// Chain implements web.Lists.
func (s *Store) Chain(ctx context.Context, code string) ([]coupons.ChainLink, error) {
	var links []coupons.ChainLink
	err := s.db.WithContext(ctx).Raw(`WITH RECURSIVE
		older (code, previous, place) AS (
			SELECT code, reissued_from, 0 FROM coupons WHERE code = ?
			UNION ALL SELECT c.code, c.reissued_from, o.place - 1 FROM coupons c JOIN older o ON c.code = o.previous WHERE o.place > ?),
		newer (code, following, place) AS (
			SELECT code, superseded_by, 0 FROM coupons WHERE code = ?
			UNION ALL SELECT c.code, c.superseded_by, n.place + 1 FROM coupons c JOIN newer n ON c.code = n.following WHERE n.place < ?),
		chain (code, place) AS (SELECT code, place FROM older UNION SELECT code, place FROM newer)
		SELECT c.code, c.status, c.expires_at, c.created_at FROM chain JOIN coupons c ON c.code = chain.code ORDER BY chain.place`,
		code, -longestChain, code, longestChain).Scan(&links).Error
	if err != nil {
		return nil, translate(err)
	}
	return links, nil
}
