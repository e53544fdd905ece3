package books

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
)

// member is what stands outside of one member's codes, and what our book has of them.
type member struct {
	*pass
	families families
	customer domain.Customer
	kept     bool // the database has them
	ours     map[string]*coupons.State
	listed   map[string]coupons.FoundDiscount
	shown    map[string]metafields.Shown
	// asked are codes that the shop was asked for, unread those of which something could not be asked, with why.
	asked  map[string]bool
	unread map[string]error
}

// readMember reads our own side first: what happens while the outside is read makes a commit fail, and is no news. The
// POS comes after the codes: points are taken before their code is made, so that none of a conversion that is just made
// reads as one that nobody paid, which would be deactivated. Codes that the POS alone names are asked for at the end.
func (r *rebuild) readMember(ctx context.Context, id string, listed []coupons.FoundDiscount) (*member, error) {
	m := &member{pass: r.newPass(id), families: r.families, customer: domain.Customer{ID: id}, ours: map[string]*coupons.State{},
		listed: map[string]coupons.FoundDiscount{}, shown: map[string]metafields.Shown{}, asked: map[string]bool{}, unread: map[string]error{}}
	field, err := r.Ours.Field(ctx, id)
	m.kept = err == nil
	if err != nil && domain.CodeOf(err) != domain.CodeCustomerNotFound {
		return nil, err
	}
	if err := m.readOurs(ctx); err != nil {
		return nil, err
	}
	m.customer.ShopifyCustomerGID = field.CustomerGID
	for _, d := range slices.SortedFunc(slices.Values(listed), newestLast) {
		marks, _ := r.families.marks(d)
		m.listed[marks.Code] = d
		if !m.kept && d.CustomerCount == 1 {
			m.customer.ShopifyCustomerGID = d.CustomerGID
		}
	}
	if err := m.readShown(ctx); err != nil || len(m.gaps) > 0 {
		return m, err
	}
	if err := m.readDiscounts(ctx); err != nil || r.POS == nil {
		return m, err
	}
	if err := m.readPOS(ctx, field.FormerNumbers); err != nil || len(m.gaps) > 0 {
		return m, err
	}
	return m, m.readDiscounts(ctx)
}

func newestLast(a, b coupons.FoundDiscount) int {
	return cmp.Or(a.StartsAt.Compare(b.StartsAt), cmp.Compare(a.ID, b.ID))
}

func (m *member) readOurs(ctx context.Context) error {
	for after := int64(0); ; {
		page, err := m.Ours.CouponsOf(ctx, m.id, after, couponPage)
		if err != nil {
			return err
		}
		for i := range page {
			after = page[i].Coupon.ID
			m.ours[page[i].Coupon.Code] = &page[i]
		}
		if len(page) < couponPage {
			return nil
		}
	}
}

func (m *member) readShown(ctx context.Context) error {
	gid := m.customer.ShopifyCustomerGID
	if gid == "" || gid == domain.ErasedCustomer {
		return nil
	}
	value, err := ask(ctx, m.run, upstreamShopify, func(ctx context.Context) ([]byte, error) {
		value, _, err := m.Fields.ReadCoupons(ctx, gid)
		return value, err
	})
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return m.gap(ctx, 0, upstreamShopify, err)
	}
	list, err := metafields.Read(value)
	if err != nil {
		return nil //nolint:nilerr // one that was edited into something else says nothing
	}
	for _, s := range list {
		if code, ok := domain.NormalizeCode(s.Code); ok && m.families.holds(code, s.Campaign) {
			m.shown[code] = s
		}
	}
	return nil
}

// readDiscounts asks for the codes that somebody else names and the list did not have: a search lags, and a code is
// removed from the shop some time after its end.
func (m *member) readDiscounts(ctx context.Context) error {
	for _, code := range m.codes() {
		if _, there := m.listed[code]; there || m.asked[code] {
			continue
		}
		m.asked[code] = true
		c := domain.Coupon{Code: code}
		if st := m.ours[code]; st != nil {
			c.DiscountID = st.Coupon.DiscountID
		}
		found, err := m.find(ctx, c)
		switch {
		case err == nil:
			if marks, ours := m.families.marks(found); ours && marks.Code == code || c.DiscountID == found.ID {
				m.listed[code] = found
			}
		case domain.KindOf(err) != domain.KindNotFound:
			if ctx.Err() != nil {
				return ctx.Err()
			}
			m.unread[code] = err
		}
	}
	return nil
}

