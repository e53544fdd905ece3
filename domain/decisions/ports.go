package decisions

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Canonical finds what of a person's signals is compared; identity.Canonical does.
type Canonical interface {
	Forms(identity.Shown) map[identity.Kind][]string
}

// Keyring makes digests; identity.Keyring does. Without a key everything is an error, and no decision is made: what
// cannot be looked for must never be read as "nobody matches".
type Keyring interface {
	// Version is that of the newest key.
	Version() int
	// Candidates gives digests under every key: what a new key has not reached yet is found as well.
	Candidates(forms map[identity.Kind][]string) (identity.Print, error)
	// WrapTo brings a digest under a newer key.
	WrapTo(d identity.Digest, version int) (identity.Digest, error)
}

// Found is what a code, or the key of a campaign, leads to.
type Found struct {
	CampaignID int64
	Campaign   string
	Status     CampaignStatus
	Policy     Policy
	Code       CodeState
	// Worth is what the code takes off at most, in the unit of the campaign's values: minor units of WorthIn, or basis
	// points where WorthInParts says so; nil where nobody knows. WorthAtMost tells that a code may take off less.
	Worth        *int64
	WorthIn      string
	WorthInParts bool
	WorthAtMost  bool
	// OwnerGID is the shop's customer whose personal code it is; empty for a code for anybody.
	OwnerGID string
	// UsedOrderID is the order that used it, EndsAt when it is good no longer; zero where nobody knows.
	UsedOrderID string
	EndsAt      time.Time
}

// Campaigns finds campaigns, and versions of their rules.
type Campaigns interface {
	// Find goes by the key where there is one, and by the code else: a code that we made, or its prefix. Errors:
	// domain.CodeCampaignNotFound.
	Find(ctx context.Context, key, code string) (Found, error)
	// PolicyOf gives one version. Errors: domain.CodeCampaignNotFound.
	PolicyOf(ctx context.Context, campaign string, version int) (Policy, error)
	// PolicyBefore gives the newest version of before a moment. Errors: domain.CodeCampaignNotFound where there was none.
	PolicyBefore(ctx context.Context, campaignID int64, moment time.Time) (Policy, error)
}

// Known is what is kept of those who have something in common with a request.
type Known struct {
	Uses []KnownUse
	// Pairs are those of which one side is the same as the request in something.
	Pairs []Pair
	// Blocked tells that a blocked person's customer or e-mail is the same.
	Blocked bool
}

// KnownUse is a use with its digests.
type KnownUse struct {
	ID      int64
	OrderID string
	Order   string
	Code    string
	At      time.Time
	Void    bool
	Test    bool
	// Passed tells that the decision about its order let it pass; it is told of later orders alone.
	Passed bool
	Print  identity.Print
}

// Pair are two persons whom a verdict told apart.
type Pair struct{ A, B identity.Print }

// Decision is what was decided, and from what.
type Decision struct {
	ID       int64
	PublicID string
	Campaign string
	// CampaignID is the campaign's number.
	CampaignID int64
	At         time.Time
	Request    Request
	Facts      Facts
	Answer     Answer
	// Texts are the three as they were stored; empty of one that was erased.
	Texts   Texts
	Verdict Verdict
	// Erased tells that only outcome, reason and score are left; these stand in Answer.
	Erased bool
	// Policy are the rules that it was made by, of one that was made just now.
	Policy Policy
	// Worth is what it refused, of one that was made just now.
	Worth Worth
}

// Texts are a request, facts and an answer as they are stored.
type Texts struct{ Request, Facts, Answer []byte }

// Verdict is what a person said of a decision; Is is empty where nobody has said anything.
type Verdict struct {
	Is   Judgement
	By   string
	At   time.Time
	Note string
}

// Judgement is one of two words.
type Judgement string

// The judgements.
const (
	Abuse    Judgement = "abuse"
	NotAbuse Judgement = "not_abuse"
)

// Filter says which decisions are listed, the newest first. Before is the number of the last one that was seen.
type Filter struct {
	Campaign string
	Outcome  Outcome
	Reason   Reason
	// Stopped are those that were refused or flagged.
	Stopped bool
	Stage   Stage
	Verdict Judgement
	// Unjudged are those that nobody has judged, Judged the others.
	Unjudged, Judged bool
	OrderID          string
	// From and To bound the time, To excluded; zero for no bound.
	From, To time.Time
	Before   int64
	Limit    int
}

// Repository keeps decisions and reads what they are made from.
type Repository interface {
	// Look reads what has any of the digests. Of what a use showed it gives at least the digests that are asked for, of
	// one within EmailWindow before at the e-mails, and everything where there are pairs. It costs about as much for an
	// office's IP as for a person's.
	Look(ctx context.Context, campaignID int64, asked identity.Print, at time.Time) (Known, error)
	// Keep stores a decision, its print and the jobs that follow in one transaction. An order has one decision for each
	// code: where there is one already it is given, and fresh is false.
	Keep(ctx context.Context, d Decision, print identity.Print, jobs []domain.Job) (kept Decision, fresh bool, err error)
	// ByID gives one by its public id. Errors: domain.CodeDecisionNotFound.
	ByID(ctx context.Context, publicID string) (Decision, error)
	// List gives Filter.Limit decisions.
	List(ctx context.Context, f Filter) ([]Decision, error)
}

