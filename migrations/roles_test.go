package migrations_test

import (
	"testing"

	"pointbridge/integrations/store/storetest"
)

// TestPeopleKeepTheirRoles: people of an older database are what they were, and can be given a role of the shop's own.
func TestPeopleKeepTheirRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := older(t, db, 20).Open(t, now, nil)
		exec(t, s, `INSERT INTO staff (email, name, role, password_hash, created_at) VALUES
			('boss@example.com', 'Boss', 'system_admin', 'h', '2026-11-01 12:00:00+00:00'),
			('sato@example.com', 'Sato', 'staff', 'h', '2026-11-01 12:00:00+00:00')`)
		exec(t, s, `INSERT INTO staff_recovery (hash, staff_id) VALUES (`+map[string]string{"postgres": `'\x00'`,
			"sqlite": "x'00'"}[db.Dialect]+`, 2)`)
		for range 2 {
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := texts(t, s, `SELECT id || ' ' || role FROM staff ORDER BY id`), "1 staff, 2 system_admin, 3 staff"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		exec(t, s, `UPDATE staff SET role = 'cashier_lead' WHERE id = 2`)
		for _, role := range []string{"pos", "customer", "service", "", "no", "Lead", "duty:correct",
			"a_name_of_more_than_forty_characters_in_all"} {
			if _, err := s.DB().ExecContext(t.Context(), `UPDATE staff SET role = '`+role+
				`' WHERE id = 2`); err == nil {
				t.Errorf("the database takes a person as %q", role)
			}
		}
	})
}
