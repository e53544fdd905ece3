package wallet

import (
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/cursor"
	"pointbridge/domain/listing"
)

// usableLength is how many coupons that can be used are put first; hardly anybody has as many.
const usableLength = 100

// list reads one page of the customer's coupons. What can be used stands on the first page alone, in the order in which
// it ends; the pages go through all the others, the newest first.
func (req *request) list(page *homePage) error {
	before, err := readCursor(req.Query("cursor"))
	if err != nil {
		return err
	}
	now := req.wallet.deps.Now()
	filter := listing.Filter{CustomerID: req.Who.CustomerID, Visible: true, Now: now, Status: domain.Active,
		Sort: listing.SortEnd, Limit: usableLength}
	usable, err := req.wallet.deps.Listing.Page(req.Ctx(), filter)
	if err != nil {
		return err
	}
	filter.Status, filter.Sort, filter.Before, filter.Limit = "", listing.SortNewest, before, pageLength
	found, err := req.wallet.deps.Listing.Page(req.Ctx(), filter)
	if err != nil {
		return err
	}
	if found.More {
		page.Next = writeCursor(found.Coupons[len(found.Coupons)-1].ID)
	}
	others := found.Coupons
	if !usable.More { // who has more than that finds the last of them by their age
		others = slices.DeleteFunc(others, func(c domain.Coupon) bool { return c.StatusAt(now) == domain.Active })
	}
	if before == 0 {
		if page.Usable, err = req.owned(usable.Coupons); err != nil {
			return err
		}
	}
	page.Items, err = req.owned(others)
	return err
}

// owned is coupons as their owner sees them.
func (req *request) owned(list []domain.Coupon) ([]ownCoupon, error) {
	var settled []int64 // those whose points can have gone another way than the status says
	for _, c := range list {
		if !c.Free() && (c.Status == domain.Used || c.Status == domain.Cancelled && c.UsedAt != nil) {
			settled = append(settled, c.ID)
		}
	}
	moved, err := req.wallet.deps.Coupons.MovedAfter(req.Ctx(), settled)
	if err != nil {
		return nil, err
	}
	owned := make([]ownCoupon, 0, len(list))
	for _, c := range list {
		owned = append(owned, ownCoupon{Coupon: c, Shown: c.StatusAt(req.wallet.deps.Now()).Public(),
			UndoUntil: req.undoUntil(c), Returned: slices.Contains(moved[c.ID], domain.Grant),
			TakenAgain: slices.Contains(moved[c.ID], domain.TakeBack)})
	}
	return owned, nil
}

// shopperCoupons is the customer's own list.
var shopperCoupons = cursor.ByID("w")

func writeCursor(id int64) string { return shopperCoupons.Write(cursor.Place{ID: id}) }

func readCursor(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	p, err := shopperCoupons.Read(text)
	if err != nil {
		return 0, domain.Refuse(domain.CodeNotFound)
	}
	return p.ID, nil
}
