package web

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
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
	sort coupons.Sort
}

// couponSorts are the orders of the list by the names that addresses have for them.
var couponSorts = []couponSort{{"newest", coupons.SortNewest}, {"end", coupons.SortEnd}, {"amount", coupons.SortMost}}

// couponQuery is what the address of the list asks for.
type couponQuery struct {
	Filter string
	Text   string
	Sort   string
	from   coupons.Place
	back   bool
}

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
	counts, err := w.deps.Lists.Counts(v.ctx(), f)
	if err != nil {
		return err
	}
	found, err := w.find(v, f, q)
	if err != nil {
		return err
	}
	page := couponsPage{Query: q, Rows: v.rows(found), Filters: q.filters(counts), Sorts: q.sorts()}
	page.Previous, page.Next = q.neighbours(found)
	v.show("coupons", v.t("coupons.title"), page)
	return nil
}

// filterOf turns what was asked for into what is looked up: a text that is somebody's whole id means that customer alone.
func (w *Web) filterOf(v *visit, q couponQuery) (coupons.Filter, error) {
	f := coupons.Filter{Text: q.Text, Sort: q.sort(), After: q.from, Now: w.deps.Now(), Limit: pageLength + 1}
	if q.back {
		f.Sort = f.Sort.Reversed()
	}
	if !domain.ValidCustomerID(q.Text) {
		return f, nil
	}
	names, err := w.deps.Lists.Names(v.ctx(), []string{q.Text})
	if _, there := names[q.Text]; there {
		f.Text, f.CustomerID = "", q.Text
	}
	return f, err
}

// find reads a page: one more coupon than it has tells whether another one follows.
func (w *Web) find(v *visit, f coupons.Filter, q couponQuery) (found couponsFound, err error) {
	statuses := statusesOf(q.Filter)
	if len(statuses) == 0 {
		statuses = []domain.Status{""}
	}
	for _, f.Status = range statuses {
		list, err := w.deps.Coupons.List(v.ctx(), f)
		if err != nil {
			return found, err
		}
		found.list = append(found.list, list...)
	}
	if len(statuses) > 1 {
		slices.SortFunc(found.list, func(a, b domain.Coupon) int {
			if f.Sort.Before(f.Sort.Place(a), f.Sort.Place(b)) {
				return -1
			}
			return 1
		})
	}
	if found.more = len(found.list) > pageLength; found.more {
		found.list = found.list[:pageLength]
	}
	if q.back {
		slices.Reverse(found.list)
	}
	found.names, err = w.deps.Lists.Names(v.ctx(), customersOf(found.list))
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

// readCouponQuery reads the address. What it does not know it takes for not said, so that an old link still shows a list.
func readCouponQuery(v *visit) couponQuery {
	q := couponQuery{Filter: v.query("status"), Sort: v.query("sort")}
	// Japanese keyboards leave full-width letters behind.
	q.Text = strings.TrimSpace(width.Fold.String(strings.ToValidUTF8(v.query("q"), "\uFFFD")))
	if statusesOf(q.Filter) == nil {
		q.Filter = ""
	}
	if !slices.ContainsFunc(couponSorts, func(s couponSort) bool { return s.name == q.Sort }) {
		q.Sort = couponSorts[0].name
	}
	if from, ok := readPlace(v.query("after")); ok {
		q.from = from
	} else if from, ok := readPlace(v.query("before")); ok {
		q.from, q.back = from, true
	}
	return q
}

func (q couponQuery) sort() coupons.Sort {
	for _, s := range couponSorts {
		if s.name == q.Sort {
			return s.sort
		}
	}
	return coupons.SortNewest
}

func statusesOf(filter string) []domain.Status {
	for _, f := range couponFilters {
		if f.name == filter {
			return f.statuses
		}
	}
	return nil
}

// address is the list with this listChoice, with more said as name, value.
func (q couponQuery) address(more ...string) string {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("status", q.Filter)
	set("q", q.Text)
	if q.Sort != couponSorts[0].name {
		set("sort", q.Sort)
	}
	for i := 0; i+1 < len(more); i += 2 {
		set(more[i], more[i+1])
	}
	if len(values) == 0 {
		return couponsPath
	}
	return couponsPath + "?" + values.Encode()
}

// filters are links to each filter with how many coupons it shows.
func (q couponQuery) filters(counts map[domain.Status]int64) []listChoice {
	list := make([]listChoice, 0, len(couponFilters))
	for _, f := range couponFilters {
		to := q
		to.Filter = f.name
		c := listChoice{Key: "coupons.filter." + f.name, Address: to.address(), Here: f.name == q.Filter}
		if f.name == "" {
			c.Key = "coupons.filter.all"
		}
		if counts != nil {
			sum := int64(0)
			for _, status := range domain.Statuses() {
				if f.statuses == nil || slices.Contains(f.statuses, status) {
					sum += counts[status]
				}
			}
			c.Count = &sum
		}
		list = append(list, c)
	}
	return list
}

func (q couponQuery) sorts() []listChoice {
	list := make([]listChoice, 0, len(couponSorts))
	for _, s := range couponSorts {
		to := q
		to.Sort = s.name
		list = append(list, listChoice{Key: "coupons.sort." + s.name, Address: to.address(), Here: s.name == q.Sort})
	}
	return list
}

// neighbours are the addresses of the pages before and after. Where somebody came from there is always a page.
func (q couponQuery) neighbours(found couponsFound) (previous, next string) {
	n, inside := len(found.list), q.from.ID != 0
	if n == 0 {
		if inside {
			previous = q.address()
		}
		return previous, ""
	}
	place := func(c domain.Coupon) string { return writePlace(q.sort().Place(c)) }
	if inside && !q.back || q.back && found.more {
		previous = q.address("before", place(found.list[0]))
	}
	if q.back || found.more {
		next = q.address("after", place(found.list[n-1]))
	}
	return previous, next
}

// rows adds to coupons what a list says of them.
func (v *visit) rows(found couponsFound) []couponRow {
	now := v.web.deps.Now()
	list := make([]couponRow, 0, len(found.list))
	for _, c := range found.list {
		list = append(list, couponRow{Coupon: c, Now: c.StatusAt(now), Name: found.names[c.CustomerID], MayCancel: v.mayEnd(c, "cancel")})
	}
	return list
}

// mayEnd tells whether a button that ends the coupon is of use: to this person, and now.
func (v *visit) mayEnd(c domain.Coupon, action string) bool {
	return v.may("coupons", action) && v.refusalOfEnding(c) == nil
}

// writePlace names a coupon's place in the list. It is opaque, so that what lists go by can change.
func writePlace(p coupons.Place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(number(p.Number) + ":" + number(p.ID)))
}

// lastNumber is the last microsecond that has a date of four digits.
const lastNumber = 253402300799_999999

// readPlace reads one. What is no place is none: the list then begins at its start.
func readPlace(text string) (coupons.Place, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if text == "" || err != nil {
		return coupons.Place{}, false
	}
	by, id, _ := strings.Cut(string(raw), ":")
	var p coupons.Place
	var byErr, idErr error
	p.Number, byErr = strconv.ParseInt(by, 10, 64)
	p.ID, idErr = strconv.ParseInt(id, 10, 64)
	return p, byErr == nil && idErr == nil && p.ID > 0 && p.Number >= 0 && p.Number <= lastNumber
}
