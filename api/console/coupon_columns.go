package console

import (
	"slices"

	"pointbridge/domain/listing"
)

// couponColumn is a column of the list that can be chosen. Its words stand at "coupons.column." and its key.
type couponColumn struct {
	key string
	// up and down are the names of the orders by it, the smallest first and the largest first; empty where there are none.
	up, down string
	right    bool
	width    float64
}

// couponColumns are those beside the code, in their order.
var couponColumns = []couponColumn{
	{key: "customer", width: 24},
	{key: "amount", up: "amount_least", down: "amount", right: true, width: 12},
	{key: "points", up: "points_least", down: "points", right: true, width: 10},
	{key: "status", width: 12},
	{key: "issued", up: "oldest", down: "newest", width: 17},
	{key: "ends", up: "end", down: "end_last", width: 17},
	{key: "cancelled", up: "oldest", down: "newest", width: 17},
	{key: "by", width: 18},
	{key: "reason", width: 20},
	{key: "order", width: 12},
	{key: "failure", width: 30},
}

// usualColumns are shown where nobody chose.
func (q couponQuery) usualColumns() []string {
	switch {
	case q.Refused:
		return []string{"customer", "points", "issued", "failure"}
	case q.On == listing.Cancelled:
		return []string{"customer", "points", "cancelled", "by", "reason"}
	default:
		return []string{"customer", "amount", "status", "ends"}
	}
}

// offered reports whether a column can be chosen in this list.
func (q couponQuery) offered(key string) bool {
	if q.Refused {
		return slices.Contains([]string{"customer", "amount", "points", "issued", "failure"}, key)
	}
	return key != "failure"
}

// columns are the keys of those that are shown, in the list's order.
func (q couponQuery) columns() []couponColumn {
	chosen := q.Columns
	if len(chosen) == 0 {
		chosen = q.usualColumns()
	}
	var list []couponColumn
	for _, c := range couponColumns {
		if slices.Contains(chosen, c.key) && q.offered(c.key) {
			list = append(list, c)
		}
	}
	return list
}

// columnHead is the head of a column: its name, and the address of the list in its order.
type columnHead struct {
	Key     string
	Right   bool
	Address string
	// Sorted is ascending or descending, as aria-sort has it; empty for a column that the list is not sorted by.
	Sorted string
}

// heads are the columns of a page.
func (q couponQuery) heads() []columnHead {
	var list []columnHead
	for _, c := range q.columns() {
		h := columnHead{Key: c.key, Right: c.right}
		if q.sortable(c) {
			to := q
			to.Sort = c.down
			switch q.Sort {
			case c.down:
				h.Sorted, to.Sort = "descending", c.up
			case c.up:
				h.Sorted = "ascending"
			}
			h.Address = to.address()
		}
		list = append(list, h)
	}
	return list
}

// sortable reports whether the list can be in a column's order: newest and oldest are those of what its days are about.
func (q couponQuery) sortable(c couponColumn) bool {
	switch c.key {
	case "issued":
		return q.On == listing.Issued
	case "cancelled":
		return q.On == listing.Cancelled
	}
	return c.up != ""
}

// columnChoice is a box to choose a column by.
type columnChoice struct {
	Key  string
	Here bool
}

func (q couponQuery) choices() []columnChoice {
	var list []columnChoice
	shown := q.columns()
	for _, c := range couponColumns {
		if q.offered(c.key) {
			list = append(list, columnChoice{c.key, slices.ContainsFunc(shown, func(o couponColumn) bool { return o.key == c.key })})
		}
	}
	return list
}

// CouponHeads are the columns of a page's table of coupons: those that were chosen, or the usual ones.
func (d *view) CouponHeads() []columnHead {
	if p, ok := d.Page.(couponsPage); ok {
		return p.Query.heads()
	}
	heads := couponQuery{On: listing.Issued}.heads()
	for i := range heads {
		heads[i].Address, heads[i].Sorted = "", ""
	}
	if _, ofOne := d.Page.(memberPage); ofOne { // whose they are stands above
		heads = slices.DeleteFunc(heads, func(h columnHead) bool { return h.Key == "customer" })
	}
	return heads
}
