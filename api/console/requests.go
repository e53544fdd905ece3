package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/requests"
)

const (
	requestsPath = consolePath + "/requests"
	// requestsShown is how many requests a page of the list has.
	requestsShown = 30
)

// requestRoutes are requests to cancel: asked by those who may not, decided by those who may.
func (con requestHandlers) requestRoutes() []route {
	ask, decide := access.To("coupons", "ask"), access.To("approvals", "decide")
	return []route{
		pages.Get(requestsPath, ask, con.requests),
		pages.Get(requestsPath+"/:id", ask, con.request),
		pages.Post(requestsPath+"/:id/decision", decide, con.decide),
		pages.Post(requestsPath+"/:id/withdrawal", ask, con.withdraw),
		pages.Get(couponsPath+"/:code/ask", ask, con.askForm),
		pages.Post(couponsPath+"/:code/ask", ask, con.ask),
	}
}

type requestsPage struct {
	States []listChoice
	Open   bool
	// Decides says that the visitor sees everybody's requests; the others see their own.
	Decides bool
	Rows    []listedRequest
	Newest  string
	Older   string
}

type listedRequest struct {
	requests.Request
	Now domain.Status
}

var openRequests = []requests.State{requests.Open, requests.Approved}

// requests lists them, newest first: those that wait, unless somebody asks for the others. Who asked sees all of theirs.
func (con requestHandlers) requests(req *request) error {
	page := requestsPage{Decides: req.may("approvals", "decide")}
	page.Open = page.Decides && req.Query("state") != "closed"
	before, _ := strconv.ParseInt(req.Query("before"), 10, 64) // what is no number asks for the first page
	f := requests.Filter{Before: max(before, 0), Limit: requestsShown + 1}
	address := requestsPath
	switch {
	case page.Open:
		f.States = openRequests
	case page.Decides:
		f.States = slices.DeleteFunc(requests.States(), func(s requests.State) bool {
			return slices.Contains(openRequests, s)
		})
		address += "?state=closed"
	default:
		f.AskedBy = req.Who.ID
	}
	found, err := con.deps.RequestBook.Requests(req.Ctx(), f)
	if err != nil {
		return err
	}
	if before > 0 {
		page.Newest = address
	}
	if len(found) > requestsShown {
		found = found[:requestsShown]
		page.Older = requestsPath + "?before=" + pages.Number(found[requestsShown-1].ID)
		if page.Decides && !page.Open {
			page.Older += "&state=closed"
		}
	}
	for _, r := range found {
		page.Rows = append(page.Rows, listedRequest{r, r.Coupon.StatusAt(con.deps.Now())})
	}
	page.States = []listChoice{{Key: "requests.open", Address: requestsPath, Here: page.Open},
		{Key: "requests.closed", Address: requestsPath + "?state=closed", Here: !page.Open}}
	if err := req.read(domain.ActionRequestsFound, "", map[string]any{"found": len(found)}); err != nil {
		return err
	}
	if err := con.seen(req, found); err != nil {
		return err
	}
	req.show("requests", req.T("requests.title"), page)
	return nil
}

// seen takes the answers that the list shows off the visitor's badge.
func (con requestHandlers) seen(req *request, list []requests.Request) error {
	upTo := int64(0)
	for _, r := range list {
		if r.Asker.ID == req.Who.ID && r.SeenAt == nil {
			upTo = max(upTo, r.ID)
		}
	}
	if upTo == 0 {
		return nil
	}
	return con.deps.RequestBook.Seen(req.Ctx(), req.Who.ID, upTo, con.deps.Now())
}

// requestPage is one request with what a decision about it needs.
type requestPage struct {
	requests.Request
	Coupon   domain.Coupon
	Now      domain.Status
	Customer members.Member
	// MayDecide and MayWithdraw say what the visitor can do; Own that they asked for it themselves.
	MayDecide, MayWithdraw, Own bool
	Answer                      string
	Limit                       int
	WrongNote                   string
	Told                        *pages.Told
}

func (con requestHandlers) request(req *request) error {
	return con.showRequest(req, http.StatusOK, func(*requestPage) {})
}

