package coupons_test

import (
	"reflect"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
)

// covers: 004-50, H-23, H-24
func TestRulesAreRecorded(t *testing.T) {
	t.Parallel()
	db, now := couponstest.NewMemStore(), time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	rules := func(change func(*coupons.Policy), file string) map[string]string {
		p := couponstest.Policy()
		p.MinimumSubtotal.Currency = "JPY"
		p.RankRates = map[string]domain.Rate{"silver": domain.MustRate("1.1"), "gold": domain.MustRate("1.2")}
		if change != nil {
			change(&p)
		}
		all := p.Rules()
		all["policy_file"] = file
		return all
	}
	record := func(r map[string]string) []domain.AuditEntry {
		t.Helper()
		before := len(db.Audit)
		if err := coupons.RecordRules(t.Context(), db, now, r); err != nil {
			t.Error(err)
		}
		return db.Audit[before:]
	}
	only := func(list []domain.AuditEntry, action string, detail map[string]any) {
		t.Helper()
		if len(list) != 1 || list[0].Action != action || list[0].Actor != "system" || !list[0].At.Equal(now) ||
			!reflect.DeepEqual(list[0].Detail, detail) {
			t.Errorf("recorded %+v, want %s %v", list, action, detail)
		}
	}
	t.Run("the first start records every rule", func(t *testing.T) {
		want := map[string]any{"rate": "1", "rank_rates": "gold=1.2,silver=1.1", "campaigns": "", "unit": "100",
			"minimum": "100", "daily_limit": "10000", "validity": "8760h0m0s", "minimum_subtotal": "0",
			"currency": "JPY", "policy_file": "a", "coupons_per_order": "0", "partial_refunds": "false",
			"test_orders":      "false",
			"reissue_validity": "0s", "self_cancel_within": "0s", "four_eyes_points": "0", "auto_reissue_below": "0", "auto_grant_below": "0",
			"auto_cases": "0"}
		only(record(rules(nil, "a")), "policy.recorded", want)
	})
	t.Run("the same rules, written otherwise, are no change", func(t *testing.T) {
		same := rules(func(p *coupons.Policy) { p.Rate = domain.MustRate("1.00") }, "a")
		if list := record(same); len(list) != 0 {
			t.Fatalf("recorded %+v", list)
		}
	})
	t.Run("a new rate and a campaign: from and to, and nothing else", func(t *testing.T) {
		list := record(rules(func(p *coupons.Policy) {
			p.Rate = domain.MustRate("1.5")
			p.Campaigns = []coupons.Campaign{{From: now, To: now.Add(time.Hour), Rate: domain.MustRate("2")}}
		}, "a"))
		only(list, "policy.changed", map[string]any{"rate": map[string]any{"from": "1", "to": "1.5"},
			"campaigns": map[string]any{"from": "", "to": "2026-12-01T12:00:00Z/2026-12-01T13:00:00Z=2"}})
	})
	t.Run("a change of who may do what", func(t *testing.T) {
		record(rules(nil, "a"))
		only(record(rules(nil, "b")), "policy.changed", map[string]any{"policy_file": map[string]any{"from": "a",
			"to": "b"}})
	})
	t.Run("a rule that is new in this version has no before", func(t *testing.T) {
		delete(db.Settings, "unit")
		only(record(rules(nil, "b")), "policy.changed", map[string]any{"unit": map[string]any{"from": nil,
			"to": "100"}})
	})
}

// covers: H-23
func TestANewRateIsForTheNextConversion(t *testing.T) {
	t.Parallel()
	w := couponstest.NewWorld(t)
	old := w.Service(nil)
	first, err := old.Convert(t.Context(), couponstest.Conversion(500, "first"))
	if err != nil || first.Coupon.Amount.Minor != 500 {
		t.Fatalf("by default 500 points are %+v, %v", first.Coupon.Amount, err)
	}
	w.Out.Refuse["create"] = &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "shopify", Act: "create"}
	if _, err := old.Convert(t.Context(), couponstest.Conversion(200, "on its way")); err != nil {
		t.Fatal(err)
	}
	delete(w.Out.Refuse, "create")
	w.Policy.Rate = domain.MustRate("1.5")
	s := w.Service(nil)
	w.Rest(s)
	again, err := s.Convert(t.Context(), couponstest.Conversion(500, "first"))
	if err != nil || again.Coupon.Amount.Minor != 500 || w.Out.Codes[first.Coupon.Code].Amount.Minor != 500 {
		t.Fatalf("a coupon that was there has become worth %+v, %v", again.Coupon.Amount, err)
	}
	if c := w.DB.Coupons[1]; c.Status != domain.Active || c.Amount.Minor != 200 ||
		w.Out.Codes[c.Code].Amount.Minor != 200 {
		t.Fatalf("a conversion that had begun ended as %+v", c)
	}
	next, err := s.Convert(t.Context(), couponstest.Conversion(500, "next"))
	if err != nil || next.Coupon.Amount.Minor != 750 || next.Coupon.Rate.String() != "1.5" {
		t.Fatalf("the next conversion gives %+v, %v", next.Coupon, err)
	}
}
