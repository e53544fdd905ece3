package books

import (
	"slices"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/domain/orders"
)

// Outside is what stands outside of one code. A book that could not be asked is never in one: what is nil here was asked
// for, and is not there.
type Outside struct {
	Code     string
	Customer domain.Customer
	// Take, Back, Grant and Retake are the POS's entries by our references; Doubled says that it has one of them twice.
	Take, Back, Grant, Retake *Entry
	Doubled                   bool
	// Unreferenced says that the POS keeps no references, so that nothing of these can be told.
	Unreferenced bool
	Discount     *coupons.FoundDiscount
	Shown        *metafields.Shown
	// Usage is nil where nothing hinted at a use.
	Usage *orders.Usage
	// First is the first code of the chain and Before the one that this code was made for; empty outside of a chain.
	// Next is what replaced it.
	First, Before, Next string
	// Family is the campaign whose personal code it is; nil for a code of points. Price is the most that our book, the
	// discount or the metafield says that one cost.
	Family *Family
	Price  int64
	// FirstAt is when the first code of the chain was made, by whose rules its reissues are given; zero where nobody tells.
	FirstAt time.Time
}

// Doubt is a machine word for what the outside does not agree on. The words stand in the audit.
type Doubt string

// The doubts.
const (
	DoubtDiffers      Doubt = "discount_differs" // row 2
	DoubtDeactivated  Doubt = "deactivated_without_points_back"
	DoubtNoCode       Doubt = "points_taken_without_a_code"
	DoubtNotTaken     Doubt = "points_not_taken"
	DoubtBackOnly     Doubt = "points_back_without_having_been_taken"
	DoubtDoubled      Doubt = "reference_booked_twice"
	DoubtPoints       Doubt = "other_points"
	DoubtUnreferenced Doubt = "pos_keeps_no_references"
	DoubtDead         Doubt = "dead_before_its_end"
)

// Doubts lists them, for those who have words for each.
func Doubts() []Doubt {
	return []Doubt{DoubtDiffers, DoubtDeactivated, DoubtNoCode, DoubtNotTaken, DoubtBackOnly, DoubtDoubled, DoubtPoints,
		DoubtUnreferenced, DoubtDead}
}

// Plan is what follows from what stands outside of one code.
type Plan struct {
	// Coupon and Movements are what is restored; nothing where Coupon.Status is empty.
	Coupon    domain.Coupon
	Movements []domain.Movement
	Doubts    []Doubt
	// Differs names what of the discount is not as it was made.
	Differs []string
	// Stop says that the code has to be deactivated before anything is restored: its points are back, or were never taken.
	Stop bool
	// UsedAfterRefund says that an order holds a code whose points are back.
	UsedAfterRefund bool
}

// Nothing reports whether there is nothing to restore.
func (p Plan) Nothing() bool { return p.Coupon.Status == "" }

// Unsure reports whether a person has to look.
func (p Plan) Unsure() bool { return len(p.Doubts) > 0 }

// Settings are those of ours that say how a code is made today.
type Settings struct {
	Validity time.Duration
	Rate     domain.Rate
	Currency string
	// Till is which POS movements are made with, Locale the language of their reasons.
	Till, Locale string
}

// Plan says what is restored of a code. The table of its rows stands in docs/architecture.md.
func (s Settings) Plan(o Outside, now time.Time) Plan {
	p := planning{Settings: s, Outside: o, now: now}
	p.price()
	switch {
	case o.Discount == nil && !o.booked() && (o.Shown == nil || !o.Unreferenced && !p.free):
		return Plan{}
	case p.free:
		p.given()
	case o.Unreferenced:
		p.unreferenced()
	case !o.taken() && o.booked():
		p.rest(domain.Cancelled, DoubtBackOnly)
	case !o.taken():
		p.rest(domain.Suspended, DoubtNotTaken)
	case o.Grant != nil:
		p.rest(domain.Used)
	case o.Back != nil && o.Discount == nil && o.Shown == nil:
		p.rest(domain.Failed)
	case o.Back != nil:
		p.rest(domain.Cancelled)
	default:
		p.held()
	}
	p.fill()
	return p.Plan
}

