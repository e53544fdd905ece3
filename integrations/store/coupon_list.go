package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// A list answers within a bounded time however many coupons there are. It is read in one of three ways: along an index
// that has its order, a branch per status where the order is not that of the ids; out of what an index narrows it down
// to; or, where too much would match that, out of the newest coupons.

// listBounds says when a list is read which way. Whatever they are, the list is the same.
type listBounds struct {
	// narrow is how many coupons a search may match to be read out of its indexes at once.
	narrow int
	// scan is how many of the newest coupons are looked at when a search matches more: together the two find a page
	// among a million coupons, whose order has nothing to do with what is searched for, one way or the other.
	scan int
}

var usualBounds = listBounds{narrow: 5000, scan: 10_000}

// clauseOf is a condition with its values.
type clauseOf struct {
	text string
	args []any
}

func where(text string, args ...any) clauseOf { return clauseOf{text, args} }

func join(list []clauseOf, between string) clauseOf {
	texts := make([]string, 0, len(list))
	var args []any
	for _, c := range list {
		texts = append(texts, "("+c.text+")")
		args = append(args, c.args...)
	}
	if len(texts) == 0 {
		return where("true")
	}
	return clauseOf{strings.Join(texts, between), args}
}

func all(list ...clauseOf) clauseOf { return join(list, " AND ") }

func anyOf(list ...clauseOf) clauseOf { return join(list, " OR ") }

// Listing reads lists of coupons, and what stands around them.
type Listing struct{ *database }

// List implements listing.Coupons.
func (s Listing) List(ctx context.Context, f listing.Filter) (list []domain.Coupon, err error) {
	if f.Before != 0 {
		f.After = listing.Place{ID: f.Before}
	}
	f = normal(f)
	f.Text, f.Code = strings.TrimSpace(f.Text), strings.TrimSpace(f.Code)
	l := pageQuery{s.db.WithContext(ctx), f, s.bounds}
	byID := column(f.Sort) == "id"
	switch {
	case f.Text != "" || f.Code != "" || f.Family != "":
		err = s.snapshot(ctx, func(tx *gorm.DB) error {
			l.tx = tx
			list, err = l.search(s.matches(f))
			return err
		})
	case f.Within.Moment != "" && f.CustomerID == "":
		err = s.snapshot(ctx, func(tx *gorm.DB) error {
			l.tx = tx
			list, err = l.within()
			return err
		})
	case f.CustomerID != "" && byID:
		list, err = l.ordered(l.status())
	case f.CustomerID != "":
		list, err = l.narrowed(where("customer_id = ?", f.CustomerID))
	case !f.ExpiresBefore.IsZero() && byID:
		err = s.snapshot(ctx, func(tx *gorm.DB) error {
			l.tx = tx
			list, err = l.ending(s.week())
			return err
		})
	case f.Status == domain.Expired:
		err = s.snapshot(ctx, func(tx *gorm.DB) error {
			l.tx = tx
			list, err = l.expired()
			return err
		})
	case f.Status == "" && !byID:
		list, err = l.ordered(l.branches()...)
	default:
		list, err = l.ordered(l.status())
	}
	return list, translate(err)
}

// pageQuery reads one list.
type pageQuery struct {
	tx     *gorm.DB
	f      listing.Filter
	bounds listBounds
}

func column(sort listing.Sort) string {
	switch sort {
	case listing.SortEnd, listing.SortEnds:
		return "expires_at"
	case listing.SortLeast, listing.SortMost:
		return "amount_minor"
	case listing.SortIssued, listing.SortIssuedLast:
		return "created_at"
	case listing.SortCancelled, listing.SortCancelledLast:
		return "cancelled_at"
	case listing.SortFewest, listing.SortMostPoints:
		return "points"
	case listing.SortNewest, listing.SortOldest:
	}
	return "id"
}

// by is the order, and behind the condition that a coupon comes after the last one of the page before.
func (l pageQuery) by() string {
	direction := ""
	if l.f.Sort.Descending() {
		direction = " DESC"
	}
	if c := column(l.f.Sort); c != "id" {
		return c + direction + ", id" + direction
	}
	return "id" + direction
}

