package learn

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// MostDays is the longest past that is read.
const MostDays = 3660

const day = 24 * time.Hour

// settling is how long the shop's list of orders may lag behind what became of one: what is told of an order within
// that time before it was read is learned again.
const settling = 10 * time.Minute

// ImportState is how a reading of the past stands. The strings are stored and never change.
type ImportState string

// The states.
const (
	ImportRunning ImportState = "running"
	ImportDone    ImportState = "done"
	ImportStopped ImportState = "stopped"
)

// Import is a reading of the past: Days back from StartedAt, the newest first, of which Done are read. Cursor is the
// place within the day that is being read.
type Import struct {
	ID         int64
	Days, Done int
	Cursor     string
	Counts     ImportCounts
	State      ImportState
	StartedAt  time.Time
	FinishedAt time.Time
}

// ImportCounts is what was found so far. Orders have codes; Uses are those of protected campaigns, and Void and Test
// say of how many orders nothing counts. Oldest is when the oldest order was placed that the shop showed.
type ImportCounts struct {
	Orders   int             `json:"orders"`
	Uses     int             `json:"uses"`
	Void     int             `json:"void"`
	Test     int             `json:"test"`
	Oldest   time.Time       `json:"oldest"`
	Withheld []identity.Kind `json:"withheld"`
	// Before is what was found before the day that is being read, from its second page on.
	Before *ImportCounts `json:"before,omitempty"`
}

// Imports keeps how far the past has been read.
type Imports interface {
	// Begin gives the reading that is running, or begins one.
	Begin(ctx context.Context, days int, at time.Time) (Import, error)
	// Advance writes how far it has come, if it stands where it was read. Errors: domain.ErrConflict.
	Advance(ctx context.Context, was, becomes Import) error
	// Newest gives the newest reading; known is false where there was none.
	Newest(ctx context.Context) (i Import, known bool, err error)
}

// PastShop lists the orders with codes of a time, the oldest first. Errors: a *domain.UpstreamError.
type PastShop interface {
	OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error)
}

// Past reads the orders of earlier days. It learns from them and decides nothing: the past is not refused.
type Past struct {
	Orders  *Orders
	Shop    PastShop
	Imports Imports
	Now     func() time.Time
	Logger  *slog.Logger
}

// ErrNothingProtected: nothing would be kept of any order.
var ErrNothingProtected = errors.New("no campaign is protected: switch one on first, in shadow or enforced")

// Run reads so many days back from now, or goes on with a reading that was cut off, whatever it was asked for: it reads
// page by page, and each page is committed before the next is asked for. Uses are learned any number of times; a page
// is counted once, together with the place after it. So nothing is lost or counted twice by an end in between.
// Progress, which may be nil, is told after each page. Errors: ErrNothingProtected, domain.ErrConflict when somebody
// else goes on with the same reading, a *domain.UpstreamError.
func (p Past) Run(ctx context.Context, days int, progress func(Import)) (Import, error) {
	if days < 1 || days > MostDays {
		return Import{}, domain.Refuse(domain.CodeValidation, "field", "days")
	}
	on, err := p.Orders.Switch.protected(ctx)
	if err != nil {
		return Import{}, err
	}
	if len(on) == 0 {
		return Import{}, ErrNothingProtected
	}
	if kept := int((p.Orders.Retention + day - 1) / day); p.Orders.Retention > 0 {
		days = min(days, kept)
	}
	i, err := p.Imports.Begin(ctx, days, p.Now())
	if err != nil {
		return Import{}, err
	}
	for i.State == ImportRunning {
		next, err := p.page(ctx, i)
		if err != nil {
			return i, err
		}
		if err := p.Imports.Advance(ctx, i, next); err != nil {
			return i, err
		}
		i = next
		if progress != nil {
			progress(i)
		}
	}
	return i, nil
}

// page reads one page of the day that is being read, and says where the reading stands after it.
func (p Past) page(ctx context.Context, i Import) (Import, error) {
	to := i.StartedAt.Add(-time.Duration(i.Done) * day)
	asked := p.Now().Add(-settling)
	page, err := p.Shop.OrdersShown(ctx, to.Add(-day), to, i.Cursor)
	if err != nil && i.Cursor != "" && domain.KindOf(err) == domain.KindRefused {
		p.Logger.WarnContext(ctx, "the shop does not know a place in its list of orders any more; the day is read anew")
		if i.Cursor = ""; i.Counts.Before != nil {
			i.Counts = *i.Counts.Before
		}
		page, err = p.Shop.OrdersShown(ctx, to.Add(-day), to, "")
	}
	if err != nil {
		return Import{}, err
	}
	next := i
	if i.Cursor == "" {
		before := i.Counts
		before.Before = nil
		next.Counts.Before = &before
	}
	next.Counts.Withheld = merged(i.Counts.Withheld, page.Withheld)
	for _, o := range page.Orders {
		if err := p.learn(ctx, o, asked, &next.Counts); err != nil {
			return Import{}, err
		}
	}
	if next.Cursor = page.Next; page.Next == "" {
		next.Done++
		next.Counts.Before = nil
	}
	if next.Done >= next.Days {
		next.State, next.FinishedAt = ImportDone, p.Now()
	}
	return next, nil
}

func (p Past) learn(ctx context.Context, o identity.Order, asked time.Time, c *ImportCounts) error {
	c.Orders++
	if c.Oldest.IsZero() || o.CreatedAt.Before(c.Oldest) {
		c.Oldest = o.CreatedAt.UTC()
	}
	if o.Test && !p.Orders.TestOrders {
		c.Test++
		return nil
	}
	if o.Void {
		c.Void++
	}
	ours, err := p.Orders.Holders.CodesUsedBy(ctx, o.ID)
	if err != nil {
		return err
	}
	codes, err := p.Orders.Switch.Watched(ctx, slices.Concat(o.Codes, ours))
	if err != nil {
		return err
	}
	for _, code := range codes {
		if _, err := p.Orders.Decider.SeeUse(ctx, SeenOf(o, code, asked, decisions.FromImport)); err != nil {
			return err
		}
		c.Uses++
	}
	return nil
}

func merged(a, b []identity.Kind) []identity.Kind {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