// taken reports whether the points stand in the POS as taken; those of a reissue were taken for another code.
func (o Outside) taken() bool { return o.Take != nil }

// booked reports whether the POS has anything under the code's references.
func (o Outside) booked() bool {
	return o.Take != nil || o.Back != nil || o.Grant != nil || o.Retake != nil
}

func (o Outside) used() bool {
	return o.Usage != nil && o.Usage.Used() || o.Discount != nil && o.Discount.Usage > 0
}

// planning is one plan while it is made.
type planning struct {
	Settings
	Outside
	Plan
	now time.Time
	// rules are those by which a campaign's code was given, nil where nobody knows; free says that it cost nothing.
	rules *Rules
	free  bool
}

func (p *planning) rest(status domain.Status, doubts ...Doubt) {
	p.Coupon.Status = status
	p.Doubts = append(p.Doubts, doubts...)
}

// held is a code whose points are with us.
func (p *planning) held() {
	gone := p.Discount == nil
	switch {
	case p.used(), gone && p.shownAs(domain.Used):
		p.rest(domain.Used)
	case gone && p.shownAs(domain.Expired), gone && p.shownAs(domain.Active) && !p.now.Before(p.Shown.ExpiresAt):
		p.rest(domain.Expired)
	case !gone && p.Discount.Alive():
		p.living()
	case !gone && p.atItsEnd():
		p.rest(domain.Expired)
	case p.free:
		p.rest(domain.Suspended, DoubtDead)
	case gone:
		p.rest(domain.Suspended, DoubtNoCode)
	default:
		p.rest(domain.Suspended, DoubtDeactivated)
	}
}

// unreferenced is a code of which the POS says nothing. What cannot be spent any more can have cost nobody anything.
func (p *planning) unreferenced() {
	p.held()
	if p.Coupon.Status != domain.Used && p.Coupon.Status != domain.Expired {
		p.Doubts = append(p.Doubts, DoubtUnreferenced)
	}
}

func (p *planning) living() {
	if p.Differs = p.differences(); len(p.Differs) > 0 {
		p.rest(domain.Active, DoubtDiffers)
		return
	}
	p.rest(domain.Active)
}

func (p *planning) shownAs(status domain.Status) bool {
	return p.Shown != nil && p.Shown.Status == status
}

// atItsEnd reports whether a code is dead because its own end has passed: it has the end that the metafield shows or, where
// that does not list it, the one that it is made with today.
func (p *planning) atItsEnd() bool {
	end := p.Discount.EndsAt
	return !end.IsZero() && !p.now.Before(end) && end.Equal(p.end())
}

// end is the end that the code was made with, as far as anybody but the discount can say.
func (p *planning) end() time.Time {
	if p.Shown != nil {
		return p.Shown.ExpiresAt
	}
	if p.Discount != nil && p.Before == "" && (p.Family == nil || p.rules != nil) {
		return p.lasts(p.Discount.IssuedAt())
	}
	if p.Discount != nil {
		return p.Discount.EndsAt // a reissue lasts as long as its first code, or the settings' time
	}
	return time.Time{}
}

// differences names what of a code that can be spent is not as it was made.
func (p *planning) differences() []string {
	d := *p.Discount
	made := domain.Coupon{Code: p.Code, ShopifyCustomerGID: p.Customer.ShopifyCustomerGID, Amount: d.Amount,
		Percent: d.Percent, ExpiresAt: d.EndsAt}
	if p.Shown != nil {
		made.Amount, made.Percent, made.ExpiresAt = p.Shown.Amount, p.Shown.Percent, p.Shown.ExpiresAt
	}
	list := coupons.Differs(made, d)
	if !p.worthSo(d) && !slices.Contains(list, coupons.DiffersAmount) {
		list = append(list, coupons.DiffersAmount)
	}
	if d.EndsAt.IsZero() && !slices.Contains(list, coupons.DiffersEnd) {
		list = append(list, coupons.DiffersEnd)
	}
	return list
}
