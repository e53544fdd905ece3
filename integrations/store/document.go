package store

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
)

// document is a column that holds a value as JSON; an empty text is none.
type document[T any] struct{ of *T }

// Value implements driver.Valuer.
func (d document[T]) Value() (driver.Value, error) {
	if d.of == nil {
		return "", nil
	}
	text, err := json.Marshal(d.of)
	return string(text), err
}

// Scan implements sql.Scanner.
func (d *document[T]) Scan(from any) error {
	var text []byte
	switch v := from.(type) {
	case nil:
	case string:
		text = []byte(v)
	case []byte:
		text = v
	default:
		return errors.New("a document that is no text")
	}
	if d.of = nil; len(text) == 0 {
		return nil
	}
	d.of = new(T)
	return json.Unmarshal(text, d.of)
}
