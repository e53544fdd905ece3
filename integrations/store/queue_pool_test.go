package store_test

import (
	"strings"
	"testing"

	"pointbridge/integrations/jobs"
	"pointbridge/integrations/store/storetest"
)

// TestAPlanOfAShortQueueServesALongOne: what was planned while few jobs were there finds jobs by their index, so that a
// burst does not read every job for every job.
func TestAPlanOfAShortQueueServesALongOne(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	if err := jobs.Migrate(t.Context(), s.DB(), s.Dialect()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`INSERT INTO river_job (args, kind, max_attempts, state)
		VALUES ('{}', 'mail', 1, 'available'), ('{}', 'mail', 1, 'available')`, `ANALYZE river_job`} {
		if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	plan := explained(t, s.QueueDB(), `SELECT id FROM river_job WHERE state = 'available' AND queue = 'default'
		AND scheduled_at <= now() ORDER BY priority, scheduled_at, id LIMIT 8`)
	if !strings.Contains(plan, "river_job_prioritized_fetching_index") {
		t.Error(plan)
	}
}
