package migrations_test

import (
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/migrations"
	"pointbridge/test/expect"
)

// TestAPaidCouponWritesNoIndex: what the second commit of a conversion changes is in no index, nor in what one is for,
// so that PostgreSQL writes the new row to its page and nothing else.
func TestAPaidCouponWritesNoIndex(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	expect.Equal(t, "indexes of what changes", texts(t, s, `SELECT d.objid::regclass::text FROM pg_depend d
		JOIN pg_index i ON i.indexrelid = d.objid JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = d.refobjsubid
		WHERE i.indrelid = 'coupons'::regclass AND a.attname IN ('lease_until', 'attempts', 'version', 'terms')`), "")
}

// TestIndexesAreMadeLeanWhereAMigrationWasCutShort, on a database with rows: it is done anew, and all that is left is
// whole and has its old name.
func TestIndexesAreMadeLeanWhereAMigrationWasCutShort(t *testing.T) {
	t.Parallel()
	s := older(t, storetest.Postgres(t), 20).Open(t, now, nil)
	expect.MustEqual(t, "err", migrations.UpTo(t.Context(), s.DB(), migrations.Postgres, 54), nil)
	exec(t, s, `CREATE INDEX audit_action_lean ON audit (action)`)
	exec(t, s, `DROP INDEX coupons_on_the_way`)
	expect.MustEqual(t, "err", s.Migrate(t.Context()), nil)
	expect.Equal(t, "left over", texts(t, s, `SELECT indexrelid::regclass::text FROM pg_index
		WHERE NOT indisvalid OR indexrelid::regclass::text LIKE '%_lean'`), "")
	for name, want := range map[string]string{"coupons_on_the_way": "(id) WHERE", "audit_action": "points.taken",
		"requests_created": "brin", "mails_created": "brin"} {
		made := texts(t, s, `SELECT indexdef FROM pg_indexes WHERE indexname = '`+name+`'`)
		expect.That(t, name+" is the lean one", strings.Contains(made, want), made)
	}
}
