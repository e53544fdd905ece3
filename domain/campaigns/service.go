package campaigns

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
)

// Repository keeps campaigns.
type Repository interface {
	// Make inserts a campaign and its first policy if allow, which is given all that there are, has nothing against
	// it. Nobody else makes one meanwhile.
	Make(ctx context.Context, c Campaign, allow func(others []Campaign) error, entry domain.AuditEntry) (Campaign, error)
	// ByKey gives one campaign. Errors: domain.CodeCampaignNotFound.
	ByKey(ctx context.Context, key string) (Campaign, error)
	// List gives all campaigns, by key.
	List(ctx context.Context) ([]Campaign, error)
	// Change writes names, status and, when its version is a new one, the policy; Campaign.Version is the one that was
	// read. Errors: domain.ErrConflict when somebody else was first.
	Change(ctx context.Context, c Campaign, by string, entry domain.AuditEntry) (Campaign, error)
}

// Service makes and changes campaigns. Who may is decided before.
type Service struct {
	Campaigns Repository
	Now       func() time.Time
}

// Make keeps a new campaign, as a draft. Errors: domain.CodeValidation with the first fault and how many there are,
// domain.CodeCampaignExists, domain.CodePrefixTaken.
func (s Service) Make(ctx context.Context, caller domain.Caller, c Campaign) (Campaign, error) {
	c.ID, c.Version, c.Status, c.MadeAt = 0, 1, Draft, s.Now()
	c.Policy.Version = 1
	c.Policy, c.Offer = c.Policy.Settled(), c.Offer.Settled()
	if err := decisions.Refused(c.Faults()); err != nil {
		return Campaign{}, err
	}
	return s.Campaigns.Make(ctx, c, func(others []Campaign) error {
		for _, other := range others {
			if other.Key == c.Key {
				return domain.Refuse(domain.CodeCampaignExists, "key", c.Key)
			}
			if Overlap(other.Prefix, c.Prefix) {
				return domain.Refuse(domain.CodePrefixTaken, "prefix", c.Prefix, "campaign", other.Key)
			}
		}
		return nil
	}, s.entry(caller, domain.ActionCampaignMade, map[string]any{"campaign": c.Key, "prefix": c.Prefix,
		"policy": fields(c.Policy, c.Offer)}))
}

// Protect gives a campaign a new version of its policy, and leaves its offer as it is; see Revise.
func (s Service) Protect(ctx context.Context, caller domain.Caller, key string, version int,
	p decisions.Policy) (Campaign, error) {
	return s.revise(ctx, caller, key, version, func(c *Campaign) { c.Policy = p })
}

// Revise gives a campaign a new version of its rules; version is the one that the caller saw. Rules that are the same
// make no version. The next decision reads the new one. Which kind of codes a campaign has, and their currency, is
// settled once it has left the draft. Errors: domain.CodeCampaignChanged when somebody else was first,
// domain.CodeCampaignStatus of a campaign that has ended, domain.CodeValidation.
func (s Service) Revise(ctx context.Context, caller domain.Caller, key string, version int, o Offer,
	p decisions.Policy) (Campaign, error) {
	return s.revise(ctx, caller, key, version, func(c *Campaign) { c.Policy, c.Offer = p, o })
}

func (s Service) revise(ctx context.Context, caller domain.Caller, key string, version int,
	change func(*Campaign)) (Campaign, error) {
	was, err := s.Campaigns.ByKey(ctx, key)
	if err != nil {
		return Campaign{}, err
	}
	if was.Policy.Version != version {
		return Campaign{}, domain.Refuse(domain.CodeCampaignChanged)
	}
	if at := was.StatusAt(s.Now()); at == Ended {
		return Campaign{}, domain.Refuse(domain.CodeCampaignStatus, "from", string(at))
	}
	c := was
	change(&c)
	c.Offer, c.Policy = c.Offer.Settled(), c.Policy.Settled()
	c.Policy.Version = version
	before, after := differences(was, c)
	if len(after) == 0 {
		return was, nil
	}
	c.Policy.Version++
	if err := decisions.Refused(append(c.Faults(), settledFaults(was, c)...)); err != nil {
		return Campaign{}, err
	}
	return s.change(ctx, caller, c, s.entry(caller, domain.ActionCampaignProtected, map[string]any{"campaign": key,
		"version": c.Policy.Version, "before": before, "after": after}))
}

