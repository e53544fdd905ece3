package web

import (
	"encoding/base64"
	"strconv"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/listing"
)

// list reads one page of the customer's coupons.
func (s *shopping) list(page *walletPage) error {
	before, err := readCursor(s.query("cursor"))
	if err != nil {
		return err
	}
	now := s.web.deps.Now()
	found, err := s.web.deps.Listing.Page(s.ctx(), listing.Filter{CustomerID: s.who.CustomerID, Visible: true, Now: now, Before: before,
		Limit: walletCoupons})
	if err != nil {
		return err
	}
	if found.More {
		page.Next = writeCursor(found.Coupons[len(found.Coupons)-1].ID)
	}
	for _, c := range found.Coupons {
		page.Items = append(page.Items, walletCoupon{c, c.StatusAt(now).Public()})
	}
	return nil
}

func writeCursor(id int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("w" + strconv.FormatInt(id, 10)))
}

func readCursor(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	digits, ours := strings.CutPrefix(string(text), "w")
	id, wrong := strconv.ParseInt(digits, 10, 64)
	if err != nil || !ours || wrong != nil || id <= 0 {
		return 0, domain.Refuse(domain.CodeNotFound)
	}
	return id, nil
}
