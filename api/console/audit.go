package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/audit"
)

const (
	auditPath = consolePath + "/audit"
	// auditLines is how many entries a page of the audit has.
	auditLines = 50
)

var actionPattern = regexp.MustCompile(`^[a-z_.]{1,64}$`)

// auditQuery is what the address asks for, as it was typed.
type auditQuery struct{ Coupon, Actor, Action, From, To string }

type auditPage struct {
	Query auditQuery
	// Wrong names the fields that could not be read.
	Wrong map[string]bool
	Lines []auditLine
	// Next is the address of the page after this one; Sealed and Table those of the exports.
	Next, Sealed, Table string
}

// auditLine is an entry in words, and as it is kept.
type auditLine struct {
	event
	Entry  audit.Entry
	Detail []detail
}

// detail is one member of a line's detail.
type detail struct{ Name, Value string }

// auditRoutes are the audit.
func (con auditHandlers) auditRoutes() []route {
	read := access.To("audit", "read")
	return []route{
		pages.Get(auditPath, read, con.audit),
		pages.Get(auditPath+"/export", read, con.auditExport),
	}
}

// audit shows the entries, newest first.
func (con auditHandlers) audit(req *request) error {
	q := auditQuery{strings.TrimSpace(req.Query("coupon")), strings.TrimSpace(req.Query("actor")),
		strings.TrimSpace(req.Query("action")), req.Query("from"), req.Query("to")}
	page := auditPage{Query: q}
	f, wrong := con.auditFilter(q)
	if len(wrong) > 0 {
		page.Wrong = wrong
		req.showStatus(http.StatusUnprocessableEntity, "audit", req.T("audit.title"), page)
		return nil
	}
	f.Limit = auditLines + 1
	f.Before, _ = strconv.ParseInt(req.Query("before"), 10, 64) // what is no number asks for the first page
	found, err := con.deps.Audit.Audit(req.Ctx(), f)
	if err != nil {
		return err
	}
	if len(found) > auditLines {
		found = found[:auditLines]
		page.Next = q.address(auditPath, "before", pages.Number(found[auditLines-1].ID))
	}
	for _, e := range found {
		page.Lines = append(page.Lines, auditLine{event: req.event(e.AuditEntry), Entry: e,
			Detail: detailsOf(e.Detail)})
	}
	page.Sealed, page.Table = q.address(auditPath+"/export", "format", "sealed"),
		q.address(auditPath+"/export", "format", "csv")
	req.show("audit", req.T("audit.title"), page)
	return nil
}

// auditFilter reads what was typed. Days are the shop's, and the last one counts in full.
func (con auditHandlers) auditFilter(q auditQuery) (f audit.Filter, wrong map[string]bool) {
	wrong = map[string]bool{}
	f = audit.Filter{Actor: q.Actor, Action: q.Action}
	if q.Coupon != "" {
		code, whole := domain.NormalizeCode(domain.FoldTyped(q.Coupon))
		if !whole {
			wrong["coupon"] = true
		}
		f.Code = code
	}
	if q.Action != "" && !actionPattern.MatchString(q.Action) {
		wrong["action"] = true
	}
	f.From = con.day(q.From, 0, "from", wrong)
	f.To = con.day(q.To, 1, "to", wrong)
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		wrong["to"] = true
	}
	return f, wrong
}

// day reads a date and gives the beginning of the shop's day that is so many days later.
func (con auditHandlers) day(text string, later int, field string, wrong map[string]bool) time.Time {
	if text == "" {
		return time.Time{}
	}
	date, err := time.Parse(time.DateOnly, text)
	if err != nil {
		wrong[field] = true
		return time.Time{}
	}
	return domain.StartOfDay(date.AddDate(0, 0, later), con.deps.Zone)
}

// address repeats the question, with one more parameter.
func (q auditQuery) address(path, name, value string) string {
	list := url.Values{name: {value}}
	for name, value := range map[string]string{"coupon": q.Coupon, "actor": q.Actor, "action": q.Action,
		"from": q.From, "to": q.To} {
		if value != "" {
			list.Set(name, value)
		}
	}
	return path + "?" + list.Encode()
}
