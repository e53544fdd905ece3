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

// MaxImportDays bounds a reading of the past.
const MaxImportDays = 3660

// doubt is by how much the shop's clock may differ from ours, and from the moment in which it looked.
const doubt = time.Minute

// ErrImportDays is a number of days that cannot be read.
var ErrImportDays = errors.New("the number of days must be between 1 and 3660")

// Importer learns from the past which codes were used, and by whom as far as orders show it.
type Importer struct {
	Shop    PastOrders
	Service Service
	Imports Imports
	Now     func() time.Time
	// TestOrders lets the shop's test orders count as orders.
	TestOrders bool
	// Progress is told after each day; nil for nobody.
	Progress func(Import)
}

// Run reads so many days. Where an earlier run for as many days was cut off it goes on where that was.
func (m Importer) Run(ctx context.Context, days int) (Import, error) {
	if days < 1 || days > MaxImportDays {
		return Import{}, ErrImportDays
	}
	i, there, err := m.Imports.LastImport(ctx)
	if err == nil && (!there || i.Days != days || i.State == ImportDone) {
		i, err = m.Imports.BeginImport(ctx, days, m.Now().UTC())
	}
	for err == nil && i.Read < i.Days {
		next := i
		if err = m.page(ctx, &next); err != nil {
			return i, err
		}
		if err = m.Imports.MoveImport(ctx, i, next); err != nil {
			return i, err
		}
		if i = next; m.Progress != nil && i.Cursor == "" {
			m.Progress(i)
		}
	}
	return i, err
}

// page reads the next page of orders. With the last one of a day the day is read, with the last day everything.
func (m Importer) page(ctx context.Context, i *Import) error {
	to, readAt := i.StartedAt.AddDate(0, 0, -i.Read), m.Now().Truncate(time.Second).Add(-doubt)
	page, err := m.Shop.OrdersShown(ctx, to.AddDate(0, 0, -1), to, i.Cursor)
	if err != nil {
		return err
	}
	for _, o := range page.Orders {
		uses, err := m.learn(ctx, o, readAt)
		if err != nil {
			return err
		}
		i.Orders, i.Uses = i.Orders+1, i.Uses+uses
		if uses > 0 && !shows(o.Shown) {
			i.Unseen++
		}
	}
	if i.Cursor = page.Next; i.Cursor != "" {
		return nil
	}
	if i.Read++; i.Read == i.Days {
		at := m.Now().UTC().Truncate(time.Microsecond)
		i.State, i.FinishedAt = ImportDone, &at
	}
	return nil
}

// shows tells whether an order shows anything by which its buyer could be recognised.
func shows(s identity.Shown) bool {
	return s.CustomerID != "" || len(s.Emails)+len(s.Phones)+len(s.Addresses)+len(s.IPs)+len(s.Devices) > 0
}

// learn keeps each code of an order that is one of a campaign's. It is as new as the moment before it was read: what
// became of the order since is never undone by it.
func (m Importer) learn(ctx context.Context, o identity.Order, readAt time.Time) (uses int, err error) {
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
			Currency: o.Discount.Currency, Test: o.Test && !m.TestOrders, VoidReason: o.VoidReason,
			Source: FromImport, SeenAt: readAt}})
		if err != nil {
			return uses, err
		}
		uses++
	}
	return uses, nil
}
