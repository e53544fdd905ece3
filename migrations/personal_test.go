package migrations_test

import (
	"fmt"
	"testing"

	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/migrations"
	"pointbridge/test/expect"
)

// surroundings are the indexes, triggers and checks of the table of coupons, and what refers to it.
func surroundings(t *testing.T, s *store.Store, dialect string) string {
	t.Helper()
	if dialect == migrations.Postgres {
		return texts(t, s, `SELECT name FROM (SELECT indexname AS name FROM pg_indexes WHERE tablename = 'coupons'
			UNION SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'coupons'::regclass AND NOT tgisinternal
			UNION SELECT conname::text || ' of ' || conrelid::regclass::text FROM pg_constraint
				WHERE confrelid = 'coupons'::regclass) x WHERE name NOT IN ('coupons_campaign_live', 'coupons_of_a_campaign',
				'coupons_stay_in_their_campaign')
			ORDER BY name`)
	}
	return texts(t, s, `SELECT type || ' ' || name FROM sqlite_master WHERE (tbl_name = 'coupons' OR sql LIKE '%REFERENCES coupons%')
		AND name NOT IN ('coupons_campaign_live', 'coupons_of_a_campaign', 'coupons_stay_in_their_campaign')
		ORDER BY 1`)
}

// TestCouponsBecomeThoseOfACampaign on a database with rows: they are all there with their points and amounts, of the
// campaign of points; what refers to them, the indexes and the guards are as before; and only a code of another campaign
// can cost nothing, or take a part off.
func TestCouponsBecomeThoseOfACampaign(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := older(t, db, 20).Open(t, now, nil)
		expect.MustEqual(t, "err", migrations.UpTo(t.Context(), s.DB(), db.Dialect, 27), nil)
		const all = `SELECT code || ' ' || status || ' ' || points || ' ' || amount_minor || ' ' || currency FROM coupons ORDER BY id`
		before, around := texts(t, s, all), surroundings(t, s, db.Dialect)
		expect.MustEqual(t, "err", migrations.UpTo(t.Context(), s.DB(), db.Dialect, 32), nil)
		expect.Equal(t, "surroundings", surroundings(t, s, db.Dialect), around)
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect.Equal(t, "rows", texts(t, s, all), before)
		expect.Equal(t, "campaigns", texts(t, s, `SELECT DISTINCT campaign || ' ' || percent FROM coupons`), "points 0")
		if db.Dialect == migrations.SQLite {
			expect.Equal(t, "foreign keys", texts(t, s, `SELECT "table" FROM pragma_foreign_key_check`), "")
		}
		insert := func(campaign string, points, amount, percent int) error {
			_, err := s.DB().ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO coupons (code, status, customer_id,
				shopify_customer_gid, campaign, points, amount_minor, percent, currency, rate, created_at, expires_at, lease_until)
				VALUES ('X-%s-%d-%d-%d', 'pending', '1', 'gid://shopify/Customer/1', '%s', %d, %d, %d, 'JPY', '0',
				'2026-11-01 12:00:00+00:00', '2027-11-01 12:00:00+00:00', '2026-11-01 12:00:00+00:00')`, campaignCode(campaign),
				points, amount, percent, campaign, points, amount, percent))
			return err
		}
		exec(t, s, `INSERT INTO campaigns (key, names, prefix, status, policy_version, made_at) VALUES ('summer', '[]',
			'SUMMER-', 'live', 1, '2026-11-01 12:00:00+00:00')`)
		for _, c := range []struct {
			campaign                string
			points, amount, percent int
			may                     bool
		}{{"points", 100, 100, 0, true}, {"points", 0, 100, 0, false}, {"points", 100, 0, 1000, false},
			{"summer", 0, 100, 0, true}, {"summer", 0, 0, 1000, true}, {"summer", 50, 0, 1000, true},
			{"summer", 0, 100, 1000, false}, {"summer", 0, 0, 0, false}, {"summer", 0, 0, 10001, false},
			{"summer", -1, 100, 0, false}, {"winter", 0, 100, 0, false}} {
			err := insert(c.campaign, c.points, c.amount, c.percent)
			expect.Equal(t, "it is taken", err == nil, c.may, c.campaign, c.points, c.amount, c.percent, err)
		}
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE coupons SET campaign = 'points' WHERE campaign = 'summer'
			AND points > 0 AND amount_minor > 0`); err != nil {
			t.Errorf("no row is no change: %v", err)
		}
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE coupons SET campaign = 'summer' WHERE campaign = 'points'`); err == nil {
			t.Error("a coupon left its campaign")
		}
	})
}

func campaignCode(campaign string) string {
	return map[string]string{"points": "P", "summer": "S"}[campaign] + "W"
}
