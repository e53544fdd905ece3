package pages

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity/scan"
)

// Identity is what campaigns and the decisions about their codes are worked with.
type Identity struct {
	Campaigns    Campaigns
	CampaignBook CampaignBook
	Decisions    Decisions
	DecisionBook DecisionBook
	// Uses counts what a campaign, by its number, was used for; of one code as well where it is not empty.
	Uses func(ctx context.Context, campaignID int64, code string) (decisions.Tally, error)
	// Figures adds up what became of campaigns' codes.
	Figures CampaignFigures
	// Points has the terms of coupons for points, which the settings make.
	Points coupons.Policy
	// Codes makes codes of campaigns together, CodeBook reads them.
	Codes    CampaignCodes
	CodeBook codes.Library
	// Scan looks back on the shop's own orders, for as long as a page can wait.
	Scan func(ctx context.Context, days int) (scan.Report, error)
}

// Campaigns makes and changes campaigns; see campaigns.Service.
type Campaigns interface {
	Make(ctx context.Context, caller domain.Caller, c campaigns.Campaign) (campaigns.Campaign, error)
	Protect(ctx context.Context, caller domain.Caller, key string, version int, p decisions.Policy) (campaigns.Campaign,
		error)
	Revise(ctx context.Context, caller domain.Caller, key string, version int, o campaigns.Offer,
		p decisions.Policy) (campaigns.Campaign, error)
	Rename(ctx context.Context, caller domain.Caller, key string, names []campaigns.Name) (campaigns.Campaign, error)
	SetStatus(ctx context.Context, caller domain.Caller, key string, to campaigns.Status,
		note string) (campaigns.Campaign, error)
}

// CampaignCodes makes codes of campaigns together; see codes.Service.
type CampaignCodes interface {
	// Plan is what Make would begin.
	Plan(ctx context.Context, a codes.Asked) (codes.Opening, error)
	Make(ctx context.Context, a codes.Asked) (b codes.Batch, replayed bool, err error)
	Share(ctx context.Context, a codes.SharedCode) (c codes.Code, replayed bool, err error)
	SetStatus(ctx context.Context, caller domain.Caller, campaign, publicID string, to codes.Status,
		note string) (codes.Batch, error)
	Deactivate(ctx context.Context, caller domain.Caller, campaign, code string) (codes.Code, error)
}

// CampaignBook reads campaigns.
type CampaignBook interface {
	// ByKey gives one. Errors: campaign_not_found.
	ByKey(ctx context.Context, key string) (campaigns.Campaign, error)
	List(ctx context.Context) ([]campaigns.Campaign, error)
	// PolicyOf gives one version of a campaign's rules. Errors: campaign_not_found.
	PolicyOf(ctx context.Context, campaign string, version int) (decisions.Policy, error)
}

// CampaignFigures adds up the orders that used codes of campaigns, as far as they are kept. What came to nothing, and
// tests, are no uses.
type CampaignFigures interface {
	// Uses adds up one campaign, its days by a zone from one to another, both included.
	Uses(ctx context.Context, campaign string, from, to time.Time, zone *time.Location) (campaigns.Uses, error)
	// Counts gives the uses and the refusals of every campaign since a moment, by key.
	Counts(ctx context.Context, since time.Time) (map[string]campaigns.Counts, error)
}

// Decisions decides, and hears what people say of it; see decisions.Service.
type Decisions interface {
	Ask(ctx context.Context, q decisions.Question) (decisions.Decision, error)
	Trial(ctx context.Context, q decisions.Question, p *decisions.Policy) (decisions.Decision, error)
	Replay(ctx context.Context, id string, version int) (decisions.Replayed, error)
	Judge(ctx context.Context, caller domain.Caller, id string, is decisions.Judgement,
		note string) (decisions.Decision, error)
	List(ctx context.Context, f decisions.Filter) (page []decisions.Decision, more bool, err error)
}

// DecisionBook reads decisions.
type DecisionBook interface {
	// ByID gives one by its public id. Errors: decision_not_found.
	ByID(ctx context.Context, id string) (decisions.Decision, error)
	// Report adds up the days from one to another, both included; an empty campaign is all of them.
	Report(ctx context.Context, campaign string, from, to time.Time) (decisions.Report, error)
	// Blocked adds up what decisions refused, by the same days.
	Blocked(ctx context.Context, campaign string, from, to time.Time) (decisions.Blocked, error)
	// Person gives what is known of whoever a decision is about. Errors: decision_not_found, decision_erased.
	Person(ctx context.Context, id string) (decisions.Person, error)
}
