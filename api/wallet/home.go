package wallet

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// pageLength is how many coupons a page lists.
const pageLength = 20

// homePage is the customer's page.
type homePage struct {
	Name string
	// Points is nil when the POS cannot be asked; Away then says so.
	Points *coupons.Points
	Away   *pages.Told
	// Stop says why nothing can be converted now; nil when something can.
	Stop   *pages.Told
	Choice choiceForm
	Offers []openOffer
	// Usable are the coupons that can be used now, those first that end first; Items are the others, the newest first.
	Usable []ownCoupon
	Items  []ownCoupon
	// Next asks for older coupons; empty on the last page.
	Next  string
	Older bool
	// Undone says that a coupon was taken back a moment ago.
	Undone bool
	// Gone says why there is no code of an offer that is not open any more; nil otherwise.
	Gone *pages.Told
}

// Answer names the place that says what came of the customer's last step. It has the focus as the page comes, because a
// screen reader reads nothing else by itself of a page that is loaded; "" where the page is looked at alone.
func (p homePage) Answer() string {
	asked := p.Choice.Told != nil || p.Choice.Check
	switch {
	case p.Undone:
		return "undone"
	case p.Gone != nil || slices.ContainsFunc(p.Offers, func(o openOffer) bool { return o.Told != nil }):
		return "offer"
	case asked && p.Away != nil:
		return "away"
	case asked && p.Stop != nil:
		return "stop"
	case p.Choice.Told != nil:
		return "wrong"
	case asked:
		return "check"
	default:
		return ""
	}
}

// choiceForm is the form.
type choiceForm struct {
	// Typed is what stands in the field, Max the most that can be chosen, Presets quick choices.
	Typed   string
	Points  int64
	Max     int64
	Presets []int64
	Key     string
	Quote   *coupons.Quote
	Told    *pages.Told
	// Wrong says that the field itself is what is wrong.
	Wrong bool
	// Check asks to look at the coupon once more before it is made.
	Check bool
}

// ownCoupon is a coupon as its owner sees it.
type ownCoupon struct {
	domain.Coupon
	Shown domain.Status
	// UndoUntil is until when the customer takes it back; the zero time when they cannot.
	UndoUntil time.Time
	// Returned says that its points went back after it was used, TakenAgain that they were taken once more after they
	// had gone back.
	Returned, TakenAgain bool
}

// Fate says what became of the points of a coupon that ended, for the words "wallet.points.…"; "" where there is nothing
// to say.
func (c ownCoupon) Fate() string {
	switch {
	case c.Free():
		return ""
	case c.Status == domain.Cancelling:
		return "returning"
	case c.Status == domain.Suspended:
		return "held"
	case c.Status == domain.Forfeited:
		return "forfeited"
	case c.Status == domain.Cancelled && c.TakenAgain:
		return "taken_again"
	case c.Status == domain.Cancelled, c.Status == domain.Used && c.Returned:
		return "returned"
	default:
		return ""
	}
}

// Usable reports whether the code can be used now.
func (c ownCoupon) Usable() bool { return c.Shown == domain.Active }

// home is the page, with the points that the address names or the least that can be chosen.
func (w *Wallet) home(req *request) error {
	choice := choiceForm{Typed: shortText(req.Query("points"))}
	return req.home(http.StatusOK, choice)
}

func (req *request) home(status int, choice choiceForm) error {
	return req.homeWith(status, choice, nil)
}

// homeWith is the page with an offer that was refused.
func (req *request) homeWith(status int, choice choiceForm, refused *openOffer) (err error) {
	page := homePage{Name: domain.SpokenName(req.member.Name), Choice: choice, Older: req.Query("cursor") != "",
		Undone: req.Query("status") == "undone"}
	if page.Offers, err = req.offers(refused); err != nil {
		return err
	}
	if refused != nil && !slices.ContainsFunc(page.Offers, func(o openOffer) bool { return o.Told != nil }) {
		page.Gone = refused.Told
	}
	if err := req.list(&page); err != nil {
		return err
	}
	if err := req.read(&page); err != nil {
		return err
	}
	req.show(status, "wallet", "home.html", page)
	return nil
}

