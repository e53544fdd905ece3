package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// members are those of one JSON object, by their exact names. Only what is asked for is decoded any further.
type members map[string]json.RawMessage

// readObject reads a body that is one JSON object and nothing besides, with no member twice: whatever could be read in
// two ways is not read at all.
func readObject(body []byte) (members, bool) {
	if !utf8.Valid(body) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, false
	}
	m := members{}
	for d.More() {
		name, err := d.Token()
		key, isText := name.(string)
		var value json.RawMessage
		if err != nil || !isText || d.Decode(&value) != nil {
			return nil, false
		}
		if _, twice := m[key]; twice {
			return nil, false
		}
		m[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return m, errors.Is(err, io.EOF)
}

// has reports whether there is such a member that is not null.
func (m members) has(name string) bool {
	value, there := m[name]
	return there && string(value) != "null"
}

func (m members) hasAny(names ...string) bool {
	for _, name := range names {
		if m.has(name) {
			return true
		}
	}
	return false
}

var idNumber = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// number is an id of the REST shape: a whole number above zero, and zero for anything else.
func (m members) number(name string) int64 {
	if !idNumber.Match(m[name]) {
		return 0
	}
	id, err := strconv.ParseInt(string(m[name]), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// text is a string, and empty for anything else.
func (m members) text(name string) string {
	var s string
	if json.Unmarshal(m[name], &s) != nil {
		return ""
	}
	return s
}

// object is a member that is an object; nil when it is none.
func (m members) object(name string) members {
	inner, ok := readObject(m[name])
	if !ok {
		return nil
	}
	return inner
}

func (m members) isList(name string) bool { return bytes.HasPrefix(m[name], []byte("[")) }

// when reads a moment. One that is not there is the zero time; one that is there and is none is not ok.
func (m members) when(name string) (at time.Time, ok bool) {
	if !m.has(name) {
		return time.Time{}, true
	}
	at, err := time.Parse(time.RFC3339, m.text(name))
	return at.UTC(), err == nil
}

var gidForm = regexp.MustCompile(`^gid://shopify/[A-Za-z]{1,64}/[1-9][0-9]{0,18}$`)

// gidOf is a text that is a gid of one of the kinds; empty for anything else.
func (m members) gidOf(name string, kinds ...string) string {
	gid := m.text(name)
	for _, kind := range kinds {
		if strings.HasPrefix(gid, "gid://shopify/"+kind+"/") && gidForm.MatchString(gid) {
			return gid
		}
	}
	return ""
}

// gidOfNumber is the gid that a number of this kind has; empty for zero.
func gidOfNumber(kind string, number int64) string {
	if number == 0 {
		return ""
	}
	return "gid://shopify/" + kind + "/" + strconv.FormatInt(number, 10)
}
