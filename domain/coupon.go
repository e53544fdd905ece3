package domain

import "time"

// Coupon is one discount code with its life. Times are UTC; ExpiresAt has whole seconds and is exclusive.
type Coupon struct {
	ID         int64
	Code       string
	Status     Status
	CustomerID string
	// ShopifyCustomerGID is the customer the code was bound to when it was issued; a later re-link does not move it. It
	// is ErasedCustomer once that customer has been forgotten.
	ShopifyCustomerGID string
	// Campaign is the key of the campaign that the coupon is of.
	Campaign string
	// Rules is the version of its campaign's rules by which it was given; zero where nobody wrote that down.
	Rules int
	// Points is what was paid for it; zero for a code that costs nothing, for which no points ever move.
	Points int64
	// Amount is what it takes off. A coupon of a part of the order has no amount, and Percent in basis points instead.
	Amount  Money
	Percent int64
	// Rate is that of a conversion; zero where no points became an amount.
	Rate Rate
	// Rank is the member rank that chose the rate; empty for the standard rate.
	Rank      string
	CreatedAt time.Time
	ExpiresAt time.Time

	ActivatedAt *time.Time
	// UsedAt, UsedOrder and UsedOrderID name the order that holds the code. On a cancelled coupon they tell of an order
	// that turned up after the points were back.
	UsedAt      *time.Time
	UsedOrder   string // the order's name, e.g. "#1001"
	UsedOrderID string // Shopify's gid of the order
	CancelledAt *time.Time
	// CancelledBy is the name, for people; CancelActor is Caller.ID of the same person or program.
	CancelledBy     string
	CancelActor     string
	CancelStartedAt *time.Time
	Reason          string
	Note            string
	// ReissuedFrom and SupersededBy link a chain of reissues by code.
	ReissuedFrom string
	SupersededBy string
	// FirstCode is the first code of the chain, under which the POS holds the points; empty when this is the first.
	FirstCode string

	DiscountID        string // Shopify's gid of the discount node
	DiscountDeletedAt *time.Time
	// RemoveAfter is until when a code is left in the shop that could not be removed from it; nil where none is.
	RemoveAfter *time.Time
	// Terms is what the code was made with beside what stands here; empty where nobody wrote it down.
	Terms string
	// EndSetUntil is the last moment at which a call can still arrive that gives the code its end: such a call makes a
	// code alive that was deactivated before it. Nil when none is on its way.
	EndSetUntil *time.Time
	// DeactivatedAt is when Shopify confirmed that the code is deactivated.
	DeactivatedAt *time.Time
	// Unfinished marks a coupon whose status rests while an act outside is still owed: a suspended one whose code is
	// not deactivated yet, or one for which a person decided that points move.
	Unfinished bool

	// Failure says why a conversion ended, or is about to end, without a coupon.
	Failure *Failure

	// LeaseUntil is the moment until which one actor alone may act for this coupon. Once it has passed it is the latest
	// moment at which an act can have been started.
	LeaseUntil time.Time
	// Attempts counts faults in a row, for the log and the metrics.
	Attempts int
	// ParkedAt is set when only a person can tell what happened outside.
	ParkedAt *time.Time
	Version  int64
}

// CampaignPoints is the key of the built-in campaign: points that were turned into coupons.
const CampaignPoints = "points"

// OfPoints reports whether the coupon is one that points were turned into, and none of another campaign.
func (c Coupon) OfPoints() bool { return c.Campaign == CampaignPoints || c.Campaign == "" }

// Free reports whether nothing was paid for the coupon: whatever becomes of it, no points move.
func (c Coupon) Free() bool { return c.Points == 0 }

// Failure is the recorded reason of a failed conversion: enough to give the same refusal again.
type Failure struct {
	Code   Code           `json:"code"`
	Params map[string]any `json:"params,omitempty"`
	// Detail is the upstream's machine word, for staff.
	Detail string `json:"detail,omitempty"`
}

// Err turns the recorded failure into the refusal that the caller was, or will be, told.
func (f *Failure) Err() *Error { return &Error{Code: f.Code, Params: f.Params} }

// StatusAt is the true status at an instant: an active coupon is expired from the second of its end on, whether or not
// a job has written that down yet.
func (c Coupon) StatusAt(now time.Time) Status {
	if c.Status == Active && !now.Before(c.ExpiresAt) {
		return Expired
	}
	return c.Status
}

// TakenAs is the code under which the POS holds the points of this coupon: after a reissue that of the first of its
// chain.
func (c Coupon) TakenAs() string {
	if c.FirstCode != "" {
		return c.FirstCode
	}
	return c.Code
}

// OnTheWay reports whether somebody has to move the coupon on.
func (c Coupon) OnTheWay() bool { return c.Status.OnTheWay() || c.Unfinished }

// AsIssued returns the coupon as it stood when its conversion was answered, which is what a repeated request gets.
func (c Coupon) AsIssued() Coupon {
	c.Status = Active
	c.UsedAt, c.UsedOrder, c.UsedOrderID = nil, "", ""
	c.CancelledAt, c.CancelledBy, c.Reason, c.Note = nil, "", "", ""
	c.SupersededBy = ""
	return c
}

// AsEnding returns the coupon as it stood when its cancellation or suspension was answered: status says which.
func (c Coupon) AsEnding(status Status) Coupon {
	c.Status = status
	c.UsedAt, c.UsedOrder, c.UsedOrderID = nil, "", ""
	c.CancelledAt, c.SupersededBy = nil, ""
	return c
}

