package store_test

import (
	"context"
	"errors"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
)

// TestALostConnectionIsToldAndReplaced: whoever has a connection that the database ended is told that waiting helps, or
// gets another one; soon everybody does. Whoever gives up leaves a pool that works.
func TestALostConnectionIsToldAndReplaced(t *testing.T) {
	t.Parallel()
	w := decide(t, storetest.Postgres(t))
	asked, _ := ring(1).Candidates(asWritten{}.Forms(taro()))
	look := func(ctx context.Context) error {
		_, err := w.store.Identity.Look(ctx, 1, asked, noon)
		return err
	}
	if err := look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.DB().ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database()`); err == nil {
		t.Fatal("the connection that asked for it was not ended")
	}
	var err error
	for range 50 {
		if err = look(t.Context()); err == nil {
			break
		}
		if !errors.Is(err, domain.ErrUnavailable) {
			t.Fatalf("it is told as %v", err)
		}
	}
	if err != nil {
		t.Fatalf("no connection works again: %v", err)
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if err := look(given); !errors.Is(err, context.Canceled) {
		t.Errorf("whoever gives up is told %v", err)
	}
	if err := look(t.Context()); err != nil {
		t.Errorf("after somebody gave up: %v", err)
	}
}
