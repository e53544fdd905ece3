package store

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/domain/coupons"
)

func TestSlowStatementsAreNamedWithoutTheirValues(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	to := slog.New(slog.NewTextHandler(&out, nil))
	s, err := Open(t.Context(), Config{URL: "sqlite:" + filepath.Join(t.TempDir(), "log.db"), Logger: to})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for table, find := range map[string]func(){
		"requests": func() {
			_, _ = s.Coupons.FindRequest(t.Context(), coupons.RequestKey{CallerID: "key:secret", Operation: "conversion",
				Key: "secret"})
		},
		"coupons": func() { // scanned, which gorm logs in a way of its own
			var n int
			s.db.Raw(`SELECT count(*) FROM coupons WHERE code = ?`, "secret").Scan(&n)
		},
	} {
		said := func(slow time.Duration) string {
			out.Reset()
			s.db.Logger = statementLog{to: to, slow: slow}
			find()
			return out.String()
		}
		if line := said(time.Hour); line != "" {
			t.Errorf("a quick statement was logged: %s", line)
		}
		if line := said(0); !strings.Contains(line, "slow statement") || !strings.Contains(line, table) ||
			strings.Contains(line, "secret") {
			t.Errorf("logged %s", line)
		}
	}
}
