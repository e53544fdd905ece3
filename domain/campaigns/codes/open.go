package codes

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// Bounds of what can be asked for.
const (
	// MaxCount is how many codes a batch has at most: at 250 a call and the shop's smallest budget that is some minutes
	// of making, and a file that spreadsheets still open. Whoever needs more makes another batch.
	MaxCount = 250_000
	MaxOwner = 80
	// MaxCode is how many characters a shared code has at most; what is longer nobody types.
	MaxCode = 32
)

// RulePrefix is broken by a code that does not begin with its campaign's prefix.
const RulePrefix = "prefix"

var codeForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]*$`)

// Asked is a request for a batch of unbound codes, or of those of a list.
type Asked struct {
	Caller   domain.Caller
	Key      string
	Campaign string
	// Count is how many unbound codes; 0 for a list of recipients, whose text is CSV.
	Count int
	// Value is what each gives, where the campaign leaves a choice; 0 for its only one, or for the list's own.
	Value int64
	CSV   string
}

// Make begins a batch; the same request again gives the same one. Errors: domain.CodeValidation,
// domain.CodeCampaignNotFound, domain.CodeCampaignStatus of a campaign that is not live, domain.CodeOtherCodes,
// domain.CodeShopSettings of one in another currency than the shop's, domain.CodeKeyReused.
func (s *Service) Make(ctx context.Context, a Asked) (Batch, bool, error) {
	kind, err := a.kind()
	if err != nil {
		return Batch{}, false, err
	}
	if b, made, err := s.earlier(ctx, a.Caller, a.Key, a.meaning(kind)); made || err != nil {
		return b, made, err
	}
	o, err := s.Plan(ctx, a)
	if err != nil {
		return Batch{}, false, err
	}
	return s.Batches.Open(ctx, o)
}

func (a Asked) kind() (Kind, error) {
	switch {
	case a.CSV == "" && (a.Count < 1 || a.Count > MaxCount):
		return "", domain.Refuse(domain.CodeValidation, "field", "count", "rule", decisions.RuleRange)
	case a.CSV != "" && a.Count != 0:
		return "", domain.Refuse(domain.CodeValidation, "field", "count", "rule", RuleEither)
	case a.CSV != "":
		return Bound, nil
	default:
		return Unbound, nil
	}
}

func (a Asked) meaning(kind Kind) string { return meaning(a.Campaign, kind, a.Count, a.Value, a.CSV) }

// Plan is what a request would begin, without any effect. It is not asked whether the request was made before. Errors as
// Make.
func (s *Service) Plan(ctx context.Context, a Asked) (Opening, error) {
	kind, err := a.kind()
	if err != nil {
		return Opening{}, err
	}
	c, err := s.giving(ctx, a.Campaign, map[Kind]campaigns.Codes{Unbound: campaigns.Batch, Bound: campaigns.Personal}[kind])
	if err != nil {
		return Opening{}, err
	}
	o := Opening{Batch: s.opened(a.Caller, a.Key, c, kind)}
	if err := s.valued(&o.Batch, c, a.Value); err != nil {
		return Opening{}, err
	}
	o.Batch.Wanted = a.Count
	if kind == Bound {
		if s.Issuer == nil {
			return Opening{}, domain.Refuse(domain.CodeOtherCodes)
		}
		if o.Rows, err = ReadCSV(a.CSV, c.Offer.Value.Range, o.Batch.Value); err != nil {
			return Opening{}, err
		}
		o.Batch.Wanted = len(o.Rows)
	}
	o.Batch.RequestHash = s.Meanings.Of(a.meaning(kind))
	o.Entry = s.entry(a.Caller, domain.ActionBatchMade, o.Batch, map[string]any{"campaign": c.Key, "kind": string(kind),
		"count": o.Batch.Wanted, "value": o.Batch.Value})
	return o, nil
}

// earlier is what the same request made before. It is asked first: the answer stays the same when the campaign has been
// paused or changed since, and whoever lost it must not be told that there is nothing.
func (s *Service) earlier(ctx context.Context, caller domain.Caller, key, meaning string) (b Batch, made bool,
	err error) {
	b, err = s.Batches.OfRequest(ctx, caller.ID, key)
	switch {
	case domain.CodeOf(err) == domain.CodeBatchNotFound:
		return Batch{}, false, nil
	case err != nil:
		return Batch{}, false, err
	case !s.Meanings.Same(b.RequestHash, meaning):
		return Batch{}, false, domain.Refuse(domain.CodeKeyReused)
	}
	return b, true, nil
}

// giving is a campaign that gives codes of a kind out at this moment.
func (s *Service) giving(ctx context.Context, key string, kind campaigns.Codes) (campaigns.Campaign, error) {
	c, err := s.Campaigns.ByKey(ctx, key)
	switch {
	case err != nil:
		return c, err
	case c.Offer.Codes != kind:
		return c, domain.Refuse(domain.CodeOtherCodes, "codes", string(c.Offer.Settled().Codes))
	case c.Status != campaigns.Live || !s.now().Before(c.Offer.EndsAt):
		return c, domain.Refuse(domain.CodeCampaignStatus, "from", string(c.StatusAt(s.now())))
	case currencyOf(c, s.Currency) != s.Currency:
		return c, domain.Refuse(domain.CodeShopSettings)
	}
	return c, nil
}

func (s *Service) opened(caller domain.Caller, key string, c campaigns.Campaign, kind Kind) Batch {
	now := s.now()
	return Batch{PublicID: newID(), CampaignID: c.ID, Kind: kind, Status: Running, Synced: c.Version, Caller: caller,
		RequestKey: key, MadeAt: now, LeaseUntil: now}
}

// valued sets what each code gives: something in the campaign's range, which where nothing can be chosen need not be
// said.
func (s *Service) valued(b *Batch, c campaigns.Campaign, value int64) error {
	r := c.Offer.Value.Range
	if value == 0 && r.Min == r.Max {
		value = r.Min
	}
	if value == 0 && b.Kind == Bound {
		return nil // each row says it
	}
	if !r.Holds(value) {
		return domain.Refuse(domain.CodeValidation, "field", "value", "rule", decisions.RuleRange)
	}
	b.Value = value
	return nil
}

// meaning is what a request asks for: a key that comes again has to ask for the same.
func meaning(parts ...any) string {
	text, _ := json.Marshal(parts)
	return string(text)
}

// SharedCode is a request for a code that anybody may type.
type SharedCode struct {
	Caller      domain.Caller
	Key         string
	Campaign    string
	Code, Owner string
}

// Share begins a code that anybody may type; the same request again gives the same one. Errors as Make, and
// domain.CodeCodeTaken for a text that another code of ours has.
func (s *Service) Share(ctx context.Context, a SharedCode) (Code, bool, error) {
	a.Code, a.Owner = decisions.CodeKey(a.Code), strings.TrimSpace(a.Owner)
	asked := meaning(a.Campaign, Shared, a.Code, a.Owner)
	b, replayed, err := s.earlier(ctx, a.Caller, a.Key, asked)
	if err == nil && !replayed {
		b, replayed, err = s.shared(ctx, a, s.Meanings.Of(asked))
	}
	if err != nil {
		return Code{}, false, err
	}
	list, err := s.Library.CodesOf(ctx, Query{Campaign: a.Campaign, BatchID: b.ID, Limit: 1})
	if err != nil || len(list) == 0 {
		return Code{}, false, err
	}
	return list[0], replayed, nil
}

func (s *Service) shared(ctx context.Context, a SharedCode, hash string) (b Batch, replayed bool, err error) {
	c, err := s.giving(ctx, a.Campaign, campaigns.Shared)
	if err != nil {
		return Batch{}, false, err
	}
	if err := decisions.Refused(sharedFaults(a.Code, a.Owner, c.Prefix)); err != nil {
		return Batch{}, false, err
	}
	b = s.opened(a.Caller, a.Key, c, Shared)
	b.Wanted, b.Value, b.RequestHash = 1, c.Offer.Value.Range.Min, hash
	return s.Batches.Open(ctx, Opening{Batch: b, Code: a.Code, Owner: a.Owner,
		Entry: s.entry(a.Caller, domain.ActionCampaignCodeAdded, b, map[string]any{"campaign": c.Key, "code": a.Code,
			"owner": a.Owner})})
}

func sharedFaults(code, owner, prefix string) (faults []decisions.Fault) {
	add := func(wrong bool, field, rule string) {
		if wrong {
			faults = append(faults, decisions.Fault{Field: field, Rule: rule})
		}
	}
	add(!codeForm.MatchString(code), "code", decisions.RuleForm)
	add(len(code) > MaxCode, "code", decisions.RuleTooLong)
	add(!strings.HasPrefix(code, prefix) || code == prefix, "code", RulePrefix)
	add(domain.IsPointsCode(code), "code", campaigns.RulePoints)
	add(owner == "", "owner", decisions.RuleNeeded)
	add(utf8.RuneCountInString(owner) > MaxOwner, "owner", decisions.RuleTooLong)
	add(!utf8.ValidString(owner) || strings.ContainsFunc(owner, unicode.IsControl), "owner", decisions.RuleForm)
	return faults
}

// Deactivate ends one shared code for good; one that has ended stays so. Errors: domain.CodeCodeNotFound.
func (s *Service) Deactivate(ctx context.Context, caller domain.Caller, campaign, code string) (Code, error) {
	list, err := s.Library.CodesOf(ctx, Query{Campaign: campaign, Kind: Shared, Code: decisions.CodeKey(code), Limit: 1})
	if err != nil {
		return Code{}, err
	}
	if len(list) == 0 {
		return Code{}, domain.Refuse(domain.CodeCodeNotFound)
	}
	found := list[0]
	_, err = s.Batches.Decide(ctx, campaign, found.Batch, func(b Batch) (*Decision, error) {
		if b.DeactivatedAt != nil {
			return nil, nil
		}
		at := s.now()
		d := Decision{Status: b.Status, Reason: b.Reason, FinishedAt: b.FinishedAt, Deactivated: &at,
			Entry: s.entry(caller, domain.ActionCampaignCodeDeactivated, b, map[string]any{"campaign": campaign,
				"code": found.Code})}
		if b.Status == Running || b.Status == Paused {
			d.Status, d.Reason, d.FinishedAt = Stopped, ByPerson, &at
		}
		found.DeactivatedAt = &at
		return &d, nil
	})
	return found, err
}

// SetStatus pauses a batch, lets it go on, or stops it for good. One that stands so already is left alone. Errors:
// domain.CodeBatchNotFound, domain.CodeBatchStatus for a move that there is not.
func (s *Service) SetStatus(ctx context.Context, caller domain.Caller, campaign, publicID string, to Status,
	note string) (Batch, error) {
	if !domain.NoteFits(note) {
		return Batch{}, domain.Refuse(domain.CodeValidation, "field", "reason")
	}
	return s.Batches.Decide(ctx, campaign, publicID, func(b Batch) (*Decision, error) {
		if b.Status == to {
			return nil, nil
		}
		may := to == Paused && b.Status == Running || to == Running && b.Status == Paused ||
			to == Stopped && (b.Status == Running || b.Status == Paused)
		if !may || b.Kind == Shared {
			return nil, domain.Refuse(domain.CodeBatchStatus, "from", string(b.Status))
		}
		d := Decision{Status: to, FinishedAt: b.FinishedAt, Entry: s.entry(caller, domain.ActionBatchMoved, b,
			map[string]any{"campaign": campaign, "before": string(b.Status), "after": string(to), "reason": note})}
		if to != Running {
			d.Reason = ByPerson
		}
		if to == Stopped {
			at := s.now()
			d.FinishedAt, d.Forget = &at, b.Kind == Bound
		}
		return &d, nil
	})
}
