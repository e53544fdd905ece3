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
	rows, err := s.QueueDB().QueryContext(t.Context(), `EXPLAIN SELECT id FROM river_job WHERE state = 'available' AND queue = 'default'
		AND scheduled_at <= now() ORDER BY priority, scheduled_at, id LIMIT 8`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil || !strings.Contains(plan.String(), "river_job_prioritized_fetching_index") {
		t.Errorf("%v\n%s", err, plan.String())
	}
}
