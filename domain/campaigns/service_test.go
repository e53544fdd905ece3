package campaigns_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"pointbridge/domain"
	. "pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
	"pointbridge/test/expect"
)

func errorsAs(err error, target any) bool { return errors.As(err, target) }

// memory is a repository in memory; meanwhile is what somebody else does between reading and writing.
type memory struct {
	all       []Campaign
	record    []domain.AuditEntry
	meanwhile func()
}

func (m *memory) Make(_ context.Context, c Campaign, allow func([]Campaign) error,
	entry domain.AuditEntry) (Campaign, error) {
	if err := allow(m.all); err != nil {
		return Campaign{}, err
	}
	m.all, m.record = append(m.all, c), append(m.record, entry)
	return c, nil
}

func (m *memory) at(key string) int {
	return slices.IndexFunc(m.all, func(c Campaign) bool { return c.Key == key })
}

func (m *memory) ByKey(_ context.Context, key string) (Campaign, error) {
	if i := m.at(key); i >= 0 {
		return m.all[i], nil
	}
	return Campaign{}, domain.Refuse(domain.CodeCampaignNotFound)
}

func (m *memory) List(context.Context) ([]Campaign, error) { return m.all, nil }

func (m *memory) Change(_ context.Context, c Campaign, _ string, entry domain.AuditEntry) (Campaign, error) {
	if m.meanwhile != nil {
		m.meanwhile()
	}
	i := m.at(c.Key)
	if m.all[i].Version != c.Version {
		return Campaign{}, domain.ErrConflict
	}
	c.Version++
	m.all[i], m.record = c, append(m.record, entry)
	return c, nil
}

func setUp(t *testing.T) (*memory, Service, Campaign) {
	t.Helper()
	m := &memory{all: []Campaign{{Key: Points, Status: Live, Version: 1, Names: summer().Names,
		Policy: decisions.NewPolicy(decisions.Medium)}}}
	s := Service{Campaigns: m, Now: func() time.Time { return time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC) }}
	c, err := s.Make(t.Context(), boss, summer())
	if err != nil {
		t.Fatal(err)
	}
	return m, s, c
}

var boss = domain.Caller{ID: "staff:1", Name: "Boss", Role: domain.RoleECAdmin, Credential: "session:1"}

// TestANewCampaignIsADraft with the first version of its rules, on record; a key or a family is one campaign's alone.
func TestANewCampaignIsADraft(t *testing.T) {
	t.Parallel()
	m, s, c := setUp(t)
	if c.Status != Draft || c.Policy.Version != 1 || c.Policy.Mode != decisions.Shadow || c.MadeAt.IsZero() {
		t.Errorf("it is %s under version %d in mode %s", c.Status, c.Policy.Version, c.Policy.Mode)
	}
	if e := m.record[0]; e.Action != domain.ActionCampaignMade || e.Actor != "staff:1" ||
		e.Detail["campaign"] != "summer" {
		t.Errorf("the record says %s by %s of %v", e.Action, e.Actor, e.Detail["campaign"])
	}
	for name, c := range map[string]struct {
		change func(*Campaign)
		want   domain.Code
	}{
		"the key again":   {func(c *Campaign) { c.Prefix = "" }, domain.CodeCampaignExists},
		"points' key":     {func(c *Campaign) { c.Key = Points }, domain.CodeCampaignExists},
		"a longer prefix": {func(c *Campaign) { c.Key, c.Prefix = "other", "SUMMER-2" }, domain.CodePrefixTaken},
		"a shorter one":   {func(c *Campaign) { c.Key, c.Prefix = "other", "SUM" }, domain.CodePrefixTaken},
		"a bad key":       {func(c *Campaign) { c.Key = "no key" }, domain.CodeValidation},
	} {
		next := summer()
		c.change(&next)
		_, err := s.Make(t.Context(), boss, next)
		expect.Equal(t, "domain.CodeOf(err)", domain.CodeOf(err), c.want, name, err)
		expect.Equal(t, "len(m.all)", len(m.all), 2, name, err)
	}
}

