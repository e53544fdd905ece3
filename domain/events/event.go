package events

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// Kind says what happened. The strings are part of what is sent and never change.
type Kind string

// The kinds of event.
const (
	CouponIssued     Kind = "coupon.issued"
	CouponFailed     Kind = "coupon.failed"
	CouponUsed       Kind = "coupon.used"
	CouponExpired    Kind = "coupon.expired"
	CouponSuspended  Kind = "coupon.suspended"
	CouponCancelling Kind = "coupon.cancelling"
	CouponCancelled  Kind = "coupon.cancelled"
	CouponForfeited  Kind = "coupon.forfeited"
	PointsTaken      Kind = "points.taken"
	PointsGivenBack  Kind = "points.given_back"
	PointsGranted    Kind = "points.granted"
	PointsTakenBack  Kind = "points.taken_back"
	ReviewOpened     Kind = "review.opened"
	ReviewDecided    Kind = "review.decided"
	// What people of the staff are told of beside reviews; see domain/notifications.
	RequestOpened  Kind = "request.opened"
	RequestDecided Kind = "request.decided"
	BulkWaiting    Kind = "bulk_job.waiting"
	MailFailed     Kind = "mail.failed"
	BooksDiffer    Kind = "books.differ"
	// Test is what an endpoint is tried with; nobody subscribes to it.
	Test Kind = "endpoint.test"
)

// Kinds lists what can be subscribed to.
func Kinds() []Kind {
	return []Kind{CouponIssued, CouponFailed, CouponUsed, CouponExpired, CouponSuspended, CouponCancelling,
		CouponCancelled, CouponForfeited, PointsTaken, PointsGivenBack, PointsGranted, PointsTakenBack, ReviewOpened, ReviewDecided,
		RequestOpened, RequestDecided, BulkWaiting, MailFailed, BooksDiffer}
}

// Noted is an event that a notification is, and what the detail is called that its reference is.
type Noted struct {
	Kind   Kind
	Detail string
}

// noted are the notifications that are events. Those of reviews are not among them: a review that was opened is an event
// of its own, also one that says that a coupon was parked.
var noted = map[string]Noted{
	"request_opened": {RequestOpened, "request"}, "request_decided": {RequestDecided, "request"},
	"bulk_waiting": {BulkWaiting, "bulk_job"}, "mail_failed": {MailFailed, "mail"},
	"books_differ": {BooksDiffer, "differences"},
}

// OfNotification is which event a notification is, by its kind; false for none.
func OfNotification(kind string) (Noted, bool) {
	n, ok := noted[kind]
	return n, ok
}

// moved is which event it is that a coupon came to a status. A move has one entry of the audit, whatever that entry says
// beside: points that are given back end a cancellation.
var moved = map[domain.Status]Kind{
	domain.Active: CouponIssued, domain.Failed: CouponFailed, domain.Used: CouponUsed, domain.Expired: CouponExpired,
	domain.Suspended: CouponSuspended, domain.Cancelling: CouponCancelling, domain.Cancelled: CouponCancelled,
	domain.Forfeited: CouponForfeited,
}

// done is which event an entry of the audit is by what was done.
var done = map[string]Kind{
	domain.ActionPointsTaken: PointsTaken, domain.ActionPointsGivenBack: PointsGivenBack,
	domain.ActionPointsGranted: PointsGranted, domain.ActionPointsTakenBack: PointsTakenBack,
	domain.ActionReviewDecided: ReviewDecided, domain.ActionReviewAuto: ReviewDecided,
}

// DoneActions lists the actions of the audit that are events by themselves.
func DoneActions() []string { return slices.Sorted(maps.Keys(done)) }

// Line is what of an entry of the audit says which events it is.
type Line struct {
	Seq      int64 // its place in the chain
	Action   string
	From, To domain.Status
}

// Told is an event as a line of the audit says it.
type Told struct {
	Ref  Ref
	Kind Kind
}

// Events are those that a line tells of: none, one, or two.
func (l Line) Events() (list []Told) {
	if k, ok := done[l.Action]; ok {
		list = append(list, Told{Ref{FromAudit, l.Seq}, k})
	}
	if k, ok := moved[l.To]; ok && l.From != l.To {
		list = append(list, Told{Ref{FromMove, l.Seq}, k})
	}
	return list
}

// Source says where an event's facts stand.
type Source string

