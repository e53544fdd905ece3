package command

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestTheServiceOwnsNothing goes through a coupon's life as the service's own database user, and then does what
// somebody would who has got hold of that user's password.
func TestTheServiceOwnsNothing(t *testing.T) {
	t.Parallel()
	owner, user, db := storetest.ServiceUser(t)
	for range 2 {
		if code, text := world.MigrateAs(t, owner, "--service-user", user); code != 0 {
			t.Fatal(text)
		}
	}
	w := world.NewHooks(t, db, "CANCEL_GRACE=0s")
	w.Start()
	convert := func(key string) string {
		t.Helper()
		var got coupons.Result
		world.Eventually(t, "there is a coupon", func() bool {
			var err error
			got, err = w.App.Service.Convert(t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
				Role: domain.RolePOS},
				CustomerID: world.HookMember, Points: 100, Key: key})
			if err != nil {
				t.Fatal(err)
			}
			return got.Done
		})
		return got.Coupon.Code
	}
	convert("k1")
	code := convert("k2")
	if _, err := w.App.Service.Cancel(t.Context(), coupons.Cancellation{Caller: domain.Caller{ID: "key:manager",
		Role: domain.RoleECAdmin}, Code: code,
		Reason: domain.ReasonCustomerRequest, Key: "c1"}); err != nil {
		t.Fatal(err)
	}
	world.Eventually(t, "the points are back", func() bool {
		st, err := w.App.Store.Coupons.ByCode(t.Context(), code)
		return err == nil && st.Coupon.Status == domain.Cancelled
	})
	world.Eventually(t, "the queue's jobs are done", func() bool {
		var left int
		err := w.App.Store.DB().QueryRowContext(t.Context(),
			`SELECT (SELECT count(*) FROM river_job WHERE queue IN ('default', 'project')
			AND state NOT IN ('completed', 'cancelled', 'discarded'))
			+ (SELECT count(*) FROM customers WHERE projection_written < projection_wanted AND shopify_customer_gid <> '')`).Scan(&left)
		return err == nil && left == 0
	})
	if err := w.App.Webhooks.Forget(t.Context()); err != nil {
		t.Error(err)
	}
	if err := w.App.Store.Reports.RebuildRollup(t.Context()); err != nil {
		t.Error(err)
	}
	world.Eventually(t, "the audit is sealed, by us or by the service", func() bool { return w.App.Sealer.Seal(t.Context()) == nil })
	for _, args := range [][]string{{"audit", "verify"}, {"books", "check"}, {"staff", "add", "--email",
		"a@example.com", "--name", "A", "--role", "system_admin"}} {
		var out, errs world.LockedBuffer
		if code := commands.Run(t.Context(), args, w.Env, &out, &errs); code != 0 {
			t.Errorf("%v as the service's user: exit %d, %s%s", args, code, out.String(), errs.String())
		}
	}
	var said world.LockedBuffer
	if code := commands.Run(t.Context(), []string{"audit", "accept-loss", "1-2", "--by", "A", "--reason", "none"}, w.Env, &said, &said); code != 1 ||
		!strings.Contains(said.String(), "only the user that owns the database may accept a loss") {
		t.Errorf("a loss as the service's user: exit %d, %s", code, said.String())
	}
	if w.App.Owned {
		t.Error("the service thinks that the audit is its own")
	}
	t.Run("what it must not do, the database refuses", func(t *testing.T) { forbidden(t, w.App.Store.DB()) })
}

