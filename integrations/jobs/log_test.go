package jobs

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestRiverLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := riverLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})))
	log.Info("started")
	log.With("client_id", "a").WithGroup("g").Info("elected")
	log.Warn("trouble", "n", 1)
	if got := out.String(); strings.Contains(got, "started") || strings.Contains(got, "elected") {
		t.Errorf("comings and goings are in the log: %s", got)
	}
	if got := out.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "component=river") ||
		!strings.Contains(got, "n=1") {
		t.Errorf("a warning reads %q", got)
	}

	out.Reset()
	log = riverLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.Info("started")
	if got := out.String(); !strings.Contains(got, "level=DEBUG") {
		t.Errorf("details read %q", got)
	}
}

// TestADeadlockThatTheQueueResolvesItselfIsNoAlarm: any other error of the database is one.
func TestADeadlockThatTheQueueResolvesItselfIsNoAlarm(t *testing.T) {
	t.Parallel()
	for code, told := range map[string]bool{"40P01": false, "42501": true} {
		var out bytes.Buffer
		log := riverLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})))
		err := fmt.Errorf("error completing: %w", &pgconn.PgError{Severity: "ERROR", Code: code, Message: "as it says"})
		log.Error("Completer error (will retry after sleep)", slog.Int("attempt", 1), slog.String("err", err.Error()))
		log.Error("Error completing batch", "err", err)
		if got := strings.Count(out.String(), "level=ERROR"); (got == 2) != told || (got == 0) == told {
			t.Errorf("%s is told %d times", code, got)
		}
	}
}
