package web

import (
	"errors"
	"net/http"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/templates"
)

// walletCoupons is how many coupons a page lists.
const walletCoupons = 20

// walletPage is the customer's page.
type walletPage struct {
	Name string
	// Points is nil when the till cannot be asked; Away then says so.
	Points *coupons.Points
	Away   *Told
	// Stop says why nothing can be converted now; nil when something can.
	Stop   *Told
	Choice walletChoice
	Items  []walletCoupon
	// Next asks for older coupons; empty on the last page.
	Next  string
	Older bool
}

// walletChoice is the form.
type walletChoice struct {
	// Typed is what stands in the field, Max the most that can be chosen, Presets quick choices.
	Typed   string
	Points  int64
	Max     int64
	Presets []int64
	Key     string
	Quote   *coupons.Quote
	Told    *Told
	// Wrong tells that the field itself is what is wrong.
	Wrong bool
	// Check asks to look at the coupon once more before it is made.
	Check bool
}

// walletCoupon is a coupon as its owner sees it.
type walletCoupon struct {
	domain.Coupon
	Shown domain.Status
}

// Usable tells whether the code can be used now.
func (c walletCoupon) Usable() bool { return c.Shown == domain.Active }

// wallet is the page, with the points that the address names or the least that can be chosen.
func (w *Web) wallet(s *shopping) error {
	choice := walletChoice{Typed: shortText(s.query("points"))}
	return s.home(http.StatusOK, choice)
}

func (s *shopping) home(status int, choice walletChoice) error {
	page := walletPage{Name: domain.SpokenName(s.member.Name), Choice: choice, Older: s.query("cursor") != ""}
	if err := s.list(&page); err != nil {
		return err
	}
	if err := s.points(&page); err != nil {
		return err
	}
	s.show(status, "wallet", "home.html", page)
	return nil
}

// points reads the balance and what can be chosen. A till that cannot be asked leaves the coupons readable.
func (s *shopping) points(page *walletPage) error {
	points, err := s.web.deps.Service.Points(s.ctx(), s.who.CustomerID)
	if away := s.away(err); away != nil {
		page.Away = away
		return nil
	}
	if err != nil {
		return err
	}
	page.Points = &points
	page.Choice.Max, page.Choice.Presets = choices(points)
	if page.Stop = s.stop(points, page.Choice.Max); page.Stop != nil {
		return nil
	}
	s.preview(&page.Choice, points)
	return nil
}

// away tells a till that cannot be asked from other faults.
func (s *shopping) away(err error) *Told {
	if !errors.Is(err, &domain.Error{Code: domain.CodeUpstreamUnavailable}) {
		return nil
	}
	told := s.told(err)
	return &told
}

// stop says why nothing can be converted, as far as that is known before anything is chosen.
func (s *shopping) stop(p coupons.Points, most int64) *Told {
	now := s.web.deps.Now()
	switch until := s.member.LockedUntil; {
	case !s.member.Linked():
		told := s.web.deps.Hooks.Say(s.lang, domain.Refuse(domain.CodeCustomerNotLinked))
		return &told
	case until != nil && now.Before(*until):
		return &Told{Code: domain.CodeConversionsLocked, Title: s.t("wallet.locked"), Detail: s.t("wallet.locked_until", s.dateTime(*until))}
	case most > 0:
		return nil
	case p.Balance < p.Minimum:
		return &Told{Code: domain.CodeInsufficientPoints, Title: s.t("wallet.too_few"), Detail: s.t("wallet.too_few_detail", s.count(p.Minimum))}
	default:
		return &Told{Code: domain.CodeDailyLimit, Title: s.t("wallet.limit"), Detail: s.t("wallet.limit_detail", s.count(p.DailyLimit))}
	}
}

// preview asks for the coupon that the chosen points would make.
func (s *shopping) preview(choice *walletChoice, p coupons.Points) {
	if choice.Key == "" {
		choice.Key = drawKey()
	}
	if choice.Typed == "" {
		choice.Typed = number(choice.Presets[0])
	}
	points, ok := typedPoints(choice.Typed)
	if !ok {
		choice.wrong(s.told(domain.Refuse(domain.CodeValidation)))
		return
	}
	choice.Points = points
	quote, err := s.web.deps.Service.Quote(s.ctx(), s.who.CustomerID, points)
	if err != nil {
		choice.wrong(s.told(err))
		return
	}
	choice.Quote = &quote
}

// wrong keeps the first refusal: what a conversion was refused for is not replaced by what a look at it says.
func (c *walletChoice) wrong(told Told) {
	if c.Told == nil {
		c.Told = &told
	}
	switch c.Told.Code {
	case domain.CodeValidation, domain.CodeInsufficientPoints, domain.CodePointsNotInUnits, domain.CodeDailyLimit:
		c.Wrong = true
	default:
	}
}

// walletPreview is the coupon alone, for the script.
func (w *Web) walletPreview(s *shopping) error {
	choice := walletChoice{Typed: s.query("points"), Presets: []int64{0}}
	s.preview(&choice, coupons.Points{})
	s.piece("preview.html", choice)
	return nil
}

// walletChoose leads to the page with these points, for those without the script.
func (w *Web) walletChoose(s *shopping) error {
	s.redirect("/", "points", short(s.field("points")))
	return nil
}

// short keeps what was typed from making an address of any length, and from holding what Shopify's signature would leave
// open to two readings.
func short(text string) string {
	if points, ok := typedPoints(text); ok {
		return number(points)
	}
	return "0"
}

// choices gives the most that can be chosen now and a few amounts on the way there, smallest first; nothing when not
// even the least can be.
func choices(p coupons.Points) (most int64, presets []int64) {
	unit := max(p.Unit, 1)
	most = min(p.Balance, p.DailyRemaining) / unit * unit
	least := (max(p.Minimum, unit) + unit - 1) / unit * unit
	if most < least {
		return 0, nil
	}
	for _, times := range []int64{1, 3, 5, 10, 30, 50, 100} {
		if points := least * times; points < most && len(presets) < 4 {
			presets = append(presets, points)
		}
	}
	return most, append(presets, most)
}

func (s *shopping) count(points int64) templates.Quantity {
	return (&view{v: s.visit}).Points(points)
}

// Left is the balance after the conversion.
func (c walletChoice) Left() int64 { return c.Quote.Balance - c.Quote.Points }
