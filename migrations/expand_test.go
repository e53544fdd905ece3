package migrations_test

import (
	"testing"

	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/migrations"
)

// served is the schema that processes may still work with while a newer one is migrated to. It goes up with each release.
const served = 35

// column is what a program relies on that names it, or that does not know it.
type column struct {
	kind             string
	required, filled bool // it takes no NULL; it has a value of its own
}

// columns are those of all tables, by table and name.
func columns(t *testing.T, s *store.Store, dialect string) map[[2]string]column {
	t.Helper()
	query := `SELECT m.name, c.name, lower(c.type), c."notnull" = 1, c.dflt_value IS NOT NULL OR c.pk > 0
		FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
	if dialect == migrations.Postgres {
		query = `SELECT table_name, column_name, data_type, is_nullable = 'NO',
			column_default IS NOT NULL OR is_identity = 'YES' FROM information_schema.columns WHERE table_schema = 'public'`
	}
	rows, err := s.DB().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[[2]string]column{}
	for rows.Next() {
		var name [2]string
		var c column
		if err := rows.Scan(&name[0], &name[1], &c.kind, &c.required, &c.filled); err != nil {
			t.Fatal(err)
		}
		all[name] = c
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestANewerSchemaOnlyExpands: processes are replaced one by one after the database was migrated, so whatever the older
// ones read is still there, and whatever they write is still taken.
func TestANewerSchemaOnlyExpands(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := schemaAt(t, db, served).Open(t, now, nil)
		before := columns(t, s, db.Dialect)
		if len(before) < 100 {
			t.Fatalf("only %d columns", len(before))
		}
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		tables := map[string]bool{}
		after := columns(t, s, db.Dialect)
		for name, was := range before {
			tables[name[0]] = true
			is, there := after[name]
			if !there || is.kind != was.kind || is.required && !was.required || was.filled && !is.filled {
				t.Errorf("%v was %+v and is %+v (there: %v)", name, was, is, there)
			}
		}
		for name, is := range after {
			if _, there := before[name]; !there && tables[name[0]] && is.required && !is.filled {
				t.Errorf("%v is required, and an older program does not write it", name)
			}
		}
	})
}
