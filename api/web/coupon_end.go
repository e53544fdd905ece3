package web

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
)

// ending is one of the two ways in which staff end a coupon: in two steps, a form and everything once more before it is done.
type ending struct {
	web   *Web
	name  string // "cancel" or "suspend": the last part of its addresses
	right access.Right
	do    func(v *visit, c coupons.Cancellation) error
}

func (w *Web) endings() []ending {
	return []ending{
		{w, "cancel", access.To("coupons", "cancel"), func(v *visit, c coupons.Cancellation) error {
			_, err := w.deps.Service.Cancel(v.ctx(), c)
			return err
		}},
		{w, "suspend", access.To("coupons", "suspend"), func(v *visit, c coupons.Cancellation) error {
			_, err := w.deps.Service.Suspend(v.ctx(), coupons.Suspension(c))
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

// form asks why.
func (e ending) form(v *visit) error {
	c, err := e.target(v)
	if err != nil {
		return e.refused(v, err)
	}
	return e.show(v, http.StatusOK, "ending", endingPage{Coupon: c})
}

// confirm shows everything once more. Whoever wants to change something gets the form again as they left it.
func (e ending) confirm(v *visit) error {
	c, err := e.target(v)
	if err != nil {
		return e.refused(v, err)
	}
	page := typed(v, c)
	switch {
	case page.WrongReason || page.WrongNote:
		return e.show(v, http.StatusUnprocessableEntity, "ending", page)
	case v.field("change") != "":
		return e.show(v, http.StatusOK, "ending", page)
	}
	page.Key = newFormKey()
	return e.show(v, http.StatusOK, "ending-confirm", page)
}

// run does it. What forbids it meanwhile is told on the coupon's page, which shows what has become of the coupon.
func (e ending) run(v *visit) error {
	code := v.c.Param("code")
	err := e.do(v, coupons.Cancellation{Caller: v.who, Code: code, Reason: v.field("reason"),
		Note: domain.TypedNote(v.field("note")), Key: v.field("key")})
	switch domain.CodeOf(err) {
	case domain.CodeValidation:
		return e.again(v, err)
	case domain.CodeKeyMissing:
		return e.confirm(v)
	}
	if err != nil {
		return e.refused(v, err)
	}
	normal, _ := domain.NormalizeCode(code)
	v.redirect(couponAddress(normal))
	return nil
}

// again shows the form to somebody whose second page was changed on its way.
func (e ending) again(v *visit, cause error) error {
	c, err := e.target(v)
	if err != nil {
		return e.refused(v, err)
	}
	v.web.deps.Hooks.Refused(v.c, cause)
	return e.show(v, http.StatusUnprocessableEntity, "ending", typed(v, c))
}

func (e ending) show(v *visit, status int, name string, page endingPage) error {
	page.Kind, page.Reasons, page.Limit = e.name, domain.CancelReasons(), domain.MaxNote
	var err error
	if page.Customer, err = e.web.deps.Directory.Member(v.ctx(), page.CustomerID); err != nil {
		return err
	}
	v.showStatus(status, name, v.t("ending."+e.name+".title"), page)
	return nil
}

// target is the coupon, if it can be ended by this person now. The service asks all of it again when it is done.
func (e ending) target(v *visit) (domain.Coupon, error) {
	st, err := e.web.deps.Coupons.ByCode(v.ctx(), v.c.Param("code"))
	if err != nil {
		return domain.Coupon{}, err
	}
	if refusal := v.refusalOfEnding(st.Coupon); refusal != nil {
		return domain.Coupon{}, refusal
	}
	member, err := v.web.deps.Directory.Member(v.ctx(), st.Coupon.CustomerID)
	if err != nil {
		return domain.Coupon{}, err
	}
	own, err := v.web.deps.Directory.OwnMember(v.ctx(), v.who, member.Customer)
	if err == nil && own {
		err = domain.Refuse(domain.CodeOwnCoupon)
	}
	return st.Coupon, err
}

// refusalOfEnding is why a coupon cannot be ended by this person now; nil when it can. Caps are the service's to know.
func (v *visit) refusalOfEnding(c domain.Coupon) error {
	switch now := c.StatusAt(v.web.deps.Now()); now {
	case domain.Active:
		// A list shows this much without asking for each member's other memberships, which the page of a coupon does.
		if v.who.CustomerID != "" && v.who.CustomerID == c.CustomerID {
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
		return domain.Refuse(domain.CodeCouponNotCancellable, "status", v.t("status."+string(now)))
	}
	return nil
}

// refused shows the coupon as it is now with the reason why nothing was done.
func (e ending) refused(v *visit, err error) error {
	var refusal *domain.Error
	if !errors.As(err, &refusal) || refusal.Code == domain.CodeCouponNotFound || refusal.Code == domain.CodeInternal {
		return err
	}
	if status, ok := refusal.Params["status"].(string); ok && domain.Status(status).Valid() {
		refusal = domain.Refuse(refusal.Code, "status", v.t("status."+status))
	}
	v.web.deps.Hooks.Refused(v.c, err)
	told := v.web.deps.Hooks.Say(v.lang, refusal)
	return e.web.showCoupon(v, told.Status, v.c.Param("code"), &told)
}

// typed is the form as it came, with what is wrong in it.
func typed(v *visit, c domain.Coupon) endingPage {
	page := endingPage{Coupon: c, Reason: v.field("reason"), Note: domain.TypedNote(v.field("note"))}
	page.WrongReason = !slices.Contains(domain.CancelReasons(), page.Reason)
	page.WrongNote = !domain.NoteFits(page.Note)
	return page
}

func newFormKey() string {
	var b [18]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}
