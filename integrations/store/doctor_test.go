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

func described(t *testing.T, url string) (*store.Store, store.Facts) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 1})
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
