// Package cursor writes a place in a list as a text that is opaque to whoever holds it: the next page begins behind it.
// A cursor belongs to one list in one order, and no other list takes it.
package cursor

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

const (
	// MaxLength is the length that no cursor exceeds.
	MaxLength = 64
	// LastNumber is the largest number that a list goes by: the last microsecond that has a date of four digits.
	LastNumber = 253402300799_999999
)

// ErrInvalid is a text that is no cursor of this list.
var ErrInvalid = errors.New("this is no cursor of the list")

// Place is where an entry stands in a list: by a number, and among entries with the same number by its id. A list that
// goes by id alone has no number.
type Place struct {
	Number int64
	ID     int64
}

// List is a list in one order. Its name stands in its cursors and never changes: clients may hold one between two
// requests.
type List struct {
	name   string
	number bool
}

// ByID is a list that goes by id alone.
func ByID(name string) List { return List{name: name} }

// ByNumber is a list that goes by a number, and then by id.
func ByNumber(name string) List { return List{name: name, number: true} }

// Write names a place.
func (l List) Write(p Place) string {
	text := l.name
	if l.number {
		text += strconv.FormatInt(p.Number, 10) + ":"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text + strconv.FormatInt(p.ID, 10)))
}

// Read finds the place that a cursor names. Errors: ErrInvalid, for every text that Write does not write.
func (l List) Read(text string) (Place, error) {
	if len(text) > MaxLength {
		return Place{}, ErrInvalid
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	rest, ours := strings.CutPrefix(string(raw), l.name)
	if err != nil || !ours {
		return Place{}, ErrInvalid
	}
	p, id := Place{}, rest
	if l.number {
		var number string
		number, id, _ = strings.Cut(rest, ":")
		if p.Number, err = strconv.ParseInt(number, 10, 64); err != nil {
			return Place{}, ErrInvalid
		}
	}
	if p.ID, err = strconv.ParseInt(id, 10, 64); err != nil || p.ID <= 0 || p.Number < 0 || p.Number > LastNumber {
		return Place{}, ErrInvalid
	}
	if l.Write(p) != text { // the same place has one cursor
		return Place{}, ErrInvalid
	}
	return p, nil
}
