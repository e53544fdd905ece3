package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"pointbridge/migrations"
)

// Facts is what the database says of itself. Which values are safe is said here, where the database is known.
type Facts struct {
	// Product names the database and its version; Old says that it is older than what the service is tried with.
	Product string
	Old     bool
	// Unsafe are settings, as name=value, by which a commit that was confirmed can be lost.
	Unsafe []string
	// Single is what a single statement outside a transaction commits with, Asked what the address asks for, where these
	// differ: a pooler that lends a connection for a transaction passes on nothing that is said at its start.
	Single, Asked string
	// Encoding is how texts are kept.
	Encoding string
	// Now is the database's clock; nil where it is this machine's.
	Now *time.Time
}

// oldestServer is PostgreSQL 15, as server_version_num has it.
const oldestServer = 150000

// Describe reads them.
func (s *Store) Describe(ctx context.Context) (Facts, error) {
	if s.dialect == migrations.SQLite {
		return s.describeFile(ctx)
	}
	var f Facts
	var version, fsync, commit, pages string
	var number int
	var now time.Time
	err := s.sql.QueryRowContext(ctx, `SELECT current_setting('server_version'),
		current_setting('server_version_num')::int, current_setting('fsync'), current_setting('synchronous_commit'),
		current_setting('full_page_writes'), current_setting('server_encoding'), clock_timestamp()`).Scan(&version,
		&number, &fsync, &commit, &pages, &f.Encoding, &now)
	if err != nil {
		return Facts{}, translate(err)
	}
	f.Product, f.Old, f.Now = "PostgreSQL "+version, number < oldestServer, &now
	asked, err := s.commitsWith(ctx)
	if err != nil {
		return Facts{}, err
	}
	if asked != commit {
		f.Single, f.Asked = commit, asked
	}
	if asked == "off" {
		commit = asked
	}
	for _, setting := range [][2]string{{"fsync", fsync}, {"synchronous_commit", commit}, {"full_page_writes", pages}} {
		if setting[1] == "off" {
			f.Unsafe = append(f.Unsafe, setting[0]+"=off")
		}
	}
	return f, nil
}

// commitsWith is what transactions are committed with.
func (s *Store) commitsWith(ctx context.Context) (value string, err error) {
	tx, err := s.sql.BeginTx(ctx, nil)
	if err != nil {
		return "", translate(err)
	}
	err = tx.QueryRowContext(ctx, `SELECT current_setting('synchronous_commit')`).Scan(&value)
	return value, translate(errors.Join(err, tx.Rollback()))
}

// describeFile asks the connection that the service writes through.
func (s *Store) describeFile(ctx context.Context) (f Facts, err error) {
	read := func(query string) (value string) {
		if err == nil {
			err = translate(s.sql.QueryRowContext(ctx, query).Scan(&value))
		}
		return value
	}
	f.Product = "SQLite " + read("SELECT sqlite_version()")
	f.Encoding = read("PRAGMA encoding")
	for _, one := range []struct {
		name string
		safe []string
	}{{"synchronous", []string{"2", "3"}}, {"journal_mode", []string{"wal"}}, {"foreign_keys", []string{"1"}}} {
		if value := read("PRAGMA " + one.name); !slices.Contains(one.safe, value) {
			f.Unsafe = append(f.Unsafe, one.name+"="+value)
		}
	}
	return f, err
}

// ErrUnknownZone says that the database knows no time zone of this name.
var ErrUnknownZone = errors.New("the database knows no such time zone")

// unknownZone is PostgreSQL's code for a name that is none of a time zone.
const unknownZone = "22023"

// Offset is how far a time zone is from UTC at a moment, by the database's own data. SQLite has none, and ok is false.
func (s *Store) Offset(ctx context.Context, zone string, at time.Time) (offset time.Duration, ok bool, err error) {
	if s.dialect == migrations.SQLite {
		return 0, false, nil
	}
	var seconds int64
	err = s.sql.QueryRowContext(ctx, `SELECT EXTRACT(EPOCH FROM (($1::timestamptz AT TIME ZONE $2::text) -
		($1::timestamptz AT TIME ZONE 'UTC')))::bigint`, utc(at), zone).Scan(&seconds)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == unknownZone {
		return 0, true, ErrUnknownZone
	}
	if err != nil {
		return 0, true, fmt.Errorf("read a time zone: %w", translate(err))
	}
	return time.Duration(seconds) * time.Second, true, nil
}

// ServerCode is PostgreSQL's code of an error; empty where the server said none.
func ServerCode(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}
