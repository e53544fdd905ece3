package store_test

import (
	"testing"
	"time"

	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
)

// TestACampaignStandsAsItsDatesSay when a code of it is shown: before its start it has not started, after its end it has
// ended, whether or not anybody wrote that down; what its codes take off at most is known.
//
// covers: 002-26
func TestACampaignStandsAsItsDatesSay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		clock := noon
		s := db.Open(t, func() time.Time { return clock }, nil)
		book := campaigns.Service{Campaigns: s.Campaigns, Now: func() time.Time { return clock }}
		p := decisions.NewPolicy(decisions.Basic)
		p.Mode = decisions.Enforce
		_, err := book.Make(t.Context(), boss, campaigns.Campaign{Key: "inf", Prefix: "INF-", Policy: p,
			Names: []campaigns.Name{{Language: "en", Text: "Inf"}}, Offer: campaigns.Offer{Codes: campaigns.Shared,
				Value:    campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(500), Currency: "JPY"},
				StartsAt: noon.Add(time.Hour), EndsAt: noon.Add(2 * time.Hour)}})
		if err == nil {
			_, err = book.SetStatus(t.Context(), boss, "inf", campaigns.Live, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		for after, want := range map[time.Duration]decisions.CampaignStatus{0: decisions.CampaignNotStarted,
			time.Hour: decisions.CampaignLive, 2 * time.Hour: decisions.CampaignEnded} {
			clock = noon.Add(after)
			found, err := s.Campaigns.Find(t.Context(), "", "inf-sarah")
			if err != nil || found.Status != want || found.Code != decisions.CodeValid || found.Worth == nil ||
				*found.Worth != 500 {
				t.Errorf("after %s it is %s with a code that is %s, %v; want %s", after, found.Status, found.Code, err, want)
			}
		}
		clock = noon.Add(time.Hour)
		if _, err := book.SetStatus(t.Context(), boss, "inf", campaigns.Paused, ""); err != nil {
			t.Fatal(err)
		}
		if found, err := s.Campaigns.Find(t.Context(), "inf", ""); err != nil || found.Status != decisions.CampaignPaused ||
			found.Code != decisions.CodeAbsent {
			t.Errorf("once paused it is %s, %v", found.Status, err)
		}
	})
}
