package console

import (
	"net/url"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/cursor"
	"pointbridge/domain/listing"
)

// couponQuery is what the address of the list asks for.
type couponQuery struct {
	Filter string
	// Campaign is the key of the campaign whose codes are listed; empty for all.
	Campaign string
	Text     string
	Sort     string
	from     listing.Place
	back     bool
}

// readCouponQuery reads the address. What it does not know it takes for not said, so that an old link still shows a
// list.
func readCouponQuery(req *request) couponQuery {
	q := couponQuery{Filter: req.Query("status"), Sort: req.Query("sort")}
	q.Text = domain.FoldTyped(strings.ToValidUTF8(req.Query("q"), "\uFFFD"))
	if statusesOf(q.Filter) == nil {
		q.Filter = ""
	}
	if !slices.ContainsFunc(couponSorts, func(s couponSort) bool { return s.name == q.Sort }) {
		q.Sort = couponSorts[0].name
	}
	if from, ok := readPlace(req.Query("after")); ok {
		q.from = from
	} else if from, ok := readPlace(req.Query("before")); ok {
		q.from, q.back = from, true
	}
	return q
}

func (q couponQuery) sort() listing.Sort {
	for _, s := range couponSorts {
		if s.name == q.Sort {
			return s.sort
		}
	}
	return listing.SortNewest
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
	set("campaign", q.Campaign)
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

// couponPlaces are the addresses' places in the list, whatever its order.
var couponPlaces = cursor.ByNumber("")

func writePlace(p listing.Place) string { return couponPlaces.Write(cursor.Place(p)) }

// readPlace reads one. What is no place is none: the list then begins at its start.
func readPlace(text string) (listing.Place, bool) {
	p, err := couponPlaces.Read(text)
	return listing.Place(p), err == nil
}
