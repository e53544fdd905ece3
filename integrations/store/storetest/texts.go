package storetest

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/integrations/store"
)

// Texts returns every value of every table as text, one to a line, to look for what should not be there.
func Texts(t testing.TB, s *store.Store) string {
	t.Helper()
	columns := `SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`
	if s.Dialect() == "postgres" {
		columns = `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'`
	}
	var all strings.Builder
	for _, pair := range pairs(t, s, columns) {
		for _, value := range pairs(t, s, `SELECT coalesce(CAST("`+pair[1]+`" AS text), ''), '' FROM "`+pair[0]+`"`) {
			all.WriteString(pair[0] + "." + pair[1] + "=" + value[0] + "\n")
		}
	}
	return all.String()
}

func pairs(t testing.TB, s *store.Store, query string) (list [][2]string) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var pair [2]string
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			t.Fatal(err)
		}
		list = append(list, pair)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return slices.Clip(list)
}
