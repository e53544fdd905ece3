package jobs

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestRiverLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := riverLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})), &ending{})
	log.Info("started")
	log.With("client_id", "a").WithGroup("g").Info("elected")
	log.Warn("trouble", "n", 1)
	if got := out.String(); strings.Contains(got, "started") || strings.Contains(got, "elected") {
		t.Errorf("comings and goings are in the log: %s", got)
	}
	if got := out.String(); !strings.Contains(got, "level=WARN") || !strings.Contains(got, "component=river") || !strings.Contains(got, "n=1") {
		t.Errorf("a warning reads %q", got)
	}

	out.Reset()
	log = riverLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), &ending{})
	log.Info("started")
	if got := out.String(); !strings.Contains(got, "level=DEBUG") {
		t.Errorf("details read %q", got)
	}
}
