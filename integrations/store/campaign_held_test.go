package store_test

import (
	"runtime"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// TestACodeIsCommittedUnderTheCampaignThatWasLookedAt: whoever commits one reads the campaign as it is in that very
// transaction, nobody changes it until the commit, and the coupon keeps which version of the rules it was given by.
func TestACodeIsCommittedUnderTheCampaignThatWasLookedAt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := decide(t, db)
		s := w.store
		customer(t, s, "1")
		w.protect(func(p *decisions.Policy) { p.UsesPerPerson = 3 })
		c := pending("1", 100)
		c.Coupon.Campaign, c.Coupon.Rate, c.Coupon.Rules = "summer", domain.Rate{}, 2
		o := opening(c)
		o.Campaign = "summer"
		st, err := s.Coupons.Open(t.Context(), o, func(in coupons.Intake) (coupons.Change, error) {
			expect.Equal(t, "uses per person", in.Campaign.Policy.UsesPerPerson, 3)
			expect.Equal(t, "version", in.Campaign.Policy.Version, 2)
			if db.Dialect == "postgres" { // SQLite has one writer
				_, err := s.DB().ExecContext(t.Context(), `SELECT 1 FROM campaigns WHERE key = 'summer' FOR NO KEY UPDATE NOWAIT`)
				expect.That(t, "somebody can change it", err != nil)
				_, err = s.DB().ExecContext(t.Context(), `SELECT 1 FROM campaigns WHERE key = 'summer' FOR SHARE NOWAIT`)
				expect.That(t, "somebody else can give a code", err == nil, err)
			}
			return c, nil
		})
		expect.MustEqual(t, "err", err, nil)
		w.protect(func(p *decisions.Policy) { p.UsesPerPerson = 4 })
		st, err = s.Coupons.Load(t.Context(), st.Coupon.ID)
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "rules", st.Coupon.Rules, 2)
		newest, err := s.Campaigns.ByKey(t.Context(), "summer")
		expect.MustEqual(t, "err", err, nil)
		for version, uses := range map[int]int{1: 1, 2: 3, 3: 4} {
			of, err := s.Campaigns.OfVersion(t.Context(), "summer", version)
			expect.MustEqual(t, "err", err, nil)
			expect.Equal(t, "uses", of.Policy.UsesPerPerson, uses)
			expect.Equal(t, "the version of the campaign is the newest", of.Version, newest.Version)
		}
		for key, version := range map[string]int{"summer": 9, "winter": 1} {
			_, err := s.Campaigns.OfVersion(t.Context(), key, version)
			expect.Equal(t, "code", domain.CodeOf(err), domain.CodeCampaignNotFound)
		}
	})
}

// TestACodeBesideAChangeOfItsCampaign: whoever commits a code while somebody commits new rules waits for them and sees
// the campaign with these, and never without any.
func TestACodeBesideAChangeOfItsCampaign(t *testing.T) {
	t.Parallel()
	w := decide(t, storetest.Postgres(t)) // SQLite has one writer
	s := w.store
	customer(t, s, "1")
	c := pending("1", 100)
	c.Coupon.Campaign, c.Coupon.Rate, c.Coupon.Rules = "summer", domain.Rate{}, 2
	o := opening(c)
	o.Campaign = "summer"
	tx, err := s.DB().BeginTx(t.Context(), nil)
	expect.MustEqual(t, "err", err, nil)
	for _, statement := range []string{
		`INSERT INTO campaign_policies (campaign_id, version, policy, offer, at, made_by)
			SELECT campaign_id, 2, replace(policy, '"version":1', '"version":2'), offer, at, made_by FROM campaign_policies
			WHERE campaign_id = (SELECT id FROM campaigns WHERE key = 'summer')`,
		`UPDATE campaigns SET policy_version = 2, version = version + 1 WHERE key = 'summer'`} {
		_, err := tx.ExecContext(t.Context(), statement)
		expect.MustEqual(t, "err", err, nil)
	}
	ended := make(chan error, 1)
	seen := 0
	go func() {
		_, err := s.Coupons.Open(t.Context(), o, func(in coupons.Intake) (coupons.Change, error) {
			seen = in.Campaign.Policy.Version
			return c, nil
		})
		ended <- err
	}()
	for len(ended) == 0 && w.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock'`) == 0 {
		runtime.Gosched()
	}
	expect.MustEqual(t, "err", tx.Commit(), nil)
	expect.MustEqual(t, "err of the code", <-ended, nil)
	expect.Equal(t, "the rules it was given by", seen, 2)
}