// forbidden tries what would undo the audit.
func forbidden(t *testing.T, db *sql.DB) {
	for _, statement := range []string{
		`UPDATE audit SET actor = 'nobody'`, `DELETE FROM audit`, `TRUNCATE audit CASCADE`,
		`UPDATE audit_seals SET hash = hash`, `DELETE FROM audit_seals`, `TRUNCATE audit_seals`,
		`ALTER TABLE audit DISABLE TRIGGER ALL`, `DROP TRIGGER audit_is_append_only ON audit`,
		`DROP TRIGGER audit_seals_in_line ON audit_seals`, `ALTER TABLE audit_seals DISABLE TRIGGER USER`,
		`DROP TABLE audit_seals`, `ALTER TABLE audit RENAME TO old`, `ALTER TABLE audit ADD COLUMN x int`,
		`CREATE TABLE audit_copy (id int)`, `CREATE TEMPORARY TABLE audit (id int)`, `CREATE SCHEMA mine`,
		`CREATE FUNCTION refuse_change_not() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
		`CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`,
		`SET session_replication_role = replica`, `DELETE FROM coupons`, `DELETE FROM movements`,
		`UPDATE goose_db_version SET version_id = 1`, `CREATE RULE hush AS ON INSERT TO audit DO INSTEAD NOTHING`,
		`CREATE TRIGGER hush BEFORE INSERT ON audit EXECUTE FUNCTION refuse_change()`, `REINDEX TABLE audit`,
		`SELECT setval(pg_get_serial_sequence('audit', 'id'), 1)`,
		`INSERT INTO audit_losses (seq, first, record, key_id, mac) VALUES (2, 1, 'lost', 'key', '')`, `DELETE FROM audit_losses`,
		`INSERT INTO audit_archives (seq, record, key_id, mac) VALUES (2, 'archived', 'key', '')`,
		`INSERT INTO audit_dropped (id, seq, hash) VALUES (1, 2, '')`,
		`INSERT INTO audit_seals (seq, audit_id, hash, sealed_at) SELECT max(seq) + 1, (SELECT max(id) FROM audit), decode(repeat('00', 32), 'hex'), now() FROM audit_seals`, `INSERT INTO audit_seals SELECT seq + 1000, audit_id + 1000, hash, sealed_at, key_id, keyed_from, mac FROM audit_seals`, `INSERT INTO audit_seals SELECT * FROM audit_seals ON CONFLICT (seq) DO UPDATE SET hash = decode(repeat('00', 32), 'hex')`,
	} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("it may: %s", statement)
		}
	}
	var rows int
	if err := db.QueryRowContext(t.Context(),
		`SELECT count(*) FROM audit_seals WHERE key_id <> ''`).Scan(&rows); err != nil || rows < 8 {
		t.Errorf("%d keyed seals, %v", rows, err)
	}
}

func TestWhoIsNotFitForTheService(t *testing.T) {
	t.Parallel()
	owner, user, _ := storetest.ServiceUser(t)
	refused := func(name, says string) {
		t.Helper()
		if code, text := world.MigrateAs(t, owner, "--service-user", name); code != 1 || !strings.Contains(text, says) {
			t.Errorf("%s: exit %d, %s", name, code, text)
		}
	}
	db, err := sql.Open("pgx", owner.URL)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), statement); err != nil {
			t.Error(err)
		}
	}
	refused("nobody_"+user, "there is no database user")
	refused(`"; DROP TABLE audit; --`, "there is no database user")
	refused("postgres", "rights over the whole server")
	exec(`ALTER ROLE ` + user + ` CREATEROLE`)
	refused(user, "rights over the whole server")
	exec(`ALTER ROLE ` + user + ` NOCREATEROLE`)
	exec(`ALTER TABLE audit_seals OWNER TO ` + user)
	refused(user, "owns the database")
	exec(`ALTER TABLE audit_seals OWNER TO CURRENT_USER`)
	group := user + "_group"
	exec(`CREATE ROLE ` + group)
	t.Cleanup(func() { exec(`DROP OWNED BY ` + group); exec(`DROP ROLE ` + group); _ = db.Close() })
	exec(`GRANT UPDATE ON audit TO ` + group)
	exec(`GRANT ` + group + ` TO ` + user)
	refused(user, "UPDATE on audit")
	exec(`REVOKE ` + group + ` FROM ` + user)
	if code, text := world.MigrateAs(t, owner, "--service-user", user); code != 0 {
		t.Error(text)
	}
	env := world.GoodEnvironment()
	env["DATABASE_URL"] = storetest.SQLite(t).URL
	var out, errs world.LockedBuffer
	if code := commands.Run(t.Context(), []string{"migrate", "--service-user", user}, world.EnvironOf(env), &out,
		&errs); code != 1 || !strings.Contains(errs.String(), "SQLite knows no users") {
		t.Errorf("on SQLite: exit %d, %s", code, errs.String())
	}
}

// TestAUserWithoutRightsIsToldWhatToDo: the database is there and is somebody else's, or its owner has given the service's
// user nothing yet.
func TestAUserWithoutRightsIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	_, _, db := storetest.ServiceUser(t)
	env := world.GoodEnvironment()
	for _, name := range []string{"SHOPIFY_ACCESS_TOKEN", "POS_URL", "SMTP_HOST"} { // so that doctor asks nobody
		delete(env, name)
	}
	env["DATABASE_URL"] = db.URL
	const told = "its user lacks a right; pointbridge migrate takes the user who owns the database, and with --service-user NAME"
	for _, args := range [][]string{{"migrate"}, {"staff", "list"}, {"doctor"}} {
		code, out, errs := runWith(t, world.EnvironOf(env), args...)
		if code != 1 || !strings.Contains(out+errs, told) || strings.Contains(errs, "SQLSTATE") {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
}
