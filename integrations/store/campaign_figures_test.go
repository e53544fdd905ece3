package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestUsesOfACampaignAddUp: by currency, by the shop's days and by code; what came to nothing is told apart, and another
// campaign's uses are its own.
// covers: 002-04
func TestUsesOfACampaignAddUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		insert := func(campaign, order, code, at, currency string, discount int, void string) {
			t.Helper()
			if void != "NULL" {
				void = "'" + void + "'"
			}
			if _, err := w.store.DB().ExecContext(t.Context(), `INSERT INTO identity_uses (campaign_id, order_id, code, used_at,
				discount, currency, source, seen_at, void_at) SELECT id, '`+order+`', '`+code+`', '`+at+`', `+
				domain.Money{Minor: int64(discount), Currency: "JPY"}.Decimal()+`, '`+currency+`', 'order', '`+at+`', `+void+
				` FROM campaigns WHERE key = '`+campaign+`'`); err != nil {
				t.Fatal(err)
			}
		}
		insert("summer", "1", "SUMMER-A", "2026-03-01 14:59:00+00:00", "JPY", 500, "NULL") // the first of March in Tokyo
		insert("summer", "2", "SUMMER-A", "2026-03-01 15:00:00+00:00", "USD", 250, "NULL") // the second
		insert("summer", "3", "SUMMER-B", "2026-03-01 16:00:00+00:00", "JPY", 300, "NULL")
		insert("summer", "4", "SUMMER-B", "2026-03-01 17:00:00+00:00", "JPY", 300, "2026-03-02 00:00:00+00:00")
		insert("summer", "5", "SUMMER-A", "2026-02-01 00:00:00+00:00", "JPY", 100, "NULL") // before the days that are asked for
		insert("points", "6", "1-ABCDEF-1", "2026-03-01 15:00:00+00:00", "JPY", 900, "NULL")
		tokyo, err := time.LoadLocation("Asia/Tokyo")
		expect.MustEqual(t, "err", err, nil)
		first := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		got, err := w.store.Campaigns.Uses(t.Context(), "summer", first, first.AddDate(0, 0, 2), tokyo)
		expect.MustEqual(t, "err", err, nil)
		yen := func(n int64) domain.Money { return domain.Money{Minor: n, Currency: "JPY"} }
		dollars := domain.Money{Minor: 250, Currency: "USD"}
		want := campaigns.Uses{Total: 4, Void: 1, AllCodes: 2, Given: []domain.Money{yen(900), dollars},
			Days: []campaigns.DayUses{{Date: first, Count: 1}, {Date: first.AddDate(0, 0, 1), Count: 2},
				{Date: first.AddDate(0, 0, 2)}},
			Codes: []campaigns.CodeUses{
				{Code: "SUMMER-A", Count: 3, Given: []domain.Money{yen(600), dollars},
					Last: time.Date(2026, 3, 1, 15, 0, 0, 0, time.UTC)},
				{Code: "SUMMER-B", Count: 1, Given: []domain.Money{yen(300)},
					Last: time.Date(2026, 3, 1, 16, 0, 0, 0, time.UTC)}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		counts, err := w.store.Campaigns.Counts(t.Context(), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, `counts["summer"]`, counts["summer"], campaigns.Counts{Uses: 3})
		expect.Equal(t, `counts["points"]`, counts["points"], campaigns.Counts{Uses: 1})
		none, err := w.store.Campaigns.Uses(t.Context(), "nothing", first, first, tokyo)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "none.Total", none.Total, int64(0))
	})
}
