package codes

import (
	"time"

	"pointbridge/domain"
)

// Kind says what a batch is made of. The strings are stored and never change, as are those of all words below.
type Kind string

// The kinds. Unbound and shared batches are one discount of the shop each; a bound one is a list of personal codes.
const (
	Unbound Kind = "unbound" // many codes for nobody in particular, good once each
	Bound   Kind = "bound"   // one personal code for each recipient
	Shared  Kind = "shared"  // one code that anybody may type, whose text somebody chose
)

// Status is how far the making of a batch is.
type Status string

// The statuses. A paused batch goes on when its reason is gone; stopped and done ones are at rest.
const (
	Running Status = "running"
	Paused  Status = "paused"
	Stopped Status = "stopped"
	Done    Status = "done"
)

// Why a batch is paused or stopped; any other reason is the shop's word for a refusal.
const (
	ByPerson       = "person"
	ByCampaign     = "campaign" // the campaign is paused, or has ended
	DiscountGone   = "discount_gone"
	TooManyRefused = "too_many_refused"
	TookTooLong    = "took_too_long"
	TakenByOther   = "code_taken"
)

// Standing is how the discount of a batch stands in the shop.
type Standing string

// The states of a discount. Asking and removing say that something was sent of which it is not known yet whether it
// took effect.
const (
	ShopNone     Standing = ""
	ShopOn       Standing = "on"
	ShopOff      Standing = "off"
	ShopAsking   Standing = "asking"
	ShopGone     Standing = "gone" // somebody deleted it
	ShopRemoving Standing = "removing"
	ShopRemoved  Standing = "removed"
)

// Batch is a number of codes that are made together.
type Batch struct {
	ID         int64
	PublicID   string
	CampaignID int64
	Kind       Kind
	Status     Status
	// Reason says why it is paused or stopped.
	Reason string
	// Wanted is how many codes there are to be, and the others how many of them are how far. A refused code is made up
	// for by another one where the shop refused its text alone.
	Wanted, Planned, Sent, Made, Refused int
	// Value is what each code gives: minor units, or basis points. Of a bound batch it is for rows that name none.
	Value int64

	DiscountID string
	// CreatingSince is when the discount was asked for; it is nil before and after.
	CreatingSince *time.Time
	// Shop is how the discount stands there, since when it is so, by which terms it was made and when it ends.
	Shop      Standing
	ShopSince *time.Time
	Terms     string
	EndsAt    *time.Time
	// DeactivatedAt is when a person ended this one for good, OverAt when its time was over, SweepAt when it is to
	// leave the shop, and Removal the shop's job that takes it out.
	DeactivatedAt, OverAt, SweepAt *time.Time
	Removal                        string
	// Synced is the version of the campaign that the discount is in step with.
	Synced int64

	Caller      domain.Caller
	RequestKey  string
	RequestHash string
	MadeAt      time.Time
	FinishedAt  *time.Time
	// LeaseUntil is until when one actor alone works on it. No two actors have the same, so that a commit names it.
	LeaseUntil time.Time
}

// OneDiscount tells the kinds whose codes are under one discount.
func (b Batch) OneDiscount() bool { return b.Kind != Bound }

// Left is how many codes or rows have no outcome yet.
func (b Batch) Left() int {
	if b.Kind == Bound {
		return b.Wanted - b.Made - b.Refused
	}
	return b.Wanted - b.Made
}

// State is how far a code is.
type State string

// The states of a code. Only one that is made was given to anybody.
const (
	CodePlanned State = "planned"
	CodeSent    State = "sent"
	CodeMade    State = "made"
	CodeRefused State = "refused"
)

// Code is one code of a batch.
type Code struct {
	ID      int64
	Code    string
	BatchID int64
	Batch   string // its public id
	Kind    Kind
	Owner   string
	State   State
	Reason  string
	// Shop, EndsAt and DeactivatedAt are those of its discount.
	Shop          Standing
	EndsAt        *time.Time
	DeactivatedAt *time.Time
	At            time.Time
	// Uses is how many orders used it that stand.
	Uses int
}

// Live tells whether a code can be used at a moment, as far as we know.
func (c Code) Live(now time.Time) bool {
	return c.State == CodeMade && c.Shop == ShopOn && c.EndsAt != nil && now.Before(*c.EndsAt)
}

// CodeStatus is how a code stands, in the words that people and programs are told.
type CodeStatus string

// The statuses of a code.
const (
	CodeOnTheWay    CodeStatus = "on_the_way"
	CodeActive      CodeStatus = "active"
	CodeOff         CodeStatus = "off"
	CodeDeactivated CodeStatus = "deactivated"
	CodeNotTaken    CodeStatus = "refused"
	CodeGone        CodeStatus = "gone"
	CodeRemoved     CodeStatus = "removed"
)

// CodeStatuses lists them.
func CodeStatuses() []CodeStatus {
	return []CodeStatus{CodeOnTheWay, CodeActive, CodeOff, CodeDeactivated, CodeNotTaken, CodeGone, CodeRemoved}
}

// Status is how the code stands.
func (c Code) Status() CodeStatus {
	switch {
	case c.State == CodeRefused:
		return CodeNotTaken
	case c.Shop == ShopGone:
		return CodeGone
	case c.Shop == ShopRemoved, c.Shop == ShopRemoving:
		return CodeRemoved
	case c.DeactivatedAt != nil:
		return CodeDeactivated
	case c.State != CodeMade, c.Shop == ShopAsking:
		return CodeOnTheWay
	case c.Shop == ShopOff:
		return CodeOff
	default:
		return CodeActive
	}
}

// Chunk is what was sent to the shop in one call.
type Chunk struct {
	ID     int64
	State  ChunkState
	BulkID string
	At     time.Time
	Codes  []string
}

// ChunkState is how far a chunk is.
type ChunkState string

// The states of a chunk.
const (
	Sending   ChunkState = "sending" // nobody knows whether it arrived
	ChunkSent ChunkState = "sent"    // the shop works on it, by its bulk id
	ChunkDone ChunkState = "done"
)

// RowState is how far a row of a list of recipients is.
type RowState string

// The states of a row.
const (
	RowWaiting RowState = "waiting"
	RowIssued  RowState = "issued"
	RowRefused RowState = "refused"
)

// Row is one recipient of a bound batch. To is empty once it has an outcome.
type Row struct {
	Row    int
	To     Recipient
	Value  int64
	State  RowState
	Reason string
	Code   string
}

// Recipient is whom a personal code is for: exactly one of the three.
type Recipient struct {
	CustomerID, ShopifyCustomerGID, Email string
}