func (l pageQuery) behind() clauseOf {
	after, sign := l.f.After, ">"
	if after.ID == 0 {
		return where("true")
	}
	if l.f.Sort.Descending() {
		sign = "<"
	}
	switch c := column(l.f.Sort); c {
	case "expires_at", "created_at", "cancelled_at":
		return where("("+c+", id) "+sign+" (?, ?)", utc(time.UnixMicro(after.Number)), after.ID)
	case "amount_minor", "points":
		return where("("+c+", id) "+sign+" (?, ?)", after.Number, after.ID)
	}
	return where("id "+sign+" ?", after.ID)
}

// status asks for the true status: an active coupon whose end has come counts as expired.
func (l pageQuery) status() clauseOf {
	switch l.f.Status {
	case "":
		return where("true")
	case domain.Active:
		return where("status = 'active' AND expires_at > ?", utc(l.f.Now))
	case domain.Expired:
		return anyOf(where("status = 'expired'"), l.ended())
	default:
		return where("status = ?", string(l.f.Status))
	}
}

// walk is a condition and an order that only the index of statuses and ids satisfies together: said plainly, that a
// status is equal to something, the order looks as if all coupons could be walked through until enough have that
// status.
func (l pageQuery) walk(branch clauseOf, status domain.Status) (clauseOf, string) {
	if status == "" || column(l.f.Sort) != "id" || l.f.CustomerID != "" {
		return branch, l.by()
	}
	walked := all(where("status >= ? AND status <= ?", string(status), string(status)))
	if status == domain.Active {
		walked = all(walked, where("expires_at > ?", utc(l.f.Now)))
	}
	if l.f.Sort.Descending() {
		return walked, "status, id DESC"
	}
	return walked, "status DESC, id"
}

func (l pageQuery) ended() clauseOf {
	return where("status = 'active' AND expires_at <= ?", utc(l.f.Now))
}

func (l pageQuery) eachStatus() (list []clauseOf) {
	for _, status := range domain.Statuses() {
		if l.f.Made && status == domain.Failed {
			continue
		}
		list = append(list, where("status = ?", string(status)))
	}
	return list
}

// rest is every condition but that of the status and of a searched text.
func (l pageQuery) rest() clauseOf {
	list := []clauseOf{l.behind()}
	if l.f.Visible {
		list = append(list, where("status NOT IN ('pending', 'failed')"))
	}
	if l.f.CustomerID != "" {
		list = append(list, where("customer_id = ?", l.f.CustomerID))
	}
	if !l.f.ExpiresBefore.IsZero() {
		list = append(list, where("expires_at < ?", utc(l.f.ExpiresBefore)))
	}
	if l.f.Made && l.f.Status == "" {
		list = append(list, where("status <> 'failed'"))
	}
	return all(append(list, l.inTime()...)...)
}

