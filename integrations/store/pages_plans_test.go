package store_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestPagesReadWhatTheyShow: by plans that were made for any values, as they are kept, and with statistics of what is
// there, a page reads some rows where many would match.
func TestPagesReadWhatTheyShow(t *testing.T) {
	t.Parallel()
	s := storetest.Postgres(t).Open(t, now, nil)
	for _, statement := range []string{
		`INSERT INTO customers (id, name, created_at, updated_at) SELECT 10000 + i, '', now(), now() FROM generate_series(1, 20000) i`,
		`INSERT INTO member_terms SELECT (10000 + i)::text, 'name', 'customer' || i FROM generate_series(1, 20000) i`,
		`INSERT INTO member_terms SELECT (10000 + i)::text, 'name_part', i::text FROM generate_series(1, 20000) i`,
		`ALTER TABLE coupons DISABLE TRIGGER USER`,
		`INSERT INTO coupons (code, status, customer_id, shopify_customer_gid, points, amount_minor, currency, rate, created_at,
			expires_at, cancelled_at, lease_until) SELECT i || '-AAAAAA-1', CASE i % 2 WHEN 0 THEN 'expired' ELSE 'cancelled' END, 10001 + i % 10, 'g', 1, 1, 'JPY', '1', now(), now() + interval '1 day',
			CASE i % 2 WHEN 1 THEN timestamptz '2026-01-01' + i * interval '1 second' END, now() FROM generate_series(1, 20000) i`,
		`VACUUM ANALYZE member_terms`, `VACUUM ANALYZE customers`, `VACUUM ANALYZE coupons`,
	} {
		must(t, s, statement)
	}
	led, args := store.LedPlan("77", "customer", 22)
	scan, scanned := store.ScanPlan(domain.Expired, "10005", 26)
	for name, c := range map[string]struct {
		text string
		args []any
		most int
	}{
		"two words":                      {led, args, 22},
		"a text among those of a status": {scan, scanned, 200},
		"the newest coupons of two":      {store.SelectNewest, []any{"10001", "10002"}, 4},
		"refunds of some time": {`SELECT status, expires_at, points, id FROM coupons WHERE cancelled_at >= $1 AND cancelled_at < $2`,
			[]any{"2026-01-01 00:00:00+00", "2026-01-01 00:00:20+00"}, 10},
	} {
		plan := keptPlan(t, s, c.text, c.args)
		expect.That(t, "nothing is read whole", !strings.Contains(plan, "Seq Scan"), name, plan)
		for _, m := range regexp.MustCompile(`actual rows=(\d+)`).FindAllStringSubmatch(plan, -1) {
			rows, err := strconv.Atoi(m[1])
			expect.MustEqual(t, "err", err, nil)
			expect.That(t, "few rows are read", rows <= c.most, name, plan)
		}
		if strings.HasPrefix(name, "refunds") {
			expect.That(t, "the index is all that is read", strings.Contains(plan, "Index Only Scan using coupons_cancelled"), plan)
		}
	}
}

// keptPlan is what a statement did whose plan was made without its values.
func keptPlan(t *testing.T, s *store.Store, text string, args []any) string {
	t.Helper()
	values := make([]string, 0, len(args))
	for _, a := range args {
		values = append(values, "'"+fmt.Sprint(a)+"'")
	}
	tx, err := s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	defer func() { _ = tx.Rollback() }()
	for _, statement := range []string{`SET LOCAL plan_cache_mode = force_generic_plan`, `PREPARE looked AS ` + text} {
		_, err := tx.ExecContext(t.Context(), statement)
		expect.MustEqual(t, "err", err, nil, statement)
	}
	defer func() { _, _ = tx.ExecContext(t.Context(), `DEALLOCATE looked`) }()
	return explained(t, tx, `(ANALYZE, TIMING off) EXECUTE looked (`+strings.Join(values, ", ")+`)`)
}
