package store

import (
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
)

// Coupons that end before some moment, by their ids, are in no index's order, and can be most of all there are. They
// are found by the week in which they end: an index has the newest of each week, no page has coupons of more weeks than
// it has lines, and mostly it has those of one or two.

const week = 7 * 24 * time.Hour

// weeksAtOnce is how many weeks one statement reads.
const weeksAtOnce = 8

// span is coupons of a status that end within some time. A zero from means since ever; to is not part of it.
type span struct {
	status   domain.Status
	from, to time.Time
}

// spans are those of the coupons that end before the filter's moment, by their true status.
func (l pageQuery) spans() (list []span) {
	before, ended := l.f.ExpiresBefore, l.f.Now.Truncate(time.Microsecond).Add(time.Microsecond)
	for _, status := range domain.Statuses() {
		switch {
		case l.f.Visible && status.Public() == "", l.f.Made && l.f.Status == "" && status == domain.Failed:
		case l.f.Status == domain.Active && status == domain.Active:
			list = append(list, span{status, ended, before})
		case l.f.Status == domain.Expired && status == domain.Active:
			to := before
			if ended.Before(to) {
				to = ended
			}
			list = append(list, span{status, time.Time{}, to})
		case l.f.Status == "" || l.f.Status == status:
			list = append(list, span{status, time.Time{}, before})
		}
	}
	return list
}

// weeks are the whole weeks of the span, end not being part of them.
func (s span) weeks() (first, end int64) {
	const seconds = int64(week / time.Second)
	if !s.from.IsZero() {
		first = (s.from.Add(week - 1).Unix()) / seconds
	}
	return first, max(first, s.to.Unix()/seconds)
}

// edges are the conditions for what is before the first of the whole weeks, and after the last one.
func (s span) edges() (list []clauseOf) {
	first, end := s.weeks()
	begins, ends := time.Unix(0, 0).Add(time.Duration(first)*week), time.Unix(0, 0).Add(time.Duration(end)*week)
	edge := func(from, to time.Time) {
		if from.Before(to) {
			list = append(list, where("status = ? AND expires_at >= ? AND expires_at < ?", string(s.status), utc(from),
				utc(to)))
		}
	}
	if first == end {
		edge(s.from, s.to)
		return list
	}
	if !s.from.IsZero() {
		edge(s.from, begins)
	}
	edge(ends, s.to)
	return list
}

// weekTop is the coupon of a status and week that is first in the list.
type weekTop struct {
	Status    domain.Status
	Week, Top int64
}

// tops finds the first coupon of each week of some spans, without looking at the others.
func (l pageQuery) tops(spans []span, week string) (list []weekTop, err error) {
	best := "min(id)"
	if l.f.Sort.Descending() {
		best = "max(id)"
	}
	behind := l.behind()
	var texts []string
	var args []any
	for _, s := range spans {
		first, end := s.weeks()
		if first == end {
			continue
		}
		texts = append(texts, `SELECT CAST(? AS text) AS status, CAST(? AS integer) AS begins, CAST(? AS integer) AS ends`)
		args = append(args, string(s.status), first, end)
	}
	if len(texts) == 0 {
		return nil, nil
	}
	err = l.tx.Raw(`WITH RECURSIVE weeks (status, ends, week) AS (
			SELECT status, ends, (SELECT min(`+week+`) FROM coupons c WHERE c.status = spans.status AND `+week+` >= spans.begins AND `+week+
		` < spans.ends) FROM (`+strings.Join(texts, " UNION ALL ")+`) AS spans
			UNION ALL SELECT status, ends, (SELECT min(`+week+`) FROM coupons c WHERE c.status = weeks.status AND `+week+
		` > weeks.week AND `+week+` < weeks.ends) FROM weeks WHERE weeks.week IS NOT NULL)
		SELECT status, week, coalesce((SELECT `+best+` FROM coupons c WHERE c.status = weeks.status AND `+week+
		` = weeks.week AND `+behind.text+`), 0) AS top FROM weeks WHERE week IS NOT NULL`,
		append(args, behind.args...)...).Scan(&list).Error
	return slices.DeleteFunc(list, func(w weekTop) bool { return w.Top == 0 }), err
}

// ending reads coupons that end before a moment, by their ids. week is the index's expression.
func (l pageQuery) ending(week string) ([]domain.Coupon, error) {
	var edges []clauseOf
	spans := l.spans()
	for _, s := range spans {
		edges = append(edges, s.edges()...)
	}
	tops, err := l.tops(spans, week)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tops, func(a, b weekTop) int {
		if l.first(a.Top, b.Top) {
			return -1
		}
		return 1
	})
	var list []domain.Coupon
	if len(edges) > 0 {
		if list, err = l.among(edges, nil); err != nil {
			return nil, err
		}
	}
	for len(tops) > 0 && (len(list) < l.f.Limit || l.first(tops[0].Top, list[len(list)-1].ID)) {
		n := min(len(tops), weeksAtOnce)
		found, err := l.ofWeeks(tops[:n], week)
		if err != nil {
			return nil, err
		}
		list, tops = l.merged(list, found), tops[n:]
	}
	return list, nil
}

// first reports whether an id comes before another one in the list.
func (l pageQuery) first(a, b int64) bool {
	if l.f.Sort.Descending() {
		return a > b
	}
	return a < b
}

// ofWeeks reads a page of some weeks.
func (l pageQuery) ofWeeks(weeks []weekTop, week string) ([]domain.Coupon, error) {
	texts := make([]string, 0, len(weeks))
	var args []any
	behind := l.behind()
	for _, w := range weeks {
		texts = append(texts, `SELECT * FROM (SELECT `+couponColumns+` FROM coupons WHERE status = ? AND `+week+` = ? AND `+behind.text+
			` ORDER BY `+l.by()+` LIMIT ?) AS branch`)
		args = append(append(append(args, string(w.Status), w.Week), behind.args...), l.f.Limit)
	}
	return l.read(`SELECT * FROM (`+strings.Join(texts, " UNION ALL ")+`) AS merged ORDER BY `+l.by()+` LIMIT ?`,
		append(args, l.f.Limit))
}
