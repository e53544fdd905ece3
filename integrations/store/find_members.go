package store

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/members"
)

// wordBound is how many members may have a word in their name for others of their words to be looked at: more than
// these nobody could choose from, and whoever types on finds fewer.
const wordBound = 2000

// lastRune is behind every text, as bytes are compared.
const lastRune = "\U0010ffff"

const (
	selectTerm = `SELECT customer_id, kind FROM member_terms WHERE kind = ? AND term >= ? AND term < ?
		ORDER BY kind, term, customer_id LIMIT ?`
	// countWord counts the names of a kind that have a word, as far as it matters.
	countWord = `SELECT count(*) FROM (SELECT 1 FROM member_terms WHERE kind = ? AND term >= ? AND term < ?
		ORDER BY kind, term, customer_id LIMIT ?) AS counted`
	// hasWord asks for one more word of a member who was found by another. The offset keeps PostgreSQL from finding all
	// members who have it first, who can be everybody.
	hasWord = `SELECT 1 FROM member_terms u WHERE u.customer_id = t.customer_id AND u.kind IN ('name', 'name_part')
		AND u.term >= ? AND u.term < ? LIMIT 1 OFFSET 0`
)

// nameKinds are the kinds of the terms of names.
var nameKinds = []members.TermKind{members.TermName, members.TermNamePart}

// FindMembers implements members.Finder.
func (s Members) FindMembers(ctx context.Context, q members.Search, limit int) (list []members.Found, more bool,
	err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		f := memberHits{by: map[string]members.TermKind{}, limit: limit + 1}
		if err := f.former(tx, q.Number); err != nil {
			return err
		}
		if err := f.terms(tx, q.Terms); err != nil {
			return err
		}
		if len(q.Words) > 1 && len(f.ids) < f.limit {
			if err := f.words(tx, q.Words); err != nil {
				return err
			}
		}
		more = f.more || len(f.ids) > limit
		list, err = f.read(tx, limit)
		return err
	})
	return list, more, translate(err)
}

// memberHits collects whom a search finds, each once, in order.
type memberHits struct {
	ids   []string
	by    map[string]members.TermKind
	limit int
	more  bool
}

func (f *memberHits) add(id string, by members.TermKind) {
	if _, there := f.by[id]; there || len(f.ids) >= f.limit {
		return
	}
	f.by[id], f.ids = by, append(f.ids, id)
}

// former finds who had a number before.
func (f *memberHits) former(tx *gorm.DB, number string) error {
	var ids []string
	err := tx.Raw(`SELECT customer_id FROM former_numbers WHERE number = ?`, number).Scan(&ids).Error
	for _, id := range ids {
		f.add(id, members.TermNumber)
	}
	return err
}

// terms finds by the beginnings of terms, each kind along its index.
func (f *memberHits) terms(tx *gorm.DB, list []members.Term) error {
	if len(list) == 0 {
		return nil
	}
	texts := make([]string, 0, len(list))
	args := make([]any, 0, 4*len(list))
	for _, t := range list {
		texts = append(texts, `SELECT * FROM (`+selectTerm+`) AS branch`)
		args = append(args, string(t.Kind), t.Text, t.Text+lastRune, 2*f.limit)
	}
	var hits []struct{ CustomerID, Kind string }
	if err := tx.Raw(strings.Join(texts, ` UNION ALL `), args...).Scan(&hits).Error; err != nil {
		return err
	}
	full := map[string]int{}
	for _, t := range list { // the order of a union is nobody's promise but that of its parts
		for _, h := range hits {
			if h.Kind == string(t.Kind) {
				full[h.Kind]++
				f.add(h.CustomerID, t.Kind)
			}
		}
		f.more = f.more || full[string(t.Kind)] == 2*f.limit
	}
	return nil
}

