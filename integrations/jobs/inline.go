package jobs

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"pointbridge/domain"
)

// inlineInsert writes jobs that are due at once, from within another statement: it is a part of a WITH that inserts
// once for each row of the part called from. The columns are those of River's own insert, in the release that go.mod
// names; a test holds rows made here against rows made by River.
const inlineInsert = `INSERT INTO river_job (args, kind, max_attempts, priority, queue, scheduled_at, state)
	SELECT v.args, v.kind, v.max_attempts, v.priority, v.queue, now(), 'available' FROM %s, LATERAL (VALUES %s) AS v (args, kind, max_attempts, priority, queue)`

// Inline returns the text and the arguments of a part of a WITH that inserts the jobs, for PostgreSQL: one round trip
// less in the caller's transaction. ok is false for jobs that only Enqueue can insert: those with a time of their own,
// and those that are kept unique.
func (c *Client) Inline(from string, jobs []domain.Job) (text string, args []any, ok bool) {
	values := make([]string, 0, len(jobs))
	for _, job := range jobs {
		p, err := insertOf(job, false, time.Time{})
		if err != nil || !job.RunAt.IsZero() || job.Kind == domain.JobAdvance {
			return "", nil, false
		}
		encoded, err := json.Marshal(p.Args)
		if err != nil {
			return "", nil, false
		}
		values = append(values, "(?::jsonb, ?, ?::smallint, ?::smallint, ?)")
		args = append(args, string(encoded), p.Args.Kind(), p.InsertOpts.MaxAttempts, max(1, p.InsertOpts.Priority),
			p.InsertOpts.Queue)
	}
	return fmt.Sprintf(inlineInsert, from, strings.Join(values, ", ")), args, len(jobs) > 0
}
