package books

import (
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// TestDiscountsOfCampaignsAreNamed with all that the shop shows of them, unless the database has them; nothing of them is
// restored, nor left to another run.
func TestDiscountsOfCampaignsAreNamed(t *testing.T) {
	t.Parallel()
	end := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	personal := coupons.FoundDiscount{ID: "d1", Title: "GIFT GIFT-AB72CD", Codes: []string{"GIFT-AB72CD"},
		Tags:        []string{"pointbridge", "pb-member-70934", "pb-points-300", "pb-campaign-GIFT"},
		CustomerGID: "gid://shopify/Customer/1", CustomerCount: 1, Percent: 500, Usage: 1, UsageLimit: 1,
		Status: "EXPIRED", EndsAt: end}
	shared := coupons.FoundDiscount{ID: "d2", Title: "Winter", Codes: []string{"WINTER"},
		Tags:   []string{"pointbridge", "pb-campaign-WINTER", "pb-batch-bat_1"},
		Amount: domain.Money{Minor: 500, Currency: "JPY"}, Usage: 7, Status: "ACTIVE"}
	kept := shared
	kept.ID = "d3"
	merchants := coupons.FoundDiscount{ID: "d4", Title: "Points of view", Codes: []string{"VIEW"}}
	var found []Restored
	r := &rebuild{Rebuilder: &Rebuilder{Restorer: &keptTogether{known: []string{"d3"}}}, write: true,
		sum:   RebuildSummary{Restored: map[domain.Status]int{}},
		codes: map[uint64]bool{}, out: RebuildSink{Found: func(f Restored) { found = append(found, f) }}}
	for range 2 { // a list can show one twice
		of, err := r.byMember(t.Context(), []coupons.FoundDiscount{personal, shared, kept, merchants})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "members to restore", len(of), 0)
	}
	expect.Equal(t, "found", found, []Restored{
		{Campaign: "GIFT", CustomerID: "70934", Code: "GIFT-AB72CD", Points: 300, Cause: "of a campaign",
			Shop: "EXPIRED, 5%, used 1 times of 1, ends 2026-12-24T00:00:00Z, for gid://shopify/Customer/1"},
		{Campaign: "WINTER", Cause: "of a campaign",
			Shop: "ACTIVE, 500 JPY, used 7 times of any number, ends for ever, for everybody"}})
	expect.Equal(t, "campaigns", r.sum.Campaigns, 3)
	expect.Equal(t, "unknown", r.sum.Unknown, 2)
	expect.Equal(t, "left", r.sum.Left, 0)
}
