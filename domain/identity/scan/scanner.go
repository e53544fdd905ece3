package scan

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// Bounds of one look back.
const (
	MaxDays = 730
	// MaxUses bounds what is held in memory.
	MaxUses = 200_000
)

// ErrDays is a number of days that cannot be looked back on, ErrTooMany a shop with more orders than are held at once.
var (
	ErrDays    = errors.New("the number of days must be between 1 and 730")
	ErrTooMany = errors.New("there are too many orders with codes in these days; ask for fewer days")
)

// Orders reads the shop's orders with a discount code that were placed in a time, the oldest first.
type Orders interface {
	OrdersShown(ctx context.Context, from, to time.Time, after string) (identity.OrderPage, error)
}

// Scanner looks back.
type Scanner struct {
	Shop Orders
	// Print makes digests of what an order shows. Its key goes with the scanner.
	Print func(identity.Shown) (identity.Print, error)
	Now   func() time.Time
	// Progress is told after each day; nil for nobody.
	Progress func(Progress)
}

// Progress is how far a look back has come.
type Progress struct{ Day, Days, Uses int }

// use is one use while it is looked at.
type use struct {
	Use
	family string
	print  identity.Print
}

// Run looks back on so many days, day by day from the newest one. Where the context's time runs out it reports the days
// that were read in full, if there are any.
func (s Scanner) Run(ctx context.Context, days int) (Report, error) {
	if days < 1 || days > MaxDays {
		return Report{}, ErrDays
	}
	r := Report{Asked: days, To: s.Now().UTC()}
	var uses []*use
	for r.Days < days {
		to := r.To.AddDate(0, 0, -r.Days)
		read, err := s.day(ctx, &r, to.AddDate(0, 0, -1), to)
		if err != nil && r.Days > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			break
		}
		if err != nil {
			return Report{}, err
		}
		if uses = append(uses, read...); len(uses) > MaxUses {
			return Report{}, ErrTooMany
		}
		r.Days++
		if s.Progress != nil {
			s.Progress(Progress{Day: r.Days, Days: days, Uses: len(uses)})
		}
	}
	r.From = r.To.AddDate(0, 0, -r.Days)
	slices.Sort(r.Withheld)
	slices.SortFunc(uses, func(a, b *use) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.OrderID+a.Code, b.OrderID+b.Code)
	})
	assignFamilies(uses)
	r.fill(uses)
	return r, nil
}

// day reads one day. What it leaves out counts only when the whole day was read.
func (s Scanner) day(ctx context.Context, r *Report, from, to time.Time) ([]*use, error) {
	var uses []*use
	left, withheld := r.LeftOut, r.Withheld
	for after := ""; ; {
		page, err := s.Shop.OrdersShown(ctx, from, to, after)
		if err != nil {
			return nil, err
		}
		for _, k := range page.Withheld {
			if !slices.Contains(withheld, k) {
				withheld = append(withheld, k)
			}
		}
		for _, o := range page.Orders {
			read, err := s.read(o, &left)
			if err != nil {
				return nil, err
			}
			uses = append(uses, read...)
		}
		if page.Next == "" {
			r.LeftOut, r.Withheld = left, withheld
			return uses, nil
		}
		if len(uses) > MaxUses {
			return nil, ErrTooMany
		}
		after = page.Next
	}
}

// read makes uses of an order, one for each of its codes that is none of points.
func (s Scanner) read(o identity.Order, left *LeftOut) ([]*use, error) {
	switch {
	case o.Test:
		left.Test++
		return nil, nil
	case o.Void:
		left.Void++
		return nil, nil
	}
	print, err := s.Print(o.Shown)
	if err != nil {
		return nil, err
	}
	var uses []*use
	for _, typed := range o.Codes {
		code, _ := domain.NormalizeCode(typed)
		if domain.IsPointsCode(code) {
			left.Points++
			continue
		}
		if code == "" || slices.ContainsFunc(uses, func(u *use) bool { return u.Code == code }) {
			continue
		}
		uses = append(uses, &use{print: print, Use: Use{OrderID: o.ID, Order: o.Name, Code: code,
			At: o.CreatedAt.UTC(), Discount: o.Discount}})
	}
	return uses, nil
}

// assignFamilies finds which codes belong together. A code that several orders used is a family of its own. Codes that
// one order each used, and that begin alike up to their last hyphen, are one family: unique codes of one campaign.
func assignFamilies(uses []*use) {
	times, stems := map[string]int{}, map[string]int{}
	for _, u := range uses {
		times[u.Code]++
	}
	for code, n := range times {
		if n == 1 {
			stems[stem(code)]++
		}
	}
	for _, u := range uses {
		u.family = u.Code
		if begin := stem(u.Code); times[u.Code] == 1 && begin != "" && stems[begin] > 1 {
			u.family = begin
		}
	}
}

func stem(code string) string { return code[:strings.LastIndex(code, "-")+1] }
