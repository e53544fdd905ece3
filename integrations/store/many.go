package store

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// shape is a statement that does the same for each of many rows, and the values for one of them. Its parts have a question
// mark for each value; PostgreSQL is given a list for each, and calls a row's values p1, p2 and so on.
type shape struct {
	// text is the parts, each with what its values are read from and their types, so that rows of one text can be put
	// into the same lists.
	text string
	args []any
}

const (
	endOfSource = "\x00"
	endOfPart   = "\x01"
	// rowValues stands in a part for all values of a row of v, and its turn.
	rowValues = "@values"
)

// add appends a part that reads its values from the row set called from.
func (s *shape) add(from, part string, args ...any) error {
	if n := strings.Count(part, "?"); n != len(args) {
		return fmt.Errorf("a statement with %d values is given %d", n, len(args))
	}
	s.text += from + endOfSource + part + endOfSource
	for _, arg := range args {
		v, err := listable(arg)
		if err != nil {
			return err
		}
		s.text += typeOf(v) + " "
		s.args = append(s.args, v)
	}
	s.text += endOfPart
	return nil
}

// listable is a value as one of a list: of one Go type for each of PostgreSQL's.
func listable(v any) (any, error) {
	if given, ok := v.(driver.Valuer); ok {
		var err error
		if v, err = given.Value(); err != nil {
			return nil, err
		}
	}
	switch given := v.(type) {
	case string, bool, *int64, *time.Time:
		return v, nil
	case int:
		n := int64(given)
		return &n, nil
	case int64:
		return &given, nil
	case time.Time:
		return &given, nil
	default:
		return nil, fmt.Errorf("a list of %T is none that PostgreSQL is given", v)
	}
}

// typeOf is PostgreSQL's type of a listable value.
func typeOf(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case bool:
		return "boolean"
	case *time.Time:
		return "timestamptz"
	default:
		return "bigint"
	}
}

// statement is what PostgreSQL is told for rows of one shape.
func statement(list []*shape) (text string, args []any) {
	first := list[0]
	for i := range first.args {
		args = append(args, listOf(list, i))
	}
	return first.statement(), append(args, len(list))
}

// statements are those that were made before, by their shapes' texts: there are some ten.
var statements sync.Map

func (s *shape) statement() string {
	if made, ok := statements.Load(s.text); ok {
		text, _ := made.(string)
		return text
	}
	text := s.rows() + s.parts()
	statements.Store(s.text, text)
	return text
}

// rows is the part of a WITH that all others stand on, v, and its last value how many rows there are. The planner, which
// does not know that one, takes it for a tenth of a list of ten, and has each row found by its key.
func (s *shape) rows() string {
	lists := make([]string, len(s.args))
	for i, v := range s.args {
		lists[i] = fmt.Sprintf("$%d::%s[]", i+1, typeOf(v))
	}
	names := s.names("")
	return "WITH v AS (SELECT " + names + " FROM unnest(" + strings.Join(lists, ", ") + ") WITH ORDINALITY AS v (" + names +
		") LIMIT $" + strconv.Itoa(len(s.args)+1) + ")"
}

// names are those of a row's values, and of its turn.
func (s *shape) names(of string) string {
	var b strings.Builder
	for i := range s.args {
		b.WriteString(of + "p" + strconv.Itoa(i+1) + ", ")
	}
	return b.String() + of + "turn"
}

func (s *shape) parts() string {
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(strings.TrimSuffix(s.text, endOfPart), endOfPart) {
		from, text, _ := strings.Cut(part, endOfSource)
		text, _, _ = strings.Cut(text, endOfSource)
		for i, piece := range strings.Split(text, "?") {
			if i > 0 {
				n++
				b.WriteString(from + ".p" + strconv.Itoa(n))
			}
			b.WriteString(piece)
		}
	}
	return strings.ReplaceAll(b.String(), rowValues, s.names("v."))
}

func listOf(list []*shape, i int) any {
	switch list[0].args[i].(type) {
	case string:
		return values[string](list, i)
	case bool:
		return values[bool](list, i)
	case *int64:
		return values[*int64](list, i)
	default:
		return values[*time.Time](list, i)
	}
}

func values[T any](list []*shape, i int) []T {
	out := make([]T, len(list))
	for n, s := range list {
		out[n], _ = s.args[i].(T) // the text says which it is
	}
	return out
}
