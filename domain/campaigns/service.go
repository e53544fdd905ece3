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
	c.Policy = c.Policy.Settled()
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
		"policy": fields(c.Policy)}))
}

// Protect gives a campaign a new version of its policy; version is the one that the caller saw. A policy that is the
// same makes no version. The next decision reads the new one.
func (s Service) Protect(ctx context.Context, caller domain.Caller, key string, version int,
	p decisions.Policy) (Campaign, error) {
	c, err := s.Campaigns.ByKey(ctx, key)
	if err != nil {
		return Campaign{}, err
	}
	if c.Policy.Version != version {
		return Campaign{}, domain.Refuse(domain.CodeCampaignChanged)
	}
	p.Version = version
	before, after := differences(c.Policy, p.Settled())
	if len(after) == 0 {
		return c, nil
	}
	p.Version++
	c.Policy = p.Settled()
	if err := decisions.Refused(c.Faults()); err != nil {
		return Campaign{}, err
	}
	return s.change(ctx, caller, c, s.entry(caller, domain.ActionCampaignProtected, map[string]any{"campaign": key,
		"version": c.Policy.Version, "before": before, "after": after}))
}

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
// that there is not, domain.CodeCampaignChanged when somebody else moved it meanwhile.
func (s Service) SetStatus(ctx context.Context, caller domain.Caller, key string, to Status,
	note string) (Campaign, error) {
	if !domain.NoteFits(note) {
		return Campaign{}, domain.Refuse(domain.CodeValidation, "field", "reason")
	}
	c, err := s.Campaigns.ByKey(ctx, key)
	if err != nil || c.Status == to {
		return c, err
	}
	if c.BuiltIn() || !CanBecome(c.Status, to) {
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
