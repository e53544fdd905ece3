package console

import (
	"errors"
	"net/http"
	"slices"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/domain/requests"
)

// askPage is the form by which somebody asks for a coupon to be cancelled. It is sent in one step: asking moves nothing
// and can be taken back.
type askPage struct {
	domain.Coupon
	Customer members.Member

	Reasons []string
	Reason  string
	Note    string
	Limit   int
	Key     string

	WrongReason, WrongNote bool
	Told                   *pages.Told
}

// askForm asks why. A link can name the reason.
func (con requestHandlers) askForm(req *request) error {
	page := askPage{Reason: knownReason(req.Query("reason"))}
	return con.showAsk(req, http.StatusOK, page)
}

// knownReason is a reason of the list; anything else is none.
func knownReason(reason string) string {
	if slices.Contains(domain.CancelReasons(), reason) {
		return reason
	}
	return ""
}

func (con requestHandlers) showAsk(req *request, status int, page askPage) error {
	st, err := con.deps.Coupons.ByCode(req.Ctx(), req.Gin.Param("code"))
	if err != nil {
		return err
	}
	page.Coupon, page.Reasons, page.Limit = st.Coupon, domain.CancelReasons(), domain.MaxNote
	if page.Key == "" {
		page.Key = pages.NewKey()
	}
	if page.Customer, err = con.deps.Directory.Member(req.Ctx(), page.CustomerID); err != nil {
		return err
	}
	if page.Told == nil {
		if refusal := req.refusalOfEnding(page.Coupon); refusal != nil {
			return couponHandlers(con).refusedOn(req, refusal)
		}
	}
	if err := req.read(domain.ActionCouponRead, page.CustomerID, nil); err != nil {
		return err
	}
	req.showStatus(status, "ask", req.T("ask.title"), page)
	return nil
}

// ask sends the request. What forbids it is told where it was asked.
func (con requestHandlers) ask(req *request) error {
	page := askPage{Reason: knownReason(req.Field("reason")), Note: domain.TypedNote(req.Field("note")),
		Key: req.Field("key")}
	page.WrongReason = page.Reason == ""
	page.WrongNote = !domain.NoteFits(page.Note) || domain.NeedsNote(page.Reason) && !domain.NoteSays(page.Note)
	if page.WrongReason || page.WrongNote {
		con.deps.Hooks.Refused(req.Gin, domain.Refuse(domain.CodeValidation))
		return con.showAsk(req, http.StatusUnprocessableEntity, page)
	}
	r, _, err := con.deps.Requests.Ask(req.Ctx(), requests.Asked{Caller: req.Who, Code: req.Gin.Param("code"),
		Reason: page.Reason, Note: page.Note, Key: page.Key})
	var refusal *domain.Error
	switch {
	case err == nil:
		req.redirect(requestAddress(r.ID))
		return nil
	case errors.As(err, &refusal) && refusal.Code != domain.CodeInternal && refusal.Code != domain.CodeCouponNotFound:
		con.deps.Hooks.Refused(req.Gin, err)
		told := con.deps.Hooks.Say(req.Lang, req.readable(refusal))
		page.Told = &told
		return con.showAsk(req, told.Status, page)
	default:
		return err
	}
}

// noteField is a field for a note, as the part of that name shows it.
type noteField struct {
	Note  string
	Limit int
	Wrong bool
}

// NoteField is the form's field for a note.
func (p askPage) NoteField(d *view) *view {
	return d.Within(noteField{p.Note, p.Limit, p.WrongNote})
}

// NoteField is the form's field for what to tell whoever asked.
func (p requestPage) NoteField(d *view) *view {
	return d.Within(noteField{p.Answer, p.Limit, p.WrongNote != ""})
}
