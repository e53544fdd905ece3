package console

import (
	"errors"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/notices"
)

// mailRow is one mail as staff see it. Of the address they see what tells one from another.
type mailRow struct {
	notices.Entry
	// Coupon is the code of the coupon that it is about, on pages that show the mails of several.
	Coupon string
}

// Masked is the address without most of what is before the @.
func (r mailRow) Masked() string {
	at := strings.LastIndexByte(r.Address, '@')
	if at < 0 {
		return ""
	}
	name := []rune(r.Address[:at])
	return string(name[:min(len(name), 2)]) + "…" + r.Address[at:]
}

// Good and Bad say how a mail's state is to be shown.
func (r mailRow) Good() bool { return r.State == notices.Sent }

// Bad reports whether the mail did not arrive, as far as anybody knows, although it should have.
func (r mailRow) Bad() bool { return r.State == notices.Refused || r.State == notices.GivenUp }

// mailsOf lists the mails that a member was sent, oldest first.
func (con couponHandlers) mailsOf(req *request, member string) ([]mailRow, error) {
	list, err := con.deps.Mails.OfCustomer(req.Ctx(), member)
	rows := make([]mailRow, 0, len(list))
	for _, e := range list {
		rows = append(rows, mailRow{Entry: e, Coupon: e.Code})
	}
	return rows, err
}

// mailsAbout lists the mails about a coupon.
func (con couponHandlers) mailsAbout(req *request, couponID int64) ([]mailRow, error) {
	list, err := con.deps.Mails.OfCoupon(req.Ctx(), couponID)
	rows := make([]mailRow, 0, len(list))
	for _, e := range list {
		rows = append(rows, mailRow{Entry: e})
	}
	return rows, err
}

// mailAgain is the mail that the visitor may let go once more; "" for none.
func (con couponHandlers) mailAgain(req *request, st coupons.State, m domain.Customer) domain.MailKind {
	if m.Email == "" || !req.may("mails", "resend") {
		return ""
	}
	return con.deps.Mails.TrueNow(st)
}

// sendAgain lets the mail that is true of a coupon go once more.
func (con couponHandlers) sendAgain(req *request) error {
	key := req.Field("key")
	if !pages.IsKey(key) {
		return domain.Refuse(domain.CodeValidation, "field", "key")
	}
	st, err := con.deps.Coupons.ByCode(req.Ctx(), req.Gin.Param("code"))
	if err != nil {
		return err
	}
	err = con.deps.Mails.SendAgain(req.Ctx(), notices.Again{Caller: req.Who, State: st, Key: key})
	var refusal *domain.Error
	switch {
	case errors.As(err, &refusal) && refusal.Code != domain.CodeInternal:
		con.deps.Hooks.Refused(req.Gin, err)
		told := con.deps.Hooks.Say(req.Lang, refusal)
		return con.showCoupon(req, told.Status, st.Coupon.Code, &told)
	case err != nil:
		return err
	}
	req.redirect(couponAddress(st.Coupon.Code) + "#mails")
	return nil
}
