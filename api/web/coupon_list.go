package web

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
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

// couponQuery is what the address of the list asks for.
type couponQuery struct {
	Filter string
	Text   string
	Sort   coupons.Sort
	from   *coupons.Mark
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

// coupons is the list.
func (w *Web) coupons(v *visit) error {
	q := readCouponQuery(v)
	now := w.deps.Now()
	page := couponsPage{Query: q}
	counts, found := map[domain.Status]int64{}, coupons.Found{}
	if q.Text == "" || searchableText.MatchString(q.Text) {
		var err error
		if counts, err = w.deps.Lists.Counts(v.ctx(), q.Text, now); err != nil {
			return err
		}
		found, err = w.deps.Lists.Find(v.ctx(), coupons.Look{Statuses: statusesOf(q.Filter), Text: q.Text, Sort: q.Sort, Now: now,
			From: q.from, Back: q.back, Limit: pageLength})
		if err != nil {
			return err
		}
	}
	page.Rows = v.rows(found)
	page.Filters, page.Sorts = q.filters(counts), q.sorts()
	page.Previous, page.Next = q.neighbours(found)
	v.show("coupons", v.t("coupons.title"), page)
	return nil
}

// searchableText is what ids and codes are made of: any other text finds nothing.
var searchableText = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// readCouponQuery reads the address. What it does not know it takes for not said, so that an old link still shows a list.
func readCouponQuery(v *visit) couponQuery {
	q := couponQuery{Filter: v.query("status"), Sort: coupons.Sort(v.query("sort"))}
	// Japanese keyboards leave full-width letters behind.
	q.Text = strings.TrimSpace(width.Fold.String(strings.ToValidUTF8(v.query("q"), "")))
	if statusesOf(q.Filter) == nil {
		q.Filter = ""
	}
	if !slices.Contains(coupons.Sorts(), q.Sort) {
		q.Sort = coupons.SortNewest
	}
	if from, ok := readMark(v.query("after")); ok {
		q.from = from
	} else if from, ok := readMark(v.query("before")); ok {
		q.from, q.back = from, true
	}
	return q
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
	if q.Sort != coupons.SortNewest {
		set("sort", string(q.Sort))
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
	list := make([]listChoice, 0, len(coupons.Sorts()))
	for _, sort := range coupons.Sorts() {
		to := q
		to.Sort = sort
		list = append(list, listChoice{Key: "coupons.sort." + string(sort), Address: to.address(), Here: sort == q.Sort})
	}
	return list
}

// neighbours are the addresses of the pages before and after. Where somebody came from there is always a page.
func (q couponQuery) neighbours(found coupons.Found) (previous, next string) {
	n := len(found.Coupons)
	if n == 0 {
		if q.from != nil {
			previous = q.address()
		}
		return previous, ""
	}
	if q.from != nil && !q.back || q.back && found.More {
		previous = q.address("before", writeMark(coupons.MarkOf(found.Coupons[0])))
	}
	if q.back || found.More {
		next = q.address("after", writeMark(coupons.MarkOf(found.Coupons[n-1])))
	}
	return previous, next
}

// rows adds to coupons what a list says of them.
func (v *visit) rows(found coupons.Found) []couponRow {
	list := make([]couponRow, 0, len(found.Coupons))
	for _, c := range found.Coupons {
		list = append(list, couponRow{Coupon: c, Now: c.StatusAt(v.web.deps.Now()), Name: found.Names[c.CustomerID], MayCancel: v.mayEnd(c, "cancel")})
	}
	return list
}

// mayEnd tells whether a button that ends the coupon is of use: to this person, and now.
func (v *visit) mayEnd(c domain.Coupon, action string) bool {
	return v.may("coupons", action) && v.refusalOfEnding(c) == nil
}

// writeMark names a coupon's place in the list. It is opaque, so that what lists go by can change.
func writeMark(m coupons.Mark) string {
	raw, _ := json.Marshal(m) // a mark is numbers and a time
	return base64.RawURLEncoding.EncodeToString(raw)
}

func readMark(text string) (*coupons.Mark, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if text == "" || err != nil {
		return nil, false
	}
	var m coupons.Mark
	if json.Unmarshal(raw, &m) != nil || m.ID <= 0 || m.Ends.Year() > 9999 || m.Ends.Year() < 1 {
		return nil, false
	}
	return &m, true
}
