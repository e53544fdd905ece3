package pages

import (
	"context"
	"time"

	"pointbridge/domain/books"
	"pointbridge/domain/doctor"
	"pointbridge/domain/reports"
	"pointbridge/domain/setup"
)

// Reports has the figures; see reports.Desk.
type Reports interface {
	Today() time.Time
	Summary(ctx context.Context, from, to time.Time) (reports.Summary, error)
	Compared(ctx context.Context, from, to time.Time) (s reports.Summary, before reports.Totals, err error)
	RefundsBy(ctx context.Context, by reports.By, from, to time.Time) (reports.RefundReport, error)
}

// Condition is how the service is at the moment.
type Condition struct {
	// Lights say how those outside answered when they were last asked.
	Lights []Light
	// Setup is where the shop is not as the settings say.
	Setup []setup.Difference
	// Jobs counts what is still to be done, by queue.
	Jobs map[string]int64
	// OnTheWay and Parked count coupons between two states of rest, MetafieldsBehind customers whose list in the shop
	// is old.
	OnTheWay, Parked, MetafieldsBehind, ReviewsOpen int64
	// Unsealed counts lines of the audit that wait for their seal.
	Unsealed int64
	// Books is the last comparison; its Began is zero before the first. BooksEvery is zero where nobody compares by
	// itself.
	Books      books.Summary
	BooksEvery time.Duration
}

// Light is one of the doctor's checks as the service knows it by itself: nobody is asked for a page.
type Light struct {
	Check doctor.Name
	// Outcome is doctor.NotAsked until somebody was asked.
	Outcome doctor.Outcome
	// Asked is when that was last; zero for never.
	Asked time.Time
	// Paused says that calls are held back, because nothing answered for a while.
	Paused bool
}

// Waiting counts the jobs of all queues.
func (c Condition) Waiting() (n int64) {
	for _, depth := range c.Jobs {
		n += depth
	}
	return n
}
