package console

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/cursor"
	"pointbridge/domain/listing"
)

// couponQuery is what the address of the list asks for.
type couponQuery struct {
	// Refused says that the list is of conversions that came to nothing, and not of coupons.
	Refused bool
	Filter  string
	// Campaign is the key of the campaign whose codes are listed; empty for all.
	Campaign string
	Text     string
	// On is what the days are about, Period the days.
	On     listing.Moment
	Period period
	// By and Reason are whose refunds are listed, and what they were for.
	By, Reason string
	// Columns are the keys of those that were chosen; none are the usual ones.
	Columns []string
	Sort    string
	from    listing.Place
	back    bool
}

// couponSort is an order of the list by the name that addresses have for it.
type couponSort struct {
	name string
	sort listing.Sort
}

// couponSorts are the orders of the list.
var couponSorts = []couponSort{{"newest", listing.SortNewest}, {"oldest", listing.SortOldest},
	{"end", listing.SortEnd}, {"end_last", listing.SortEnds}, {"amount", listing.SortMost},
	{"amount_least", listing.SortLeast}, {"points", listing.SortMostPoints}, {"points_least", listing.SortFewest}}

// parseCouponQuery reads an address. A status, an order or a place that it does not know it takes for not said, so that
// an old link still shows a list; days, columns and whose refunds it names as wrong, because another list than the one
// that was asked for would be taken for it.
func parseCouponQuery(values url.Values, refused bool, today time.Time) (q couponQuery, wrong map[string]bool) {
	q = couponQuery{Refused: refused, Filter: values.Get("status"), Campaign: values.Get("campaign"),
		On: listing.Moment(values.Get("on")), By: readable(values.Get("by")), Reason: values.Get("reason"),
		Sort: values.Get("sort")}
	q.Text = domain.FoldTyped(readable(values.Get("q")))
	q.Period, wrong = readPeriod(values, today, "")
	if q.On == "" {
		q.On = listing.Issued
	}
	if q.On != listing.Issued && (q.On != listing.Cancelled || refused) {
		q.On, wrong["on"] = listing.Issued, true
	}
	if (q.By != "" || q.Reason != "") && q.On != listing.Cancelled || len(q.By) > longestActor ||
		q.Reason != "" && !slices.Contains(domain.EndingReasons(), q.Reason) {
		q.By, q.Reason, wrong["by"] = "", "", true
	}
	if statusesOf(q.Filter) == nil || refused || q.On == listing.Cancelled {
		q.Filter = ""
	}
	for _, key := range values["col"] {
		if !slices.ContainsFunc(couponColumns, func(c couponColumn) bool { return c.key == key }) || !q.offered(key) {
			wrong["col"] = true
		} else if !slices.Contains(q.Columns, key) {
			q.Columns = append(q.Columns, key)
		}
	}
	if !slices.ContainsFunc(couponSorts, func(s couponSort) bool { return s.name == q.Sort }) {
		q.Sort = couponSorts[0].name
	}
	if from, ok := readPlace(values.Get("after")); ok {
		q.from = from
	} else if from, ok := readPlace(values.Get("before")); ok {
		q.from, q.back = from, true
	}
	return q, wrong
}

// longestActor bounds whose refunds can be asked for.
const longestActor = 200

// readable is what somebody can have typed.
func readable(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// sort is the list's order. The newest are those that were issued last, or refunded last, where the days are about that.
func (q couponQuery) sort() listing.Sort {
	i := max(slices.IndexFunc(couponSorts, func(s couponSort) bool { return s.name == q.Sort }), 0)
	sort := couponSorts[i].sort
	switch {
	case sort != listing.SortNewest && sort != listing.SortOldest:
		return sort
	case q.On == listing.Cancelled:
		return map[bool]listing.Sort{true: listing.SortCancelledLast, false: listing.SortCancelled}[sort.Descending()]
	case q.Period.Any():
		return map[bool]listing.Sort{true: listing.SortIssuedLast, false: listing.SortIssued}[sort.Descending()]
	}
	return sort
}

// within are the list's days, as a list is looked up.
func (q couponQuery) within(zone *time.Location) listing.Within {
	if !q.Period.Any() && q.On == listing.Issued {
		return listing.Within{}
	}
	w := listing.Within{Moment: q.On}
	w.From, w.To = q.Period.moments(zone)
	return w
}

func (q couponQuery) path() string {
	if q.Refused {
		return refusedPath
	}
	return couponsPath
}

// values is what the list asks for, without its place: the same list always has the same.
func (q couponQuery) values() url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("status", q.Filter)
	set("campaign", q.Campaign)
	set("q", q.Text)
	if q.On == listing.Cancelled {
		set("on", string(q.On))
	}
	q.Period.set(values)
	set("by", q.By)
	set("reason", q.Reason)
	for _, key := range q.Columns {
		values.Add("col", key)
	}
	if q.Sort != couponSorts[0].name {
		set("sort", q.Sort)
	}
	return values
}

// address is the list, with more said as name, value.
func (q couponQuery) address(more ...string) string {
	values := q.values()
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return addressOf(q.path(), values)
}

// filters are links to each filter with how many coupons it shows.
func (q couponQuery) filters(counts map[domain.Status]int64) []listChoice {
	if q.Refused || q.On == listing.Cancelled { // all have one status
		return nil
	}
	list := make([]listChoice, 0, len(couponFilters))
	for _, f := range couponFilters {
		to := q
		to.Filter = f.name
		c := listChoice{Key: "coupons.filter." + f.name, Address: to.address(), Here: f.name == q.Filter}
		if f.name == "" {
			c.Key = "coupons.filter.all"
		}
		if counts != nil {
			c.Count = new(countOf(counts, f.statuses))
		}
		list = append(list, c)
	}
	return list
}

// countOf counts coupons of some statuses; of none means all coupons, of which a conversion that failed is none.
func countOf(counts map[domain.Status]int64, statuses []domain.Status) (sum int64) {
	for _, status := range domain.Statuses() {
		if statuses == nil && status != domain.Failed || slices.Contains(statuses, status) {
			sum += counts[status]
		}
	}
	return sum
}

// others are the other lists of the same search and days: of refunds, of coupons, and of conversions that were refused.
func (q couponQuery) others() []listChoice {
	to := q
	to.Filter, to.Columns, to.By, to.Reason, to.Sort, to.Refused = "", nil, "", "", couponSorts[0].name, false
	list := make([]listChoice, 0, 3)
	add := func(key string, here bool) {
		list = append(list, listChoice{Key: "coupons.on." + key, Address: to.address(), Here: here})
	}
	to.On = listing.Issued
	add("issued", !q.Refused && q.On == listing.Issued)
	to.On = listing.Cancelled
	add("cancelled", q.On == listing.Cancelled)
	to.On, to.Refused, to.Campaign = listing.Issued, true, ""
	add("refused", q.Refused)
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

// couponPlaces are the addresses' places in the list, whatever its order.
var couponPlaces = cursor.ByNumber("")

func writePlace(p listing.Place) string { return couponPlaces.Write(cursor.Place(p)) }

// readPlace reads one. What is no place is none: the list then begins at its start.
func readPlace(text string) (listing.Place, bool) {
	p, err := couponPlaces.Read(text)
	return listing.Place(p), err == nil
}
