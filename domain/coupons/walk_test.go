package coupons_test

import (
	"fmt"
	"math"
	"testing"

	"pointbridge/domain/coupons/couponstest"
)

// nowhere is a place that no process reaches: it dies when it has done all it was asked for.
const nowhere = math.MaxInt

// walk is how a process is led through something, to die at one place while the answer of one act is lost; 0 for neither.
type walk func(t *testing.T, dieAt, loseAt int) *couponstest.Mortal

// walked is what is known of a walk: one with fewer places and acts walks past something.
type walked struct {
	places, acts int
	// once says that one fault at a time is enough.
	once bool
	// beside says that the process does two things at once, so that no walk is quite like another.
	beside bool
}

// everywhere dies at every place of a walk, loses every answer, and dies at every place behind every loss. A death before the
// loss is one without it, and whoever has done all dies in one way: neither is walked again.
func (k walked) everywhere(t *testing.T, walk walk) {
	t.Helper()
	places, acts := walk(t, 0, 0).Walked()
	if places < k.places || acts < k.acts {
		t.Fatalf("only %d places and %d acts were found: the walk walks past something", places, acts)
	}
	k.deaths(t, walk, 0)
	for n := 1; n <= acts+2; n++ {
		t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) {
			t.Parallel()
			walk(t, 0, n)
			if !k.once {
				k.deaths(t, walk, n)
			}
		})
	}
}

// deaths are those with the answer of one act lost.
func (k walked) deaths(t *testing.T, walk walk, loseAt int) {
	t.Helper()
	m := walk(t, nowhere, loseAt)
	last, _ := m.Walked()
	first := m.Missed() + 1
	switch {
	case k.beside:
		first, last = 1, last+4
	case loseAt > 0 && m.Missed() == 0:
		return
	}
	for d := first; d <= last; d++ {
		t.Run(fmt.Sprintf("dies at place %d", d), func(t *testing.T) {
			t.Parallel()
			walk(t, d, loseAt)
		})
	}
}
