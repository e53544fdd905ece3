package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
)

const (
	// movesShown, ordersShown, memberReviewsShown and notesShown bound the parts of a member's page.
	movesShown, ordersShown, memberReviewsShown, notesShown = 40, 20, 20, 100
	// balanceWait is how long the page waits for the POS. Somebody stands on the phone, and all else is known here.
	balanceWait = 1500 * time.Millisecond
)

// memberPage is a member as staff see one. Mail address and phone are not on it: they find a member, and nobody needs
// to read them here.
type memberPage struct {
	members.Member
	Locked bool
	// MayUnlock, MayConvert and MayNote say what the visitor may do for the member now.
	MayUnlock, MayConvert, MayNote bool
	// Former are the numbers that the member had before.
	Former  []string
	Balance memberBalance
	Moves   []memberMove
	Orders  []foundOrder
	Reviews []reviews.Review
	// Mails are those that the member was sent.
	Mails []mailRow
	Notes []members.Note
	// NoteText, NoteKey and NoteWrong are the form for a new note as somebody left it.
	NoteText, NoteKey string
	NoteWrong         bool
	NoteLimit         int
	Rows              []couponRow
	// All is the address of all the customer's coupons; empty when these are all.
	All string
	// CustomerAddress and POSAddress lead to the member in the shop's admin and in the POS.
	CustomerAddress, POSAddress string
}

// Title is what the member is called.
func (p memberPage) Title() string {
	if p.Name == "" {
		return p.ID
	}
	return p.Name
}

// memberBalance is what the POS says of a member: one of Points, Unknown and Away, or nothing where nobody was asked.
type memberBalance struct {
	Points *coupons.Points
	// Unknown says that the POS does not know the member, Away that it did not answer in time.
	Unknown, Away bool
}

// memberMove is one line of the points' history. Pair leads to the movement that it gives back, or that gives it back.
type memberMove struct {
	shownMovement
	Code string
	Pair string
}

func (con couponHandlers) customer(req *request) error {
	return con.showMember(req, http.StatusOK, func(*memberPage) {})
}

// showMember shows a member as they are now; change says what else there is to show.
func (con couponHandlers) showMember(req *request, status int, change func(*memberPage)) error {
	id := req.Gin.Param("id")
	if !domain.KnownCustomerID(id) {
		return domain.Refuse(domain.CodeCustomerNotFound)
	}
	m, err := con.deps.Directory.Member(req.Ctx(), id)
	if err != nil {
		return con.earlier(req, id, err)
	}
	if err := req.read(domain.ActionCustomerRead, m.ID, nil); err != nil {
		return err
	}
	now := con.deps.Now()
	page := memberPage{Member: m, Locked: m.LockedUntil != nil && now.Before(*m.LockedUntil),
		CustomerAddress: con.adminAddress("customers", m.ShopifyCustomerGID), POSAddress: con.inPOS(m.Customer),
		MayNote: req.may("customers", "note"), NoteKey: pages.NewKey(), NoteLimit: members.MaxMemberNote}
	page.MayUnlock = page.Locked && req.may("customers", "unlock")
	page.MayConvert = m.Customer.Member() && m.Linked() && !page.Locked && req.may("conversions", "create")
	for _, read := range []func(*request, *memberPage) error{con.memberFacts, con.memberCoupons, con.memberReviews,
		con.memberBalance} {
		if err := read(req, &page); err != nil {
			return err
		}
	}
	change(&page)
	req.showStatus(status, "customer", req.T("customer.title")+" · "+page.Title(), page)
	return nil
}

// memberFacts reads what is kept about the member beside coupons.
func (con couponHandlers) memberFacts(req *request, page *memberPage) (err error) {
	if page.Former, err = con.deps.Members.FormerNumbers(req.Ctx(), page.ID); err != nil {
		return err
	}
	page.Notes, err = con.deps.File.Notes(req.Ctx(), page.ID, notesShown)
	return err
}

