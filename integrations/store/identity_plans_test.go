package store_test

import (
	"slices"
	"strings"
	"testing"

	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
)

// TestPlansOfDecisions: what is asked for every decision finds its rows by an index, on both databases; on PostgreSQL
// among as many as make it choose.
// covers: 001-18
func TestPlansOfDecisions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		if db.Dialect == "postgres" {
			const ago, many = `now() - n * interval '1 minute'`, ` FROM generate_series(1, 20000) n`
			digests := func(subject, kind, text string) string {
				return `INSERT INTO identity_digests SELECT '` + subject + `', n, '` + kind + `', decode(md5(` + text +
					`), 'hex'), 1, 1, ` + ago + many
			}
			for _, statement := range []string{
				`INSERT INTO identity_uses (campaign_id, order_id, code, used_at, source, seen_at)
					SELECT 1, 'o' || n, 'C', ` + ago + `, 'import', now()` + many,
				digests("decision", "email", `'e' || n`), digests("use", "email", `'e' || n`), digests("use", "ip", `'one'`), digests("blocked", "email", `'b' || n`),
				`INSERT INTO decisions (public_id, campaign_id, policy_version, stage, at, outcome, score, enforced, order_id,
					request, facts, answer) SELECT 'd' || n, 1, 1, 'order', ` + ago +
					`, 'allow', 0, true, 'o' || n, '{}', '{}', '{}'` + many,
				`ANALYZE`,
			} {
				if _, err := s.DB().ExecContext(t.Context(), statement); err != nil {
					t.Fatal(err)
				}
			}
		}
		for statement, index := range store.IdentityPlans() {
			plan := planWith(t, s, db.Dialect, statement)
			one := func(name string) bool { return strings.Contains(plan, name) }
			if !slices.ContainsFunc(strings.Split(index, "|"), one) || strings.Contains(plan, "Seq Scan on identity") ||
				strings.Contains(plan, "Seq Scan on decisions") || strings.Contains(plan, "SCAN identity_digests\n") {
				t.Errorf("%s is not used for\n%s\n%s", index, statement, plan)
			}
		}
	})
}

// planWith explains a statement, with numbers and times as PostgreSQL needs to know them.
func planWith(t *testing.T, s *store.Store, dialect, statement string) string {
	t.Helper()
	if dialect == "sqlite" {
		return planOf(t, s, statement)
	}
	for _, known := range [][2]string{{"digest = ?", `digest = decode(md5('one'), 'hex')`},
		{"digest IN (?, ?)", `digest IN (decode(md5('e7'), 'hex'), decode(md5('e8'), 'hex'))`},
		{"LIMIT ?", "LIMIT 200"}, {"key_version < ?", "key_version < 1"},
		{"used_at < ?", "used_at < now() - interval '13 days'"}, {"at < ?", "at < now() - interval '13 days'"},
		{"campaign_id = ?", "campaign_id = 1"}, {"subject = ?", "subject = 'use'"}, {"?", "'o77'"}} {
		statement = strings.ReplaceAll(statement, known[0], known[1])
	}
	return explained(t, s.DB(), statement)
}

// TestADecisionIsPlannedOnce: PostgreSQL keeps the plan of what is read for every decision, and it goes by indexes.
// covers: 001-18
func TestADecisionIsPlannedOnce(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	c, err := s.DB().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	exec := func(statement string) {
		t.Helper()
		if _, err := c.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	const ago, many = `now() - n * interval '1 minute'`, ` FROM generate_series(1, 20000) n`
	exec(`INSERT INTO identity_uses (campaign_id, order_id, code, used_at, source, seen_at)
		SELECT 1, 'o' || n, 'C', ` + ago + `, 'import', now()` + many)
	for kind, text := range map[string]string{"email": `n::text`, "address": `(n / 10)::text`, "ip": `'ip' || n / 100`} {
		exec(`INSERT INTO identity_digests SELECT 'use', n, '` + kind + `', decode(md5(` + text + `), 'hex'), 1, 1, ` +
			ago + many)
	}
	exec(`ANALYZE`)
	exec(`PREPARE looking (bigint, bytea[], bytea[], bytea[], timestamptz, timestamptz) AS ` + store.HotLook)
	asked := `ARRAY[decode(md5('77'), 'hex'), decode(md5('ip0'), 'hex')]`
	execute := `EXECUTE looking (1, ` + strings.Join([]string{asked, asked, asked}, ", ") +
		`, now() - interval '1 day', now())`
	for range 8 {
		exec(execute)
	}
	var generic int
	if err := c.QueryRowContext(t.Context(), `SELECT generic_plans FROM pg_prepared_statements WHERE name = 'looking'`).
		Scan(&generic); err != nil || generic == 0 {
		t.Errorf("it is planned every time, %v", err)
	}
	plan := explained(t, c, execute)
	for _, index := range []string{"identity_digests_find", "identity_uses_pkey", "identity_digests_pkey"} {
		if !strings.Contains(plan, index) || strings.Contains(plan, "Seq Scan") {
			t.Errorf("%s is not used for\n%s", index, plan)
		}
	}
}
