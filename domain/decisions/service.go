package decisions

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Service decides, keeps what it decided, and hears what people say of it. Who may ask is decided before.
type Service struct {
	Campaigns Campaigns
	Decisions Repository
	Uses      Uses
	Verdicts  Verdicts
	Canonical Canonical
	Keys      Keyring
	Observer  Observer
	Now       func() time.Time
	// Disposable tells whether a domain is one of throw-away mailboxes; nil for none is.
	Disposable func(domain string) bool
	// Retention is how long uses are kept; older orders are not learned from; zero for ever.
	Retention time.Duration
	// Follow gives the jobs that follow from a decision about an order; nil for none. Judged gives those that follow
	// from a verdict.
	Follow func(Decision) []domain.Job
	Judged func(Decision, Judgement) []domain.Job
	// Took is told how long it took to decide, looking included; nil for nobody.
	Took func(Stage, time.Duration)
}

// Ask decides whether a code may be given out or used, stores that and gives it; PublicID is empty where the campaign
// is not protected: nothing is decided or stored then. Errors: domain.CodeValidation, domain.CodeCampaignNotFound.
func (s Service) Ask(ctx context.Context, q Question) (Decision, error) {
	q.OrderID, q.At = "", time.Time{} // only orders have them
	if err := Refused(q.faults()); err != nil {
		return Decision{}, err
	}
	found, err := s.Campaigns.Find(ctx, q.Campaign, q.Code)
	if err != nil {
		return Decision{}, err
	}
	d, print, err := s.decide(ctx, q, found, found.Policy)
	if err != nil || found.Policy.Mode == Off {
		return d, err
	}
	kept, _, err := s.keep(ctx, d, print, nil)
	return kept, err
}

// Trial decides like Ask, under another policy where one is given, and leaves no trace.
func (s Service) Trial(ctx context.Context, q Question, p *Policy) (Decision, error) {
	q.OrderID, q.At = "", time.Time{}
	faults := q.faults()
	if p != nil {
		faults = append(faults, p.Faults()...)
	}
	if err := Refused(faults); err != nil {
		return Decision{}, err
	}
	found, err := s.Campaigns.Find(ctx, q.Campaign, q.Code)
	if err != nil {
		return Decision{}, err
	}
	policy := found.Policy
	if p != nil {
		policy = p.Settled()
		policy.Version = found.Policy.Version
	}
	if policy.Mode == Off {
		policy.Mode = Shadow
	}
	d, _, err := s.decide(ctx, q, found, policy)
	return d, err
}

func (s Service) decide(ctx context.Context, q Question, found Found, p Policy) (Decision, identity.Print, error) {
	at := q.At
	if at.IsZero() {
		at = s.Now()
	}
	d := Decision{Campaign: found.Campaign, CampaignID: found.CampaignID, At: s.Now(), Policy: p}
	if p.Mode == Off {
		d.Answer = Answer{Outcome: Allow, Threshold: p.Threshold, PolicyVersion: p.Version, Signals: []Signal{}}
		return d, nil, nil
	}
	if s.Took != nil {
		began := s.Now()
		defer func() { s.Took(q.Stage, s.Now().Sub(began)) }()
	}
	forms := s.Canonical.Forms(q.Shown)
	asked, err := s.Keys.Candidates(forms)
	if err != nil {
		return Decision{}, nil, err
	}
	print, err := s.Keys.Print(forms)
	if err != nil {
		return Decision{}, nil, err
	}
	known, err := s.Decisions.Look(ctx, found.CampaignID, asked, at)
	if err != nil {
		return Decision{}, nil, err
	}
	d.Request = q.request(found.Campaign, at, print, s.throwAway(q.Shown.Emails))
	d.Facts = s.facts(d.Request, q.Shown.CustomerID, found, known, print)
	d.Answer = Decide(d.Request, p, d.Facts)
	return d, print, nil
}

// keep stores a decision and counts it.
func (s Service) keep(ctx context.Context, d Decision, print identity.Print,
	jobs []domain.Job) (Decision, bool, error) {
	var errs [3]error
	d.Texts.Request, errs[0] = EncodeRequest(d.Request)
	d.Texts.Facts, errs[1] = EncodeFacts(d.Facts)
	d.Texts.Answer, errs[2] = EncodeAnswer(d.Answer)
	if err := errors.Join(errs[:]...); err != nil {
		return Decision{}, false, err
	}
	if d.PublicID == "" {
		d.PublicID = newID(d.At)
	}
	kept, fresh, err := s.Decisions.Keep(ctx, d, print, jobs)
	if err == nil && fresh {
		s.Observer.Decided(d.Campaign, d.Request.Stage, d.Answer)
		if d.Facts.Owner == OwnerOther {
			s.Observer.LeakedCode(d.Campaign)
		}
	}
	return kept, fresh, err
}

// newID draws an id: a hundred random bits behind the time in steps of some minutes, so that ids that are made one
// after the other stand together in the database's index.
func newID(at time.Time) string {
	const drawn = 20
	return fmt.Sprintf("dec_%07x%s", at.Unix()>>8, strings.ToLower(rand.Text()[:drawn]))
}

func (s Service) throwAway(emails []string) bool {
	for _, e := range emails {
		if at := strings.LastIndexByte(e, '@'); s.Disposable != nil && at >= 0 &&
			s.Disposable(strings.ToLower(strings.Trim(e[at+1:], " .>"))) {
			return true
		}
	}
	return false
}

// List gives a page of decisions, the newest first, and whether there is another one.
func (s Service) List(ctx context.Context, f Filter) (page []Decision, more bool, err error) {
	length := f.Limit
	f.Limit++
	page, err = s.Decisions.List(ctx, f)
	if more = len(page) > length; more {
		page = page[:length]
	}
	return page, more, err
}

// Replayed is a decision that was made again.
type Replayed struct {
	Answer Answer
	// Same tells that it is what was answered then, byte for byte; it can be otherwise only under another version.
	Same bool
}

// Replay makes a decision again from what was stored, under the policy's version of then, or under another one where
// version is not zero. Errors: domain.CodeDecisionNotFound, domain.CodeDecisionErased, and domain.CodeCampaignNotFound
// for a version that there is not.
func (s Service) Replay(ctx context.Context, publicID string, version int) (Replayed, error) {
	d, err := s.Decisions.ByID(ctx, publicID)
	if err != nil {
		return Replayed{}, err
	}
	if d.Erased {
		return Replayed{}, domain.Refuse(domain.CodeDecisionErased)
	}
	if version == 0 {
		version = d.Answer.PolicyVersion
	}
	p, err := s.Campaigns.PolicyOf(ctx, d.Campaign, version)
	if err != nil {
		return Replayed{}, err
	}
	a, text, err := Again(d.Texts.Request, d.Texts.Facts, p)
	return Replayed{Answer: a, Same: string(text) == string(d.Texts.Answer)}, err
}