func (con requestHandlers) showRequest(req *request, status int, add func(*requestPage)) error {
	r, err := con.requestOf(req)
	if err != nil {
		return err
	}
	st, err := con.deps.Coupons.ByCode(req.Ctx(), r.Code)
	if err != nil {
		return err
	}
	page := requestPage{Request: r, Coupon: st.Coupon, Now: st.Coupon.StatusAt(con.deps.Now()), Limit: domain.MaxNote,
		Own: r.By(req.Who)}
	if page.Customer, err = con.deps.Directory.Member(req.Ctx(), st.Coupon.CustomerID); err != nil {
		return err
	}
	if err := req.read(domain.ActionRequestsFound, st.Coupon.CustomerID, map[string]any{"found": 1}); err != nil {
		return err
	}
	page.MayDecide = r.State == requests.Open && !page.Own && req.may("approvals", "decide")
	page.MayWithdraw = r.State == requests.Open && page.Own
	if err := con.seen(req, []requests.Request{r}); err != nil {
		return err
	}
	add(&page)
	req.showStatus(status, "request", req.T("request.title", r.ID), page)
	return nil
}

// requestOf is the request of the address: to whoever asked, and to those who may decide.
func (con requestHandlers) requestOf(req *request) (requests.Request, error) {
	id, err := strconv.ParseInt(req.Gin.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return requests.Request{}, domain.Refuse(domain.CodeRequestNotFound)
	}
	r, err := con.deps.RequestBook.Request(req.Ctx(), id)
	if err == nil && !r.By(req.Who) && !req.may("approvals", "decide") {
		err = domain.Refuse(domain.CodeRequestNotFound)
	}
	return r, err
}

// decide approves or refuses. The page of the request says what an approval does, so that it is asked once.
func (con requestHandlers) decide(req *request) error {
	r, err := con.requestOf(req)
	if err != nil {
		return err
	}
	decision, note := req.Field("decision"), domain.TypedNote(req.Field("note"))
	wrong := ""
	switch {
	case !domain.NoteFits(note):
		wrong = "review.note_long"
	case decision == "refuse" && !domain.NoteSays(note):
		wrong = "request.note_missing"
	case decision != "refuse" && decision != "approve":
		return domain.Refuse(domain.CodeValidation, "field", "decision")
	}
	if wrong != "" {
		con.deps.Hooks.Refused(req.Gin, domain.Refuse(domain.CodeValidation))
		return con.showRequest(req, http.StatusUnprocessableEntity, func(p *requestPage) {
			p.Answer, p.WrongNote = note, wrong
		})
	}
	_, err = con.deps.Requests.Decide(req.Ctx(), requests.Decision{Caller: req.Who, ID: r.ID,
		Approve: decision == "approve", Note: note})
	if err != nil {
		return con.refusedRequest(req, err, note)
	}
	req.redirect(requestAddress(r.ID))
	return nil
}

func (con requestHandlers) withdraw(req *request) error {
	r, err := con.requestOf(req)
	if err != nil {
		return err
	}
	if _, err := con.deps.Requests.Withdraw(req.Ctx(), req.Who, r.ID); err != nil {
		return con.refusedRequest(req, err, "")
	}
	req.redirect(requestAddress(r.ID))
	return nil
}

// refusedRequest shows the request as it is now with what was refused.
func (con requestHandlers) refusedRequest(req *request, err error, note string) error {
	var refusal *domain.Error
	if !errors.As(err, &refusal) || refusal.Code == domain.CodeInternal || refusal.Code == domain.CodeRequestNotFound {
		return err
	}
	con.deps.Hooks.Refused(req.Gin, err)
	told := con.deps.Hooks.Say(req.Lang, req.readable(refusal))
	return con.showRequest(req, told.Status, func(p *requestPage) { p.Answer, p.Told = note, &told })
}

// Trouble words why a request lapsed, or why an approval came to nothing.
func (p requestPage) Trouble(d *view) string { return d.req.problemTitle(string(p.Problem)) }

func requestAddress(id int64) string { return requestsPath + "/" + pages.Number(id) }
