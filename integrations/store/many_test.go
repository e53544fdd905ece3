package store

import (
	"testing"
	"time"

	"pointbridge/test/expect"
)

// TestAValueOfAnotherTypeIsAnotherStatement: rows are put into one list only where each has a value of the list's type.
func TestAValueOfAnotherTypeIsAnotherStatement(t *testing.T) {
	t.Parallel()
	one := int64(1)
	var all []*entry
	for _, v := range []any{one, "1", &one, true, time.Unix(1, 0), (*int64)(nil), 1, (*time.Time)(nil)} {
		e := &entry{}
		expect.MustEqual(t, "err", e.add("v", " SELECT ?", v), nil)
		all = append(all, e)
	}
	lists := byText(all)
	expect.MustEqual(t, "statements", len(lists), 4)
	expect.Equal(t, "whole numbers", len(lists[0]), 4)
	_, args := statement(shapes(lists[0]))
	numbers, _ := args[0].([]*int64)
	expect.MustEqual(t, "numbers", len(numbers), 4)
	for i, n := range numbers {
		expect.That(t, "it is there", n == nil == (i == 2) && (n == nil || *n == 1), i, n)
	}
	expect.That(t, "what is no value of a list is refused", (&entry{}).add("v", " SELECT ?", 1.5) != nil && (&entry{}).add("v", " SELECT ?", nil) != nil)
}
