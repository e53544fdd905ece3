package coupons

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/orders"
)

// Backlog finds what the periodic jobs have to do. Ids come oldest first, at most limit.
type Backlog interface {
	// Stuck lists coupons on the way that nobody holds: not parked, lease passed before now.
	Stuck(ctx context.Context, now time.Time, limit int) ([]int64, error)
	// Ended lists coupons still stored as active whose end has come.
	Ended(ctx context.Context, now time.Time, limit int) ([]int64, error)
	// RemindersDue lists active coupons that end after now and within step days of it, were issued at least step days
	// before their end, and have no reminder of this step, nor of one nearer to the end, yet.
	RemindersDue(ctx context.Context, now time.Time, step int, limit int) ([]int64, error)
	// Removable lists coupons that are expired, used, cancelled or forfeited, ended before the given time, still have
	// a code in Shopify, and are not left there at this moment.
	Removable(ctx context.Context, now, endedBefore time.Time, limit int) ([]int64, error)
	Queue
	orders.CursorReader
}

// Queue takes work that follows from no commit.
type Queue interface {
	// Enqueue commits jobs that belong to no change of state.
	Enqueue(ctx context.Context, jobs []domain.Job) error
}

// Catalogue reads coupons, and what happened to them.
type Catalogue interface {
	// ByCode reads a coupon with its movements. Errors: coupon_not_found.
	ByCode(ctx context.Context, code string) (State, error)
	// History returns the coupon's audit entries, oldest first.
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
	// MovementsOf lists all movements of a member.
	MovementsOf(ctx context.Context, customerID string) ([]domain.Movement, error)
	// LostUntil is until when a POS without references may have an entry of a coupon that our book has lost: when the book
	// was last made again. Zero where it never was, and where a person found since that the coupon's movement was not applied.
	LostUntil(ctx context.Context, couponID int64) (time.Time, error)
}

// Members reads who the points belong to.
type Members interface {
	// Customer reads a member. Errors: customer_not_found.
	Customer(ctx context.Context, id string) (domain.Customer, error)
	// SpentSince sums the points of a customer's conversions since a moment, without failed and cancelled ones.
	SpentSince(ctx context.Context, customerID string, since time.Time) (int64, error)
	// Holder reads whom we know a customer of the shop as: a member, or somebody who holds coupons and is none. Errors:
	// customer_not_found.
	Holder(ctx context.Context, shopCustomerGID string) (domain.Customer, error)
}

// Shoppers knows the customers of the shop. What it gives has no id of ours. Errors: a *domain.UpstreamError.
type Shoppers interface {
	// Shopper reads a customer of the shop. Errors: KindNotFound.
	Shopper(ctx context.Context, shopCustomerGID string) (domain.Customer, error)
	// ShopperByEmail reads the one who has exactly this mail address: the shop lets nobody else have it. Errors:
	// KindNotFound.
	ShopperByEmail(ctx context.Context, email string) (domain.Customer, error)
}

// Phones knows the phone numbers of customers of the shop.
type Phones interface {
	// PhoneKey reads somebody's number in the spelling of Customer.PhoneKey; empty where they have none, where it cannot
	// be read, and where the shop does not show it. Errors: a *domain.UpstreamError, of KindNotFound for no such customer.
	PhoneKey(ctx context.Context, shopCustomerGID string) (string, error)
}

// Staff knows which customers are people who work here.
type Staff interface {
	// OwnMember reports whether a customer is one of the people behind a credential, by number, mail address or phone.
	OwnMember(ctx context.Context, who domain.Caller, customer domain.Customer) (bool, error)
}

// Campaigns reads campaigns.
type Campaigns interface {
	// ByKey reads one in the newest version of its rules. Errors: campaign_not_found.
	ByKey(ctx context.Context, key string) (campaigns.Campaign, error)
	// OfVersion reads one as it stands now, with its rules in an earlier version. Errors: campaign_not_found.
	OfVersion(ctx context.Context, key string, version int) (campaigns.Campaign, error)
}

// Attempts is told of every attempt at a coupon that was refused.
type Attempts interface {
	// Refused records an attempt that ended in a refusal, counts it if it was the member's doing, and gives back what
	// the caller is told: the refusal, or that conversions are locked. Any other error is given back as it is.
	Refused(ctx context.Context, a Attempt, err error) error
}
