package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"pointbridge/migrations"
)

// rights are what the service's own database user gets on a table. What is not listed is read and written freely; of
// the others this is all that the service ever does with them.
var rights = map[string]string{
	"audit":            "SELECT, INSERT",
	"audit_seals":      "SELECT, INSERT",
	"audit_archives":   "SELECT",
	"audit_carried":    "SELECT",
	"audit_losses":     "SELECT",
	"audit_dropped":    "SELECT",
	"goose_db_version": "SELECT",
	"river_migration":  "SELECT",
	"coupons":          "SELECT, INSERT, UPDATE",
	"movements":        "SELECT, INSERT, UPDATE",
	"refunds":          "SELECT, INSERT, UPDATE",
	"reviews":          "SELECT, INSERT, UPDATE",
}

const freely = "SELECT, INSERT, UPDATE, DELETE"

// Owned reports whether the service's database user could switch off what protects the audit: because the tables are
// its own, or it may do everything. A database without users, and one without tables, is always owned.
func (s *Store) Owned(ctx context.Context) (owned bool, err error) {
	if s.dialect != migrations.Postgres {
		return true, nil
	}
	err = s.sql.QueryRowContext(ctx, `SELECT coalesce((SELECT pg_has_role(relowner, 'USAGE') FROM pg_class
		WHERE oid = to_regclass('audit_seals')), true)`).Scan(&owned)
	return owned, translate(err)
}

// GrantService gives a database user what the service needs, and takes away whatever else it had. It is called by the
// owner of the tables, after each migration: new tables are nobody else's. Errors: one that says why the user is not
// fit.
func (s *Store) GrantService(ctx context.Context, user string) (err error) {
	if s.dialect != migrations.Postgres {
		return errors.New("a service's own database user is for PostgreSQL: SQLite knows no users")
	}
	tx, err := s.sql.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := fitForService(ctx, tx, user); err != nil {
		return err
	}
	statements, err := grants(ctx, tx, user)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	if err := onlyThese(ctx, tx, user); err != nil {
		return err
	}
	return tx.Commit()
}

// fitForService refuses users whose rights do not come from grants alone.
func fitForService(ctx context.Context, tx *sql.Tx, user string) error {
	var all, owns bool
	err := tx.QueryRowContext(ctx, `SELECT r.rolsuper OR r.rolcreaterole OR r.rolbypassrls OR r.rolreplication,
		pg_has_role(r.oid, c.relowner, 'MEMBER') OR pg_has_role(r.oid, n.nspowner, 'MEMBER') OR pg_has_role(r.oid, d.datdba, 'MEMBER')
		FROM pg_roles r, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_database d
		WHERE r.rolname = $1 AND c.oid = to_regclass('audit_seals') AND d.datname = current_database()`, user).Scan(&all, &owns)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("there is no database user %q; make it first: CREATE ROLE … LOGIN PASSWORD …", user)
	case err != nil:
		return err
	case all:
		return fmt.Errorf("the database user %q has rights over the whole server", user)
	case owns:
		return fmt.Errorf("the database user %q owns the database, its schema or its tables, or belongs to who does",
			user)
	}
	return nil
}

func grants(ctx context.Context, tx *sql.Tx, user string) ([]string, error) {
	var schema, database string
	if err := tx.QueryRowContext(ctx, `SELECT current_schema(), current_database()`).Scan(&schema,
		&database); err != nil {
		return nil, err
	}
	tables, err := names(ctx, tx, `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY relname`)
	if err != nil {
		return nil, err
	}
	who, in, db := pgx.Identifier{user}.Sanitize(), pgx.Identifier{schema}.Sanitize(),
		pgx.Identifier{database}.Sanitize()
	list := []string{
		"REVOKE ALL ON ALL TABLES IN SCHEMA " + in + " FROM " + who,
		"REVOKE ALL ON ALL SEQUENCES IN SCHEMA " + in + " FROM " + who,
		"REVOKE CREATE ON SCHEMA " + in + " FROM PUBLIC, " + who,
		// A temporary table of one's own stands before ours of the same name, also for our triggers.
		"REVOKE TEMPORARY, CREATE ON DATABASE " + db + " FROM PUBLIC, " + who,
		"GRANT CONNECT ON DATABASE " + db + " TO " + who,
		"GRANT USAGE ON SCHEMA " + in + " TO " + who,
		"GRANT USAGE ON ALL SEQUENCES IN SCHEMA " + in + " TO " + who,
	}
	for _, table := range tables {
		what, listed := rights[table]
		if !listed {
			what = freely
		}
		list = append(list, "GRANT "+what+" ON "+pgx.Identifier{schema, table}.Sanitize()+" TO "+who)
	}
	return list, nil
}

// onlyThese looks at what came of it: rights may also come by another way, through a role that the user belongs to.
func onlyThese(ctx context.Context, tx *sql.Tx, user string) error {
	left, err := names(ctx, tx, `SELECT 'CREATE in the schema' WHERE has_schema_privilege($1, current_schema(), 'CREATE')
		UNION ALL SELECT 'CREATE in the database' WHERE has_database_privilege($1, current_database(), 'CREATE')
		UNION ALL SELECT 'TEMPORARY tables' WHERE has_database_privilege($1, current_database(), 'TEMPORARY')
		UNION ALL SELECT p || ' on ' || t FROM unnest(ARRAY['audit', 'audit_seals', 'audit_archives', 'audit_carried', 'audit_losses', 'audit_dropped']) t, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
		WHERE has_table_privilege($1, t, p)`, user)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		slices.Sort(left)
		return fmt.Errorf("the database user %q keeps rights that it must not have: %s", user, strings.Join(left, ", "))
	}
	return nil
}

func names(ctx context.Context, tx *sql.Tx, query string, args ...any) (list []string, err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	return list, rows.Err()
}
