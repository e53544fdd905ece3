package console

import (
	"errors"
	"net/http"
	"slices"

	"pointbridge/api/access"
	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// ending is one of the two ways in which staff end a coupon: in two steps, a form and everything once more before it is
// done.
type ending struct {
	console couponHandlers
	name    string // "cancel" or "suspend": the last part of its addresses
	right   access.Right
	// reasons are those that fit it.
	reasons []string
	do      func(req *request, c coupons.Cancellation) error
}

func (con couponHandlers) endings() []ending {
	return []ending{
		{con, "cancel", access.To("coupons", "cancel"), domain.CancelReasons(), func(req *request, c coupons.Cancellation) error {
			_, err := con.deps.Service.Cancel(req.Ctx(), c)
			return err
		}},
		{con, "suspend", access.To("coupons", "suspend"), domain.SuspendReasons(), func(req *request, c coupons.Cancellation) error {
			_, err := con.deps.Service.Suspend(req.Ctx(), coupons.Suspension(c))
			return err
		}},
	}
}

// endingPage is the form of an ending, and what is shown once more before it is done.
type endingPage struct {
	domain.Coupon
	Kind     string
	Customer members.Member

	Reasons []string
	Reason  string
	Note    string
	Limit   int
	// Key is drawn when the second page is made, so that sending that page twice has one effect.
	Key string
	// WrongReason and WrongNote tell which field has to be mended.
	WrongReason, WrongNote bool
}

// form asks why. A link that names the reason leads to the second page at once.
func (e ending) form(req *request) error {
	c, err := e.target(req)
	if err != nil {
		return e.refused(req, err)
	}
	if reason := req.Query("reason"); slices.Contains(e.reasons, reason) && !domain.NeedsNote(reason) {
		return e.show(req, http.StatusOK, "ending-confirm", endingPage{Coupon: c, Reason: reason, Key: pages.NewKey()})
	}
	return e.show(req, http.StatusOK, "ending", endingPage{Coupon: c})
}

// confirm shows everything once more. Whoever wants to change something gets the form again as they left it.
func (e ending) confirm(req *request) error {
	c, err := e.target(req)
	if err != nil {
		return e.refused(req, err)
	}
	page := e.typed(req, c)
	switch {
	case page.WrongReason || page.WrongNote:
		return e.show(req, http.StatusUnprocessableEntity, "ending", page)
	case req.Field("change") != "":
		return e.show(req, http.StatusOK, "ending", page)
	}
	page.Key = pages.NewKey()
	return e.show(req, http.StatusOK, "ending-confirm", page)
}

// run does it. What forbids it meanwhile is told on the coupon's page, which shows what has become of the coupon.
func (e ending) run(req *request) error {
	code := req.Gin.Param("code")
	err := e.do(req, coupons.Cancellation{Caller: req.Who, Code: code, Reason: req.Field("reason"),
		Note: domain.TypedNote(req.Field("note")), Key: req.Field("key")})
	switch domain.CodeOf(err) {
	case domain.CodeValidation:
		return e.again(req, err)
	case domain.CodeKeyMissing:
		return e.confirm(req)
	}
	if err != nil {
		return e.refused(req, err)
	}
	normal, _ := domain.NormalizeCode(code)
	req.redirect(couponAddress(normal))
	return nil
}

// again shows the form to somebody whose second page was changed on its way.
func (e ending) again(req *request, cause error) error {
	c, err := e.target(req)
	if err != nil {
		return e.refused(req, err)
	}
	req.console.deps.Hooks.Refused(req.Gin, cause)
	return e.show(req, http.StatusUnprocessableEntity, "ending", e.typed(req, c))
}

func (e ending) show(req *request, status int, name string, page endingPage) error {
	page.Kind, page.Reasons, page.Limit = e.name, e.reasons, domain.MaxNote
	var err error
	if page.Customer, err = e.console.deps.Directory.Member(req.Ctx(), page.CustomerID); err != nil {
		return err
	}
	req.showStatus(status, name, req.T("ending."+e.name+".title"), page)
	return nil
}

// target is the coupon, if it can be ended by this person now. The service asks all of it again when it is done.
func (e ending) target(req *request) (domain.Coupon, error) {
	st, err := e.console.deps.Coupons.ByCode(req.Ctx(), req.Gin.Param("code"))
	if err != nil {
		return domain.Coupon{}, err
	}
	if refusal := req.refusalOfEnding(st.Coupon); refusal != nil {
		return domain.Coupon{}, refusal
	}
	member, err := req.console.deps.Directory.Member(req.Ctx(), st.Coupon.CustomerID)
	if err != nil {
		return domain.Coupon{}, err
	}
	own, err := req.console.deps.Directory.OwnMember(req.Ctx(), req.Who, member.Customer)
	if err == nil && own {
		err = domain.Refuse(domain.CodeOwnCoupon)
	}
	return st.Coupon, err
}

// refusalOfEnding is why a coupon cannot be ended by this person now; nil when it can. Caps are the service's to know.
func (req *request) refusalOfEnding(c domain.Coupon) error {
	switch now := c.StatusAt(req.console.deps.Now()); now {
	case domain.Active:
		// A list shows this much without asking for each member's other memberships, which the page of a coupon does.
		if req.Who.CustomerID != "" && req.Who.CustomerID == c.CustomerID {
			return domain.Refuse(domain.CodeOwnCoupon)
		}
	case domain.Used:
		return domain.Refuse(domain.CodeCouponUsed)
	case domain.Expired:
		return domain.Refuse(domain.CodeCouponExpired)
	case domain.Cancelled:
		return domain.Refuse(domain.CodeCouponCancelled)
	case domain.Cancelling:
		return domain.Refuse(domain.CodeCancelInProgress)
	default:
		return domain.Refuse(domain.CodeCouponNotCancellable, "status", req.T("status."+string(now)))
	}
	return nil
}

// refused shows the coupon as it is now with the reason why nothing was done.
func (e ending) refused(req *request, err error) error { return e.console.refusedOn(req, err) }

func (con couponHandlers) refusedOn(req *request, err error) error {
	var refusal *domain.Error
	if !errors.As(err, &refusal) || refusal.Code == domain.CodeCouponNotFound || refusal.Code == domain.CodeInternal {
		return err
	}
	if status, ok := refusal.Params["status"].(string); ok && domain.Status(status).Valid() {
		refusal = domain.Refuse(refusal.Code, "status", req.T("status."+status))
	}
	req.console.deps.Hooks.Refused(req.Gin, err)
	told := req.console.deps.Hooks.Say(req.Lang, refusal)
	return con.showCoupon(req, told.Status, req.Gin.Param("code"), &told)
}

// typed is the form as it came, with what is wrong in it.
func (e ending) typed(req *request, c domain.Coupon) endingPage {
	page := endingPage{Coupon: c, Reason: req.Field("reason"), Note: domain.TypedNote(req.Field("note"))}
	page.WrongReason = !slices.Contains(e.reasons, page.Reason)
	page.WrongNote = !domain.NoteFits(page.Note) || domain.NeedsNote(page.Reason) && !domain.NoteSays(page.Note)
	return page
}
