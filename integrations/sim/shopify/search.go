package shopify

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// search is a parsed filter: groups joined by OR, terms within a group joined by AND. The vendor's syntax also knows
// parentheses; they are read as blanks, which no filter of ours needs.
type search [][]term

// term is one condition: a field with a comparator, or free text when the field is empty.
type term struct {
	field   string
	op      string // "", ">", ">=", "<", "<="
	value   string
	negated bool
}

func parseSearch(text string) search {
	groups := search{nil}
	for _, word := range searchWords(text) {
		switch word {
		case "AND":
			continue
		case "OR":
			groups = append(groups, nil)
			continue
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], parseTerm(word))
	}
	return groups
}

// searchWords splits at blanks outside quotes.
func searchWords(text string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	flush := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	for _, r := range text {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote = r
		case r == ' ' || r == '(' || r == ')':
			flush()
		default:
			word.WriteRune(r)
		}
	}
	flush()
	return words
}

func parseTerm(word string) term {
	var t term
	word, t.negated = strings.CutPrefix(word, "-")
	field, value, found := strings.Cut(word, ":")
	if !found {
		t.value = word
		return t
	}
	t.field, t.value = field, value
	for _, op := range []string{">=", "<=", ">", "<"} {
		if rest, ok := strings.CutPrefix(value, op); ok {
			t.op, t.value = op, rest
			break
		}
	}
	return t
}

// matches runs the filter over one record. check answers one term and whether its field is known; a field that the
// vendor does not know is ignored, so that a filter of nothing else matches everything.
func (q search) matches(check func(term) (match, known bool)) bool {
	for _, group := range q {
		if groupMatches(group, check) {
			return true
		}
	}
	return false
}

func groupMatches(group []term, check func(term) (match, known bool)) bool {
	for _, t := range group {
		match, known := check(t)
		if known && match == t.negated {
			return false
		}
	}
	return true
}

// oneOf compares with a list "a,b" without regard to case.
func (t term) oneOf(have string) bool {
	for _, wanted := range strings.Split(t.value, ",") {
		if strings.EqualFold(wanted, have) {
			return true
		}
	}
	return false
}

func (t term) anyOf(have []string) bool {
	for _, h := range have {
		if t.oneOf(h) {
			return true
		}
	}
	return false
}

func (t term) contains(have ...string) bool {
	for _, h := range have {
		if strings.Contains(strings.ToLower(h), strings.ToLower(t.value)) {
			return true
		}
	}
	return false
}

// number compares an id or a count; a gid stands for its number.
func (t term) number(have int64) bool {
	text := t.value[strings.LastIndex(t.value, "/")+1:]
	wanted, err := strconv.ParseInt(text, 10, 64)
	return err == nil && holds(t.op, cmp.Compare(have, wanted))
}

// date compares a time; "now" is the clock's.
func (t term) date(have *time.Time, now time.Time) bool {
	if have == nil {
		return false
	}
	wanted := now
	if t.value != "now" {
		var err error
		if wanted, err = parseSearchTime(t.value); err != nil {
			return false
		}
	}
	return holds(t.op, have.Compare(wanted))
}

func parseSearchTime(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Parse("2006", text)
}

func holds(op string, order int) bool {
	switch op {
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	default:
		return order == 0
	}
}
