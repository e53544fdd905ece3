package books

import (
	"context"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/orders"
)

// Ours is our own side of the books.
type Ours interface {
	// Members lists customers' ids in order, those after the given one, at most limit.
	Members(ctx context.Context, after string, limit int) ([]string, error)
	// CouponsOf lists a customer's coupons with their movements by id, those after the given one, at most limit.
	CouponsOf(ctx context.Context, customerID string, after int64, limit int) ([]coupons.State, error)
	// Field reads what a customer's metafield should say. Errors: customer_not_found.
	Field(ctx context.Context, customerID string) (Field, error)
	// History returns a coupon's audit entries, oldest first.
	History(ctx context.Context, couponID int64) ([]domain.AuditEntry, error)
	// Repaired commits what goes with a repair.
	Repaired(ctx context.Context, f Fix) error
}

// Runs remembers what whole comparisons found.
type Runs interface {
	SaveRun(ctx context.Context, s Summary) error
	// LastRun returns the newest; the zero Summary when there is none.
	LastRun(ctx context.Context) (Summary, error)
}

// Field is a customer's metafield as our books have it.
type Field struct {
	// FormerNumbers are those that the customer had in the POS before.
	FormerNumbers []string
	CustomerGID   string
	// Wanted counts the changes so far, Written those that stand in Shopify; ChangedAt is the last change, nil for
	// none.
	Wanted, Written int64
	ChangedAt       *time.Time
	// Coupons are those that the metafield lists.
	Coupons []domain.Coupon
}

// Fix is what one repair commits together.
type Fix struct {
	// Entry is the entry in the audit; none when Action is empty.
	Entry domain.AuditEntry
	Jobs  []domain.Job
	// Renew names a customer whose metafield counts as changed from now on.
	Renew string
	At    time.Time
}

// POS is the POS's history of points: one attempt per call, a *domain.UpstreamError of one of the outcomes.
type POS interface {
	// History lists a customer's entries, newest first. Errors: KindRefused with ReasonCustomerNotFound.
	History(ctx context.Context, q HistoryQuery) (HistoryPage, error)
}

// HistoryQuery asks for one page. From is inclusive, To exclusive; zero times do not bound.
type HistoryQuery struct {
	CustomerID string
	From, To   time.Time
	Limit      int
	Cursor     string
}

// HistoryPage is one page of entries; Next continues it, "" at the end.
type HistoryPage struct {
	Entries []Entry
	Next    string
}

// Entry is one line of the POS's history. Reference is empty for sales and the like.
type Entry struct {
	ID               string
	Points           int64 // signed: negative when taken
	Reference        string
	RelatedReference string
	At               time.Time
}

// Shop is what Shopify knows of codes, as coupons.Shop has it.
type Shop interface {
	FindDiscount(ctx context.Context, code string) (coupons.FoundDiscount, error)
	ReadDiscount(ctx context.Context, id string) (coupons.FoundDiscount, error)
	Usage(ctx context.Context, q orders.UsageQuery) (orders.Usage, error)
	DeactivateDiscount(ctx context.Context, id string) error
}

// Fields reads metafields, as metafields.Fields does.
type Fields interface {
	ReadCoupons(ctx context.Context, customerGID string) (entries []byte, digest string, err error)
}

// Uses records that an order holds a code, as coupons.Service does.
type Uses interface {
	Use(ctx context.Context, seen orders.Sighting) error
}
