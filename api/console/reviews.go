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
	// reviewsShown is how many reviews a page of the list has.
	reviewsShown = 30
)

// reviewRoutes are reviews and their decisions.
func (con reviewHandlers) reviewRoutes() []route {
	return []route{
		pages.Get(reviewsPath, access.To("reviews", "read"), con.reviews),
		pages.Get(reviewsPath+"/:id", access.To("reviews", "read"), con.review),
		pages.Post(reviewsPath+"/:id/decision", access.To("reviews", "decide"), con.decide),
	}
}

// reviewFilter is a link that narrows the list.
type reviewFilter struct {
	Key     string
	Address string
	Here    bool
	Count   int64
}

type reviewsPage struct {
	Open    bool
	Narrow  bool
	States  []reviewFilter
	Kinds   []reviewFilter
	Rows    []listedReview
	Newest  string
	Older   string
	Waiting int64
}

// listedReview is a review in the list. Key is drawn where it can be decided with one click.
type listedReview struct {
	reviews.Review
	Now  domain.Status
	Name string
	Key  string
}

// reviews lists them, newest first: those that wait, unless somebody asks for the others.
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
		reviews.Filter{Status: status, Kind: kind, Before: max(before, 0), Limit: reviewsShown + 1})
	if err != nil {
		return err
	}
	counts, err := con.deps.Lists.OpenReviews(req.Ctx())
	if err != nil {
		return err
	}
	page := reviewsPage{Open: status == "open", Narrow: kind != ""}
	if len(found) > reviewsShown {
		found = found[:reviewsShown]
		page.Older = reviewsAddress(status, kind, found[reviewsShown-1].ID)
	}
	if before > 0 {
		page.Newest = reviewsAddress(status, kind, 0)
	}
	page.filters(status, kind, counts)
	if page.Rows, err = con.listedReviews(req, found); err != nil {
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
	p.States = []reviewFilter{{"reviews.open", reviewsAddress("open", kind, 0), p.Open, p.Waiting},
		{"reviews.closed", reviewsAddress("closed", kind, 0), !p.Open, 0}}
	p.Kinds = []reviewFilter{{Key: "reviews.every_kind", Address: reviewsAddress(status, "", 0), Here: kind == ""}}
	for _, k := range reviews.Kinds() {
		count := int64(0)
		if p.Open {
			count = counts[k]
		}
		p.Kinds = append(p.Kinds, reviewFilter{"review.kind." + string(k), reviewsAddress(status, k, 0), k == kind,
			count})
	}
}

func (con reviewHandlers) listedReviews(req *request, found []reviews.Review) ([]listedReview, error) {
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
	rows := make([]listedReview, 0, len(found))
	for _, r := range found {
		row := listedReview{Review: r, Now: subjectNow(req, r), Name: names[r.Coupon.CustomerID]}
		if req.oneClick(r) {
			row.Key = pages.NewKey()
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// oneClick reports whether the visitor can cancel the coupon and return its points without looking any further: an
// order that is voided left its code unused.
func (req *request) oneClick(r reviews.Review) bool {
	return r.Open && r.Kind.OfVoided() && req.mayDecide(r) &&
		slices.Contains(r.Outcomes(req.console.deps.Now()), reviews.OutcomeReturnPoints)
}

func (req *request) mayDecide(r reviews.Review) bool {
	return req.may("reviews", "decide") && !req.ownReview(r)
}

// ownReview reports whether the review is about the visitor's own coupon.
func (req *request) ownReview(r reviews.Review) bool {
	return req.Who.CustomerID != "" && req.Who.CustomerID == r.Coupon.CustomerID
}

func subjectNow(req *request, r reviews.Review) domain.Status {
	return domain.Coupon{Status: r.Coupon.Status, ExpiresAt: r.Coupon.ExpiresAt}.StatusAt(req.console.deps.Now())
}

func reviewsAddress(status string, kind reviews.Kind, before int64) string {
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

func reviewAddress(id int64) string { return reviewsPath + "/" + pages.Number(id) }