// TestProtectionHasVersions: each change is one, with what was and what is; the same again is none.
// covers: 003-11, 003-12
func TestProtectionHasVersions(t *testing.T) {
	t.Parallel()
	m, s, c := setUp(t)
	p := c.Policy
	p.Preset, p.Signals, p.Alone = decisions.Custom, []identity.Kind{identity.IP, identity.Email}, nil
	changed, err := s.Protect(t.Context(), boss, "summer", 1, p)
	if err != nil || changed.Policy.Version != 2 {
		t.Fatalf("version %d, %v", changed.Policy.Version, err)
	}
	e := m.record[len(m.record)-1]
	want := map[string]any{"campaign": "summer", "version": 2,
		"before": map[string]any{"preset": decisions.Medium, "alone": []identity.Kind{identity.Email},
			"signals": []identity.Kind{identity.Email, identity.Phone, identity.Address}},
		"after": map[string]any{"preset": decisions.Custom, "alone": []identity.Kind{},
			"signals": []identity.Kind{identity.Email, identity.IP}}}
	expect.Equal(t, "cmp.Diff(want, e.Detail)", cmp.Diff(want, e.Detail), "")
	expect.Equal(t, "e.Action", e.Action, domain.ActionCampaignProtected)
	if same, err := s.Protect(t.Context(), boss, "summer", 2, p); err != nil || same.Policy.Version != 2 ||
		len(m.record) != 2 {
		t.Errorf("the same again is version %d, %v", same.Policy.Version, err)
	}
	if _, err := s.Protect(t.Context(), boss, "summer", 1, p); domain.CodeOf(err) != domain.CodeCampaignChanged {
		t.Errorf("from a version that has passed: %v", err)
	}
	p.Threshold = 3
	if _, err := s.Protect(t.Context(), boss, "summer", 2, p); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("a threshold above the signals: %v", err)
	}
	if _, err := s.Protect(t.Context(), boss, "winter", 1, p); domain.CodeOf(err) != domain.CodeCampaignNotFound {
		t.Errorf("no campaign: %v", err)
	}
	p.Threshold = 1
	m.meanwhile = func() { m.all[1].Version++ }
	if _, err := s.Protect(t.Context(), boss, "summer", 2, p); domain.CodeOf(err) != domain.CodeCampaignChanged {
		t.Errorf("somebody else was first: %v", err)
	}
}

// TestStatusGoesByTheTable: with before, after and the reason on record; points are nobody's to pause or to end here.
func TestStatusGoesByTheTable(t *testing.T) {
	t.Parallel()
	m, s, _ := setUp(t)
	for _, step := range []struct {
		to   Status
		want domain.Code
	}{{Paused, domain.CodeCampaignStatus}, {Live, ""}, {Live, ""}, {Paused, ""}, {Live, ""}, {Ended, ""},
		{Live, domain.CodeCampaignStatus}, {"lost", domain.CodeCampaignStatus}} {
		before := len(m.record)
		c, err := s.SetStatus(t.Context(), boss, "summer", step.to, "because")
		if step.want != "" {
			if domain.CodeOf(err) != step.want || len(m.record) != before {
				t.Errorf("to %s: %v", step.to, err)
			}
		} else if err != nil || c.Status != step.to {
			t.Errorf("to %s: %s, %v", step.to, c.Status, err)
		}
	}
	e := m.record[len(m.record)-1]
	if len(m.record) != 5 || e.Detail["before"] != "live" || e.Detail["after"] != "ended" ||
		e.Detail["reason"] != "because" {
		t.Errorf("%d entries, the last says %v", len(m.record), e.Detail)
	}
	for _, to := range []Status{Paused, Ended} {
		if _, err := s.SetStatus(t.Context(), boss, Points, to, ""); domain.CodeOf(err) != domain.CodeCampaignStatus {
			t.Errorf("points become %s: %v", to, err)
		}
	}
}

// TestNamesOfACampaign: other names, and the one that a reader gets.
func TestNamesOfACampaign(t *testing.T) {
	t.Parallel()
	_, s, _ := setUp(t)
	if _, err := s.Rename(t.Context(), boss, "summer", nil); domain.CodeOf(err) != domain.CodeValidation {
		t.Errorf("no names: %v", err)
	}
	c, err := s.Rename(t.Context(), boss, "summer", []Name{{"en", "Heat"}})
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, `c.NameIn("en")`, c.NameIn("en"), "Heat")
	expect.Equal(t, `c.NameIn("ja")`, c.NameIn("ja"), "Heat")
	expect.Equal(t, `(Campaign{Key: "k"}).NameIn("ja")`, (Campaign{Key: "k"}).NameIn("ja"), "k")
}
