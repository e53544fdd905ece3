package wallet

import (
	"errors"
	"net/http"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// madePage is what came of a conversion: a coupon, or one on its way.
type madePage struct {
	Key    string
	Coupon ownCoupon
	Done   bool
}

// convert makes the coupon. Whoever has not seen what they would get sees it first. The answer is an address, so
// that a reload asks for the result again and makes nothing; the same form sent twice leads to the same one.
func (w *Wallet) convert(req *request) error {
	key, typed := req.Field("key"), req.Field("points")
	if !pages.IsKey(key) {
		return domain.Refuse(domain.CodeValidation)
	}
	points, ok := typedPoints(typed)
	if !ok {
		told := req.told(domain.Refuse(domain.CodeValidation))
		return req.home(http.StatusUnprocessableEntity,
			choiceForm{Typed: shortText(typed), Key: key, Told: &told, Wrong: true})
	}
	if req.Field("seen") != pages.Number(points) {
		return req.home(http.StatusOK, choiceForm{Typed: pages.Number(points), Key: key, Check: true})
	}
	_, err := w.deps.Service.Convert(req.Ctx(), coupons.Conversion{Caller: req.Who, CustomerID: req.Who.CustomerID,
		Points: points, Key: key, Proof: req.proof})
	switch {
	case err == nil, errors.Is(err, &domain.Error{Code: domain.CodeRequestInProgress}):
		req.redirect("/conversions/" + key)
		return nil
	case domain.CodeOf(err) == domain.CodeInternal:
		return err
	default:
		// The next try is another request: a key belongs to what it was refused for.
		told := req.told(err)
		choice := choiceForm{Typed: pages.Number(points), Told: &told, Key: pages.NewKey()}
		choice.wrong(told)
		return req.home(told.Status, choice)
	}
}

// conversion is the result, or how far it is. The refusal in which a conversion ended is a page of its own.
func (w *Wallet) conversion(req *request) error {
	key := req.Gin.Param("key")
	if !pages.IsKey(key) {
		return domain.Refuse(domain.CodeNotFound)
	}
	result, err := w.deps.Service.Conversion(req.Ctx(), req.Who.ID, key)
	if err != nil {
		return err
	}
	if result.Coupon.CustomerID != req.Who.CustomerID {
		return domain.Refuse(domain.CodeNotFound)
	}
	if !result.Done {
		req.show(http.StatusAccepted, "progress", "progress.html",
			madePage{Key: key, Coupon: ownCoupon{Coupon: result.Coupon}})
		return nil
	}
	// The answer is the coupon as it was made. Who comes back later is shown what became of it.
	now, err := w.deps.Coupons.ByCode(req.Ctx(), result.Coupon.Code)
	if err != nil {
		return err
	}
	req.show(http.StatusOK, "made", "made.html", madePage{Key: key, Done: true,
		Coupon: ownCoupon{now.Coupon, now.Coupon.StatusAt(w.deps.Now()).Public()}})
	return nil
}

// shortText bounds what is shown again of a field.
func shortText(text string) string {
	if runes := []rune(text); len(runes) > 20 {
		return string(runes[:20])
	}
	return text
}
