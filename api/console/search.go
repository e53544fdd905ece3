package console

import (
	"net/url"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/members"
)

const (
	searchPath = consolePath + "/search"
	// foundShown is how many of a kind a search shows. More nobody reads, and nobody is to read through all members.
	foundShown = 10
)

// searchPage is what one text finds, by kind.
type searchPage struct {
	Text string
	// Short says that too little was typed to look for anybody.
	Short   bool
	Members []foundMember
	// MoreMembers says that others were found as well.
	MoreMembers bool
	Rows        []couponRow
	// AllCoupons is the address of all coupons that were found; empty when these are all.
	AllCoupons string
	Orders     []foundOrder
	Family     *familyFound
}

// None reports whether nothing was found.
func (p searchPage) None() bool {
	return len(p.Members) == 0 && len(p.Rows) == 0 && len(p.Orders) == 0 && p.Family == nil
}

// foundMember is a member with their newest coupon, which is what most calls are about.
type foundMember struct {
	members.Found
	Locked bool
	Newest *couponRow
}

type foundOrder struct {
	members.OrderUse
	Address string
	// Customer is the name of whose order it is.
	Customer string
}

// search is the one box: whatever somebody has of a member, a coupon or an order finds it. What was typed can name a
// person, so that the audit says how much was found and not what was looked for.
func (con couponHandlers) search(req *request) error {
	text := strings.TrimSpace(strings.ToValidUTF8(req.Query("q"), "\uFFFD"))
	if r := []rune(text); len(r) > members.LongestText {
		text = string(r[:members.LongestText])
	}
	page := searchPage{Text: text, Short: len([]rune(domain.FoldTyped(text))) < members.LeastText}
	if page.Short {
		req.show("search", req.T("search.title"), page)
		return nil
	}
	if err := con.searchMembers(req, &page); err != nil {
		return err
	}
	if req.may("coupons", "read") {
		if err := con.searchCoupons(req, &page); err != nil {
			return err
		}
	}
	if err := req.read(domain.ActionSearched, "", map[string]any{"members": len(page.Members),
		"coupons": len(page.Rows), "orders": len(page.Orders)}); err != nil {
		return err
	}
	if code := page.onlyCode(); code != "" {
		req.redirect(couponAddress(code))
		return nil
	}
	req.show("search", req.T("search.title"), page)
	return nil
}

// onlyCode is the one coupon's code that the text is, if it is nothing else: whoever has a whole code wants its page.
func (p searchPage) onlyCode() (only string) {
	if len(p.Members) > 0 || len(p.Orders) > 0 || p.Family != nil {
		return ""
	}
	for _, row := range p.Rows {
		if !listing.IsCode(p.Text, row.Code) {
			continue
		}
		if only != "" {
			return ""
		}
		only = row.Code
	}
	return only
}

func (con couponHandlers) searchMembers(req *request, page *searchPage) error {
	q := members.ReadSearch(page.Text)
	if q.Nothing() && q.Number == "" {
		return nil
	}
	list, more, err := con.deps.Finder.FindMembers(req.Ctx(), q, foundShown)
	if err != nil {
		return err
	}
	page.MoreMembers = more
	newest := map[string]domain.Coupon{}
	if req.may("coupons", "read") {
		ids := make([]string, 0, len(list))
		for _, f := range list {
			ids = append(ids, f.ID)
		}
		if newest, err = con.deps.Listing.Newest(req.Ctx(), ids); err != nil {
			return err
		}
	}
	for _, f := range list {
		m := foundMember{Found: f, Locked: f.LockedUntil != nil && con.deps.Now().Before(*f.LockedUntil)}
		if c, there := newest[f.ID]; there {
			m.Newest = &req.rows(couponsFound{list: []domain.Coupon{c}})[0]
		}
		page.Members = append(page.Members, m)
	}
	return nil
}

func (con couponHandlers) searchCoupons(req *request, page *searchPage) error {
	typed := domain.FoldTyped(page.Text)
	listed, err := con.deps.Listing.Page(req.Ctx(), listing.Filter{Text: typed, Now: con.deps.Now(), Limit: foundShown})
	if err != nil {
		return err
	}
	orders, err := con.deps.Finder.FindOrders(req.Ctx(), page.Text, foundShown)
	if err != nil {
		return err
	}
	ids := customersOf(listed.Coupons)
	for _, o := range orders {
		ids = append(ids, o.CustomerID)
	}
	names, err := con.deps.Directory.Names(req.Ctx(), ids)
	if err != nil {
		return err
	}
	page.Rows = req.rows(couponsFound{list: listed.Coupons, names: names})
	if listed.More {
		page.AllCoupons = couponsPath + "?" + url.Values{"q": {typed}}.Encode()
	}
	for _, o := range orders {
		page.Orders = append(page.Orders, foundOrder{o, con.adminAddress("orders", o.OrderID), names[o.CustomerID]})
	}
	page.Family, err = con.familyOf(req, typed)
	return err
}