func (l pageQuery) read(text string, args []any) ([]domain.Coupon, error) {
	var rows []couponRow
	if err := l.tx.Raw(text, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	return toCoupons(rows)
}

// ordered reads branches that an index has in the list's order.
func (l pageQuery) ordered(branches ...clauseOf) ([]domain.Coupon, error) {
	texts := make([]string, 0, len(branches))
	var args []any
	for _, b := range branches {
		b, by := l.walk(b, l.f.Status)
		c := all(b, l.rest())
		texts = append(texts, `SELECT * FROM (SELECT `+couponColumns+` FROM coupons WHERE `+c.text+` ORDER BY `+by+
			` LIMIT ?) AS branch`)
		args = append(append(args, c.args...), l.f.Limit)
	}
	text := strings.Join(texts, " UNION ALL ")
	if len(branches) > 1 {
		text, args = `SELECT * FROM (`+text+`) AS merged ORDER BY `+l.by()+` LIMIT ?`, append(args, l.f.Limit)
	}
	return l.read(text, args)
}

// narrowed reads what indexes find for any of the parts.
func (l pageQuery) narrowed(parts ...clauseOf) ([]domain.Coupon, error) {
	return l.among(apart(parts), nil)
}

// apart makes conditions of which no two hold for the same coupon.
func apart(parts []clauseOf) []clauseOf {
	list := make([]clauseOf, 0, len(parts))
	for i, p := range parts {
		if i > 0 { // what an earlier part has found is not found again
			p = clauseOf{p.text + " AND NOT (" + anyOf(parts[:i]...).text + ")",
				slices.Concat(p.args, anyOf(parts[:i]...).args)}
		}
		list = append(list, p)
	}
	return list
}

// union reads columns of what parts find that are apart.
func union(columns string, parts []clauseOf) clauseOf {
	texts := make([]string, 0, len(parts))
	var args []any
	for _, p := range parts {
		texts = append(texts, `SELECT `+columns+` FROM coupons WHERE `+p.text)
		args = append(args, p.args...)
	}
	return clauseOf{strings.Join(texts, " UNION ALL "), args}
}

// among reads what indexes find for parts that are apart, and of that what also matches one of some conditions on codes
// and customers, where there are any. Only what decides about the page is read of all of it.
func (l pageQuery) among(parts, matching []clauseOf) ([]domain.Coupon, error) {
	columns := []string{"id", "status", "expires_at"}
	columns = append(columns, l.decisive()...)
	if len(matching) > 0 {
		columns = append(columns, "code")
	}
	if l.f.CustomerID != "" || len(matching) > 0 {
		columns = append(columns, "customer_id")
	}
	c := all(l.status(), l.rest())
	// The order must not make the database walk along another index than that of the parts: no index has id + 0, and
	// what is materialized has none. Nor may what matches be looked up for itself.
	how, order := " AS MATERIALIZED ", l.by()
	if rest, byID := strings.CutPrefix(order, "id"); byID && len(matching) == 0 {
		how, order = " AS ", "id + 0"+rest
	}
	if len(matching) > 0 {
		c = all(c, anyOf(matching...))
	}
	found := union(strings.Join(columns, ", "), parts)
	return l.read(`WITH found`+how+`(`+found.text+`),
		cut AS MATERIALIZED (SELECT id AS cut_id FROM found WHERE `+c.text+` ORDER BY `+order+` LIMIT ?)
		SELECT `+couponColumns+` FROM cut JOIN coupons ON coupons.id = cut.cut_id ORDER BY `+l.by(), append(append(found.args, c.args...), l.f.Limit))
}

// scanned reads what matches among the coupons that some branches have first, a bounded number of them; it is the list
// when it fills the page.
func (l pageQuery) scanned(match clauseOf, branches ...clauseOf) ([]domain.Coupon, error) {
	c := l.scan(match, branches...)
	return l.read(c.text, c.args)
}

// scan has the same order inside and outside, so that it ends with the page: what is sorted again is read to its end.
func (l pageQuery) scan(match clauseOf, branches ...clauseOf) clauseOf {
	texts := make([]string, 0, len(branches))
	var args []any
	var by string
	for _, b := range branches {
		b, by = l.walk(b, l.f.Status)
		inner := all(b, l.behind())
		if l.natural() {
			inner = all(append(l.inTime(), inner)...)
		}
		texts = append(texts, `SELECT * FROM (SELECT `+couponColumns+` FROM coupons WHERE `+inner.text+` ORDER BY `+by+
			` LIMIT ?) AS branch`)
		args = append(append(args, inner.args...), l.bounds.scan)
	}
	text := strings.Join(texts, " UNION ALL ")
	if len(branches) > 1 {
		by = l.by()
		text, args = `SELECT * FROM (`+text+`) AS merged ORDER BY `+by+` LIMIT ?`, append(args, l.bounds.scan)
	}
	outer := all(match, l.rest())
	return clauseOf{`SELECT * FROM (` + text + `) AS recent WHERE ` + outer.text + ` ORDER BY ` + by + ` LIMIT ?`,
		append(append(args, outer.args...), l.f.Limit)}
}

// expired reads coupons that were written down as expired, along an index, and those that were not yet, which are few.
func (l pageQuery) expired() ([]domain.Coupon, error) {
	written, err := l.ordered(where("status = 'expired'"))
	if err != nil {
		return nil, err
	}
	ended, err := l.narrowed(l.ended())
	if err != nil {
		return nil, err
	}
	return l.merged(written, ended), nil
}

// merged puts two lists together.
func (l pageQuery) merged(a, b []domain.Coupon) []domain.Coupon {
	list := slices.Concat(a, b)
	slices.SortFunc(list, func(a, b domain.Coupon) int {
		if l.f.Sort.Before(l.f.Sort.Place(a), l.f.Sort.Place(b)) {
			return -1
		}
		return 1
	})
	return list[:min(len(list), l.f.Limit)]
}