// The sources.
const (
	FromAudit  Source = "a" // a sealed entry of the audit, by its place in the chain: what was done
	FromMove   Source = "m" // the same: the status that the coupon came to
	FromReview Source = "r" // a review that was opened, by its number
	FromNotice Source = "n" // a notification, by its number
)

// Ref names an event.
type Ref struct {
	Source Source
	Number int64
}

// idMark begins the id of every event.
const idMark = "evt_"

// ID is the event's id: the same one however often it is sent.
func (r Ref) ID() string { return idMark + string(r.Source) + strconv.FormatInt(r.Number, 10) }

// ReadRef is the inverse of ID.
func ReadRef(id string) (Ref, bool) {
	text, ok := strings.CutPrefix(id, idMark)
	if !ok || len(text) < 2 {
		return Ref{}, false
	}
	r := Ref{Source: Source(text[:1])}
	n, err := strconv.ParseInt(text[1:], 10, 64)
	if err != nil || n < 1 || !slices.Contains([]Source{FromAudit, FromMove, FromReview, FromNotice}, r.Source) {
		return Ref{}, false
	}
	r.Number = n
	return r, r.ID() == id
}

// Fact is an event as it was written down.
type Fact struct {
	Ref  Ref
	Kind Kind
	At   time.Time
	// Coupon is the one that it is about, as it is now but for its status, which is that of the event.
	Coupon *domain.Coupon
	Status domain.Status
	// Review is the number of the review, and Subject its kind; zero for what is about none.
	Review  int64
	Subject string
	// Detail is what the audit holds beside.
	Detail map[string]any
}

// told are the details of the audit that leave the house: machine words and figures, and nothing that somebody typed.
var told = []string{"balance", "bulk_job", "code", "differences", "mail", "order", "outcome", "points", "reason",
	"reference", "request"}

type body struct {
	Type      Kind      `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Coupon  *couponData    `json:"coupon,omitempty"`
	Review  *reviewData    `json:"review,omitempty"`
	Details map[string]any `json:"details,omitempty"`
}

type couponData struct {
	Code       string    `json:"code"`
	Status     string    `json:"status"`
	Campaign   string    `json:"campaign"`
	CustomerID string    `json:"customer_id"`
	Points     int64     `json:"points"`
	Amount     int64     `json:"amount"`
	Currency   string    `json:"currency"`
	Percent    float64   `json:"percent"`
	CreatedAt  time.Time `json:"created_at"`
	ExpiresAt  time.Time `json:"expires_at"`
}

type reviewData struct {
	ID   int64  `json:"id"`
	Kind string `json:"kind,omitempty"`
}

// Body is the event as it is sent: what happened, when (UTC), and what it is about. The code of a coupon that is not
// usable yet, or never was, is not told, nor what is named after it: a payment could be made with it before it stands.
func (f Fact) Body() ([]byte, error) {
	b := body{Type: f.Kind, Timestamp: f.At.UTC()}
	if c := f.Coupon; c != nil {
		b.Data.Coupon = &couponData{Code: c.Code, Status: string(f.Status), Campaign: c.Campaign,
			CustomerID: c.CustomerID, Points: c.Points, Amount: c.Amount.Minor, Currency: c.Amount.Currency,
			Percent: float64(c.Percent) / 100, CreatedAt: c.CreatedAt.UTC(), ExpiresAt: c.ExpiresAt.UTC()}
		if b.Data.Coupon.Campaign == "" {
			b.Data.Coupon.Campaign = domain.CampaignPoints
		}
		if !f.stands() {
			b.Data.Coupon.Code = ""
		}
	}
	if f.Review != 0 {
		b.Data.Review = &reviewData{ID: f.Review, Kind: f.Subject}
	}
	for _, name := range told {
		if value, ok := f.Detail[name]; ok && !f.hides(value) {
			if b.Data.Details == nil {
				b.Data.Details = map[string]any{}
			}
			b.Data.Details[name] = value
		}
	}
	return json.Marshal(b)
}

// stands reports whether the event's coupon has a code that can be told.
func (f Fact) stands() bool { return f.Status != domain.Pending && f.Status != domain.Failed }

// hides reports whether a detail is named after a code that is not told: a movement's reference is.
func (f Fact) hides(detail any) bool {
	text, ok := detail.(string)
	return ok && f.Coupon != nil && !f.stands() && strings.Contains(text, f.Coupon.Code)
}
