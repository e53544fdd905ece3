package codes

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// Batches keeps batches. It is this large because making, working on and deciding about a batch exclude each other, and only
// what keeps all three can see to that.
type Batches interface {
	// Open keeps a new batch with what it begins with, or gives the one that the same request made before. Errors:
	// domain.CodeKeyReused when the key was used for something else, domain.CodeCodeTaken for a text that is there.
	Open(ctx context.Context, o Opening) (b Batch, replayed bool, err error)
	// OfRequest is the batch that a request of a caller made. Errors: domain.CodeBatchNotFound.
	OfRequest(ctx context.Context, callerID, key string) (Batch, error)
	// Claim takes a batch for one actor. Errors: domain.ErrConflict while another one has it.
	Claim(ctx context.Context, id int64, now, until time.Time) (Batch, campaigns.Campaign, error)
	// Commit writes a change in one transaction. Errors: domain.ErrConflict when this actor has the batch no longer.
	Commit(ctx context.Context, c Change) (Batch, error)
	// Decide writes what a person decides, whoever works on the batch: its status, or that its discount is over. A nil
	// decision changes nothing. Errors: domain.CodeBatchNotFound, and what decide says.
	Decide(ctx context.Context, campaign, publicID string, decide func(Batch) (*Decision, error)) (Batch, error)
	// Due lists batches that there is something to do about and nobody works on, those longest waiting first.
	Due(ctx context.Context, now time.Time, limit int) ([]int64, error)
	// Stale lists batches that stand still, hold recipients, and were made before a time.
	Stale(ctx context.Context, now, before time.Time, limit int) ([]int64, error)
}

// Shelf gives what a batch works on.
type Shelf interface {
	// NextPlanned gives codes that are planned, the oldest first; OpenChunks those chunks that are not done, with their
	// codes.
	NextPlanned(ctx context.Context, batchID int64, limit int) ([]string, error)
	OpenChunks(ctx context.Context, batchID int64) ([]Chunk, error)
	// Waiting gives rows that wait, those tried longest ago first.
	Waiting(ctx context.Context, batchID int64, limit int) ([]Row, error)
	// UsesOf is how many uses of a batch's codes we know of, also those that came to nothing.
	UsesOf(ctx context.Context, batchID int64) (int, error)
	// Sweepable takes batches whose discounts are to leave the shop, for one actor.
	Sweepable(ctx context.Context, now, until time.Time, limit int) ([]Batch, error)
}

// Opening is a new batch and what it begins with: one code of its own, or rows.
type Opening struct {
	Batch Batch
	Code  string
	Owner string
	Rows  []Row
	Entry domain.AuditEntry
}

// Decision is what a person decides about a batch.
type Decision struct {
	Status      Status
	Reason      string
	FinishedAt  *time.Time
	Deactivated *time.Time
	// Forget takes the recipients from rows that wait, and refuses those.
	Forget bool
	Entry  domain.AuditEntry
}

// Change is one commit about a batch that this actor has: Was is as the actor last saw it, Batch as it becomes. Its
// figures are the store's. What a person may have decided meanwhile (its status, and what asks for another look at the
// campaign) is written only where it is still what the actor saw.
type Change struct {
	Was, Batch Batch
	// Plan are new codes; those whose text is there already are left out.
	Plan []string
	// Chunk is a chunk as it becomes. A new one has no id, and its codes become sent; of one that is done, codes
	// without a fate become made.
	Chunk *Chunk
	Fates []Fate
	Rows  []Row
	// Forget takes the recipients from rows that wait, and refuses those.
	Forget bool
	Entry  *domain.AuditEntry
}

// Fate is what became of a code.
type Fate struct {
	Code     string
	From, To State
	Reason   string
}

// Shop makes and changes the discounts of batches. One attempt per call, a *domain.UpstreamError of one of the outcomes.
type Shop interface {
	CreateCampaignDiscount(ctx context.Context, d Discount) (id string, err error)
	// FindCampaignDiscount reads whatever discount can be entered by a text, ReadCampaignDiscount one by its id. Errors:
	// KindNotFound.
	FindCampaignDiscount(ctx context.Context, code string) (Found, error)
	ReadCampaignDiscount(ctx context.Context, id string) (Found, error)
	// SetDiscountPeriod gives a discount its start and its end, which also switches on one that was deactivated.
	SetDiscountPeriod(ctx context.Context, id string, startsAt, endsAt time.Time) error
	DeactivateDiscount(ctx context.Context, id string) error
}

// Gate reports whether codes may be made: the shop is as the settings say.
type Gate interface {
	// MayIssue is asked before a discount is made. Errors: shop_settings_differ, upstream_unavailable.
	MayIssue(ctx context.Context, currency string) error
}

// Bulk is what the shop does with many codes or discounts at once, after it has answered.
type Bulk interface {
	AddCodes(ctx context.Context, discountID string, codes []string) (bulkID string, err error)
	ReadBulk(ctx context.Context, bulkID string) (BulkState, error)
	// NewestCodes lists the codes of a discount, the newest first; next is empty at the end.
	NewestCodes(ctx context.Context, discountID, after string) (codes []string, next string, err error)
	DeleteDiscounts(ctx context.Context, ids []string) (jobID string, err error)
	JobDone(ctx context.Context, jobID string) (bool, error)
}

// BulkState is how far the shop is with a chunk. Failures are there once it is done.
type BulkState struct {
	Done     bool
	Imported int
	Failed   int
	Failures []Failure
}

// Failure is a code that the shop did not take; Reason is its word in small letters.
type Failure struct{ Code, Reason string }

// Discount is what the shop is to make.
type Discount struct {
	Code, Title      string
	Tags             []string
	StartsAt, EndsAt time.Time
	// UsageLimit is for each code; 0 for none.
	UsageLimit      int
	OncePerCustomer bool
	// Amount or BasisPoints.
	Amount      domain.Money
	BasisPoints int64
	Minimum     domain.Money
	Combines    campaigns.Combines
	// Segment is whose members can use it; empty for everybody. Products and Collections, of which at most one is not
	// empty, are what it takes its value off; all of the cart else.
	Segment               string
	Products, Collections []string
}

// Found is a discount as the shop has it.
type Found struct {
	ID, Title, Status string
	Tags              []string
	StartsAt, EndsAt  time.Time // EndsAt is zero for none
	UsageLimit        int
	OncePerCustomer   bool
	Amount            domain.Money
	BasisPoints       int64
	Minimum           domain.Money
	Combines          campaigns.Combines
	// Everybody tells that anybody may use its codes; else Segments may, or somebody of whom we know nothing.
	Everybody bool
	Segments  []string
	// On is OnProducts, OnCollections, or empty for everything.
	On string
	// Codes is how many codes it has, Uses how often they were used in all, which the shop counts with some delay.
	Codes, Uses int
}

// For tells whether it is for the members of one segment, or for everybody where that is empty.
func (f Found) For(segment string) bool {
	if segment == "" {
		return f.Everybody
	}
	return len(f.Segments) == 1 && f.Segments[0] == segment
}

// Alive tells whether its codes can be used, now or later.
func (f Found) Alive() bool { return f.Status != "EXPIRED" }

// Issuer gives a personal code out. The same key and the same meaning give the same code.
type Issuer interface {
	IssueCode(ctx context.Context, i Issue) (Issued, error)
}

// Issue asks for a personal code; Value 0 is the campaign's only one.
type Issue struct {
	Caller   domain.Caller
	Key      string
	Campaign string
	To       Recipient
	Value    int64
}

// Issued is the code, and whether it can be used already.
type Issued struct {
	Code string
	Done bool
}
