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
	// Shop is asked for what conditions need to know; nil for nobody, and then nobody can tell.
	Shop ShopFacts
	// ShopWait is how long whoever waits for a decision waits for the shop.
	ShopWait time.Duration
	Now      func() time.Time
	// Current is the version of the key with which digests are kept now; nil for the newest. It fails where a key is in
	// use that Keys lacks, and nothing is decided then.
	Current func(context.Context) (int, error)
	// Disposable tells whether a domain is one of throw-away mailboxes; nil for none is.
	Disposable func(domain string) bool
	// Retention is how long uses are kept; older orders are not learned from; zero for ever.
	Retention time.Duration
	// Follow gives the jobs that follow from a decision about an order; nil for none. Judged gives those that follow
	// from a verdict.
	Follow func(Decision) []domain.Job
	Judged func(Decision, Judgement) []domain.Job
	// Self is what the shop may see of whoever judges, who judges nothing that is about them; nil for nothing.
	Self func(context.Context, domain.Caller) ([]identity.Shown, error)
	// Noted is told what every use of a code showed, when it is kept: e-mails as they were typed, phones in international
	// form; nil for nobody.
	Noted func(ctx context.Context, orderID, code string, emails, phones []string) error
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
	return s.keep(ctx, d, print)
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
	if q.TriedStatus != "" {
		found.Status = q.TriedStatus
	}
	if policy.Mode == Off {
		policy.Mode = Shadow
	}
	d, _, err := s.decide(ctx, q, found, policy)
	return d, err
}

// asking is a question with all that is needed to look for an answer.
type asking struct {
	q      Question
	found  Found
	policy Policy
	at     time.Time
	// asked finds what is kept under any key, print is what will be kept.
	asked, print identity.Print
	shop         ShopAnswer
}

// prepare makes digests and asks the shop; nothing is read from the database.
func (s Service) prepare(ctx context.Context, q Question, found Found, p Policy) (asking, error) {
	a := asking{q: q, found: found, policy: p, at: q.At}
	if a.at.IsZero() {
		a.at = s.Now()
	}
	var err error
	if a.asked, a.print, err = s.digests(ctx, q.Shown); err != nil {
		return asking{}, err
	}
	if a.shop, err = s.askShop(ctx, q, p, a.at); err != nil {
		return asking{}, err
	}
	if p.NewCustomersOnly && q.OrdersBefore == nil && q.Stage != StageOrder {
		a.q.OrdersBefore = a.shop.Orders
	}
	return a, nil
}

func (s Service) decide(ctx context.Context, q Question, found Found, p Policy) (Decision, identity.Print, error) {
	if p.Mode == Off {
		return Decision{Campaign: found.Campaign, CampaignID: found.CampaignID, At: s.Now(), Policy: p,
			Answer: Answer{Outcome: Allow, Threshold: p.Threshold, PolicyVersion: p.Version, Signals: []Signal{}}}, nil, nil
	}
	if s.Took != nil {
		began := s.Now()
		defer func() { s.Took(q.Stage, s.Now().Sub(began)) }()
	}
	a, err := s.prepare(ctx, q, found, p)
	if err != nil {
		return Decision{}, nil, err
	}
	known, err := s.Decisions.Look(ctx, found.CampaignID, a.asked, a.at)
	if err != nil {
		return Decision{}, nil, err
	}
	r := s.requestOf(a)
	counts, err := counted(ctx, s.Uses, found.CampaignID, p, r)
	if err != nil {
		return Decision{}, nil, err
	}
	return s.decideBy(a, r, known, counts), a.print, nil
}

// counter counts uses; Uses and Turn do.
type counter interface {
	CountUses(ctx context.Context, campaignID int64, r Request) (Counts, error)
}

// counted counts only where the rules have a limit; nil where they have none.
func counted(ctx context.Context, uses counter, campaignID int64, p Policy, r Request) (*Counts, error) {
	if p.UsesInAll == 0 && p.UsesPerCode == 0 {
		return nil, nil //nolint:nilnil // nobody counted, and that is no error
	}
	counts, err := uses.CountUses(ctx, campaignID, r)
	return &counts, err
}

func (s Service) requestOf(a asking) Request {
	return a.q.request(a.found.Campaign, a.at, a.print, s.throwAway(a.q.Shown.Emails))
}

// decideBy decides from everything that is known; it asks nobody.
func (s Service) decideBy(a asking, r Request, known Known, counts *Counts) Decision {
	d := Decision{Campaign: a.found.Campaign, CampaignID: a.found.CampaignID, At: s.Now(), Request: r, Policy: a.policy}
	d.Facts = s.facts(r, a.q.Shown.CustomerID, a.found, known, a.print)
	worth := a.q.Worth
	if worth == nil {
		worth = a.found.Worth
	}
	d.Facts.Held = a.policy.held(weighed{q: a.q, at: a.at, shop: a.shop, worth: worth})
	if counts != nil {
		d.Facts.UsesInAll = &counts.InAll
		if r.Code != "" {
			d.Facts.UsesOfCode = &counts.OfCode
		}
	}
	if d.Answer = Decide(r, a.policy, d.Facts); d.Answer.Outcome == Refuse {
		d.Worth = a.worthOf()
	}
	return d
}

// keeper stores decisions; Repository and Turn do.
type keeper interface {
	Keep(ctx context.Context, d Decision, print identity.Print, jobs []domain.Job) (kept Decision, fresh bool, err error)
}

// digests are those by which a person is looked for, under every key, and those of them that are kept.
func (s Service) digests(ctx context.Context, shown identity.Shown) (asked, print identity.Print, err error) {
	version, err := s.current(ctx)
	if err != nil {
		return nil, nil, err
	}
	if asked, err = s.Keys.Candidates(s.Canonical.Forms(shown)); err != nil {
		return nil, nil, err
	}
	print = make(identity.Print, len(asked))
	for kind, all := range asked {
		for _, d := range all {
			if d.Key == version {
				print[kind] = append(print[kind], d)
			}
		}
	}
	return asked, print, nil
}

// current is the version of the key in use. It fails where that cannot be compared with here.
func (s Service) current(ctx context.Context) (int, error) {
	if s.Current == nil {
		return s.Keys.Version(), nil
	}
	return s.Current(ctx)
}

// keep stores a decision and counts it.
func (s Service) keep(ctx context.Context, d Decision, print identity.Print) (Decision, error) {
	kept, fresh, err := store(ctx, s.Decisions, d, print, nil)
	if err == nil && fresh {
		s.observe(d)
	}
	return kept, err
}

func store(ctx context.Context, in keeper, d Decision, print identity.Print,
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
	return in.Keep(ctx, d, print, jobs)
}

func (s Service) observe(d Decision) {
	s.Observer.Decided(d.Campaign, d.Request.Stage, d.Answer)
	if d.Facts.Owner == OwnerOther {
		s.Observer.LeakedCode(d.Campaign)
	}
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
