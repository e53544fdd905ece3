package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestWhatTheDatabaseSaysOfItself: what a commit is worth on the service's own connections, in which form texts are
// kept, and the database's own clock and time zones.
func TestWhatTheDatabaseSaysOfItself(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s, facts := described(t, db.URL)
		postgres := db.Dialect == "postgres"
		if facts.Product == "" || facts.Encoding == "" || facts.Old || (facts.Now != nil) != postgres {
			t.Errorf("it is %q, keeps texts as %q, is old %v, has a clock %v", facts.Product, facts.Encoding, facts.Old,
				facts.Now != nil)
		}
		summer := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		offset, ok, err := s.Offset(t.Context(), "Europe/Berlin", summer)
		if err != nil || ok != postgres || ok && offset != 2*time.Hour {
			t.Errorf("Berlin's summer is %s off, known %v: %v", offset, ok, err)
		}
		if _, ok, err = s.Offset(t.Context(), "Mars/Base", summer); ok && !errors.Is(err, store.ErrUnknownZone) {
			t.Errorf("a zone that is none: %v", err)
		}
		if !postgres {
			expect.Equal(t, "what is unsafe in the service's own file", len(facts.Unsafe), 0)
			return
		}
		// The server of the tests may run without fsync; what the connection chooses is told all the same.
		for value, unsafe := range map[string]bool{"on": false, "off": true} {
			_, facts := described(t, db.URL+"&synchronous_commit="+value)
			expect.Equal(t, "synchronous_commit="+value+" is unsafe", slices.Contains(facts.Unsafe,
				"synchronous_commit=off"), unsafe)
		}
	})
}

// TestWhatSingleStatementsCommitWith: behind a pooler that lends a connection for a transaction they do not have what the
// address asks for, unless the user has it as well.
func TestWhatSingleStatementsCommitWith(t *testing.T) {
	t.Parallel()
	db := storetest.Postgres(t)
	admin, err := store.Open(t.Context(), store.Config{URL: db.URL, MaxConns: 1})
	expect.MustEqual(t, "err", err, nil)
	var name string
	expect.MustEqual(t, "err", admin.DB().QueryRowContext(t.Context(), `SELECT current_database()`).Scan(&name), nil)
	_, err = admin.DB().ExecContext(t.Context(), `ALTER DATABASE "`+name+`" SET synchronous_commit = 'on'`)
	expect.MustEqual(t, "err", errors.Join(err, admin.Close()), nil)
	for _, tc := range []struct {
		asked         string
		pooled        bool
		single, wants string
		unsafe        bool
	}{
		{"remote_write", false, "", "", false},
		{"local", true, "on", "local", false},
		{"on", true, "", "", false},
		{"off", true, "on", "off", true},
	} {
		cfg := store.Config{URL: db.URL + "&synchronous_commit=" + tc.asked, MaxConns: 1}
		if tc.pooled {
			cfg.Transaction, cfg.Direct = true, db.URL
		}
		_, facts := describedBy(t, cfg)
		expect.Equal(t, "single", facts.Single, tc.single, tc.asked)
		expect.Equal(t, "asked", facts.Asked, tc.wants, tc.asked)
		expect.Equal(t, "unsafe", slices.Contains(facts.Unsafe, "synchronous_commit=off"), tc.unsafe, tc.asked)
	}
}

func described(t *testing.T, url string) (*store.Store, store.Facts) {
	t.Helper()
	return describedBy(t, store.Config{URL: url, MaxConns: 1})
}

func describedBy(t *testing.T, cfg store.Config) (*store.Store, store.Facts) {
	t.Helper()
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	facts, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, facts
}
