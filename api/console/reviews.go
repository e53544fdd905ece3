package console

import (
	"net/url"
	"slices"
	"strconv"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/reviews"
)

const (
	reviewsPath = consolePath + "/reviews"
	// casesShown is how many cases a page of the list has.
	casesShown = 30
)

// reviewRoutes are cases and their decisions.
func (con reviewHandlers) reviewRoutes() []route {
	return []route{
		pages.Get(reviewsPath, access.To("reviews", "read"), con.reviews),
		pages.Get(reviewsPath+"/:id", access.To("reviews", "read"), con.review),
		pages.Post(reviewsPath+"/:id/decision", access.To("reviews", "decide"), con.decide),
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
	reviews.Review
	Now  domain.Status
	Name string
	Key  string
}

// reviews lists cases, newest first: those that wait, unless somebody asks for the others.
func (con reviewHandlers) reviews(req *request) error {
	status := "open"
	if req.Query("status") == "closed" {
		status = "closed"
	}
	kind := reviews.Kind(req.Query("kind"))
	if !slices.Contains(reviews.Kinds(), kind) {
		kind = ""
	}
	before, _ := strconv.ParseInt(req.Query("before"), 10, 64) // what is no number asks for the first page
	found, err := con.deps.Reviews.Reviews(req.Ctx(),
		reviews.Filter{Status: status, Kind: kind, Before: max(before, 0), Limit: casesShown + 1})
	if err != nil {
		return err
	}
	counts, err := con.deps.Lists.OpenCases(req.Ctx())
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
	if page.Rows, err = con.caseRows(req, found); err != nil {
		return err
	}
	if err := req.read(domain.ActionReviewsFound, "", map[string]any{"found": len(found)}); err != nil {
		return err
	}
	req.show("reviews", req.T("reviews.title"), page)
	return nil
}

// filters makes the links above the list. What waits is counted; what is decided only grows.
func (p *reviewsPage) filters(status string, kind reviews.Kind, counts map[reviews.Kind]int64) {
	for _, n := range counts {
		p.Waiting += n
	}
	p.States = []caseFilter{{"reviews.open", casesAddress("open", kind, 0), p.Open, p.Waiting},
		{"reviews.closed", casesAddress("closed", kind, 0), !p.Open, 0}}
	p.Kinds = []caseFilter{{Key: "reviews.every_kind", Address: casesAddress(status, "", 0), Here: kind == ""}}
	for _, k := range reviews.Kinds() {
		count := int64(0)
		if p.Open {
			count = counts[k]
		}
		p.Kinds = append(p.Kinds, caseFilter{"review.kind." + string(k), casesAddress(status, k, 0), k == kind, count})
	}
}

func (con reviewHandlers) caseRows(req *request, found []reviews.Review) ([]caseRow, error) {
	ids := make([]string, 0, len(found))
	for _, r := range found {
		if !slices.Contains(ids, r.Coupon.CustomerID) {
			ids = append(ids, r.Coupon.CustomerID)
		}
	}
	names, err := con.deps.Directory.Names(req.Ctx(), ids)
	if err != nil {
		return nil, err
	}
	rows := make([]caseRow, 0, len(found))
	for _, r := range found {
		row := caseRow{Review: r, Now: subjectNow(req, r), Name: names[r.Coupon.CustomerID]}
		if req.oneClick(r) {
			row.Key = pages.NewKey()
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// oneClick tells whether the visitor can cancel the coupon and return its points without looking any further: an order
// that came to nothing left its code unused.
func (req *request) oneClick(r reviews.Review) bool {
	return r.Open && r.Kind.OfOrder() && r.Kind != reviews.CodeElsewhere && req.mayDecide(r) &&
		slices.Contains(r.Outcomes(req.console.deps.Now()), reviews.OutcomeReturnPoints)
}

func (req *request) mayDecide(r reviews.Review) bool {
	return req.may("reviews", "decide") && !req.ownCase(r)
}

// ownCase tells whether the case is about the visitor's own coupon.
func (req *request) ownCase(r reviews.Review) bool {
	return req.Who.CustomerID != "" && req.Who.CustomerID == r.Coupon.CustomerID
}

func subjectNow(req *request, r reviews.Review) domain.Status {
	return domain.Coupon{Status: r.Coupon.Status, ExpiresAt: r.Coupon.ExpiresAt}.StatusAt(req.console.deps.Now())
}

func casesAddress(status string, kind reviews.Kind, before int64) string {
	q := url.Values{}
	if status == "closed" {
		q.Set("status", status)
	}
	if kind != "" {
		q.Set("kind", string(kind))
	}
	if before != 0 {
		q.Set("before", pages.Number(before))
	}
	if len(q) == 0 {
		return reviewsPath
	}
	return reviewsPath + "?" + q.Encode()
}

func caseAddress(id int64) string { return reviewsPath + "/" + pages.Number(id) }