// Uses keeps which orders used codes.
type Uses interface {
	// KeepUse inserts a use with its print, or adds to the one that there is. Whether it is void is what the newest order
	// says, by Use.SeenAt. One whose person was erased stays erased, and kept is false.
	KeepUse(ctx context.Context, u Use, print identity.Print) (kept bool, err error)
	// OfOrder gives the decision of an order's code. Errors: domain.CodeDecisionNotFound.
	OfOrder(ctx context.Context, campaignID int64, orderID, code string) (Decision, error)
	// CountUses counts the uses that are not void, no test and not the request's own order. Of a request about an order
	// those count that were placed before it, and later ones that their own decision let pass. In all an order counts
	// once, whatever codes it has.
	CountUses(ctx context.Context, campaignID int64, r Request) (Counts, error)
	// InTurn runs do while no other order of the campaign is in its turn, in one transaction: what do is given reads and
	// keeps within it.
	InTurn(ctx context.Context, campaignID int64, do func(Turn) error) error
}

// Counts are uses of a whole campaign, and those of one code.
type Counts struct{ InAll, OfCode int }

// Tally is what a campaign was used for: the orders that stand, and those of them that broke a rule and came through all
// the same.
type Tally struct {
	Counts
	Refused int
}

// Turn is the time in which one order of a campaign is decided.
type Turn interface {
	Look(ctx context.Context, campaignID int64, asked identity.Print, at time.Time) (Known, error)
	OfOrder(ctx context.Context, campaignID int64, orderID, code string) (Decision, error)
	CountUses(ctx context.Context, campaignID int64, r Request) (Counts, error)
	// Passed gives the codes, by order, that decisions about these orders let pass.
	Passed(ctx context.Context, campaignID int64, orderIDs []string) (map[string][]string, error)
	Keep(ctx context.Context, d Decision, print identity.Print, jobs []domain.Job) (kept Decision, fresh bool, err error)
}

// Verdicts keeps what people say of decisions.
type Verdicts interface {
	// Prints gives what a decision showed, and what each of the uses that it matched did.
	Prints(ctx context.Context, d Decision, uses []PastUse) (own identity.Print, others []identity.Print, err error)
	// Judge stores a verdict with what follows from it, if there is none yet: "abuse" blocks whom blocked is a print of,
	// "not abuse" lifts every block in the campaign that has something in common with it. Of somebody who was forgotten
	// meanwhile nothing follows. Errors: domain.CodeVerdictGiven where there is another one; the same one again changes
	// nothing, and done is false. domain.CodeDecisionErased where it was erased since d was read.
	Judge(ctx context.Context, d Decision, v Verdict, pair Pair, blocked identity.Print, jobs []domain.Job,
		entry domain.AuditEntry) (done bool, err error)
}

// Observer counts.
type Observer interface {
	Decided(campaign string, stage Stage, a Answer)
	// LeakedCode tells that somebody's personal code was shown by somebody else.
	LeakedCode(campaign string)
	Judged(campaign string, outcome Outcome, j Judgement)
}

// Archive keeps digests in order, whatever showed them. Every method does a bounded part of its work and can be called
// again, beside decisions and beside itself.
type Archive interface {
	// Rewrap brings some digests under the newest key that are under an older one; none are left when it says 0.
	Rewrap(ctx context.Context, newest, limit int,
		wrap func(identity.Digest) (identity.Digest, error)) (done int, err error)
	// Forget removes what uses showed and who they were of, what decisions showed and were made from, and whom verdicts named, all
	// of before a moment; nothing is left when it says 0.
	Forget(ctx context.Context, before time.Time, limit int) (done int, err error)
	// ForgetOrders removes uses of before a moment whose persons were forgotten; nothing is left when it says 0.
	ForgetOrders(ctx context.Context, before time.Time, limit int) (done int, err error)
	Eraser
	// KeyChecks gives what is known of the keys that were used, KeepKeyCheck adds to it. Errors: domain.ErrConflict where
	// another key is known by that version.
	KeyChecks(ctx context.Context) (map[int]KeyCheck, error)
	KeepKeyCheck(ctx context.Context, version int, check []byte) error
}

// Eraser forgets persons.
type Eraser interface {
	// Erase removes what one person showed, by the shop's customer and the digests of customer, e-mails and phones. It is
	// remembered by these digests: whatever they showed before and is being written meanwhile, or comes to light later,
	// is not kept. ForgetErasures forgets those of before a moment.
	Erase(ctx context.Context, customerGID string, person identity.Print, at time.Time) (Erased, error)
	ForgetErasures(ctx context.Context, before time.Time) error
}

// KeyCheck is what is known of a key: a value that only it gives, and since when there is a process that has it.
type KeyCheck struct {
	Check []byte
	// Age is for how long the key is known, by the clock that all processes share.
	Age time.Duration
}

// Erased counts what was removed. Phones are digests of a phone that somebody else showed as well.
type Erased struct{ Uses, Decisions, Verdicts, Phones int }
