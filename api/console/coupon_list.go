package console

import (
	"net/http"
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
}

type couponsPage struct {
	Query   couponQuery
	Filters []listChoice
	Sorts   []listChoice
	Rows    []couponRow
	// Others are the other lists of the same days, Ranges the days that a word says.
	Others, Ranges []listChoice
	// Choices are the columns there are, Repeated what the form of days and columns repeats of the address.
	Choices  []columnChoice
	Repeated []hiddenField
	// Wrong names what of the address could not be read.
	Wrong map[string]bool
	// Found is how many the list has in all; nil where they are too many to be counted.
	Found *int64
	// CSV and Workbook are the addresses of the same as a file, which has Most rows at most.
	CSV, Workbook string
	Most          int
	// Views are what the visitor kept; Problem says why a view was not, or why there is no file.
	Views   []listing.View
	Problem string
	// Previous and Next are addresses, empty where there is no such page.
	Previous, Next string
	// Of is the campaign whose codes the list is of; nil for all.
	Of *campaigns.Campaign
	// Family is the campaign that the searched text is a code of; nil for none.
	Family *familyFound
}

// RepeatedBySearch are the fields that the search box repeats of the address.
func (p couponsPage) RepeatedBySearch() []hiddenField { return hidden(p.Query.values(), "q") }

// ByName is what the person is called whose refunds are listed.
func (p couponsPage) ByName() string {
	for _, row := range p.Rows {
		if row.CancelActor == p.Query.By && row.CancelledBy != "" {
			return row.CancelledBy
		}
	}
	return p.Query.By
}

// Everybody is the same list whoever refunded.
func (p couponsPage) Everybody() string {
	p.Query.By = ""
	return p.Query.address()
}

// EveryReason is the same list whatever the refunds were for.
func (p couponsPage) EveryReason() string {
	p.Query.Reason = ""
	return p.Query.address()
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

// coupons is the list of coupons, refusedConversions that of conversions that came to nothing.
func (con couponHandlers) coupons(req *request) error { return con.listed(req, false) }

func (con couponHandlers) refusedConversions(req *request) error { return con.listed(req, true) }

func (con couponHandlers) listed(req *request, refused bool) error {
	q, wrong := parseCouponQuery(req.Gin.Request.URL.Query(), refused, con.deps.Reports.Today())
	if len(wrong) > 0 {
		return con.showCoupons(req, couponsPage{Query: q, Wrong: wrong})
	}
	page, err := con.couponsPage(req, q)
	if err != nil {
		return err
	}
	return con.showCoupons(req, page)
}

// couponsPage reads a page of the list, and keeps in the audit that it was shown.
func (con couponHandlers) couponsPage(req *request, q couponQuery) (couponsPage, error) {
	page := couponsPage{}
	f, err := con.filterOf(req, &q, &page)
	if err != nil {
		return page, err
	}
	counts, err := con.deps.Listing.Counts(req.Ctx(), f)
	if err != nil {
		return page, err
	}
	shown, err := con.find(req, f, q)
	if err != nil {
		return page, err
	}
	said := found(len(shown.list))
	if page.Of != nil {
		said["campaign"] = page.Of.Key
	}
	if err := req.read(domain.ActionCouponsFound, f.CustomerID, said); err != nil {
		return page, err
	}
	page.Query, page.Rows, page.Filters = q, req.rows(shown), q.filters(counts)
	if counts != nil {
		page.Found = new(countOf(counts, q.statuses()))
	}
	if page.Family, err = con.familyOf(req, q.Text); err != nil {
		return page, err
	}
	page.Previous, page.Next = q.neighbours(shown)
	return page, nil
}

// showCoupons adds what stands around the list.
func (con couponHandlers) showCoupons(req *request, page couponsPage) error {
	q, status, title := page.Query, http.StatusOK, req.T("coupons.title")
	if q.Refused {
		title = req.T("coupons.refused_title")
	}
	if len(page.Wrong) > 0 || page.Problem != "" {
		status = http.StatusUnprocessableEntity
	}
	page.Others, page.Ranges, page.Sorts = q.others(), q.Period.ranged(q.path(), q.values(), true), q.sorts()
	page.Choices, page.Repeated = q.choices(), hidden(q.values(), "from", "to", "range", "col")
	if page.Most = exportMost; len(page.Rows) > 0 {
		page.CSV, page.Workbook = q.export("csv"), q.export("xlsx")
	}
	var err error
	if page.Views, err = con.deps.Views.Views(req.Ctx(), req.person.ID); err != nil {
		return err
	}
	req.showStatus(status, "coupons", title, page)
	return nil
}

// filterOf turns what was asked for into what is looked up: a text that is somebody's whole id means that customer
// alone. A campaign that there is not is taken out of the query.
func (con couponHandlers) filterOf(req *request, q *couponQuery, page *couponsPage) (f listing.Filter, err error) {
	f = listing.Filter{Text: q.Text, Sort: q.sort(), After: q.from, Now: con.deps.Now(), Limit: pageLength,
		Within: q.within(con.deps.Zone), By: q.By, Reason: q.Reason, Made: !q.Refused}
	if q.back {
		f.Sort = f.Sort.Reversed()
	}
	if page.Of, err = con.campaignAsked(req, q); err != nil {
		return f, err
	}
	if page.Of != nil {
		f.Family = page.Of.Prefix
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

// statuses are those that the list shows; none are all.
func (q couponQuery) statuses() []domain.Status {
	if q.Refused {
		return []domain.Status{domain.Failed}
	}
	return statusesOf(q.Filter)
}

// find reads a page.
func (con couponHandlers) find(req *request, f listing.Filter, q couponQuery) (found couponsFound, err error) {
	page, err := con.deps.Listing.Page(req.Ctx(), f, q.statuses()...)
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
