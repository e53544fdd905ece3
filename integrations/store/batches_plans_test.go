package store_test

import (
	"strings"
	"testing"

	batches "pointbridge/domain/campaigns/codes"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// TestCodesOfAChunkAreNotSoughtAmongAllThatWait: also in a table that is new, of which nobody has made statistics yet,
// so that a first batch is made as fast as a later one.
func TestCodesOfAChunkAreNotSoughtAmongAllThatWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const chunk = 250
		w := decide(t, db)
		w.waiting("codes", batches.Recipient{Email: "one@example.com"})
		if _, err := w.store.DB().ExecContext(t.Context(), `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL
			SELECT i + 1 FROM n WHERE i < 2500)
			INSERT INTO campaign_codes (batch_id, campaign_id, code, state, at)
			SELECT b.id, b.campaign_id, 'CODE-' || i, 'planned', b.made_at FROM n, campaign_batches b`); err != nil {
			t.Fatal(err)
		}
		values := strings.NewReplacer("state = ?", "state = 'sent'", "state || '' = ?", "state || '' = 'planned'",
			"reason = ?", "reason = ''", "at = ?", "at = '2026-12-01'", "chunk_id = ?", "chunk_id = 1", "batch_id = ?",
			"batch_id = 1", "batch_id + 0 = ?", "batch_id + 0 = 1", "?", "'CODE-7'")
		for _, statement := range store.CodePlans(chunk) {
			plan := planWith(t, w.store, db.Dialect, values.Replace(statement))
			for _, index := range []string{"campaign_codes_batch", "campaign_codes_chunk"} {
				if strings.Contains(plan, index) {
					t.Errorf("it goes by %s:\n%.300s", index, plan)
				}
			}
		}
	})
}
