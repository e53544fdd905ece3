// Package notifications is what people of the staff are told of without looking: somebody waits for them, or something
// went wrong that nobody asked about. A notification is a fact that is written once, in the commit of what it tells of.
// The badge of the console counts what waits, a mail gathers what is new, and whoever sends them elsewhere reads the
// same rows.
package notifications

import "time"

// Kind says what happened. The strings are stored and never change.
type Kind string

// The kinds. A new one needs words in each language, below notification.
const (
	// RequestOpened: somebody asks for a coupon to be cancelled. Ref is the request's number.
	RequestOpened Kind = "request_opened"
	// RequestDecided: the request has its answer, or lapsed. It is for whoever asked.
	RequestDecided Kind = "request_decided"
	// ReviewOpened: a person has to decide. Ref is the kind of review.
	ReviewOpened Kind = "review_opened"
	// CouponParked: only a person can find out what became of points. Ref is the kind of review that says so.
	CouponParked Kind = "coupon_parked"
	// MailFailed: a mail to a customer was given up. Ref is the kind of mail.
	MailFailed Kind = "mail_failed"
	// BooksDiffer: a comparison of the books found what it did not repair. Ref is how many differences.
	BooksDiffer Kind = "books_differ"
	// BulkWaiting: a job on many coupons waits for a second person. Ref is its public id.
	BulkWaiting Kind = "bulk_waiting"
)

// Kinds lists them, in the order in which a mail names them.
func Kinds() []Kind {
	return []Kind{RequestOpened, BulkWaiting, ReviewOpened, CouponParked, MailFailed, BooksDiffer, RequestDecided}
}

// Mailed lists those that the mail to people who decide gathers: an answer is nobody's to decide.
func Mailed() []Kind { return Kinds()[:len(Kinds())-1] }

// Fact is one thing that happened.
type Fact struct {
	ID       int64
	Kind     Kind
	Ref      string
	CouponID int64 // zero where it is about no coupon
	At       time.Time
}
