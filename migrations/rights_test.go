package migrations_test

import (
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
)

// TestKeysAndPeopleFromBefore: an older database's keys go on working; who made them, and who made what people sign in
// with, is taken from the audit, from lines that say so and from no others.
func TestKeysAndPeopleFromBefore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := older(t, db, 15).Open(t, now, nil)
		const at = "'2026-11-01 12:00:00+00:00'"
		hash := "x'00'"
		if db.Dialect == "postgres" {
			hash = `'\x00'`
		}
		for _, statement := range []string{
			`INSERT INTO staff (email, name, role, password_hash, created_at) VALUES ('boss@example.com', 'Boss', 'system_admin', 'h', ` + at + `),
				('sato@example.com', 'Sato', 'ec_admin', 'h', ` + at + `)`,
			`INSERT INTO api_keys (prefix, hash, role, name, created_at, staff_id) VALUES ('aaaaaaaaaaaa', ` + hash +
				`, 'ec_admin', 'script', ` + at + `, NULL),
				('bbbbbbbbbbbb', ` + hash + `, 'ec_admin', 'own', ` + at + `, 2), ('cccccccccccc', ` + hash + `, 'ec_admin', 'foreign', ` + at + `, 2),
				('dddddddddddd', ` + hash + `, 'pos', 'pos', ` + at + `, NULL)`,
			`INSERT INTO audit (at, actor, action, outcome, detail) VALUES
				(` + at + `, 'staff:1', 'key.created', 'done', '{"name":"script","prefix":"aaaaaaaaaaaa","role":"ec_admin"}'),
				(` + at + `, 'staff:2', 'token.added', 'done', '{"name":"own","prefix":"bbbbbbbbbbbb","staff":"staff:2"}'),
				(` + at + `, 'staff:1', 'token.added', 'done', '{"name":"\"prefix\":\"dddddddddddd\"","prefix":"cccccccccccc","staff":"staff:2"}'),
				(` + at + `, 'operator', 'staff.added', 'done', '{"name":"Boss","role":"system_admin","staff":"staff:1"}'),
				(` + at + `, 'staff:1', 'staff.added', 'done', '{"name":"Sato","role":"ec_admin","staff":"staff:2"}'),
				(` + at + `, 'staff:2', 'staff.password_set', 'refused', '{"staff":"staff:2"}'),
				(` + at + `, 'staff:2', 'staff.password_set', 'done', '{"staff":"staff:2"}'),
				(` + at + `, 'staff:1', 'staff.password_set', 'done', '{"staff":"staff:22"}'),
				(` + at + `, 'staff:1', 'staff.changed', 'done', 'no detail that can be read')`,
		} {
			exec(t, s, statement)
		}
		for range 2 {
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		got := texts(t, s, `SELECT staff_id || ' ' || made_by || ' ' || action FROM staff_credentials ORDER BY id`)
		if want := "1 operator staff.added, 2 staff:1 staff.added, 2 staff:2 staff.password_set"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		for prefix, want := range map[string]struct {
			id      string
			maker   int64
			machine bool
		}{
			"aaaaaaaaaaaa": {"key:aaaaaaaaaaaa", 1, true}, "bbbbbbbbbbbb": {"staff:2", 2, false},
			"cccccccccccc": {"staff:2", 1, true}, "dddddddddddd": {"key:dddddddddddd", 0, true},
		} {
			k, err := s.Keys.FindKey(t.Context(), prefix)
			if err != nil || k.Caller.ID != want.id || k.Caller.MakerID != want.maker ||
				k.Caller.Machine != want.machine || !k.Alive(noon) || k.ExpiresAt != nil {
				t.Errorf("%s: %s made by %d, a machine %v, %v", prefix, k.Caller.ID, k.Caller.MakerID, k.Caller.Machine,
					err)
			}
			if k.Unowned() != (prefix == "aaaaaaaaaaaa") {
				t.Errorf("%s is owned by nobody: %v", prefix, k.Unowned())
			}
		}
		if list, err := s.Keys.ListKeys(t.Context()); err != nil || len(list) != 4 ||
			list[0].Caller.Role != domain.RoleECAdmin || len(list[0].Hash) != 0 {
			t.Errorf("%d keys are listed, %v", len(list), err)
		}
	})
}
