package guard

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/identity"
)

// OwnerShop is the owner of the metafield that is the shop's: its automatic discount. All others are customers, by the
// shop's id.
const OwnerShop = "shop"

// Projection is a metafield: what it should say, and what it said last.
type Projection struct {
	ID int64
	// Owner is OwnerShop or a customer; empty where there is no such projection any more.
	Owner string
	// GID is the automatic discount's id; empty until it is made, and for customers.
	GID string
	// Wanted counts the changes so far; Written is the count that stands in the shop.
	Wanted, Written int64
	// Said is a digest of the value that stands in the shop: empty where there is none, and SaidUnknown where nobody
	// knows. Digest is the shop's own, or metafields.DigestUnknown.
	Said, Digest string
}

// SaidUnknown is written before a value is: whoever dies in between leaves that something may stand there.
const SaidUnknown = "?"

// Projections keeps how far each metafield has come.
type Projections interface {
	// Claim makes the caller the one writer of a metafield until the given time. One that is gone has no owner. Errors:
	// domain.ErrConflict when another writer holds it.
	Claim(ctx context.Context, id int64, now, until time.Time) (Projection, error)
	// Begin remembers that a value is on its way.
	Begin(ctx context.Context, id int64) error
	// Written records what stands in the shop since a version was written, and lets go. A customer of whom nothing is
	// said, and nothing was wanted since, is forgotten.
	Written(ctx context.Context, id, version int64, said, digest string) error
	// Release lets go without having written.
	Release(ctx context.Context, id int64, digest string) error
	// Gone forgets a projection whose owner is no more. The shop's loses its discount alone: until set-up makes another
	// one changes of customers are counted still.
	Gone(ctx context.Context, id int64) error
}

// Rounds finds what is behind.
type Rounds interface {
	// Shop gives the shop's projection; on is false where the guard is switched off.
	Shop(ctx context.Context) (p Projection, on bool, err error)
	// Want asks for the shop's metafield anew.
	Want(ctx context.Context) error
	// Spread wants the metafields of some customers who used a campaign anew, until all were since the token changed.
	// Where it was always TokenOff nobody was ever told.
	Spread(ctx context.Context, campaignID int64, token string, limit int) (left bool, err error)
	// AskDue asks for a job for each metafield that is behind, once.
	AskDue(ctx context.Context, limit int, job func(id int64) domain.Job) error
}

// Switch remembers whether the guard is on in the shop.
type Switch interface {
	// TurnOn begins; Made says which discount there is, and wants its metafield looked at.
	TurnOn(ctx context.Context) error
	Made(ctx context.Context, gid string) error
	// TurnOff forgets everything that is kept for the guard, the marks too.
	TurnOff(ctx context.Context) error
}

// Campaigns lists all campaigns; campaigns.Repository does.
type Campaigns interface {
	List(ctx context.Context) ([]campaigns.Campaign, error)
}

// Knowledge reads what is known of people. Uses that came to nothing, tests, and persons who were erased do not count.
type Knowledge interface {
	// UsedUp gives the marks of these kinds that a number of uses of a campaign show at least, the newest first. A phone
	// of somebody whom a verdict told from somebody else is left out.
	UsedUp(ctx context.Context, campaignID int64, q Query, uses int) ([]Seen, error)
	// Blocked gives the marks of uses by persons who are blocked in a campaign.
	Blocked(ctx context.Context, campaignID int64, q Query) ([]Seen, error)
	// OfCustomer counts a customer's uses by campaign, and gives the campaigns in which they are blocked.
	OfCustomer(ctx context.Context, gid string) (uses map[int64]int, blocked []int64, err error)
	// Behind tells whether digests are under an older key still, so that blocks and uses may not be seen to belong
	// together.
	Behind(ctx context.Context, keyVersion int) (bool, error)
	// Keep stores what an order's use of a code showed, in place of what was kept of it; nothing where there is no such
	// use, or the guard is off.
	Keep(ctx context.Context, orderID, code string, keyVersion int, marks map[identity.Kind][]Mark) error
}

// Query bounds a list of marks.
type Query struct {
	// KeyVersion is that of the key: marks of another one mean nothing.
	KeyVersion int
	Kinds      []identity.Kind
	Limit      int
}

// Fields is the part of the shop that holds the metafields.
type Fields interface {
	// ReadGuard gives value and digest; both are empty when there is none. Errors: KindNotFound where the owner is gone.
	ReadGuard(ctx context.Context, owner string) (value []byte, digest string, err error)
	// WriteGuard replaces the value if its digest is still the given one. Errors: KindRefused with ReasonStale when it is
	// not; KindNotFound where the owner is gone.
	WriteGuard(ctx context.Context, owner string, value []byte, digest string) (newDigest string, err error)
}

// Admin switches the guard on and off in the shop. It is this large because each act is one call to the shop.
type Admin interface {
	// ReadPlus tells whether the shop's plan lets an app of its own have a Function.
	ReadPlus(ctx context.Context) (bool, error)
	FindGuards(ctx context.Context) ([]string, error)
	CreateGuard(ctx context.Context, function, title string, value []byte, from time.Time) (gid string, err error)
	DeleteGuard(ctx context.Context, gid string) error
	DefineGuard(ctx context.Context) error
	UndefineGuard(ctx context.Context) error
}