// codes are all that anybody names, in the order in which they were made as far as the POS tells it.
func (m *member) codes() []string {
	all := map[string]bool{}
	for reference := range m.pos {
		_, code, _ := strings.Cut(reference, "-")
		if code, ok := domain.NormalizeCode(code); ok && m.families.knows(code) {
			all[code] = true
		}
	}
	for code := range m.listed {
		all[code] = true
	}
	for code := range m.shown {
		all[code] = true
	}
	for code := range m.ours {
		if m.families.knows(code) {
			all[code] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// outside puts together what is known of a code.
func (m *member) outside(code string) Outside {
	o := Outside{Code: code, First: code, Customer: m.customer, Unreferenced: m.POS == nil, Family: m.families.of(code)}
	if st := m.ours[code]; st != nil { // a later link does not move a code
		o.Customer.ShopifyCustomerGID = st.Coupon.ShopifyCustomerGID
		o.First, o.Before, o.Next = st.Coupon.TakenAs(), st.Coupon.ReissuedFrom, st.Coupon.SupersededBy
	}
	if d, there := m.listed[code]; there {
		o.Discount = &d
		if o.Customer.ShopifyCustomerGID == "" || m.ours[code] == nil && d.CustomerCount == 1 {
			o.Customer.ShopifyCustomerGID = d.CustomerGID
		}
	}
	if s, there := m.shown[code]; there {
		o.Shown = &s
	}
	m.chain(&o)
	m.price(&o)
	for reference, into := range map[string]**Entry{domain.TakeReference(o.First): &o.Take,
		domain.GiveBackReference(code): &o.Back, domain.GrantReference(code): &o.Grant,
		domain.TakeBackReference(code): &o.Retake} {
		if t := m.pos[reference]; t != nil {
			*into = &t.entry
			o.Doubled = o.Doubled || t.count > 1
		}
	}
	return o
}

// price is the most that anybody says a campaign's code cost. Our book knows.
func (m *member) price(o *Outside) {
	if st := m.ours[o.Code]; st != nil {
		o.Price = st.Coupon.Points
		return
	}
	if o.Discount != nil {
		marks, _ := coupons.MarksOf(*o.Discount)
		o.Price = max(marks.Points, 0)
	}
	if o.Shown != nil {
		o.Price = max(o.Price, o.Shown.Points)
	}
}

// firstAt is when the first code of a chain was made, as far as that one is still to be seen.
func (m *member) firstAt(code string) time.Time {
	if st := m.ours[code]; st != nil {
		return st.Coupon.CreatedAt
	}
	if s, there := m.shown[code]; there {
		return s.IssuedAt
	}
	if d, there := m.listed[code]; there {
		return d.IssuedAt()
	}
	return time.Time{}
}

// chain finds a code's neighbours among the member's discounts, by the first code that reissues name.
func (m *member) chain(o *Outside) {
	first := o.Code
	if d, there := m.listed[o.Code]; there {
		if marks, _ := coupons.MarksOf(d); marks.First != "" {
			first = marks.First
		}
	}
	links := []string{first}
	for _, d := range slices.SortedFunc(maps.Values(m.listed), newestLast) {
		if marks, _ := coupons.MarksOf(d); marks.First == first {
			links = append(links, marks.Code)
		}
	}
	at := slices.Index(links, o.Code)
	if o.First = cmp.Or(first, o.First); at > 0 {
		o.Before = links[at-1]
	}
	o.FirstAt = m.firstAt(o.First)
	if at >= 0 && at < len(links)-1 {
		o.Next = links[at+1]
	}
}

// hints reports whether anything says that a code may have been used, so that it is worth asking for the order.
func (o Outside) hints(ours *coupons.State) bool {
	if ours != nil && ours.Coupon.UsedAt != nil {
		return false
	}
	d := o.Discount
	early := d != nil && !d.Alive()
	return o.Grant != nil || d != nil && d.Usage > 0 || o.Shown != nil && o.Shown.Status == domain.Used ||
		early && o.Back == nil
}