// memberCoupons reads coupons, points and orders, as far as the visitor may see coupons.
func (con couponHandlers) memberCoupons(req *request, page *memberPage) error {
	if !req.may("coupons", "read") {
		return nil
	}
	listed, err := con.deps.Listing.Page(req.Ctx(), listing.Filter{CustomerID: page.ID, Now: con.deps.Now(),
		Limit: pageLength})
	if err != nil {
		return err
	}
	page.Rows = req.rows(couponsFound{list: listed.Coupons, names: map[string]string{page.ID: page.Name}})
	if listed.More {
		page.All = couponsPath + "?" + url.Values{"q": {page.ID}}.Encode()
	}
	moves, err := con.deps.File.Moves(req.Ctx(), page.ID, movesShown)
	if err != nil {
		return err
	}
	page.Moves = pairedMoves(moves)
	orders, err := con.deps.File.OrdersOf(req.Ctx(), page.ID, ordersShown)
	for _, o := range orders {
		page.Orders = append(page.Orders, foundOrder{OrderUse: o, Address: con.adminAddress("orders", o.OrderID)})
	}
	if err != nil {
		return err
	}
	page.Mails, err = con.mailsOf(req, page.ID)
	return err
}

func (con couponHandlers) memberReviews(req *request, page *memberPage) (err error) {
	if !req.may("reviews", "read") {
		return nil
	}
	page.Reviews, err = con.deps.Reviews.Reviews(req.Ctx(), reviews.Filter{CustomerID: page.ID,
		Limit: memberReviewsShown})
	return err
}

// memberBalance asks the POS. It is the only part of the page that can be slow, and the page does without it. That
// somebody did not wait is no fault of the POS's, so the question is cancelled, and no circuit opens because of it.
func (con couponHandlers) memberBalance(req *request, page *memberPage) error {
	if !page.Member.Customer.Member() || !req.may("points", "read") {
		return nil
	}
	ctx, cancel := context.WithCancel(req.Ctx())
	defer cancel()
	defer time.AfterFunc(balanceWait, cancel).Stop()
	points, err := con.deps.Service.Points(ctx, page.ID)
	switch code := domain.CodeOf(err); {
	case err == nil:
		page.Balance.Points = &points
	case code == domain.CodeCustomerNotFound:
		page.Balance.Unknown = true
	case code == domain.CodeUpstreamUnavailable, ctx.Err() != nil:
		page.Balance.Away = true
	default:
		return err
	}
	return nil
}

// inPOS is where the POS shows a member.
func (con couponHandlers) inPOS(c domain.Customer) string {
	if !c.Member() {
		return ""
	}
	return strings.Replace(con.deps.POSMemberURL, "{number}", url.PathEscape(c.ID), 1)
}

// pairedMoves links each movement with the one that it belongs to. The other one stands on the coupon's page where it
// is not among these.
func pairedMoves(list []members.Move) []memberMove {
	moves := make([]memberMove, 0, len(list))
	for _, m := range list {
		move := memberMove{shownMovement: shownMovement{Movement: m.Movement}, Code: m.Code}
		for i, other := range list {
			if m.ID != other.ID && (other.Reference == m.RelatedReference || other.RelatedReference == m.Reference) {
				move.Other, move.Pair = &list[i].Movement, "#m-"+pages.Number(other.ID)
			}
		}
		if move.Other == nil && m.RelatedReference != "" {
			move.Pair = couponAddress(m.Code) + "#points"
		}
		moves = append(moves, move)
	}
	return moves
}

// unlock lets a locked customer convert again; one who is not locked is as they should be already.
func (con couponHandlers) unlock(req *request) error {
	id := req.Gin.Param("id")
	if err := con.deps.Members.Unlock(req.Ctx(), req.Who, id); err != nil {
		return err
	}
	req.redirect(customersPath + "/" + url.PathEscape(id))
	return nil
}

// addNote keeps what somebody wrote about a member, once for each form. What cannot be kept is given back.
func (con couponHandlers) addNote(req *request) error {
	id, text := req.Gin.Param("id"), domain.TypedNote(req.Field("note"))
	key, err := req.formKey()
	if err == nil {
		err = con.deps.Members.AddNote(req.Ctx(), req.Who, id, text, key)
	}
	switch domain.CodeOf(err) {
	case domain.CodeValidation, domain.CodeKeyMissing:
		con.deps.Hooks.Refused(req.Gin, err)
		return con.showMember(req, http.StatusUnprocessableEntity, func(p *memberPage) {
			p.NoteText, p.NoteWrong = text, true
		})
	}
	if err != nil {
		return err
	}
	req.redirect(customerAddress(id) + "#notes")
	return nil
}
