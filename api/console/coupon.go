package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/requests"
	"pointbridge/domain/reviews"
)

// couponPage is everything there is to see of a coupon.
type couponPage struct {
	domain.Coupon
	Now      domain.Status
	Customer members.Member
	Moves    []shownMovement
	// Balances are the POS's figures from before the first movement to after the last.
	Balances []balanceStep
	Events   []event
	Chain    []chainLink
	Mails    []mailRow
	// Again is the mail that may go once more, by MailKey; "" for none.
	Again   domain.MailKind
	MailKey string
	// OrderAddress and DiscountAddress lead into the store's own admin; empty where there is nothing.
	OrderAddress, DiscountAddress string
	Progress                      progress
	MayCancel, MaySuspend         bool
	// MayAsk says that the visitor can ask for a cancellation that they cannot make.
	MayAsk bool
	// Reviews are those about the coupon, Requests those to cancel it, newest first, as far as the visitor sees them.
	Reviews  []reviews.Review
	Requests []requests.Request
	// Own says that it is the visitor's own coupon, which they may not decide about.
	Own  bool
	Told *pages.Told
}

type chainLink struct {
	listing.ChainLink
	Now  domain.Status
	Here bool
}

// shownMovement is points that moved, or are meant to.
type shownMovement struct {
	domain.Movement
	// Other is the movement that this one gives back, or that gives this one back; nil when there is none.
	Other *domain.Movement
}

// Taken says that the movement makes the balance smaller.
func (m shownMovement) Taken() bool { return m.Kind == domain.Take || m.Kind == domain.TakeBack }

// balanceStep is one figure of the POS. Gap tells that others moved points between it and the one before.
type balanceStep struct {
	Points int64
	Gap    bool
}

func (con couponHandlers) coupon(req *request) error {
	return con.showCoupon(req, http.StatusOK, req.Gin.Param("code"), nil)
}

// showCoupon shows a coupon, with what was refused about it.
func (con couponHandlers) showCoupon(req *request, status int, code string, told *pages.Told) error {
	st, err := con.deps.Coupons.ByCode(req.Ctx(), code)
	if err != nil {
		return err
	}
	c, now := st.Coupon, con.deps.Now()
	page := couponPage{Coupon: c, Now: c.StatusAt(now), Moves: shownMovements(st.Movements),
		Balances: balancesOf(st.Movements), Told: told,
		Progress: progressOf(st, now)}
	if page.Customer, err = con.deps.Directory.Member(req.Ctx(), c.CustomerID); err != nil {
		return err
	}
	if err := req.read(domain.ActionCouponRead, c.CustomerID, nil); err != nil {
		return err
	}
	if page.Own, err = con.deps.Directory.OwnMember(req.Ctx(), req.Who, page.Customer.Customer); err != nil {
		return err
	}
	page.MayCancel, page.MaySuspend = !page.Own && req.mayEnd(c, "cancel"), !page.Own && req.mayEnd(c, "suspend")
	if err := con.around(req, &page); err != nil {
		return err
	}
	history, err := con.deps.Coupons.History(req.Ctx(), c.ID)
	if err != nil {
		return err
	}
	page.Events = req.events(history)
	if page.Chain, err = con.chainOf(req, c); err != nil {
		return err
	}
	if page.Mails, err = con.mailsAbout(req, c.ID); err != nil {
		return err
	}
	page.Again, page.MailKey = con.mailAgain(req, st, page.Customer.Customer), pages.NewKey()
	page.OrderAddress = con.adminAddress("orders", c.UsedOrderID)
	if c.DiscountDeletedAt == nil {
		page.DiscountAddress = con.adminAddress("discounts", c.DiscountID)
	}
	req.showStatus(status, "coupon", c.Code+" · "+req.T("status."+string(page.Now)), page)
	return nil
}

// mostAround bounds how many reviews, and how many requests, the page of a coupon leads to.
const mostAround = 3

// around reads what people decide, or decided, about the coupon.
func (con couponHandlers) around(req *request, page *couponPage) (err error) {
	if req.may("reviews", "read") {
		page.Reviews, err = con.deps.Reviews.Reviews(req.Ctx(), reviews.Filter{CouponID: page.ID, Limit: mostAround})
		if err != nil {
			return err
		}
	}
	if !req.may("coupons", "ask") {
		return nil
	}
	f := requests.Filter{CouponID: page.ID, Limit: mostAround}
	if !req.may("approvals", "decide") {
		f.AskedBy = req.Who.ID
	}
	page.Requests, err = con.deps.RequestBook.Requests(req.Ctx(), f)
	waits := slices.ContainsFunc(page.Requests, func(r requests.Request) bool {
		return slices.Contains(openRequests, r.State)
	})
	page.MayAsk = !page.Own && !waits && !page.MayCancel && req.mayEnd(page.Coupon, "ask")
	return err
}

// chainOf reads a chain of reissues. Most coupons have none, and ask for nothing.
func (con *Console) chainOf(req *request, c domain.Coupon) ([]chainLink, error) {
	if c.ReissuedFrom == "" && c.SupersededBy == "" {
		return nil, nil
	}
	links, err := con.deps.Listing.Chain(req.Ctx(), c.Code)
	list := make([]chainLink, 0, len(links))
	for _, l := range links {
		list = append(list, chainLink{l, l.At(con.deps.Now()), l.Code == c.Code})
	}
	return list, err
}

// adminAddress is where the store's own admin shows a thing: the number at the end of its gid.
func (con *Console) adminAddress(kind, gid string) string {
	number := gid[strings.LastIndexByte(gid, '/')+1:]
	if number == "" || strings.Trim(number, "0123456789") != "" || con.deps.AdminURL == "" {
		return ""
	}
	return con.deps.AdminURL + "/" + kind + "/" + number
}

// shownMovements pairs each movement with the one it belongs to.
func shownMovements(list []domain.Movement) []shownMovement {
	moves := make([]shownMovement, 0, len(list))
	for i, m := range list {
		var other *domain.Movement
		for j := range list {
			if j != i && (list[j].Reference == m.RelatedReference || list[j].RelatedReference == m.Reference) {
				other = &list[j]
			}
		}
		moves = append(moves, shownMovement{m, other})
	}
	return moves
}

// balancesOf strings the POS's figures together: 1,250, 750, 1,250. It is empty when the POS gave none.
func balancesOf(list []domain.Movement) []balanceStep {
	var figures []balanceStep
	for _, m := range list {
		if m.State != domain.MovementApplied || m.PreviousBalance == nil || m.Balance == nil {
			continue
		}
		if n := len(figures); n == 0 || figures[n-1].Points != *m.PreviousBalance {
			figures = append(figures, balanceStep{*m.PreviousBalance, n > 0})
		}
		figures = append(figures, balanceStep{*m.Balance, false})
	}
	return figures
}

func couponAddress(code string) string { return couponsPath + "/" + url.PathEscape(code) }
