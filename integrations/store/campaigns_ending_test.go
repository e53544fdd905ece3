package store_test

import (
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestThoseWhoAnswerForTheShopAreToldBeforeACampaignEnds: once for each end, however many replicas look, and again when
// the end is another one; nobody is told of what is far away, is over, or has no offer.
// covers: 002-43
func TestThoseWhoAnswerForTheShopAreToldBeforeACampaignEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		person := domain.Staff{Email: "ec@example.com", Name: "EC", Role: domain.RoleECAdmin, Locale: "en", CreatedAt: noon,
			PasswordHash: "x"}
		_, err := w.store.Staff.AddStaff(t.Context(), person, domain.AuditEntry{At: noon, Actor: "system",
			Action: domain.ActionStaffAdded, Outcome: domain.OutcomeDone})
		expect.MustThat(t, "somebody is there", err == nil, err)
		now := noon
		digest := campaigns.Digest{Campaigns: w.store.Campaigns, Teller: w.store.Campaigns, Days: 3,
			Write: func(language string, at time.Time) string { return at.Format(time.RFC3339) + " in " + language },
			Now:   func() time.Time { return now }}
		offer := campaigns.Offer{Codes: campaigns.Shared, Value: campaigns.Value{Kind: campaigns.Percentage,
			Range: campaigns.One(1000)}, StartsAt: noon.AddDate(0, 0, -1), EndsAt: noon.AddDate(0, 0, 5)}
		_, err = w.campaign.Make(t.Context(), boss, campaigns.Campaign{Key: "flash", Prefix: "FLASH-", Offer: offer,
			Names: []campaigns.Name{{Language: "en", Text: "Flash sale"}}, Policy: decisions.NewPolicy(decisions.Medium)})
		expect.MustThat(t, "made", err == nil, err)
		_, err = w.campaign.SetStatus(t.Context(), boss, "flash", campaigns.Live, "")
		expect.MustThat(t, "live", err == nil, err)
		told := func(when string, want int) {
			t.Helper()
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if err := digest.Look(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			expect.Equal(t, when, w.count(`SELECT count(*) FROM staff_notices WHERE kind = 'campaigns'`), want)
		}
		told("five days before", 0)
		now = noon.AddDate(0, 0, 2)
		told("three days before", 1)
		var what string
		expect.MustEqual(t, "err", w.store.DB().QueryRowContext(t.Context(), `SELECT what FROM staff_notices WHERE kind = 'campaigns'`).
			Scan(&what), nil)
		expect.Equal(t, "what they are told", what, "Flash sale ("+offer.EndsAt.Format(time.RFC3339)+" in en)")
		c, err := w.store.Campaigns.ByKey(t.Context(), "flash")
		expect.MustThat(t, "read", err == nil, err)
		offer.EndsAt = offer.EndsAt.Add(-time.Hour)
		_, err = w.campaign.Revise(t.Context(), boss, "flash", 1, offer, c.Policy)
		expect.MustThat(t, "an earlier end", err == nil, err)
		told("the end is another one", 2)
		now = noon.AddDate(0, 0, 6)
		told("it is over", 2)
	})
}
