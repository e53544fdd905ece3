package api

import (
	"context"
	"sync"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// fakeIdentity is campaigns and decisions made by hand: it answers what it is told to, and keeps what it was asked.
type fakeIdentity struct {
	mu       sync.Mutex
	campaign campaigns.Campaign
	decision decisions.Decision
	asked    []decisions.Question
	filters  []decisions.Filter
	policies []decisions.Policy
	codes    *fakeCodes
}

func newFakeIdentity() *fakeIdentity {
	at := time.Date(2026, 3, 1, 11, 0, 0, 0, time.UTC)
	return &fakeIdentity{
		codes: &fakeCodes{},
		campaign: campaigns.Campaign{Key: "summer", Prefix: "SUMMER-", Status: campaigns.Live, MadeAt: at,
			Names: []campaigns.Name{{Language: "ja", Text: "夏"}}, Policy: decisions.NewPolicy(decisions.Medium)},
		decision: decisions.Decision{ID: 7, PublicID: "dec_1", Campaign: "summer", At: at,
			Request: decisions.Request{Code: "SUMMER-1", Stage: decisions.StageCheckout, At: at,
				Shown: []decisions.ShownKind{{Kind: identity.Email, Count: 1}}},
			Answer: decisions.Answer{Outcome: decisions.Refuse, Reason: decisions.ReasonAlreadyUsed, Strong: 2, Weak: 1,
				Threshold: 2, PolicyVersion: 1, Enforced: true, Signals: []decisions.Signal{{
					Kind: decisions.SignalKind(identity.Email), Strength: decisions.Decisive,
					Matched: []decisions.MatchedOrder{{Order: "#1001", At: at, Code: "SUMMER-0"}}}}}},
	}
}

func (f *fakeIdentity) shared() pages.Identity {
	return pages.Identity{Campaigns: f, CampaignBook: fakeCampaignBook{f}, Decisions: f, DecisionBook: fakeDecisionBook{f},
		Uses: func(context.Context, int64, string) (decisions.Tally, error) { return decisions.Tally{}, nil },
		Points: coupons.Policy{Rate: domain.MustRate("1.5"), Currency: "JPY", Unit: 100, Minimum: 100, DailyLimit: 5000,
			MaxActive: 3, Validity: 24 * time.Hour, MinimumSubtotal: domain.Money{Minor: 1000, Currency: "JPY"},
			RankRates: map[string]domain.Rate{"gold": domain.MustRate("2")}},
		Codes: f.codes, CodeBook: f.codes}
}

func (f *fakeIdentity) Make(_ context.Context, _ domain.Caller, c campaigns.Campaign) (campaigns.Campaign, error) {
	c.Status, c.Policy.Version = campaigns.Draft, 1
	return c, decisions.Refused(c.Faults())
}

func (f *fakeIdentity) Protect(_ context.Context, _ domain.Caller, _ string, version int,
	p decisions.Policy) (campaigns.Campaign, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p = p.Settled()
	p.Version = version + 1
	f.policies = append(f.policies, p)
	c := f.campaign
	c.Policy = p
	return c, decisions.Refused(c.Faults())
}

func (f *fakeIdentity) Revise(_ context.Context, _ domain.Caller, _ string, version int, o campaigns.Offer,
	p decisions.Policy) (campaigns.Campaign, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p = p.Settled()
	p.Version = version + 1
	f.policies = append(f.policies, p)
	c := f.campaign
	c.Policy, c.Offer = p, o.Settled()
	return c, decisions.Refused(c.Faults())
}

func (f *fakeIdentity) Rename(_ context.Context, _ domain.Caller, _ string,
	names []campaigns.Name) (campaigns.Campaign, error) {
	c := f.campaign
	c.Names = names
	return c, decisions.Refused(c.Faults())
}

func (f *fakeIdentity) SetStatus(_ context.Context, _ domain.Caller, _ string, to campaigns.Status,
	_ string) (campaigns.Campaign, error) {
	c := f.campaign
	c.Status = to
	return c, nil
}

func (f *fakeIdentity) ByKey(_ context.Context, key string) (campaigns.Campaign, error) {
	if key != f.campaign.Key {
		return campaigns.Campaign{}, domain.Refuse(domain.CodeCampaignNotFound)
	}
	return f.campaign, nil
}

func (f *fakeIdentity) PolicyOf(context.Context, string, int) (decisions.Policy, error) {
	return f.campaign.Policy, nil
}

func (f *fakeIdentity) Ask(_ context.Context, q decisions.Question) (decisions.Decision, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, q)
	if q.Campaign == "" && q.Code == "" {
		return decisions.Decision{}, decisions.Refused([]decisions.Fault{{Field: "campaign", Rule: decisions.RuleNeeded}})
	}
	d := f.decision
	d.Policy = f.campaign.Policy
	return d, nil
}

