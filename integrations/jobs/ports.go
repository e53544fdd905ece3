package jobs

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Advancer finishes coupons that are on the way.
type Advancer interface {
	Advance(ctx context.Context, couponID int64) error
}

// Projector writes the metafields that are behind.
type Projector interface {
	Project(ctx context.Context) error
}

// Mailman sends one mail about a coupon; again names the request of a person for it, if it was one.
type Mailman interface {
	SendMail(ctx context.Context, couponID int64, kind domain.MailKind, step int, again string) error
}

// Remover removes a code that was over long ago from Shopify.
type Remover interface {
	RemoveDiscount(ctx context.Context, couponID int64) error
}

// Orderer reads an order anew and does what it means.
type Orderer interface {
	RefreshOrder(ctx context.Context, gid string, hint domain.OrderHint) error
}

// Tagger puts the tag for review on an order of the shop, or on the customer of a coupon. Jobs of older versions name
// the customer too.
type Tagger interface {
	TagForReview(ctx context.Context, gid string, couponID int64) error
}

// Sweeper finds work that nobody is doing.
type Sweeper interface {
	Sweep(ctx context.Context) error
}

// Round is work that comes again and again, in one replica at a time, in a queue of its own: a long round of one must
// not hold another one up. A round that fails is logged; the next one comes by itself.
type Round struct {
	Name string
	// Every is the time from one round to the next, all replicas together.
	Every time.Duration
	// Limit is how long one round may take; a minute when it is zero.
	Limit time.Duration
	Run   func(ctx context.Context) error
}

// Handlers is everything a started client can be asked to do. Each call may come more than once for the same work, and
// from several processes at once.
type Handlers interface {
	Advancer
	Projector
	Mailman
	Remover
	Orderer
	Tagger
	Sweeper
}

// Observer is told how each run of a job ended: the job's kind, one of the outcomes of decide.go, and how long the run
// took. It must not block.
type Observer interface {
	Job(kind, outcome string, took time.Duration)
}

type nobody struct{}

func (nobody) Job(string, string, time.Duration) {}
