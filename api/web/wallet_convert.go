package web

import (
	"errors"
	"net/http"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// madePage is what came of a conversion: a coupon, or one on its way.
type madePage struct {
	Key    string
	Coupon walletCoupon
	Done   bool
}

// walletConvert makes the coupon. Whoever has not seen what they would get sees it first. The answer is an address, so
// that a reload asks for the result again and makes nothing; the same form sent twice leads to the same one.
func (w *Web) walletConvert(s *shopping) error {
	key, typed := s.field("key"), s.field("points")
	if !walletKey.MatchString(key) {
		return domain.Refuse(domain.CodeValidation)
	}
	points, ok := typedPoints(typed)
	if !ok {
		told := s.told(domain.Refuse(domain.CodeValidation))
		return s.home(http.StatusUnprocessableEntity, walletChoice{Typed: shortText(typed), Key: key, Told: &told, Wrong: true})
	}
	if s.field("seen") != number(points) {
		return s.home(http.StatusOK, walletChoice{Typed: number(points), Key: key, Check: true})
	}
	_, err := w.deps.Service.Convert(s.ctx(), coupons.Conversion{Caller: s.who, CustomerID: s.who.CustomerID,
		Points: points, Key: key, Proof: s.proof})
	switch {
	case err == nil, errors.Is(err, &domain.Error{Code: domain.CodeRequestInProgress}):
		s.redirect("/conversions/" + key)
		return nil
	case domain.CodeOf(err) == domain.CodeInternal:
		return err
	default:
		// The next try is another request: a key belongs to what it was refused for.
		told := s.told(err)
		choice := walletChoice{Typed: number(points), Told: &told, Key: drawKey()}
		choice.wrong(told)
		return s.home(told.Status, choice)
	}
}

// walletConversion is the result, or how far it is. The refusal in which a conversion ended is a page of its own.
func (w *Web) walletConversion(s *shopping) error {
	key := s.c.Param("key")
	if !walletKey.MatchString(key) {
		return domain.Refuse(domain.CodeNotFound)
	}
	result, err := w.deps.Service.Conversion(s.ctx(), s.who.ID, key)
	if err != nil {
		return err
	}
	if result.Coupon.CustomerID != s.who.CustomerID {
		return domain.Refuse(domain.CodeNotFound)
	}
	if !result.Done {
		s.show(http.StatusAccepted, "progress", "progress.html", madePage{Key: key, Coupon: walletCoupon{Coupon: result.Coupon}})
		return nil
	}
	// The answer is the coupon as it was made. Who comes back later is shown what became of it.
	now, err := w.deps.Coupons.ByCode(s.ctx(), result.Coupon.Code)
	if err != nil {
		return err
	}
	s.show(http.StatusOK, "made", "made.html", madePage{Key: key, Done: true,
		Coupon: walletCoupon{now.Coupon, now.Coupon.StatusAt(w.deps.Now()).Public()}})
	return nil
}

// shortText bounds what is shown again of a field.
func shortText(text string) string {
	if runes := []rune(text); len(runes) > 20 {
		return string(runes[:20])
	}
	return text
}
