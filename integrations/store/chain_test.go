package store_test

import (
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// unguard does what only somebody who owns the database can: it lets the triggers go.
func unguard(t *testing.T, s *store.Store) {
	t.Helper()
	drops := []string{`DROP TRIGGER audit_is_append_only`, `DROP TRIGGER audit_is_never_emptied`,
		`DROP TRIGGER audit_seals_are_append_only`, `DROP TRIGGER audit_seals_are_never_emptied`,
		`PRAGMA foreign_keys = 0`}
	if s.Dialect() == "postgres" {
		drops = []string{`ALTER TABLE audit DISABLE TRIGGER ALL`, `ALTER TABLE audit_seals DISABLE TRIGGER ALL`}
	}
	for _, statement := range drops {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// covers: 004-37
func TestTamperedRowsAreNamed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, statement string
		seq             int64
		kind            audit.Kind
		lite            bool // only SQLite takes such values
	}{
		{"the actor", `UPDATE audit SET actor = 'nobody' WHERE id = 2`, 2, audit.Changed, false},
		{"the moment", `UPDATE audit SET at = (SELECT sealed_at FROM audit_seals WHERE seq = 1), actor_name = 'x' WHERE id = 3`, 3, audit.Changed, false},
		{"the coupon", `UPDATE audit SET coupon_id = NULL WHERE id = 2`, 2, audit.Changed, false},
		{"a space in the detail", `UPDATE audit SET detail = detail || ' ' WHERE id = 4`, 4, audit.Changed, false},
		{"a row is gone", `DELETE FROM audit WHERE id = 3`, 3, audit.Missing, false},
		{"a seal is gone", `DELETE FROM audit_seals WHERE seq = 2`, 2, audit.Missing, false},
		{"a seal is another", `UPDATE audit_seals SET hash = (SELECT hash FROM audit_seals s WHERE s.seq = 1) WHERE seq = 3`, 3, audit.Changed, false},
		{"numbers are exchanged", `UPDATE audit_seals SET seq = 99 WHERE seq = 2`, 2, audit.Missing, false},
		{"no moment at all", `UPDATE audit SET at = 'yesterday' WHERE id = 2`, 2, audit.Changed, true},
		{"a blob", `UPDATE audit SET actor = x'6e' WHERE id = 2`, 2, audit.Changed, true},
		{"no number", `UPDATE audit SET coupon_id = 'one' WHERE id = 2`, 2, audit.Changed, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				if tc.lite && db.Dialect == "postgres" {
					return
				}
				s := db.Open(t, now, nil)
				customer(t, s, "1")
				st := recorded(t, s, pending("1", 100))
				seal(t, s)
				unguard(t, s)
				if _, err := s.DB().ExecContext(t.Context(), tc.statement); err != nil {
					t.Fatal(err)
				}
				got, err := audit.Verify(s.Audit.Links(t.Context(), 1, store.EndOfChain), audit.Check{})
				expect.MustEqual(t, "err", err, nil)
				expect.MustThat(t, "got.Bad != nil", got.Bad != nil)
				expect.MustEqual(t, "got.Bad.Seq", got.Bad.Seq, tc.seq, got.Bad)
				expect.MustEqual(t, "got.Bad.Kind", got.Bad.Kind, tc.kind, got.Bad)
				expect.MustEqual(t, "got.Rows", got.Rows, tc.seq-1, got.Bad)
				if tc.kind == audit.Changed && got.Bad.Code != st.Coupon.Code {
					t.Fatalf("%s does not name %s", got.Bad, st.Coupon.Code)
				}
			})
		})
	}
}

// covers: 004-37, 004-55
func TestAccountsAgainstTheAudit(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ statement, says string }{
		"nothing":                {`SELECT 1`, ""},
		"a status without a row": {`UPDATE coupons SET status = 'used'`, `its status is "used"`},
		"a row that changed nothing tells a status that was read too early": {`INSERT INTO audit (at, actor, actor_name, action,
			code, coupon_id, customer_id, from_status, to_status, outcome, detail) SELECT at, actor, actor_name, 'request.lapsed',
			code, coupon_id, customer_id, 'expired', 'expired', outcome, '{}' FROM audit WHERE coupon_id IS NOT NULL`, ""},
		"a movement of other points": {`UPDATE movements SET points = 900`, "is of 900 points"},
		"a movement's reference":     {`UPDATE movements SET reference = 'X'`, "no audit row records points.taken X"},
		"a movement's entry":         {`UPDATE movements SET entry_id = 'X'`, `entry "X"`},
		"a movement taken back":      {`UPDATE movements SET state = 'refused'`, "no such movement is applied"},
		"its row is gone": {`DELETE FROM audit WHERE action = 'points.taken'`,
			"no audit row records points.taken COUPON-"},
		"its row says less": {`UPDATE audit SET detail = '{}' WHERE action = 'points.taken'`,
			"no audit row records points.taken COUPON-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, db storetest.Database) {
				s := db.Open(t, now, nil)
				customer(t, s, "1")
				open(t, s, pending("1", 100)) // on its way: nothing is applied
				unguard(t, s)
				customer(t, s, "2")
				st := recorded(t, s, pending("2", 100))
				statement, where := tc.statement, " WHERE id = "+strconv.FormatInt(st.Coupon.ID, 10)
				if strings.Contains(statement, "movements") {
					where = " WHERE coupon_id = " + strconv.FormatInt(st.Coupon.ID, 10)
				}
				if strings.HasPrefix(statement, "UPDATE") && !strings.Contains(statement, "WHERE") {
					statement += where
				}
				if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
				found := differences(t, s)
				if tc.says == "" {
					if len(found) != 0 {
						t.Fatalf("got %q", found)
					}
					return
				}
				if all := strings.Join(found, "\n"); !strings.Contains(all, tc.says) || !strings.Contains(all,
					st.Coupon.Code) {
					t.Fatalf("got %q; want %q of %s", found, tc.says, st.Coupon.Code)
				}
			})
		})
	}
}

func differences(t *testing.T, s *store.Store) (list []string) {
	t.Helper()
	for a, err := range s.Audit.Accounts(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, a.Differences()...)
	}
	return list
}