func (f *fakeIdentity) Trial(ctx context.Context, q decisions.Question, p *decisions.Policy) (decisions.Decision, error) {
	if p != nil {
		f.policies = append(f.policies, *p)
	}
	return f.Ask(ctx, q)
}

func (f *fakeIdentity) Replay(context.Context, string, int) (decisions.Replayed, error) {
	return decisions.Replayed{Answer: f.decision.Answer, Same: true}, nil
}

func (f *fakeIdentity) Judge(_ context.Context, caller domain.Caller, _ string, is decisions.Judgement,
	note string) (decisions.Decision, error) {
	d := f.decision
	d.Verdict = decisions.Verdict{Is: is, By: caller.ID, At: d.At, Note: note}
	return d, nil
}

func (f *fakeIdentity) List(_ context.Context, filter decisions.Filter) ([]decisions.Decision, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.filters = append(f.filters, filter)
	return []decisions.Decision{f.decision}, true, nil
}

// fakeCampaignBook reads campaigns, whose list has the name of another.
type fakeCampaignBook struct{ *fakeIdentity }

func (f fakeCampaignBook) List(context.Context) ([]campaigns.Campaign, error) {
	return []campaigns.Campaign{f.campaign}, nil
}

type fakeDecisionBook struct{ *fakeIdentity }

func (f fakeDecisionBook) ByID(_ context.Context, id string) (decisions.Decision, error) {
	if id != f.decision.PublicID {
		return decisions.Decision{}, domain.Refuse(domain.CodeDecisionNotFound)
	}
	return f.decision, nil
}

func (f fakeDecisionBook) Report(_ context.Context, _ string, from, to time.Time) (decisions.Report, error) {
	figures := decisions.ReportOf([]decisions.Rollup{
		{From: to.Add(time.Hour), Outcome: decisions.Refuse, Reason: decisions.ReasonAlreadyUsed, Enforced: true,
			Verdict: decisions.Abuse, Count: 3},
		{From: to.Add(time.Hour), Outcome: decisions.Refuse, Reason: decisions.ReasonNewCustomersOnly, Count: 2},
		{From: to.Add(time.Hour), Outcome: decisions.AllowFlagged, Verdict: decisions.NotAbuse, Count: 1},
		{From: to.Add(time.Hour), Outcome: decisions.Allow, Count: 10}}, from, to, time.UTC)
	figures.Repeat = decisions.Repeat{Uses: 10, Again: 4}
	return figures, nil
}

func (f fakeDecisionBook) Blocked(_ context.Context, _ string, from, _ time.Time) (decisions.Blocked, error) {
	sums := decisions.BlockedSums{People: 3, EstimatedPeople: 1, Known: 1500, Estimated: 400}
	return decisions.Blocked{Refused: 9, Forgotten: 2, UsedAfter: 1, Lines: []decisions.BlockedLine{
		{Date: from.Format(time.DateOnly), Campaign: "summer", Reason: decisions.ReasonAlreadyUsed, Currency: "JPY",
			Enforced: sums}, {Date: from.Format(time.DateOnly), Campaign: "summer", Reason: decisions.ReasonAlreadyUsed,
			Shadow: decisions.BlockedSums{People: 4}}},
		Totals: []decisions.BlockedLine{{Shadow: decisions.BlockedSums{People: 4}}, {Currency: "JPY", Enforced: sums}},
	}, nil
}

func (f fakeDecisionBook) Person(context.Context, string) (decisions.Person, error) {
	return decisions.Person{}, nil
}
