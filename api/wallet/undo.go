package wallet

import (
	"net/http"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// undoPage asks whether a coupon is to be taken back.
type undoPage struct {
	Coupon ownCoupon
	// Key is drawn when the page is made, so that sending it twice has one effect.
	Key string
}

// undoUntil is until when the customer takes a coupon back; the zero time when they cannot, or not any more.
func (req *request) undoUntil(c domain.Coupon) time.Time {
	if until := req.wallet.deps.Service.UndoUntil(c); req.wallet.deps.Now().Before(until) {
		return until
	}
	return time.Time{}
}

// undo takes a coupon back in two steps: first it is shown what that means. The code stands in no address.
func (w *Wallet) undo(req *request) error {
	code, key := req.Field("code"), req.Field("key")
	st, err := w.deps.Coupons.ByCode(req.Ctx(), code)
	if err == nil && st.Coupon.CustomerID != req.Who.CustomerID {
		err = domain.Refuse(domain.CodeCouponNotFound)
	}
	if err != nil {
		return err
	}
	if key == "" {
		return req.askUndo(st.Coupon)
	}
	if !pages.IsKey(key) {
		return domain.Refuse(domain.CodeValidation)
	}
	if _, err := w.deps.Service.Undo(req.Ctx(), coupons.Undo{Caller: req.Who, Code: code, Key: key}); err != nil {
		return err
	}
	req.redirect("/", "status", "undone")
	return nil
}

// askUndo is the page between the two steps, or why there is none.
func (req *request) askUndo(c domain.Coupon) error {
	until := req.undoUntil(c)
	if until.IsZero() {
		return whyNot(c, c.StatusAt(req.wallet.deps.Now()))
	}
	req.show(http.StatusOK, "undo", "undo.html", undoPage{Key: pages.NewKey(),
		Coupon: ownCoupon{Coupon: c, Shown: domain.Active, UndoUntil: until}})
	return nil
}

// whyNot is why a coupon cannot be taken back, as far as the page knows it.
func whyNot(c domain.Coupon, now domain.Status) error {
	switch {
	case now == domain.Used:
		return domain.Refuse(domain.CodeCouponUsed)
	case now == domain.Expired:
		return domain.Refuse(domain.CodeCouponExpired)
	case now.Public() == domain.Cancelled:
		return domain.Refuse(domain.CodeCouponCancelled)
	case c.Free() || c.ReissuedFrom != "":
		return domain.Refuse(domain.CodeUndoNotOffered)
	default:
		return domain.Refuse(domain.CodeUndoOver)
	}
}
