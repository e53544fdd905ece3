package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"pointbridge/domain"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

func state(code string) error {
	return fmt.Errorf("asked: %w", &pgconn.PgError{Severity: "ERROR", Code: code})
}

// TestStatesThatPass: what will pass is told apart from what is our own fault, by codes alone.
func TestStatesThatPass(t *testing.T) {
	t.Parallel()
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, c := range []struct {
		what               string
		err                error
		passes, beforehand bool // ErrUnavailable, ErrConflict
	}{
		{"read-only", state("25006"), true, false},
		{"too many connections", state("53300"), true, false},
		{"disk full", state("53100"), true, false},
		{"connection failure", state("08006"), true, false},
		{"a pooler's word", state("08P01"), true, false},
		{"shut down", state("57P01"), true, false},
		{"crashed", state("57P02"), true, false},
		{"starting", state("57P03"), true, false},
		{"statement time-out", state("57014"), true, false},
		{"lock time-out", state("55P03"), true, true},
		{"a schema that has grown", fmt.Errorf("asked: %w", &pgconn.PgError{Severity: "ERROR", Code: "0A000",
			Routine: "RevalidateCachedQuery"}), true, true},
		{"what the database does not do", state("0A000"), false, false},
		{"deadlock", state("40P01"), true, true},
		{"unique", state("23505"), false, true},
		{"our own mistake", state("42601"), false, false},
		{"a check", state("23514"), false, false},
		{"not permitted", state("42501"), false, false},
		{"refused", refused, true, false},
		{"cut off", fmt.Errorf("read: %w", io.ErrUnexpectedEOF), true, false},
		{"reset", &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, true, false},
		{"bad connection", driver.ErrBadConn, true, false},
		{"our own bound", context.DeadlineExceeded, true, false},
		{"whoever asked has gone", fmt.Errorf("timeout: %w", context.Canceled), false, false},
		{"no rows", sql.ErrNoRows, false, false},
		{"a refusal", domain.Refuse(domain.CodeNotFound), false, false},
	} {
		got := store.Translate(c.err)
		if errors.Is(got, domain.ErrUnavailable) != c.passes || errors.Is(got, domain.ErrConflict) != c.beforehand {
			t.Errorf("%s is %v: passes %v, conflict %v", c.what, got, errors.Is(got, domain.ErrUnavailable),
				errors.Is(got, domain.ErrConflict))
		}
		if again := store.Translate(got); errors.Is(again, domain.ErrUnavailable) != c.passes ||
			errors.Is(again, domain.ErrConflict) != c.beforehand {
			t.Errorf("%s is another thing when it is told twice", c.what)
		}
	}
}

// TestWhatACommitsErrorSays: only the database's own refusal says that nothing was committed.
func TestWhatACommitsErrorSays(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		err   error
		doubt bool
	}{
		"nothing":             {nil, false},
		"refused":             {&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "23505"}, false},
		"rolled back":         {pgx.ErrTxCommitRollback, false},
		"the process ended":   {&pgconn.PgError{SeverityUnlocalized: "FATAL", Code: "57P01"}, true},
		"a pooler lost it":    {&pgconn.PgError{SeverityUnlocalized: "ERROR", Code: "08006"}, true},
		"the answer was lost": {io.ErrUnexpectedEOF, true},
		"it took too long":    {context.DeadlineExceeded, true},
	} {
		if got := store.InDoubt(c.err); got != c.doubt {
			t.Errorf("%s: in doubt %v", what, got)
		}
	}
}

// TestPreludeOfAPooledTransaction: every parameter of ours comes with the transaction, quoted, and none at the start;
// what the address names beside them stays where it is.
func TestPreludeOfAPooledTransaction(t *testing.T) {
	t.Parallel()
	prelude, left, err := store.Prelude("postgres://u@h/d?lock_timeout=1'%3B&search_path=shop")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"; SET LOCAL statement_timeout = '15s'", "; SET LOCAL lock_timeout = '1'';'",
		"SET LOCAL idle_in_transaction_session_timeout = '30s'"} {
		if !strings.Contains(prelude, want) {
			t.Errorf("%q is missing in %q", want, prelude)
		}
	}
	for name := range left {
		if name != "application_name" && name != "timezone" && name != "search_path" {
			t.Errorf("%s is asked for at the start", name)
		}
	}
	if left["search_path"] != "shop" {
		t.Errorf("the address's own is %q", left["search_path"])
	}
}

func TestWritable(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		if err := s.Writable(t.Context()); err != nil {
			t.Fatal(err)
		}
		var rows int
		if err := s.DB().QueryRowContext(t.Context(),
			`SELECT count(*) FROM settings WHERE name = 'database.written'`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows, %v", rows, err)
		}
	})
}
