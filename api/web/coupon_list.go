package web

import (
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// pageLength is how many coupons a page of the list has.
const pageLength = 25

// couponFilters are the choices of the list, each with the statuses it shows; the first shows all.
var couponFilters = []struct {
	name     string
	statuses []domain.Status
}{
	{"", nil},
	{"active", []domain.Status{domain.Active}},
	{"used", []domain.Status{domain.Used}},
	{"expired", []domain.Status{domain.Expired}},
	{"cancelled", []domain.Status{domain.Cancelled}},
	{"on_the_way", []domain.Status{domain.Pending, domain.Cancelling}},
	{"suspended", []domain.Status{domain.Suspended}},
	{"forfeited", []domain.Status{domain.Forfeited}},
	{"failed", []domain.Status{domain.Failed}},
}

type couponSort struct {
	name string
	sort listing.Sort
}

// couponSorts are the orders of the list by the names that addresses have for them.
var couponSorts = []couponSort{{"newest", listing.SortNewest}, {"end", listing.SortEnd}, {"amount", listing.SortMost}}

type couponsPage struct {
	Query   couponQuery
	Filters []listChoice
	Sorts   []listChoice
	Rows    []couponRow
	// Previous and Next are addresses, empty where there is no such page.
	Previous, Next string
}

// listChoice is a link that chooses.
type listChoice struct {
	Key, Address string
	Here         bool
	// Count is nil where it is not known.
	Count *int64
}

// couponRow is one coupon of a list.
type couponRow struct {
	domain.Coupon
	Now       domain.Status
	Name      string
	MayCancel bool
}

// couponsFound is one page of a list.
type couponsFound struct {
	list  []domain.Coupon
	names map[string]string
	// more tells whether there is another page in the direction that was asked for.
	more bool
}

// coupons is the list.
func (w *Web) coupons(v *visit) error {
	q := readCouponQuery(v)
	f, err := w.filterOf(v, q)
	if err != nil {
		return err
	}
	counts, err := w.deps.Listing.Counts(v.ctx(), f)
	if err != nil {
		return err
	}
	shown, err := w.find(v, f, q)
	if err != nil {
		return err
	}
	if err := v.read(domain.ActionCouponsFound, f.CustomerID, found(len(shown.list))); err != nil {
		return err
	}
	page := couponsPage{Query: q, Rows: v.rows(shown), Filters: q.filters(counts), Sorts: q.sorts()}
	page.Previous, page.Next = q.neighbours(shown)
	v.show("coupons", v.t("coupons.title"), page)
	return nil
}

// filterOf turns what was asked for into what is looked up: a text that is somebody's whole id means that customer alone.
func (w *Web) filterOf(v *visit, q couponQuery) (listing.Filter, error) {
	f := listing.Filter{Text: q.Text, Sort: q.sort(), After: q.from, Now: w.deps.Now(), Limit: pageLength}
	if q.back {
		f.Sort = f.Sort.Reversed()
	}
	if !domain.ValidCustomerID(q.Text) {
		return f, nil
	}
	names, err := w.deps.Directory.Names(v.ctx(), []string{q.Text})
	if _, there := names[q.Text]; there {
		f.Text, f.CustomerID = "", q.Text
	}
	return f, err
}

// find reads a page.
func (w *Web) find(v *visit, f listing.Filter, q couponQuery) (found couponsFound, err error) {
	page, err := w.deps.Listing.Page(v.ctx(), f, statusesOf(q.Filter)...)
	if err != nil {
		return found, err
	}
	found.list, found.more = page.Coupons, page.More
	if q.back {
		slices.Reverse(found.list)
	}
	found.names, err = w.deps.Directory.Names(v.ctx(), customersOf(found.list))
	return found, err
}

func customersOf(list []domain.Coupon) []string {
	ids := make([]string, 0, len(list))
	for _, c := range list {
		ids = append(ids, c.CustomerID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func statusesOf(filter string) []domain.Status {
	for _, f := range couponFilters {
		if f.name == filter {
			return f.statuses
		}
	}
	return nil
}

// rows adds to coupons what a list says of them.
func (v *visit) rows(found couponsFound) []couponRow {
	now := v.web.deps.Now()
	list := make([]couponRow, 0, len(found.list))
	for _, c := range found.list {
		list = append(list, couponRow{Coupon: c, Now: c.StatusAt(now), Name: found.names[c.CustomerID], MayCancel: !v.ofTheirs(c) && v.mayEnd(c, "cancel")})
	}
	return list
}

// ofTheirs tells whether a coupon belongs to the visitor's own membership. A page of its own knows more ways: see OwnMember.
func (v *visit) ofTheirs(c domain.Coupon) bool {
	return v.who.CustomerID != "" && v.who.CustomerID == c.CustomerID
}

// mayEnd tells whether a button that ends the coupon is of use: to this person, and now.
func (v *visit) mayEnd(c domain.Coupon, action string) bool {
	return v.may("coupons", action) && v.refusalOfEnding(c) == nil
}
