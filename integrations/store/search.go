package store

import (
	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// matches returns what the filter's texts look up. Where there is a code and a text, both must hold.
func (s *database) matches(f listing.Filter) []clauseOf {
	if f.Family == "" {
		return s.texts(f)
	}
	family := s.begins("code", f.Family)
	if f.Text == "" && f.Code == "" {
		return []clauseOf{family}
	}
	list := s.texts(f)
	for i, p := range list {
		list[i] = all(family, p)
	}
	return list
}

func (s *database) texts(f listing.Filter) []clauseOf {
	switch {
	case f.Text == "":
		return s.parts(listing.SearchCode(f.Code))
	case f.Code == "":
		return s.parts(listing.SearchText(f.Text))
	}
	code := s.parts(listing.SearchCode(f.Code))
	if len(code) == 0 {
		return nil
	}
	var both []clauseOf
	for _, p := range s.parts(listing.SearchText(f.Text)) {
		both = append(both, all(p, anyOf(code...)))
	}
	return both
}

// parts are the conditions of a search, each of which has an index.
func (s *database) parts(q listing.Search) []clauseOf {
	if q.Code != "" {
		return []clauseOf{where("code = ?", q.Code)}
	}
	var list []clauseOf
	if q.CodePrefix != "" {
		list = append(list, s.begins("code", q.CodePrefix))
	}
	if codes := domain.CodesJoined(q.Joined); len(codes) > 0 {
		list = append(list, where("code IN ?", codes))
	}
	if start := domain.CodeStartJoined(q.Joined); start != "" {
		list = append(list, s.begins("code", start))
	}
	switch {
	case q.AfterDrawn != "":
		list = append(list, all(s.begins(s.drawn(), q.DrawnPrefix), where(`code LIKE ?`, "%-"+q.DrawnPrefix+
			q.AfterDrawn+"%")))
	case q.DrawnPrefix != "":
		list = append(list, s.begins(s.drawn(), q.DrawnPrefix))
	}
	if q.CustomerPrefix != "" {
		list = append(list, s.begins("customer_id", q.CustomerPrefix))
	}
	if q.CustomerSuffix != "" {
		list = append(list, all(s.begins("code", q.TailPrefix),
			where(`substr(customer_id, length(customer_id) - ?) = ?`, len(q.CustomerSuffix)-1, q.CustomerSuffix)))
	}
	return list
}

// drawn is the drawn part of a code, as its index has it.
func (s *database) drawn() string {
	if s.dialect == "postgres" {
		return `split_part(code, '-', 2)`
	}
	return `substr(code, instr(code, '-') + 1, 6)`
}

// week is the week in which a coupon ends, counted from 1970, as its index has it.
func (s *database) week() string {
	if s.dialect == "postgres" {
		return `(((expires_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01') / 7)`
	}
	return `(CAST(strftime('%s', substr(expires_at, 1, 19)) AS integer) / 604800)`
}

// begins is a range of bytes, which an index has whatever the database's language is. The prefix is of ASCII, so there
// is a next text after all that begin with it.
func (s *database) begins(what, prefix string) clauseOf {
	next := prefix[:len(prefix)-1] + string(prefix[len(prefix)-1]+1)
	if s.dialect == "postgres" {
		return where(what+" ~>=~ ? AND "+what+" ~<~ ?", prefix, next)
	}
	return where(what+" >= ? AND "+what+" < ?", prefix, next)
}

// search reads what the parts find: at once where that is not much, else out of those that come first in the order
// where these fill a page.
func (l pageQuery) search(parts []clauseOf) ([]domain.Coupon, error) {
	if len(parts) == 0 {
		return nil, nil
	}
	many, err := l.many(parts)
	if err != nil || !many {
		return l.orNarrowed(err, parts)
	}
	if l.f.Status == domain.Expired {
		return l.searchExpired(parts)
	}
	list, err := l.scanned(anyOf(parts...), l.branches()...)
	if err != nil || len(list) == l.f.Limit {
		return list, err
	}
	return l.narrowed(parts...)
}

func (l pageQuery) orNarrowed(err error, parts []clauseOf) ([]domain.Coupon, error) {
	if err != nil {
		return nil, err
	}
	return l.narrowed(parts...)
}

// searchExpired looks among those that were last written down as expired, and among all that were not yet, which are
// few.
func (l pageQuery) searchExpired(parts []clauseOf) ([]domain.Coupon, error) {
	written, err := l.scanned(anyOf(parts...), where("status = 'expired'"))
	if err != nil || len(written) < l.f.Limit {
		return l.orNarrowed(err, parts)
	}
	ended, err := l.among([]clauseOf{l.ended()}, parts)
	return l.merged(written, ended), err
}

// many reports whether any of the parts finds more coupons than may be read at once.
func (l pageQuery) many(parts []clauseOf) (bool, error) {
	for _, p := range parts {
		var n int
		err := l.tx.Raw(`SELECT count(*) FROM (SELECT 1 FROM coupons WHERE `+p.text+` LIMIT ?) AS found`,
			append(p.args[:len(p.args):len(p.args)], l.bounds.narrow+1)...).Row().Scan(&n)
		if err != nil || n > l.bounds.narrow {
			return true, err
		}
	}
	return false, nil
}