// AsAccepted returns the coupon as it stood when the conversion was answered with "on its way".
func (c Coupon) AsAccepted() Coupon {
	c = c.AsIssued()
	c.Status, c.DiscountID, c.ActivatedAt = Pending, "", nil
	return c
}

// MovementKind says why points moved.
type MovementKind string

// The kinds of movement.
const (
	Take     MovementKind = "take"
	GiveBack MovementKind = "give_back"
	Grant    MovementKind = "grant"
	// TakeBack takes points again that were given back for a code which turned out to be used.
	TakeBack MovementKind = "take_back"
)

// MovementState says what is known of a movement.
type MovementState string

// The states of a movement. Open means intended: it may or may not have been sent.
const (
	MovementOpen    MovementState = "open"
	MovementApplied MovementState = "applied"
	MovementRefused MovementState = "refused"
	// MovementParked: the POS can neither replay nor be asked, so a person has to find out.
	MovementParked MovementState = "parked"
)

// Movement is points taken or given back in the POS. Points is positive; the kind gives the direction.
type Movement struct {
	ID         int64
	CouponID   int64
	CustomerID string
	// POS is which POS it was made with; empty for a movement of before that was written down.
	POS string
	// Account is what the POS calls whose points are moved, written down before the first attempt, where the member's id
	// can come to mean another account; empty everywhere else.
	Account          string
	Kind             MovementKind
	State            MovementState
	Points           int64
	Reference        string // unique; at most 40 characters
	RelatedReference string // of the movement this one gives back
	// Key is the idempotency key: a UUID made and stored before the first attempt, never changed.
	Key    string
	Reason string
	// PreviousBalance and Balance are the POS's own figures, nil when it gave none.
	PreviousBalance *int64
	Balance         *int64
	EntryID         string // the POS's id of the entry
	// PointsExpireOn is, of points that were taken, the day (2026-12-31) on which they would have expired, and of points
	// that go back, the day that they had before they were taken; empty where the POS keeps none.
	PointsExpireOn string
	// Before is what the POS showed of the member before the first attempt, where entries bear no reference; nil for
	// any other POS, and as long as nothing was sent.
	Before *Sight
	// Odd marks an answer whose figures do not add up; it is kept as evidence.
	Odd       bool
	CreatedAt time.Time
	SettledAt *time.Time
}

// Reason texts of movements, as the POS's history shows them.
const (
	ReasonTake     = "Coupon conversion"
	ReasonGiveBack = "Refund due to coupon cancellation"
	ReasonGrant    = "Refund due to order cancellation"
	ReasonTakeBack = "Coupon was used after its refund"
)

// MovementReason is why points move, as the POS's history shows it to the shop's people in their language; English where
// there is no such language.
func MovementReason(kind MovementKind, locale string) string {
	japanese, english := "", ""
	switch kind {
	case Take:
		japanese, english = "クーポンへの交換", ReasonTake
	case GiveBack:
		japanese, english = "クーポンのキャンセルによる返還", ReasonGiveBack
	case Grant:
		japanese, english = "注文不成立による返還", ReasonGrant
	case TakeBack:
		japanese, english = "返還後のクーポン使用による差引", ReasonTakeBack
	}
	if locale == "ja" {
		return japanese
	}
	return english
}

// Customer is a member of the POS's point scheme and, once linked, a customer of the Shopify store.
type Customer struct {
	ID                 string
	ShopifyCustomerGID string
	Name               string
	// NameKana is how the name is read, in kana as the POS writes it; empty where nobody said.
	NameKana  string
	Email     string
	Phone     string
	Locale    string // "ja" or "en"; empty means the shop's
	Rank      string
	CreatedAt time.Time
	UpdatedAt time.Time
	// LockedUntil is the end of a lock after repeated refusals; nil when there is none.
	LockedUntil *time.Time
	// EmailKey and PhoneKey are Email and Phone in the one spelling by which members who are one person are found;
	// empty for none.
	EmailKey, PhoneKey string
}

// Reasons a person or a POS can give for ending a coupon.
const (
	ReasonCustomerRequest = "customer_request"
	ReasonOrderCancelled  = "order_cancelled"
	ReasonIssuedInError   = "issued_in_error"
	ReasonOther           = "other"
	// ReasonSuspectedFraud is a reason to suspend a coupon, and to cancel none: nothing is proved.
	ReasonSuspectedFraud = "suspected_fraud"
	// ReasonUndone is no reason that anybody gives: the customer took an unused coupon back themselves.
	ReasonUndone = "undone"
)

// CancelReasons lists those for cancelling a coupon.
func CancelReasons() []string {
	return []string{ReasonCustomerRequest, ReasonOrderCancelled, ReasonIssuedInError, ReasonOther}
}

// SuspendReasons lists those for suspending a coupon, the usual one first.
func SuspendReasons() []string { return append([]string{ReasonSuspectedFraud}, CancelReasons()...) }

// NeedsNote reports whether a reason says too little by itself.
func NeedsNote(reason string) bool { return reason == ReasonOther }

// EndingReasons lists every reason with which a coupon can have ended.
func EndingReasons() []string { return append(SuspendReasons(), ReasonUndone) }

// Member reports whether the POS knows the customer: it knows nothing of customers of the shop who are no members.
func (c Customer) Member() bool { return !IsShopperID(c.ID) }

// Linked reports whether a coupon can be bound to this customer.
func (c Customer) Linked() bool { return c.ShopifyCustomerGID != "" }
