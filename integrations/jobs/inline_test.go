package jobs

import (
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
)

// TestInline holds the rows that a caller's own statement inserts against those that River inserts.
func TestInline(t *testing.T) {
	t.Parallel()
	db := migrated(t, openPostgres(t))
	c := newClient(t, db, nil, nil)
	asked := []domain.Job{{Kind: domain.JobMail, CouponID: 12, Mail: domain.MailIssued},
		{Kind: domain.JobRemoveDiscount, CouponID: 13},
		{Kind: domain.JobOrder, Ref: "gid://shopify/Order/14"}, {Kind: domain.JobTag, Ref: "gid://shopify/Order/14"}}
	put(t, db, c, asked...)
	byRiver := rowsOf(t, db.DB)
	mustExec(t, db.DB, "DELETE FROM river_job")

	text, args, ok := c.Inline("c", asked)
	if !ok {
		t.Fatal("refused")
	}
	n := 0
	text = regexp.MustCompile(`\?`).ReplaceAllStringFunc(text, func(string) string { n++; return fmt.Sprintf("$%d", n) })
	for _, rows := range []string{"SELECT 1 WHERE false", "SELECT 1"} {
		if _, err := db.ExecContext(t.Context(), "WITH c AS ("+rows+"), j AS ("+text+") SELECT count(*) FROM c",
			args...); err != nil {
			t.Fatal(err)
		}
	}
	if inline := rowsOf(t, db.DB); !slices.Equal(inline, byRiver) || len(inline) != 4 {
		t.Errorf("inline:\n%s\nby River:\n%s", strings.Join(inline, "\n"), strings.Join(byRiver, "\n"))
	}
	for _, job := range []domain.Job{{Kind: domain.JobAdvance, CouponID: 1}, {Kind: domain.JobMail, CouponID: 1,
		RunAt: time.Now()}, {Kind: "unheard of"}} {
		if _, _, ok := c.Inline("c", []domain.Job{job}); ok {
			t.Errorf("%+v was taken", job)
		}
	}
}

// rowsOf returns every column of the jobs but those that say which and when.
func rowsOf(t *testing.T, db *sql.DB) (list []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `SELECT (to_jsonb(j) - 'id' - 'created_at' - 'scheduled_at')::text ||
		(scheduled_at <= now() AND created_at <= now() AND now() - scheduled_at < interval '1 minute')::text FROM river_job j ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
