package wallet

import (
	"pointbridge/domain"
	"pointbridge/domain/cursor"
	"pointbridge/domain/listing"
)

// list reads one page of the customer's coupons.
func (req *request) list(page *homePage) error {
	before, err := readCursor(req.Query("cursor"))
	if err != nil {
		return err
	}
	now := req.wallet.deps.Now()
	found, err := req.wallet.deps.Listing.Page(req.Ctx(),
		listing.Filter{CustomerID: req.Who.CustomerID, Visible: true, Now: now, Before: before,
			Limit: pageLength})
	if err != nil {
		return err
	}
	if found.More {
		page.Next = writeCursor(found.Coupons[len(found.Coupons)-1].ID)
	}
	for _, c := range found.Coupons {
		page.Items = append(page.Items, ownCoupon{c, c.StatusAt(now).Public()})
	}
	return nil
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