// words finds names that have all of some words, in whatever order. The rarest of them leads.
func (f *memberHits) words(tx *gorm.DB, words []string) error {
	lead, err := rarest(tx, words)
	if err != nil {
		return err
	}
	if lead == "" {
		f.more = true
		return nil
	}
	led := ledBy(lead, words, 2*f.limit)
	var ids []string
	if err := tx.Raw(led.text, led.args...).Scan(&ids).Error; err != nil {
		return err
	}
	f.more = f.more || len(ids) >= 2*f.limit
	for _, id := range ids {
		f.add(id, members.TermName)
	}
	return nil
}

// rarest is the word that the fewest names have; none where more than the bound have each.
func rarest(tx *gorm.DB, words []string) (lead string, err error) {
	texts := make([]string, 0, len(words))
	var args []any
	for i, w := range words {
		texts = append(texts, `SELECT CAST(? AS integer) AS word, (`+countWord+`) + (`+countWord+`) AS found`)
		args = append(args, i)
		for _, kind := range nameKinds {
			args = append(args, string(kind), w, w+lastRune, wordBound+1)
		}
	}
	var rows []struct{ Word, Found int }
	if err := tx.Raw(strings.Join(texts, ` UNION ALL `)+` ORDER BY word`, args...).Scan(&rows).Error; err != nil {
		return "", err
	}
	least := wordBound + 1
	for _, r := range rows {
		if r.Found < least {
			lead, least = words[r.Word], r.Found
		}
	}
	return lead, nil
}

// ledBy walks along the index of the leading word and ends with the first members who have the other words as well.
func ledBy(lead string, words []string, limit int) clauseOf {
	also, alsoArgs := "", []any{}
	for _, w := range words {
		if w != lead {
			also += ` AND EXISTS (` + hasWord + `)`
			alsoArgs = append(alsoArgs, w, w+lastRune)
		}
	}
	var branches []string
	var args []any
	for _, kind := range nameKinds {
		branches = append(branches, `SELECT * FROM (SELECT customer_id FROM member_terms t WHERE kind = ? AND term >= ?
			AND term < ?`+also+` ORDER BY kind, term, customer_id LIMIT ?) AS branch`)
		args = append(append(append(args, string(kind), lead, lead+lastRune), alsoArgs...), limit)
	}
	return clauseOf{strings.Join(branches, ` UNION ALL `), args}
}

func (f *memberHits) read(tx *gorm.DB, limit int) ([]members.Found, error) {
	ids := f.ids[:min(len(f.ids), limit)]
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []customerRow
	if err := tx.Raw(`SELECT `+customerColumns+` FROM customers WHERE id IN ?`, ids).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]members.Found, 0, len(rows))
	for _, r := range rows {
		list = append(list, members.Found{Customer: r.domain(), By: f.by[r.ID]})
	}
	slices.SortFunc(list, func(a, b members.Found) int {
		return slices.Index(ids, a.ID) - slices.Index(ids, b.ID)
	})
	return list, nil
}

// onlyMembers leaves out customers of the shop who are no members, as the indexes of the list do.
const onlyMembers = `substr(id, 1, 6) <> '_shop_'`

// ListMembers implements members.Finder. In front of an id the nearest ones are read, and given in their order.
func (s Members) ListMembers(ctx context.Context, l members.List) ([]domain.Customer, error) {
	where, args := onlyMembers, []any{}
	switch l.Only {
	case members.ListLocked:
		where, args = where+` AND locked_until IS NOT NULL AND locked_until > ?`, append(args, utc(l.Now))
	case members.ListUnlinked:
		where += ` AND shopify_customer_gid = ''`
	}
	order := "id"
	if l.Before != "" {
		where, args, order = where+` AND id < ?`, append(args, l.Before), "id DESC"
	} else if l.After != "" {
		where, args = where+` AND id > ?`, append(args, l.After)
	}
	var rows []customerRow
	err := s.db.WithContext(ctx).Raw(`SELECT `+customerColumns+` FROM customers WHERE `+where+` ORDER BY `+order+` LIMIT ?`,
		append(args, l.Limit)...).Scan(&rows).Error
	list := make([]domain.Customer, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	if l.Before != "" {
		slices.Reverse(list)
	}
	return list, translate(err)
}
