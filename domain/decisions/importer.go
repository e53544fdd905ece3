package decisions

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// PastOrders reads the shop's orders with a discount code that were placed in a time, the oldest first.
type PastOrders interface {
	OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error)
}

// Import is a reading of the past, day by day from the newest one. What was read is read again by nobody, and reading a
// day twice changes nothing.
type Import struct {
	ID         int64
	Days, Done int
	// Began is when it was asked for: its days are counted back from there.
	Began  time.Time
	Counts ImportCounts
}

// ImportCounts is what was read so far.
type ImportCounts struct {
	Orders int `json:"orders"`
	// Uses is how many times an order used a code of a campaign.
	Uses int `json:"uses"`
	// Withheld are the kinds that the shop did not show.
	Withheld []identity.Kind `json:"withheld,omitempty"`
}

// Imports keeps how far readings of the past have come.
type Imports interface {
	// Unfinished gives the newest one that has not come to its end, and whether there is one.
	Unfinished(ctx context.Context) (Import, bool, error)
	// BeginImport keeps a new one; one that had not come to its end is stopped.
	BeginImport(ctx context.Context, i Import) (Import, error)
	// ImportedTo keeps how far one has come. It never goes back.
	ImportedTo(ctx context.Context, i Import, at time.Time) error
}

// MaxImportDays bounds a reading of the past.
const MaxImportDays = 3660

// ErrImportDays is a number of days that cannot be read.
var ErrImportDays = errors.New("the number of days must be between 1 and 3660")

// Importer learns from the past which codes were used, and by whom as far as orders show it.
type Importer struct {
	Shop    PastOrders
	Service Service
	Imports Imports
	Now     func() time.Time
	// Progress is told after each day; nil for nobody.
	Progress func(Import)
}

// Run reads so many days. Where an earlier run for as many days was cut off it goes on where that was.
func (m Importer) Run(ctx context.Context, days int) (Import, error) {
	if days < 1 || days > MaxImportDays {
		return Import{}, ErrImportDays
	}
	i, unfinished, err := m.Imports.Unfinished(ctx)
	if err != nil {
		return Import{}, err
	}
	if !unfinished || i.Days != days {
		if i, err = m.Imports.BeginImport(ctx, Import{Days: days, Began: m.Now().UTC()}); err != nil {
			return Import{}, err
		}
	}
	for i.Done < i.Days {
		to := i.Began.AddDate(0, 0, -i.Done)
		if err := m.day(ctx, &i.Counts, to.AddDate(0, 0, -1), to); err != nil {
			return i, err
		}
		i.Done++
		if err := m.Imports.ImportedTo(ctx, i, m.Now().UTC()); err != nil {
			return i, err
		}
		if m.Progress != nil {
			m.Progress(i)
		}
	}
	return i, nil
}

func (m Importer) day(ctx context.Context, counts *ImportCounts, from, to time.Time) error {
	read := *counts
	for after := ""; ; {
		page, err := m.Shop.OrdersShown(ctx, from, to, after)
		if err != nil {
			return err
		}
		read.Withheld = joined(read.Withheld, page.Withheld)
		for _, o := range page.Orders {
			uses, err := m.learn(ctx, o)
			if err != nil {
				return err
			}
			read.Orders, read.Uses = read.Orders+1, read.Uses+uses
		}
		if after = page.Next; after == "" {
			*counts = read
			return nil
		}
	}
}

// learn keeps each code of an order that is one of a campaign's.
func (m Importer) learn(ctx context.Context, o identity.Order) (uses int, err error) {
	for _, code := range o.Codes {
		found, err := m.Service.Campaigns.Find(ctx, "", CodeKey(code))
		if domain.CodeOf(err) == domain.CodeCampaignNotFound {
			continue
		}
		if err != nil {
			return uses, err
		}
		if found.Policy.Mode == Off {
			continue
		}
		_, err = m.Service.SeeUse(ctx, SeenOrder{Shown: o.Shown, Use: Use{OrderID: o.ID, Order: o.Name, Code: code,
			CustomerGID: o.CustomerGID, At: o.CreatedAt.UTC(), Gross: o.Gross.Minor, Discount: o.Discount.Minor,
			Currency: o.Discount.Currency, Test: o.Test, VoidReason: o.VoidReason, Source: FromImport}})
		if err != nil {
			return uses, err
		}
		uses++
	}
	return uses, nil
}

func joined(list, more []identity.Kind) []identity.Kind {
	all := append([]identity.Kind{}, list...)
	for _, k := range more {
		known := false
		for _, have := range all {
			known = known || have == k
		}
		if !known {
			all = append(all, k)
		}
	}
	return all
}
