package store_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestPointsAreACampaign from the beginning: live, its rules complete, and off.
func TestPointsAreACampaign(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := db.Open(t, now, nil)
		c, err := s.Campaigns.ByKey(t.Context(), campaigns.Points)
		if err != nil {
			t.Fatal(err)
		}
		want := decisions.NewPolicy(decisions.Medium)
		want.Mode, want.UsesPerPerson = decisions.Off, 0
		if diff := cmp.Diff(want, c.Policy); diff != "" || c.Status != campaigns.Live || !c.BuiltIn() ||
			len(c.Faults()) > 0 || c.NameIn("ja") != "ポイント交換" || c.MadeAt.Year() < 2020 {
			t.Errorf("it is %s, made %s: %s", c.Status, c.MadeAt, diff)
		}
		list, err := s.Campaigns.List(t.Context())
		if err != nil || len(list) != 1 {
			t.Errorf("%d campaigns, %v", len(list), err)
		}
	})
}

// TestCampaignsAreKept with every version of their rules; of two changes at once one is refused, and a prefix is one
// campaign's even where two are made at once.
func TestCampaignsAreKept(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		before, err := w.store.Campaigns.ByKey(t.Context(), "summer")
		if err != nil {
			t.Fatal(err)
		}
		w.protect(func(p *decisions.Policy) { p.UsesPerPerson = 3 })
		after, err := w.store.Campaigns.ByKey(t.Context(), "summer")
		if err != nil || after.Policy.Version != 2 || after.Policy.UsesPerPerson != 3 || after.Version != before.Version+1 {
			t.Errorf("version %d with %d uses, %v", after.Policy.Version, after.Policy.UsesPerPerson, err)
		}
		for version, want := range map[int]int{1: 1, 2: 3} {
			p, err := w.store.Campaigns.PolicyOf(t.Context(), "summer", version)
			if err != nil || p.UsesPerPerson != want || p.Version != version {
				t.Errorf("version %d has %d uses, %v", version, p.UsesPerPerson, err)
			}
		}
		if _, err := w.store.Campaigns.Change(t.Context(), before, "staff:1", domain.AuditEntry{}); err == nil {
			t.Error("what was read before is written")
		}
		if n := countAuditEntries(t, w.store, domain.ActionCampaignProtected); n != 1 {
			t.Errorf("%d changes are on record", n)
		}
		var made atomic.Int32
		var all sync.WaitGroup
		for _, prefix := range []string{"WINTER", "WINTER-", "WINTER-2", "WINTER"} {
			all.Go(func() {
				_, err := w.campaign.Make(t.Context(), boss, campaigns.Campaign{Key: "w-" + string(rune('a'+made.Load())),
					Prefix: prefix, Policy: decisions.NewPolicy(decisions.Basic),
					Names: []campaigns.Name{{Language: "en", Text: "Winter"}}})
				if err == nil {
					made.Add(1)
				} else if code := domain.CodeOf(err); code != domain.CodePrefixTaken && code != domain.CodeCampaignExists {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 {
			t.Errorf("%d campaigns have the prefix", made.Load())
		}
	})
}

// TestCodesLeadToCampaigns: a coupon of ours to points with its owner and how it stands, a family's code to the family.
func TestCodesLeadToCampaigns(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		customer(t, w.store, "7")
		st := active(t, w.store, pending("7", 500))
		find := func(key, code string) decisions.Found {
			t.Helper()
			found, err := w.store.Campaigns.Find(t.Context(), key, code)
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		ours := find("", " "+st.Coupon.Code+" ")
		if ours.Campaign != campaigns.Points || ours.Code != decisions.CodeValid ||
			ours.OwnerGID != "gid://shopify/Customer/7" || !ours.EndsAt.Equal(st.Coupon.ExpiresAt) {
			t.Errorf("it leads to %s, %s of %s", ours.Campaign, ours.Code, ours.OwnerGID)
		}
		for name, c := range map[string]struct {
			key, code, campaign string
			state               decisions.CodeState
		}{
			"the family":            {"", "summer-anything", "summer", decisions.CodeValid},
			"by key":                {"summer", "", "summer", decisions.CodeAbsent},
			"by both":               {"summer", "SUMMER-1", "summer", decisions.CodeValid},
			"a stranger's code":     {"summer", "WINTER-1", "summer", decisions.CodeUnknown},
			"points' in the family": {"summer", st.Coupon.Code, "summer", decisions.CodeUnknown},
			"like points":           {"", "9-ABCDEF-100", campaigns.Points, decisions.CodeUnknown},
			"no coupon of points":   {campaigns.Points, "SUMMER-1", campaigns.Points, decisions.CodeUnknown},
		} {
			found := find(c.key, c.code)
			expect.Equal(t, "found.Campaign", found.Campaign, c.campaign, name)
			expect.Equal(t, "found.Code", found.Code, c.state, name)
			expect.Equal(t, "found.OwnerGID", found.OwnerGID, "", name)
		}
		used := st.Coupon
		used.Status, used.UsedAt, used.UsedOrderID, used.UsedOrder = domain.Used, &noon, "gid://shopify/Order/1", "#1"
		if _, err := w.store.Coupons.Commit(t.Context(), coupons.Change{Coupon: used}); err != nil {
			t.Fatal(err)
		}
		if found := find("", used.Code); found.Code != decisions.CodeUsed || found.UsedOrderID != used.UsedOrderID {
			t.Errorf("used, it is %s by %s", found.Code, found.UsedOrderID)
		}
	})
}

// TestSomebodyElsesCode: a points code that another customer shows is refused and counted; its owner, and whoever has
// not signed in yet, are not.
func TestSomebodyElsesCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		customer(t, w.store, "7")
		st := active(t, w.store, pending("7", 500))
		c, err := w.store.Campaigns.ByKey(t.Context(), campaigns.Points)
		if err != nil {
			t.Fatal(err)
		}
		c.Policy.Mode = decisions.Enforce
		if _, err := w.campaign.Protect(t.Context(), boss, campaigns.Points, 1, c.Policy); err != nil {
			t.Fatal(err)
		}
		ask := func(customer string, at decisions.Stage) decisions.Decision {
			t.Helper()
			q := decisions.Question{Code: st.Coupon.Code, Stage: at}
			q.Shown.CustomerID = customer
			d, err := w.Ask(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		wants(t, "the owner", ask("gid://shopify/Customer/7", decisions.StageCheckout), decisions.Allow, "")
		wants(t, "nobody yet", ask("", decisions.StageCart), decisions.Allow, "")
		wants(t, "somebody else", ask("gid://shopify/Customer/8", decisions.StageCheckout), decisions.Refuse,
			decisions.ReasonNotYourCode)
		leaked := 0
		for _, told := range w.told.told {
			if told == "leaked points" {
				leaked++
			}
		}
		if leaked != 1 {
			t.Errorf("%d leaked codes are counted", leaked)
		}
		w.now = st.Coupon.ExpiresAt
		wants(t, "after its end", ask("gid://shopify/Customer/7", decisions.StageCheckout), decisions.Refuse,
			decisions.ReasonCodeNotValid)
	})
}