// read reads the balance and what can be chosen. A POS that cannot be asked leaves the coupons readable.
func (req *request) read(page *homePage) error {
	points, err := req.wallet.deps.Service.Points(req.Ctx(), req.Who.CustomerID)
	if away := req.away(err); away != nil {
		page.Away = away
		return nil
	}
	if err != nil {
		return err
	}
	page.Points = &points
	page.Choice.Max, page.Choice.Presets = choices(points)
	if page.Stop = req.stop(points, page.Choice.Max); page.Stop != nil {
		return nil
	}
	req.preview(&page.Choice, points)
	return nil
}

// away tells a POS that cannot be asked from other faults.
func (req *request) away(err error) *pages.Told {
	if !errors.Is(err, &domain.Error{Code: domain.CodeUpstreamUnavailable}) {
		return nil
	}
	told := req.told(err)
	return &told
}

// stop says why nothing can be converted, as far as that is known before anything is chosen.
func (req *request) stop(p coupons.Points, most int64) *pages.Told {
	now := req.wallet.deps.Now()
	switch until := req.member.LockedUntil; {
	case !req.member.Linked():
		told := req.wallet.deps.Hooks.Say(req.Lang, domain.Refuse(domain.CodeCustomerNotLinked))
		return &told
	case until != nil && now.Before(*until):
		return &pages.Told{Code: domain.CodeConversionsLocked, Title: req.T("wallet.locked"),
			Detail: req.T("wallet.locked_until", req.Time(*until))}
	case most > 0:
		return nil
	case p.Balance < p.Minimum:
		return &pages.Told{Code: domain.CodeInsufficientPoints, Title: req.T("wallet.too_few"),
			Detail: req.T("wallet.too_few_detail", req.Points(p.Minimum), req.Points(p.Minimum-p.Balance))}
	default:
		return &pages.Told{Code: domain.CodeDailyLimit, Title: req.T("wallet.limit"),
			Detail: req.T("wallet.limit_detail", req.Points(p.DailyLimit))}
	}
}

// preview asks for the coupon that the chosen points would make.
func (req *request) preview(choice *choiceForm, p coupons.Points) {
	if choice.Key == "" {
		choice.Key = pages.NewKey()
	}
	if choice.Typed == "" {
		choice.Typed = pages.Number(choice.Presets[0])
	}
	points, ok := typedPoints(choice.Typed)
	if !ok {
		choice.wrong(req.told(domain.Refuse(domain.CodeValidation)))
		return
	}
	choice.Points = points
	quote, err := req.wallet.deps.Service.Quote(req.Ctx(), req.Who, req.Who.CustomerID, points)
	if err != nil {
		choice.wrong(req.told(err))
		return
	}
	choice.Quote = &quote
}

// wrong keeps the first refusal: what a conversion was refused for is not replaced by what a look at it says.
func (c *choiceForm) wrong(told pages.Told) {
	if c.Told == nil {
		c.Told = &told
	}
	switch c.Told.Code {
	case domain.CodeValidation, domain.CodeInsufficientPoints, domain.CodePointsNotInUnits, domain.CodeDailyLimit:
		c.Wrong = true
	default:
	}
}

// preview is the coupon alone, for the script.
func (w *Wallet) preview(req *request) error {
	choice := choiceForm{Typed: req.Query("points"), Presets: []int64{0}}
	req.preview(&choice, coupons.Points{})
	req.piece("preview.html", choice)
	return nil
}

// choose leads to the page with these points, for those without the script.
func (w *Wallet) choose(req *request) error {
	req.redirect("/", "points", short(req.Field("points")))
	return nil
}

// short keeps what was typed from making an address of any length, and from holding what Shopify's signature would
// leave open to two readings.
func short(text string) string {
	if points, ok := typedPoints(text); ok {
		return pages.Number(points)
	}
	return "0"
}

// choices returns the most that can be chosen now and a few amounts on the way there, smallest first; nothing when not
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

// Left is the balance after the conversion.
func (c choiceForm) Left() int64 { return c.Quote.Balance - c.Quote.Points }
