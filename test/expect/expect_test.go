package expect

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// recorder is a test that writes down what it was told.
type recorder struct{ errors, fatals []string }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatals = append(r.fatals, fmt.Sprintf(format, args...))
}

func TestAFailureSaysWhatDiffers(t *testing.T) {
	t.Parallel()
	var none error
	type pair struct{ A, b int }
	for want, act := range map[string]func(r *recorder){
		`Status is 500, want 202; saw "case", {"code": "x"}`: func(r *recorder) {
			Equal(r, "Status", 500, 202, "case", []byte(`{"code": "x"}`))
		},
		`err is broken, want <nil>`:   func(r *recorder) { Equal(r, "err", errors.New("broken"), nil) },
		`err is <nil>, want broken`:   func(r *recorder) { Equal(r, "err", none, errors.New("broken")) },
		`role is "clerk", want <nil>`: func(r *recorder) { Equal[any](r, "role", "clerk", nil) },
		`n is 1, want 1.5`:            func(r *recorder) { Equal[any](r, "n", 1, 1.5) },
		`want sum > 3; saw "late"`: func(r *recorder) {
			That(r, "sum > 3", false, func() string { return "late" })
		},
	} {
		r := &recorder{}
		act(r)
		if len(r.errors) != 1 || r.errors[0] != want || r.fatals != nil {
			t.Errorf("got %q and %q, want %q", r.errors, r.fatals, want)
		}
	}
	for part, act := range map[string]func(r *recorder){
		"(-want +got)": func(r *recorder) { Equal(r, "list", []string{"a"}, []string{"b"}) },
		"b: 3":         func(r *recorder) { Equal(r, "pair", pair{1, 2}, pair{1, 3}) },
	} {
		r := &recorder{}
		act(r)
		// The library writes spaces of two kinds at random, so that nobody relies on its layout.
		if said := strings.Join(strings.Fields(strings.Join(r.errors, "")), " "); !strings.Contains(said, part) {
			t.Errorf("got %q, want %q in it", said, part)
		}
	}
}

func TestMustEndsTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	MustEqual(r, "n", 1, 2)
	MustThat(r, "n > 1", false)
	if len(r.errors) != 0 || len(r.fatals) != 2 {
		t.Errorf("got %q and %q, want two ends", r.errors, r.fatals)
	}
}

func TestWhatHoldsIsSilent(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	Equal(r, "n", 1, 1)
	Equal(r, "list", nil, []string{})
	MustEqual(r, "map", map[string]int{"a": 1}, map[string]int{"a": 1})
	MustEqual(r, "err", error(nil), nil)
	That(r, "so", true)
	MustThat(r, "so", true)
	if len(r.errors)+len(r.fatals) != 0 {
		t.Errorf("got %q and %q, want silence", r.errors, r.fatals)
	}
}
