package store_test

import (
	"strings"
	"testing"

	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// TestPlans: what is asked for every order and every decision finds its rows by an index, also in SQLite, which uses
// one over a part of the rows only where the statement names that part.
// covers: 000-09
func TestPlans(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t).Open(t, now, nil)
	for statement, indexes := range store.Plans() {
		plan := planOf(t, s, statement)
		for index := range strings.FieldsSeq(indexes) {
			if !strings.Contains(plan, index) {
				t.Errorf("%s is not used for\n%s\n%s", index, statement, plan)
			}
		}
		if strings.Contains(plan, "SCAN c") || strings.Contains(plan, "SCAN r") {
			t.Errorf("every row is read for\n%s\n%s", statement, plan)
		}
	}
}

// TestEachOrderOfTheListHasAnIndex: no list is sorted by reading every coupon of a status.
func TestEachOrderOfTheListHasAnIndex(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t).Open(t, now, nil)
	for statement, index := range store.OrderPlans() {
		if plan := planOf(t, s, statement); !strings.Contains(plan, index) || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s is not walked along for\n%s\n%s", index, statement, plan)
		}
	}
}

func planOf(t *testing.T, s *store.Store, statement string) (plan string) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement,
		make([]any, strings.Count(statement, "?"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan += step + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}
