package store

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
)

// Counts implements listing.Coupons. All of them are counted without being read, what a text finds is counted as far as
// that is little.
func (s Listing) Counts(ctx context.Context, f listing.Filter) (map[domain.Status]int64, error) {
	if f.Text == "" && f.CustomerID == "" && f.Family == "" && f.Within.Moment == "" {
		figures, err := s.figures(ctx, f.Now, nil)
		counts := make(map[domain.Status]int64, len(figures.Standing.ByStatus))
		for status, c := range figures.Standing.ByStatus {
			counts[status] = c.Coupons
		}
		return counts, err
	}
	found, some := s.counted(f)
	if !some {
		return map[domain.Status]int64{}, nil
	}
	var rows []struct {
		Status string
		Number int64
	}
	err := s.db.WithContext(ctx).Raw(`SELECT CASE WHEN status = 'active' AND expires_at <= ? THEN 'expired' ELSE status END AS status,
		count(*) AS number FROM (SELECT * FROM (`+found.text+`) AS matching LIMIT ?) AS found GROUP BY 1`,
		append(append([]any{utc(f.Now)}, found.args...), listing.CountedMatches+1)...).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	counts, sum := make(map[domain.Status]int64, len(rows)), int64(0)
	for _, r := range rows {
		counts[domain.Status(r.Status)] = r.Number
		sum += r.Number
	}
	if sum > listing.CountedMatches {
		return nil, nil
	}
	return counts, nil
}

// counted reads what a list's figures count, whatever its status, each coupon once; some is false where nothing can match.
func (s Listing) counted(f listing.Filter) (found clauseOf, some bool) {
	const columns = "status, expires_at"
	f.Status = ""
	l := pageQuery{f: f}
	match := []clauseOf{where("customer_id = ?", f.CustomerID)}
	switch {
	case f.CustomerID != "" && f.Family != "":
		match[0] = all(match[0], s.begins("code", f.Family))
	case f.CustomerID != "":
	case f.Text != "" || f.Family != "":
		match = apart(s.matches(f))
	case f.Within.Moment == listing.Issued:
		return l.countedInTime(columns), true
	default:
		return union(columns, []clauseOf{l.inRange()}), true
	}
	if times := l.inTime(); len(times) > 0 {
		for i, m := range match {
			match[i] = all(append(times[:len(times):len(times)], m)...)
		}
	}
	return union(columns, match), len(match) > 0
}

// countedInTime walks along the index of each status and time and ends where there is more than is counted. Said of all
// statuses at once, and without an order, PostgreSQL would find all that a long time has before it counts the first few.
func (l pageQuery) countedInTime(columns string) clauseOf {
	texts := make([]string, 0, len(domain.Statuses()))
	var args []any
	for _, status := range l.eachStatus() {
		c := all(append(l.inTime(), status)...)
		texts = append(texts, `SELECT * FROM (SELECT `+columns+` FROM coupons WHERE `+c.text+
			` ORDER BY created_at, id LIMIT ?) AS branch`)
		args = append(append(args, c.args...), listing.CountedMatches+1)
	}
	return clauseOf{strings.Join(texts, " UNION ALL "), args}
}

// Names implements web.Directory.
func (s Members) Names(ctx context.Context, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
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

// Member implements web.Directory.
func (s Members) Member(ctx context.Context, id string) (members.Member, error) {
	var row customerRow
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return members.Member{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	if err != nil {
		return members.Member{}, translate(err)
	}
	return members.Member{Customer: row.domain(), Behind: row.ProjectionWritten < row.ProjectionWanted,
		ChangedAt: utcOrNil(row.ProjectionChangedAt)}, nil
}

// longestChain bounds a chain that was damaged into a circle.
const longestChain = 100

// Chain implements listing.Coupons.
func (s Listing) Chain(ctx context.Context, code string) ([]listing.ChainLink, error) {
	var links []listing.ChainLink
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
