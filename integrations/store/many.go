package store

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// shape is a statement that does the same for each of many rows, and the values for one of them. Its text has a question
// mark for each value; PostgreSQL is given a list for each, and calls a row's values p1, p2 and so on.
type shape struct {
	text  string
	types []string
	args  []any
}

// add appends text that reads its values from the row set called from.
func (s *shape) add(from, text string, args ...any) error {
	for i, piece := range strings.Split(text, "?") {
		if i > 0 {
			if i > len(args) {
				return fmt.Errorf("a statement has more than %d values", len(args))
			}
			if err := s.take(args[i-1]); err != nil {
				return err
			}
			s.text += from + ".p" + strconv.Itoa(len(s.args))
		}
		s.text += piece
	}
	return nil
}

// take appends a value.
func (s *shape) take(v any) error {
	if given, ok := v.(driver.Valuer); ok {
		var err error
		if v, err = given.Value(); err != nil {
			return err
		}
	}
	var kind string
	switch given := v.(type) {
	case string:
		kind = "text"
	case bool:
		kind = "boolean"
	case int:
		v, kind = int64(given), "bigint"
	case int64, *int64:
		kind = "bigint"
	case time.Time:
		v, kind = &given, "timestamptz"
	case *time.Time:
		kind = "timestamptz"
	default:
		return fmt.Errorf("a list of %T is none that PostgreSQL is given", v)
	}
	s.args, s.types = append(s.args, v), append(s.types, kind)
	return nil
}

// rows is the part of a WITH that all others stand on, v, and its last value how many rows there are. The planner, which
// does not know that one, takes it for a tenth of a list of ten, and has each row found by its key.
func (s *shape) rows() string {
	lists, names := make([]string, len(s.types)), make([]string, len(s.types))
	for i, kind := range s.types {
		lists[i], names[i] = fmt.Sprintf("$%d::%s[]", i+1, kind), "p"+strconv.Itoa(i+1)
	}
	return "WITH v AS (SELECT * FROM unnest(" + strings.Join(lists, ", ") + ") WITH ORDINALITY AS v (" +
		strings.Join(names, ", ") + ", turn) LIMIT $" + strconv.Itoa(len(s.types)+1) + ")"
}

// statement is the text for many rows of this shape, and their values.
func statement(list []*shape) (text string, args []any) {
	first := list[0]
	for i := range first.types {
		args = append(args, listOf(list, i))
	}
	return first.rows() + first.text, append(args, len(list))
}

func listOf(list []*shape, i int) any {
	switch list[0].args[i].(type) {
	case string:
		return values[string](list, i)
	case bool:
		return values[bool](list, i)
	case int64:
		return values[int64](list, i)
	case *int64:
		return values[*int64](list, i)
	default:
		return values[*time.Time](list, i)
	}
}

func values[T any](list []*shape, i int) []T {
	out := make([]T, len(list))
	for n, s := range list {
		out[n], _ = s.args[i].(T) // rows of one text have values of the same types
	}
	return out
}
