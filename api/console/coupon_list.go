package console

import (
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
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
	// Of is the campaign whose codes the list is of; nil for all.
	Of *campaigns.Campaign
	// Family is the campaign that the searched text is a code of; nil for none.
	Family *familyFound
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
	// more reports whether there is another page in the direction that was asked for.
	more bool
}

// coupons is the list.
func (con couponHandlers) coupons(req *request) error {
	q := readCouponQuery(req)
	f, err := con.filterOf(req, q)
	if err != nil {
		return err
	}
	of, err := con.campaignAsked(req, &q)
	if err != nil {
		return err
	}
	if of != nil {
		f.Family = of.Prefix
	}
	counts, err := con.deps.Listing.Counts(req.Ctx(), f)
	if err != nil {
		return err
	}
	shown, err := con.find(req, f, q)
	if err != nil {
		return err
	}
	said := found(len(shown.list))
	if of != nil {
		said["campaign"] = of.Key
	}
	if err := req.read(domain.ActionCouponsFound, f.CustomerID, said); err != nil {
		return err
	}
	page := couponsPage{Query: q, Rows: req.rows(shown), Filters: q.filters(counts), Sorts: q.sorts(), Of: of}
	if page.Family, err = con.familyOf(req, q.Text); err != nil {
		return err
	}
	page.Previous, page.Next = q.neighbours(shown)
	req.show("coupons", req.T("coupons.title"), page)
	return nil
}

// filterOf turns what was asked for into what is looked up: a text that is somebody's whole id means that customer
// alone.
func (con couponHandlers) filterOf(req *request, q couponQuery) (listing.Filter, error) {
	f := listing.Filter{Text: q.Text, Sort: q.sort(), After: q.from, Now: con.deps.Now(), Limit: pageLength}
	if q.back {
		f.Sort = f.Sort.Reversed()
	}
	if !domain.KnownCustomerID(q.Text) {
		return f, nil
	}
	names, err := con.deps.Directory.Names(req.Ctx(), []string{q.Text})
	if _, there := names[q.Text]; there {
		f.Text, f.CustomerID = "", q.Text
	}
	return f, err
}

// find reads a page.
func (con couponHandlers) find(req *request, f listing.Filter, q couponQuery) (found couponsFound, err error) {
	page, err := con.deps.Listing.Page(req.Ctx(), f, statusesOf(q.Filter)...)
	if err != nil {
		return found, err
	}
	found.list, found.more = page.Coupons, page.More
	if q.back {
		slices.Reverse(found.list)
	}
	found.names, err = con.deps.Directory.Names(req.Ctx(), customersOf(found.list))
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
func (req *request) rows(found couponsFound) []couponRow {
	now := req.console.deps.Now()
	list := make([]couponRow, 0, len(found.list))
	for _, c := range found.list {
		list = append(list, couponRow{Coupon: c, Now: c.StatusAt(now), Name: found.names[c.CustomerID],
			MayCancel: !req.ofTheirs(c) && req.mayEnd(c, "cancel")})
	}
	return list
}

// ofTheirs reports whether a coupon belongs to the visitor's own membership. A page of its own knows more ways: see
// OwnMember.
func (req *request) ofTheirs(c domain.Coupon) bool {
	return req.Who.CustomerID != "" && req.Who.CustomerID == c.CustomerID
}

// mayEnd reports whether a button that ends the coupon is of use: to this person, and now.
func (req *request) mayEnd(c domain.Coupon, action string) bool {
	return req.may("coupons", action) && req.refusalOfEnding(c) == nil
}
