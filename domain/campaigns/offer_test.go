package campaigns_test

import (
	"testing"
	"time"

	"pointbridge/domain"
	. "pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/test/expect"
)

var start = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

func welcome() Offer {
	return Offer{Codes: Personal, Value: Value{Kind: Percentage, Range: Range{Min: 500, Max: 1500}}, StartsAt: start,
		EndsAt: start.AddDate(0, 1, 0), Validity: One(7 * 24 * 3600), LivePerPerson: 1}
}

// TestNothingOfAnOfferIsWithoutAnEnd, a bound or a currency where one is needed.
//
// covers: 002-26, 002-30
func TestNothingOfAnOfferIsWithoutAnEnd(t *testing.T) {
	t.Parallel()
	expect.Equal(t, "faults of a good offer", len(welcome().Faults()), 0, welcome().Faults())
	for field, spoil := range map[string]func(*Offer){
		"offer.ends_at":         func(o *Offer) { o.EndsAt = time.Time{} },
		"offer.starts_at":       func(o *Offer) { o.StartsAt = time.Time{} },
		"offer.validity":        func(o *Offer) { o.Validity = Range{} },
		"offer.live_per_person": func(o *Offer) { o.LivePerPerson = 0 },
		"offer.value.range":     func(o *Offer) { o.Value.Range.Max = BasisPoints + 1 },
		"offer.value.currency":  func(o *Offer) { o.Value.Kind, o.Value.Currency = Amount, "yen" },
		"offer.value.kind":      func(o *Offer) { o.Value.Kind = "gift" },
		"offer.codes":           func(o *Offer) { o.Codes = "many" },
		"offer.points":          func(o *Offer) { o.Points = -1 },
		"offer.sweep_after":     func(o *Offer) { o.SweepAfter = MaxSweepAfter + 1 },
	} {
		o := welcome()
		spoil(&o)
		faults := o.Faults()
		expect.MustThat(t, "the fault is named: "+field, len(faults) > 0 && faults[0].Field == field, faults)
	}
}

// TestWhatNoCalendarHasIsNoTime: an offset can carry a time of four digits out of the years that can be written.
func TestWhatNoCalendarHasIsNoTime(t *testing.T) {
	t.Parallel()
	for text, field := range map[string]string{"9999-12-31T20:00:00-12:00": "offer.starts_at",
		"0000-01-01T00:00:00+09:00": "offer.starts_at", "9999-12-31T10:00:00-12:00": "offer.ends_at"} {
		at, err := time.Parse(time.RFC3339, text)
		expect.MustEqual(t, "err", err, nil, text)
		o := welcome()
		o.StartsAt, o.EndsAt = at, at.Add(3*time.Hour)
		faults := o.Faults()
		expect.MustThat(t, "the fault is named: "+text, len(faults) > 0 && faults[0].Field == field, faults)
	}
}

// TestAnOfferThatIsOverHasEnded at the second of its end, whether or not a job has written that down; before its start
// it gives nothing out.
func TestAnOfferThatIsOverHasEnded(t *testing.T) {
	t.Parallel()
	c := Campaign{Key: "welcome", Status: Live, Offer: welcome()}
	for at, want := range map[time.Time]Status{start.Add(-time.Second): Paused, start: Live,
		c.Offer.EndsAt.Add(-time.Second): Live, c.Offer.EndsAt: Ended} {
		expect.Equal(t, "status at "+at.String(), c.StatusAt(at), want)
	}
	c.Status = Paused
	expect.Equal(t, "a paused one", c.StatusAt(start), Paused)
	c.Offer = Offer{Codes: Found}
	expect.Equal(t, "a family without an offer", c.StatusAt(c.Offer.EndsAt), Paused)
}

// TestWhatCodesAreStaysOnceACampaignIsLive while everything else can be changed, on record.
func TestWhatCodesAreStaysOnceACampaignIsLive(t *testing.T) {
	t.Parallel()
	m := &memory{}
	s := Service{Campaigns: m, Now: func() time.Time { return start }}
	made, err := s.Make(t.Context(), boss, Campaign{Key: "welcome", Prefix: "WELCOME-", Names: []Name{{"en", "Welcome"}},
		Policy: decisions.NewPolicy(decisions.Medium), Offer: welcome()})
	expect.MustThat(t, "made", err == nil, err)
	if _, err = s.SetStatus(t.Context(), boss, "welcome", Live, ""); err != nil {
		t.Fatal(err)
	}
	shared := welcome()
	shared.Codes, shared.Value.Range = Shared, One(1000)
	_, err = s.Revise(t.Context(), boss, "welcome", 1, shared, made.Policy)
	expect.Equal(t, "another kind of codes", domain.CodeOf(err), domain.CodeValidation)
	longer := welcome()
	longer.EndsAt = longer.EndsAt.AddDate(0, 1, 0)
	changed, err := s.Revise(t.Context(), boss, "welcome", 1, longer, made.Policy)
	expect.MustThat(t, "a later end", err == nil && changed.Policy.Version == 2, err)
	last := m.record[len(m.record)-1].Detail
	expect.Equal(t, "before", last["before"].(map[string]any)["offer"].(Offer).EndsAt, welcome().EndsAt)
	expect.Equal(t, "after", last["after"].(map[string]any)["offer"].(Offer).EndsAt, longer.EndsAt)
}

// TestWhatIsOverHasItsRulesForGood: a later end would bring codes back to life that everybody was told are over, and of
// which some have left the shop already.
func TestWhatIsOverHasItsRulesForGood(t *testing.T) {
	t.Parallel()
	m, now := &memory{}, start
	s := Service{Campaigns: m, Now: func() time.Time { return now }}
	made, err := s.Make(t.Context(), boss, Campaign{Key: "welcome", Prefix: "WELCOME-", Names: []Name{{"en", "Welcome"}},
		Policy: decisions.NewPolicy(decisions.Medium), Offer: welcome()})
	expect.MustThat(t, "made", err == nil, err)
	_, err = s.SetStatus(t.Context(), boss, "welcome", Live, "")
	expect.MustThat(t, "live", err == nil, err)
	now = welcome().EndsAt
	longer := welcome()
	longer.EndsAt = longer.EndsAt.AddDate(0, 1, 0)
	_, err = s.Revise(t.Context(), boss, "welcome", 1, longer, made.Policy)
	expect.Equal(t, "at its end", domain.CodeOf(err), domain.CodeCampaignStatus)
	now = start
	_, err = s.SetStatus(t.Context(), boss, "welcome", Ended, "")
	expect.MustThat(t, "ended", err == nil, err)
	_, err = s.Revise(t.Context(), boss, "welcome", 1, longer, made.Policy)
	expect.Equal(t, "ended by somebody", domain.CodeOf(err), domain.CodeCampaignStatus)
}
