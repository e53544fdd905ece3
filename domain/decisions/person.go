package decisions

import (
	"context"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Person is what is known of whoever a decision is about, within its campaign: never a value, only what kinds of it
// there are.
type Person struct {
	Campaign string
	// Shown are the kinds that this decision shows of them.
	Shown []ShownKind
	// Uses and Others are uses and decisions that have something in common with it, the newest first.
	Uses   []PersonUse
	Others []PersonDecision
	// Blocked tells that a verdict "abuse" stands against them, Apart that a verdict told them from somebody else.
	Blocked, Apart bool
}

// PersonUse is a use, and what it has in common with the decision. Likely tells that the campaign's rules take it for
// the same person's.
type PersonUse struct {
	OrderID, Order, Code string
	At                   time.Time
	Void                 bool
	Same                 []identity.Kind
	Likely               bool
}

// PersonDecision is another decision, and what it has in common with the first.
type PersonDecision struct {
	Decision
	Same   []identity.Kind
	Likely bool
}

// MostOfPerson is how many uses, and how many decisions, each digest of a person leads to.
const MostOfPerson = 50

// Alike is what has something in common with a print.
type Alike struct {
	Uses           []KnownUse
	Decisions      []KnownDecision
	Blocked, Apart bool
}

// KnownDecision is a decision with its digests.
type KnownDecision struct {
	Decision
	Print identity.Print
}

// Gallery reads what is shown of persons, and the figures.
type Gallery interface {
	// Alike gives the uses and decisions of a campaign that showed any of these digests.
	Alike(ctx context.Context, campaignID int64, asked identity.Print) (Alike, error)
	// Rollups adds decisions up; an empty campaign is all of them.
	Rollups(ctx context.Context, campaign string, from, to time.Time) ([]Rollup, error)
	// UsePrints gives what the newest uses of a time showed, MostRepeatUses and one at most.
	UsePrints(ctx context.Context, campaignID int64, from, to time.Time) ([]identity.Print, error)
	// CampaignKeys are those of campaigns that have begun.
	CampaignKeys(ctx context.Context) ([]string, error)
}

// Desk shows decisions to people.
type Desk struct {
	Service  Service
	Gallery  Gallery
	Refusals Refusals
	// Zone is the one whose days figures are for.
	Zone *time.Location
}

// ByID gives one decision. Errors: domain.CodeDecisionNotFound.
func (k Desk) ByID(ctx context.Context, publicID string) (Decision, error) {
	return k.Service.Decisions.ByID(ctx, publicID)
}

// Person gives what is known of whoever a decision is about. Errors: domain.CodeDecisionNotFound,
// domain.CodeDecisionErased.
func (k Desk) Person(ctx context.Context, publicID string) (Person, error) {
	d, err := k.ByID(ctx, publicID)
	if err != nil {
		return Person{}, err
	}
	if d.Erased {
		return Person{}, domain.Refuse(domain.CodeDecisionErased)
	}
	policy, err := k.Service.Campaigns.PolicyOf(ctx, d.Campaign, d.Answer.PolicyVersion)
	if err != nil {
		return Person{}, err
	}
	if _, err := k.Service.current(ctx); err != nil {
		return Person{}, err
	}
	own, _, err := k.Service.Verdicts.Prints(ctx, d, nil)
	if err != nil {
		return Person{}, err
	}
	alike, err := k.Gallery.Alike(ctx, d.CampaignID, own)
	if err != nil {
		return Person{}, err
	}
	p := Person{Campaign: d.Campaign, Shown: d.Request.Shown, Blocked: alike.Blocked, Apart: alike.Apart}
	p.Uses, p.Others = k.alike(publicID, policy, k.Service.raised(own), alike)
	return p, nil
}

// alike says what uses and other decisions have in common with a print, and what the rules make of it.
func (k Desk) alike(publicID string, policy Policy, mine sums, alike Alike) (uses []PersonUse,
	others []PersonDecision) {
	for _, u := range alike.Uses {
		if same := mine.same(k.Service.raised(u.Print)); len(same) > 0 && !u.Test {
			_, likely := policy.likeness(same)
			uses = append(uses, PersonUse{OrderID: u.OrderID, Order: u.Order, Code: u.Code, At: u.At, Void: u.Void,
				Same: same, Likely: likely})
		}
	}
	for _, o := range alike.Decisions {
		if same := mine.same(k.Service.raised(o.Print)); len(same) > 0 && o.PublicID != publicID {
			_, likely := policy.likeness(same)
			others = append(others, PersonDecision{Decision: o.Decision, Same: same, Likely: likely})
		}
	}
	return uses[:min(len(uses), MostOfPerson)], others[:min(len(others), MostOfPerson)]
}

// Report adds up the days from one to another, both included; an empty campaign is all of them. How many came again
// is told of one campaign, or of all that are protected, each by its own rules. Errors: domain.CodeCampaignNotFound.
func (k Desk) Report(ctx context.Context, campaign string, from, to time.Time) (Report, error) {
	begin, end := domain.StartOfDay(from, k.Zone), domain.StartOfDay(to.AddDate(0, 0, 1), k.Zone)
	keys := []string{campaign}
	if campaign == "" {
		var err error
		if keys, err = k.Gallery.CampaignKeys(ctx); err != nil {
			return Report{}, err
		}
	}
	rollups, err := k.Gallery.Rollups(ctx, campaign, begin, end)
	if err != nil {
		return Report{}, err
	}
	f := ReportOf(rollups, from, to, k.Zone)
	for _, key := range keys {
		found, err := k.Service.Campaigns.Find(ctx, key, "")
		if err != nil {
			return Report{}, err
		}
		prints, err := k.Gallery.UsePrints(ctx, found.CampaignID, begin, end)
		if err != nil {
			return Report{}, err
		}
		r := RepeatOf(k.newest(prints), found.Policy)
		f.Repeat.Uses, f.Repeat.Again, f.Repeat.Cut = f.Repeat.Uses+r.Uses, f.Repeat.Again+r.Again, f.Repeat.Cut || r.Cut
	}
	return f, nil
}

// newest brings prints under the newest key, so that they can be compared.
func (k Desk) newest(prints []identity.Print) []identity.Print {
	for i, print := range prints {
		raised := identity.Print{}
		for kind, sums := range k.Service.raised(print) {
			for sum := range sums {
				raised[kind] = append(raised[kind], identity.Digest{Key: k.Service.Keys.Version(), Sum: sum})
			}
			slices.SortFunc(raised[kind], func(a, b identity.Digest) int { return slices.Compare(a.Sum[:], b.Sum[:]) })
		}
		prints[i] = raised
	}
	return prints
}
