package crash

import (
	"fmt"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestCrashWalkOfFreeCodes dies at every place of the making of a code that costs nothing, with real databases and
// simulated outsides: whoever comes after makes it one active coupon with one code, and no points move.
func TestCrashWalkOfFreeCodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.New(t, db, true)
		now := w.Clock.Now()
		service := campaigns.Service{Campaigns: w.Store.Campaigns, Now: w.Clock.Now}
		_, err := service.Make(t.Context(), domain.System(), campaigns.Campaign{Key: "summer", Prefix: "SUMMER-",
			Names: []campaigns.Name{{Language: "en", Text: "Summer"}}, Policy: decisions.NewPolicy(decisions.Medium),
			Offer: campaigns.Offer{Codes: campaigns.Personal, StartsAt: now.Add(-time.Hour), EndsAt: now.Add(1000 * time.Hour),
				Value:    campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)},
				Validity: campaigns.Range{Min: 86400, Max: 864000}, LivePerPerson: 1}})
		expect.MustEqual(t, "err", err, nil)
		_, err = service.SetStatus(t.Context(), domain.System(), "summer", campaigns.Live, "")
		expect.MustEqual(t, "err", err, nil)
		live := func(t *testing.T, dieAt, loseAt int) (places, acts int) {
			w := w.On(t)
			member := w.Member()
			ask := coupons.Issue{Caller: domain.Caller{ID: "key:1", Role: domain.RoleECAdmin}, Key: "k-" + member,
				Campaign: "summer", To: coupons.Recipient{CustomerID: member}}
			m := &couponstest.Mortal{DieAt: dieAt, LoseAt: loseAt, Inner: w.Whole()}
			first := w.Service(m.Ports())
			_, _ = first.Issue(t.Context(), ask)
			_ = first.Drain(t.Context())
			if dieAt > 0 {
				m.Kill()
			}
			w.Rest(w.Service(w.Whole()))
			last := w.Service(w.Whole())
			_, _ = last.Issue(t.Context(), ask)
			_ = last.Drain(t.Context())
			w.Rest(last)
			list, err := w.Store.Books.CouponsOf(t.Context(), member, 0, 10)
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "len(list)", len(list), 1)
			expect.Equal(t, "status", list[0].Coupon.Status, domain.Active)
			expect.Equal(t, "movements", len(list[0].Movements), 0)
			expect.Equal(t, "usable", w.Shopify.Usable(list[0].Coupon.Code), true)
			balance, _ := w.POS.Balance(member)
			expect.Equal(t, "balance", balance, 1250)
			return m.Walked()
		}
		places, acts := live(t, 0, 0)
		expect.MustThat(t, "the walk walks", places >= 3 && acts >= 1, places, acts)
		for n := 1; n <= places; n++ {
			t.Run(fmt.Sprintf("dies at place %d", n), func(t *testing.T) { live(t, n, 0) })
		}
		for n := 1; n <= acts; n++ {
			t.Run(fmt.Sprintf("the answer of act %d is lost", n), func(t *testing.T) { live(t, 0, n) })
		}
	})
}
