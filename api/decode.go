package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// malformed and repeatedMember are how decode's errors begin, as rules: huma keeps the text only.
const (
	malformed      = ruleMark + "json"
	repeatedMember = ruleMark + "repeated "
	maxDepth       = 16
)

var errMalformed = errors.New(malformed)

// repeatedAt is a member that stands twice, by the path to it: .customer.email, .items[2].quantity.
type repeatedAt string

func (path repeatedAt) Error() string { return repeatedMember + strings.TrimPrefix(string(path), ".") }

// within puts a step before the path of what was found further in.
func within(step string, err error) error {
	var path repeatedAt
	if errors.As(err, &path) {
		return repeatedAt(step) + path
	}
	return err
}

// absent stands for a JSON null: no field of ours can be null, and a value that has no JSON type is refused for every
// one. A question is rid of them before (nullsMissing).
type absent struct{}

// decode reads JSON for huma. Into an empty interface, which is what huma checks against the schema, it reads strictly:
// one value, valid UTF-8, no member twice, whole numbers as int64 and any other number as text that passes for none.
func decode(data []byte, v any) error {
	// Some Windows programs begin what they write as UTF-8 with a byte order mark, which a reader may pass over (RFC
	// 8259, 8.1).
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	tree, checking := v.(*any)
	if !checking {
		return json.Unmarshal(data, v)
	}
	if !utf8.Valid(data) {
		return errMalformed
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	value, err := readValue(d, maxDepth)
	if err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errMalformed
	}
	*tree = value
	return nil
}

func readValue(d *json.Decoder, depth int) (any, error) {
	token, err := d.Token()
	if err != nil || depth == 0 {
		return nil, errMalformed
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(d, depth)
		}
		return readArray(d, depth)
	case json.Number:
		if n, err := strconv.ParseInt(t.String(), 10, 64); err == nil {
			return n, nil
		}
		return t, nil
	case nil:
		return absent{}, nil
	default:
		return t, nil
	}
}

func readObject(d *json.Decoder, depth int) (any, error) {
	object := map[string]any{}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errMalformed
		}
		if _, twice := object[name]; twice {
			return nil, repeatedAt("." + name)
		}
		if object[name], err = readValue(d, depth-1); err != nil {
			return nil, within("."+name, err)
		}
	}
	return object, closed(d)
}

func readArray(d *json.Decoder, depth int) (any, error) {
	list := []any{}
	for d.More() {
		value, err := readValue(d, depth-1)
		if err != nil {
			return nil, within("["+strconv.Itoa(len(list))+"]", err)
		}
		list = append(list, value)
	}
	return list, closed(d)
}

func closed(d *json.Decoder) error {
	if _, err := d.Token(); err != nil {
		return errMalformed
	}
	return nil
}
