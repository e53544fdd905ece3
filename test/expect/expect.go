// Package expect says what differs when a test fails: what was looked at, what was got and what was wanted.
//
// Equal and That report and go on; MustEqual and MustThat end the test, for what the lines below them rely on. What
// helps to understand a failure (the name of a case, the body of an answer) is given last.
package expect

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// tester is a test: one of the standard library, or a property's.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Equal reports got unless it equals want.
func Equal[T any](t tester, what string, got, want T, seen ...any) {
	t.Helper()
	if !equal(got, want) {
		t.Errorf("%s%s", difference(what, got, want), saw(seen))
	}
}

// MustEqual ends the test unless got equals want.
func MustEqual[T any](t tester, what string, got, want T, seen ...any) {
	t.Helper()
	if !equal(got, want) {
		t.Fatalf("%s%s", difference(what, got, want), saw(seen))
	}
}

// That reports a wish that does not hold.
func That(t tester, wish string, holds bool, seen ...any) {
	t.Helper()
	if !holds {
		t.Errorf("want %s%s", wish, saw(seen))
	}
}

// MustThat ends the test unless a wish holds.
func MustThat(t tester, wish string, holds bool, seen ...any) {
	t.Helper()
	if !holds {
		t.Fatalf("want %s%s", wish, saw(seen))
	}
}

// equal compares as == does. What == does not compare are lists and maps: they are equal entry by entry, and a list of
// nothing equals no list.
func equal(got, want any) bool {
	switch reflect.ValueOf(want).Kind() {
	case reflect.Slice, reflect.Map:
		if reflect.ValueOf(got).Len() == 0 {
			return reflect.ValueOf(want).Len() == 0
		}
		return reflect.DeepEqual(got, want)
	default:
		return got == want
	}
}

// difference names both values; of a value with parts it names the parts that differ.
func difference(what string, got, want any) string {
	_, texts := want.(fmt.Stringer)
	switch reflect.ValueOf(want).Kind() {
	case reflect.Slice, reflect.Map, reflect.Struct:
		if reflect.TypeOf(got) == reflect.TypeOf(want) && !texts {
			all := cmp.Exporter(func(reflect.Type) bool { return true })
			if diff := cmp.Diff(want, got, all); diff != "" {
				return fmt.Sprintf("%s differs (-want +got):\n%s", what, diff)
			}
		}
	}
	return fmt.Sprintf("%s is %s, want %s", what, show(got), show(want))
}

func saw(seen []any) string {
	if len(seen) == 0 {
		return ""
	}
	texts := make([]string, len(seen))
	for i, one := range seen {
		texts[i] = show(one)
	}
	return "; saw " + strings.Join(texts, ", ")
}

// show writes text in quotes, pages and bodies as they are, and looks at what is to be asked for only now.
func show(value any) string {
	switch v := value.(type) {
	case func() string:
		return show(v())
	case []byte:
		if !utf8.Valid(v) {
			return fmt.Sprintf("%x", v)
		}
		return show(string(v))
	case error:
		return fmt.Sprintf("%v", v)
	case fmt.Stringer:
		return fmt.Sprintf("%v", v)
	}
	v := reflect.ValueOf(value)
	if v.Kind() == reflect.String && !strings.ContainsAny(v.String(), "\n\"") {
		return fmt.Sprintf("%q", value)
	}
	return fmt.Sprintf("%+v", value)
}
