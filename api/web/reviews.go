package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

const (
	reviewsPath = consolePath + "/reviews"
	// casesShown is how many cases a page of the list has.
	casesShown = 30
)

// reviewRoutes are cases and their decisions.
func (w *Web) reviewRoutes() []route {
	return []route{
		{http.MethodGet, reviewsPath, access.To("reviews", "read"), w.reviews},
		{http.MethodGet, reviewsPath + "/:id", access.To("reviews", "read"), w.review},
		{http.MethodPost, reviewsPath + "/:id/decision", access.To("reviews", "decide"), w.decide},
	}
}

// caseFilter is a link that narrows the list.
type caseFilter struct {
	Key     string
	Address string
	Here    bool
	Count   int64
}

type reviewsPage struct {
	Open    bool
	Narrow  bool
	States  []caseFilter
	Kinds   []caseFilter
	Rows    []caseRow
	Newest  string
	Older   string
	Waiting int64
}

// caseRow is a case in the list. Key is drawn where it can be decided with one click.
type caseRow struct {
	coupons.Review
	Now  domain.Status
	Name string
	Key  string
}

// reviews lists cases, newest first: those that wait, unless somebody asks for the others.
func (w *Web) reviews(v *visit) error {
	status := "open"
	if v.query("status") == "closed" {
		status = "closed"
	}
	kind := coupons.ReviewKind(v.query("kind"))
	if !slices.Contains(coupons.ReviewKinds(), kind) {
		kind = ""
	}
	before, _ := strconv.ParseInt(v.query("before"), 10, 64) // what is no number asks for the first page
	found, err := w.deps.Reviews.Reviews(v.ctx(), coupons.ReviewFilter{Status: status, Kind: kind, Before: max(before, 0), Limit: casesShown + 1})
	if err != nil {
		return err
	}
	counts, err := w.deps.Lists.OpenCases(v.ctx())
	if err != nil {
		return err
	}
	page := reviewsPage{Open: status == "open", Narrow: kind != ""}
	if len(found) > casesShown {
		found = found[:casesShown]
		page.Older = casesAddress(status, kind, found[casesShown-1].ID)
	}
	if before > 0 {
		page.Newest = casesAddress(status, kind, 0)
	}
	page.filters(status, kind, counts)
	if page.Rows, err = w.caseRows(v, found); err != nil {
		return err
	}
	if err := v.read(domain.ActionReviewsFound, "", map[string]any{"found": len(found)}); err != nil {
		return err
	}
	v.show("reviews", v.t("reviews.title"), page)
	return nil
}

// filters makes the links above the list. What waits is counted; what is decided only grows.
func (p *reviewsPage) filters(status string, kind coupons.ReviewKind, counts map[coupons.ReviewKind]int64) {
	for _, n := range counts {
		p.Waiting += n
	}
	p.States = []caseFilter{{"reviews.open", casesAddress("open", kind, 0), p.Open, p.Waiting}, {"reviews.closed", casesAddress("closed", kind, 0), !p.Open, 0}}
	p.Kinds = []caseFilter{{Key: "reviews.every_kind", Address: casesAddress(status, "", 0), Here: kind == ""}}
	for _, k := range coupons.ReviewKinds() {
		count := int64(0)
		if p.Open {
			count = counts[k]
		}
		p.Kinds = append(p.Kinds, caseFilter{"review.kind." + string(k), casesAddress(status, k, 0), k == kind, count})
	}
}

func (w *Web) caseRows(v *visit, found []coupons.Review) ([]caseRow, error) {
	ids := make([]string, 0, len(found))
	for _, r := range found {
		if !slices.Contains(ids, r.Coupon.CustomerID) {
			ids = append(ids, r.Coupon.CustomerID)
		}
	}
	names, err := w.deps.Directory.Names(v.ctx(), ids)
	if err != nil {
		return nil, err
	}
	rows := make([]caseRow, 0, len(found))
	for _, r := range found {
		row := caseRow{Review: r, Now: subjectNow(v, r), Name: names[r.Coupon.CustomerID]}
		if v.oneClick(r) {
			row.Key = newFormKey()
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// oneClick tells whether the visitor can cancel the coupon and return its points without looking any further: an order that
// came to nothing left its code unused.
func (v *visit) oneClick(r coupons.Review) bool {
	return r.Open && r.Kind.OfOrder() && r.Kind != coupons.ReviewCodeElsewhere && v.mayDecide(r) && slices.Contains(r.Outcomes(v.web.deps.Now()), coupons.OutcomeReturnPoints)
}

func (v *visit) mayDecide(r coupons.Review) bool { return v.may("reviews", "decide") && !v.ownCase(r) }

// ownCase tells whether the case is about the visitor's own coupon.
func (v *visit) ownCase(r coupons.Review) bool {
	return v.who.CustomerID != "" && v.who.CustomerID == r.Coupon.CustomerID
}

func subjectNow(v *visit, r coupons.Review) domain.Status {
	return domain.Coupon{Status: r.Coupon.Status, ExpiresAt: r.Coupon.ExpiresAt}.StatusAt(v.web.deps.Now())
}

func casesAddress(status string, kind coupons.ReviewKind, before int64) string {
	q := url.Values{}
	if status == "closed" {
		q.Set("status", status)
	}
	if kind != "" {
		q.Set("kind", string(kind))
	}
	if before != 0 {
		q.Set("before", number(before))
	}
	if len(q) == 0 {
		return reviewsPath
	}
	return reviewsPath + "?" + q.Encode()
}

func caseAddress(id int64) string { return reviewsPath + "/" + number(id) }
