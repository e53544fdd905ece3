package store_test

import (
	"database/sql"
	"strings"
	"testing"

	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestAnActionOfTheAuditIsFound by the index on actions, whatever it is, while those that every conversion writes are
// found along the time: also by a plan that was made for any action.
func TestAnActionOfTheAuditIsFound(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	tx, err := s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = tx.Rollback() }()
	rare := planOfAction(t, tx, "conversion.refused")
	expect.That(t, "the index on actions", strings.Contains(rare, "audit_action"), rare)
	common := planOfAction(t, tx, "points.taken")
	expect.That(t, "the index on times", strings.Contains(common, "audit_at"), common)
}

// planOfAction is how the audit's entries of an action are listed, where nothing is known of the action beforehand.
func planOfAction(t *testing.T, tx *sql.Tx, action string) string {
	t.Helper()
	for _, statement := range []string{`SET LOCAL enable_seqscan = off`, `SET LOCAL enable_sort = off`,
		`SET LOCAL plan_cache_mode = force_generic_plan`,
		`PREPARE "` + action + `" (text) AS SELECT a.id FROM audit a WHERE ` + store.ActionIs(action) +
			` ORDER BY a.at DESC, a.id DESC LIMIT 50`} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return explained(t, tx, `EXECUTE "`+action+`" ('`+action+`')`)
}
