package shopify

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// dateTime is the vendor's DateTime: whole seconds, UTC. As an input it tells null from absent.
type dateTime struct {
	time.Time
	set bool
}

func (dateTime) ImplementsGraphQLType(name string) bool { return name == "DateTime" }

// Nullable marks the input as one that may be null.
func (*dateTime) Nullable() {}

func (d *dateTime) UnmarshalGraphQL(input any) error {
	d.set = true
	if input == nil {
		return nil
	}
	text, ok := input.(string)
	if !ok {
		return fmt.Errorf("invalid date %v", input)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("invalid date '%s'", text)
	}
	d.Time = wholeSecond(at)
	return nil
}

func (d dateTime) MarshalJSON() ([]byte, error) { return json.Marshal(d.Format(time.RFC3339)) }

func wholeSecond(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func optionalTime(t *time.Time) *dateTime {
	if t == nil {
		return nil
	}
	return &dateTime{Time: *t}
}

// decimalValue is the vendor's Decimal: a string, also accepted as a number.
type decimalValue struct {
	value decimal
	set   bool // given and not null
}

func (decimalValue) ImplementsGraphQLType(name string) bool { return name == "Decimal" }

// Nullable marks the input as one that may be null.
func (*decimalValue) Nullable() {}

func (d *decimalValue) UnmarshalGraphQL(input any) error {
	text, given := scalarText(input)
	if !given {
		return nil
	}
	value, ok := parseDecimal(text)
	if !ok {
		return fmt.Errorf("invalid decimal '%s'", text)
	}
	d.value, d.set = value, true
	return nil
}

func (d decimalValue) MarshalJSON() ([]byte, error) { return json.Marshal(string(d.value)) }

// unsigned is the vendor's UnsignedInt64: digits in a string.
type unsigned struct {
	text string
	set  bool
}

func (unsigned) ImplementsGraphQLType(name string) bool { return name == "UnsignedInt64" }

// Nullable marks the input as one that may be null.
func (*unsigned) Nullable() {}

func (u *unsigned) UnmarshalGraphQL(input any) error {
	text, given := scalarText(input)
	if !given {
		return nil
	}
	if _, err := strconv.ParseUint(text, 10, 64); err != nil {
		return fmt.Errorf("invalid unsigned integer '%s'", text)
	}
	u.text, u.set = text, true
	return nil
}

func (u unsigned) MarshalJSON() ([]byte, error) { return json.Marshal(u.text) }

func scalarText(input any) (text string, given bool) {
	switch v := input.(type) {
	case nil:
		return "", false
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	default:
		return fmt.Sprint(v), true
	}
}

// enum is an input of any enumeration; empty when it was not given.
type enum string

func (enum) ImplementsGraphQLType(string) bool { return true }

// Nullable marks the input as one that may be null.
func (*enum) Nullable() {}

func (e *enum) UnmarshalGraphQL(input any) error {
	text, _ := scalarText(input)
	*e = enum(text)
	return nil
}

// jsonValue is the vendor's JSON scalar on the way out.
type jsonValue json.RawMessage

func (jsonValue) ImplementsGraphQLType(name string) bool { return name == "JSON" }

func (j *jsonValue) UnmarshalGraphQL(input any) error {
	raw, err := json.Marshal(input)
	*j = raw
	return err
}

func (j jsonValue) MarshalJSON() ([]byte, error) { return j, nil }

// link is the vendor's URL scalar.
type link string

func (link) ImplementsGraphQLType(name string) bool { return name == "URL" }

func (l *link) UnmarshalGraphQL(input any) error {
	text, _ := scalarText(input)
	*l = link(text)
	return nil
}

func quoteJSON(text string) jsonValue {
	raw, _ := json.Marshal(text)
	return raw
}