// settledFaults names what can be changed no longer: codes that are out there have a kind and a currency.
func settledFaults(was, c Campaign) (faults []decisions.Fault) {
	if was.Status == Draft {
		return nil
	}
	if was.Offer.Codes != c.Offer.Codes {
		faults = append(faults, decisions.Fault{Field: "offer.codes", Rule: RuleSettled})
	}
	if was.Offer.Value.Kind != c.Offer.Value.Kind || was.Offer.Value.Currency != c.Offer.Value.Currency {
		faults = append(faults, decisions.Fault{Field: "offer.value.kind", Rule: RuleSettled})
	}
	return faults
}

// RuleSettled is broken by another value of something that stays as it is once a campaign has left the draft.
const RuleSettled = "settled"

// RuleNotForCodes is broken by what is said of an offer whose kind of codes has nothing of the sort.
const RuleNotForCodes = "not_for_codes"

// Rename gives a campaign other names.
func (s Service) Rename(ctx context.Context, caller domain.Caller, key string, names []Name) (Campaign, error) {
	c, err := s.Campaigns.ByKey(ctx, key)
	if err != nil {
		return Campaign{}, err
	}
	before := c.Names
	c.Names = names
	if err := decisions.Refused(c.Faults()); err != nil {
		return Campaign{}, err
	}
	return s.change(ctx, caller, c, s.entry(caller, domain.ActionCampaignRenamed, map[string]any{"campaign": key,
		"before": before, "after": names}))
}

// SetStatus moves a campaign on. One that stands so already is left alone. Errors: domain.CodeCampaignStatus for a move
// that there is not, and for one to live of what its end has passed; domain.CodeCampaignChanged when somebody else moved it meanwhile.
func (s Service) SetStatus(ctx context.Context, caller domain.Caller, key string, to Status,
	note string) (Campaign, error) {
	if !domain.NoteFits(note) {
		return Campaign{}, domain.Refuse(domain.CodeValidation, "field", "reason")
	}
	c, err := s.Campaigns.ByKey(ctx, key)
	if err != nil || c.Status == to {
		return c, err
	}
	over := to == Live && !c.Offer.Found() && !s.Now().Before(c.Offer.EndsAt)
	if c.BuiltIn() || over || !CanBecome(c.Status, to) {
		return Campaign{}, domain.Refuse(domain.CodeCampaignStatus, "from", string(c.Status))
	}
	entry := s.entry(caller, domain.ActionCampaignMoved, map[string]any{"campaign": key, "before": string(c.Status),
		"after": string(to), "reason": note})
	c.Status = to
	return s.change(ctx, caller, c, entry)
}

func (s Service) change(ctx context.Context, caller domain.Caller, c Campaign,
	entry domain.AuditEntry) (Campaign, error) {
	changed, err := s.Campaigns.Change(ctx, c, caller.ID, entry)
	if errors.Is(err, domain.ErrConflict) && !errors.Is(err, domain.ErrUnavailable) {
		return Campaign{}, &domain.Error{Code: domain.CodeCampaignChanged, Err: err}
	}
	return changed, err
}

func (s Service) entry(caller domain.Caller, action string, detail map[string]any) domain.AuditEntry {
	return domain.AuditEntry{At: s.Now(), Actor: caller.ID, ActorName: caller.Name, Credential: caller.Credential,
		Action: action, Outcome: domain.OutcomeDone, Detail: detail}
}
