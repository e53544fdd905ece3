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
	// Balance is what the POS said was left after the points were taken; nil when it did not say.
	Balance *int64
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
	if most := w.deps.ConfirmAbove; most > 0 && points > most && req.Field("sure") != pages.Number(points) {
		return req.askOnce(points, key)
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

// surePage asks once more about a large number of points. The key is that of the form: one coupon comes of both pages.
type surePage struct {
	Key   string
	Quote coupons.Quote
}

// Left is the balance after the conversion.
func (p surePage) Left() int64 { return p.Quote.Balance - p.Quote.Points }

// askOnce shows what a large number of points would become, and asks whether it is meant.
func (req *request) askOnce(points int64, key string) error {
	quote, err := req.wallet.deps.Service.Quote(req.Ctx(), req.Who, req.Who.CustomerID, points)
	if err != nil {
		told := req.told(err)
		choice := choiceForm{Typed: pages.Number(points), Key: key, Told: &told}
		choice.wrong(told)
		return req.home(told.Status, choice)
	}
	req.show(http.StatusOK, "sure", "sure.html", surePage{Key: key, Quote: quote})
	return nil
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
	own, err := req.owned([]domain.Coupon{now.Coupon})
	if err != nil {
		return err
	}
	page := madePage{Key: key, Done: true, Coupon: own[0]}
	if took := now.Movement(domain.Take); took != nil && took.State == domain.MovementApplied {
		page.Balance = took.Balance
	}
	req.show(http.StatusOK, "made", "made.html", page)
	return nil
}

// shortText bounds what is shown again of a field.
func shortText(text string) string {
	if runes := []rune(text); len(runes) > 20 {
		return string(runes[:20])
	}
	return text
}
