package coupons

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// FoundDiscount is a discount as Shopify has it.
type FoundDiscount struct {
	ID string
	// Codes are the texts that it can be entered by now.
	Codes         []string
	Title         string
	Tags          []string
	CustomerGID   string // the first customer it is bound to
	CustomerCount int
	Amount        domain.Money
	// Percent is what it takes off in basis points; zero where it takes an amount.
	Percent int64
	// OnlyItems says what it takes that off: OnlyProducts, OnlyCollections, or empty for all of the cart.
	OnlyItems string
	// OnEachItem says that the amount is taken off every single item.
	OnEachItem bool
	StartsAt   time.Time
	EndsAt     time.Time // zero for no end
	UsageLimit int
	Usage      int
	Status     string
	// MinimumSubtotal and MinimumQuantity are what an order needs; zero and empty for nothing.
	MinimumSubtotal domain.Money
	MinimumQuantity string
	CombinesWith    Combines
	UpdatedAt       time.Time
}

// statusActive is Shopify's word for a discount that can be spent; it says nothing about use.
const statusActive = "ACTIVE"

// Alive reports whether the code can be entered, as far as its times go.
func (f FoundDiscount) Alive() bool { return f.Status == statusActive }

// Called reports whether the discount can be entered by a text.
func (f FoundDiscount) Called(code string) bool {
	return slices.ContainsFunc(f.Codes, func(text string) bool { return strings.EqualFold(text, code) })
}

// What a discount can differ in from the coupon that it was made for. The strings stand in the audit.
const (
	DiffersCode        = "code"
	DiffersStatus      = "status"
	DiffersUsageLimit  = "usage_limit"
	DiffersAmount      = "amount"
	DiffersEnd         = "ends_at"
	DiffersCustomer    = "customer"
	DiffersMinimum     = "minimum"
	DiffersItems       = "items"
	DiffersCombination = "combination"
)

// Differs names what of a discount is not as it was made for a coupon that can be spent. What is not known of an older
// coupon is not compared.
func Differs(c domain.Coupon, f FoundDiscount) (list []string) {
	differ := func(is bool, what string) {
		if is {
			list = append(list, what)
		}
	}
	differ(!f.Called(c.Code), DiffersCode)
	differ(!f.Alive(), DiffersStatus)
	differ(f.UsageLimit != 1, DiffersUsageLimit)
	differ(!sameValue(c, f) || f.OnEachItem, DiffersAmount)
	differ(!f.EndsAt.Equal(c.ExpiresAt), DiffersEnd)
	erased := c.ShopifyCustomerGID == domain.ErasedCustomer // of somebody forgotten only that there is one can be compared
	differ(f.CustomerCount != 1 || !erased && f.CustomerGID != c.ShopifyCustomerGID, DiffersCustomer)
	if c.Terms == "" {
		return list
	}
	asked, found := termsIn(c.Terms), termsIn(f.Terms())
	differ(found[0] != asked[0], DiffersMinimum)
	differ(found[1] != asked[1], DiffersCombination)
	differ(found[2] != asked[2], DiffersItems)
	return list
}

// sameValue reports whether a discount takes off what its coupon says. One that takes a part has no amount.
func sameValue(c domain.Coupon, f FoundDiscount) bool {
	if c.Percent > 0 {
		return f.Percent == c.Percent && f.Amount.Minor == 0
	}
	return f.Percent == 0 && f.Amount == c.Amount
}

// What a discount can be only on. The words stand in Terms.
const (
	OnlyProducts    = "products"
	OnlyCollections = "collections"
)

// Terms is what a code is made with beside what its coupon says, in one text: from which subtotal on it holds, what it
// combines with, and what it is on, where that is not everything. It is kept with the coupon, because the settings
// change and the codes made before do not. Which products or collections they are is not in it: reading a hundred of
// them with every look at a code would cost more than all else that is read.
func (d Discount) Terms() string {
	items := ""
	switch {
	case len(d.Products) > 0:
		items = OnlyProducts
	case len(d.Collections) > 0:
		items = OnlyCollections
	}
	return termsOf(d.MinimumSubtotal, "", d.CombinesWith, items)
}

// Terms is the same of a discount as it is now.
func (f FoundDiscount) Terms() string {
	return termsOf(f.MinimumSubtotal, f.MinimumQuantity, f.CombinesWith, f.OnlyItems)
}

const termsBreak = "; "

// termsIn are the minimum, the combination and the items in a text of terms.
func termsIn(text string) (parts [3]string) {
	copy(parts[:], strings.SplitN(text, termsBreak, len(parts)))
	return parts
}

func termsOf(least domain.Money, quantity string, with Combines, items string) string {
	minimum := cmp.Or(quantity, "0") + " items"
	if quantity == "" && least.Minor > 0 {
		minimum = least.Decimal() + " " + least.Currency
	}
	var classes []string
	for class, combines := range map[string]bool{"order": with.Order, "product": with.Product,
		"shipping": with.Shipping} {
		if combines {
			classes = append(classes, class)
		}
	}
	slices.Sort(classes)
	terms := "from " + minimum + termsBreak + "with " + cmp.Or(strings.Join(classes, ", "), "nothing")
	if items != "" {
		terms += termsBreak + "on " + items
	}
	return terms
}

// The tags of a code, from which a coupon can be recognised if our own record of it is lost. They go with the call that
// makes the code, and cost nothing.
const (
	tagOurs   = "pointbridge"
	tagMember = "pb-member-"
	tagPoints = "pb-points-"
	tagFirst  = "pb-first-"
	// A discount can have five tags.
	tagCampaign = "pb-campaign-"
)

// taggable is what an id that a tag can carry is made of, of longestTagged characters. Shopify takes 255, and reads a comma
// as the end of a tag.
var taggable = regexp.MustCompile(`^[A-Za-z0-9_.:-]+$`)

const longestTagged = 200

// tagsOf are a coupon's tags. A member's id that a tag cannot carry is left out, never cut: a cut one would be somebody
// else's. The customer whom the code is bound to tells who it is for then.
func tagsOf(c domain.Coupon) []string {
	tags := []string{tagOurs}
	if len(c.CustomerID) <= longestTagged && taggable.MatchString(c.CustomerID) && !domain.IsShopperID(c.CustomerID) {
		tags = append(tags, tagMember+c.CustomerID)
	}
	tags = append(tags, tagPoints+strconv.FormatInt(c.Points, 10))
	if !c.OfPoints() {
		tags = append(tags, tagCampaign+c.Campaign)
	}
	if c.FirstCode != "" {
		tags = append(tags, tagFirst+c.FirstCode)
	}
	return tags
}

// Marked reports whether a discount bears what we alone put on one: our title for the coupon, or all of its tags. That
// it is for the coupon's customer proves nothing, because a merchant can make codes for the same customer.
func Marked(c domain.Coupon, f FoundDiscount) bool {
	missing := slices.ContainsFunc(tagsOf(c), func(tag string) bool { return !bears(f, tag) })
	return f.Title == titleOf(c) || !missing
}

// bears reports whether a discount has a tag. That of the member may have another number: it was made with the one that
// the member had then.
func bears(f FoundDiscount, tag string) bool {
	if strings.HasPrefix(tag, tagMember) {
		return slices.ContainsFunc(f.Tags, func(t string) bool { return strings.HasPrefix(t, tagMember) })
	}
	return slices.Contains(f.Tags, tag)
}

// StandsInFor reports whether a discount that is not the one we made gives the coupon's customer the coupon's code all
// the same: somebody deleted ours and made it anew.
func StandsInFor(c domain.Coupon, f FoundDiscount) bool {
	return f.CustomerGID == c.ShopifyCustomerGID || Marked(c, f)
}

const titlePoints = "Points "

func titleOf(c domain.Coupon) string {
	if c.OfPoints() {
		return titlePoints + c.Code
	}
	return c.Campaign + " " + c.Code
}

// Marks is what our title and tags say of a discount that we made.
type Marks struct {
	// Code is the code that the discount was made with, whatever text it has now.
	Code string
	// Member is empty where a tag could not carry the member's id, or somebody took it away.
	Member string
	// Points is what was paid for it; negative where no tag says it.
	Points int64
	// First is the first code of its chain; empty where it is no reissue.
	First string
	// Campaign is the key of the campaign whose personal code it is; empty for a code of points.
	Campaign string
}

// MarksOf reads our marks of a coupon's discount; ok is false for a discount that bears none, such as a merchant's own, and
// for one of a campaign's codes for everybody.
func MarksOf(f FoundDiscount) (m Marks, ok bool) {
	m.Points = -1
	ours := false
	for _, tag := range f.Tags {
		switch {
		case tag == tagOurs:
			ours = true
		case strings.HasPrefix(tag, tagCampaign):
			m.Campaign = strings.TrimPrefix(tag, tagCampaign)
		case strings.HasPrefix(tag, tagMember):
			m.Member = strings.TrimPrefix(tag, tagMember)
		case strings.HasPrefix(tag, tagFirst):
			m.First = strings.TrimPrefix(tag, tagFirst)
		case strings.HasPrefix(tag, tagPoints):
			if n, err := strconv.ParseInt(strings.TrimPrefix(tag, tagPoints), 10, 64); err == nil {
				m.Points = n
			}
		}
	}
	title := titlePoints
	if m.Campaign != "" {
		title = m.Campaign + " "
		ours = ours && m.Points >= 0 // of a campaign's discounts only a personal one says what was paid
	}
	code, titled := strings.CutPrefix(f.Title, title)
	if m.Code, titled = m.codeOf(code, titled); titled {
		return m, ours || m.Campaign == "" && f.Called(m.Code)
	}
	if ours && len(f.Codes) == 1 { // somebody gave it another title
		m.Code, titled = m.codeOf(f.Codes[0], true)
	}
	return m, ours && titled
}

func (m Marks) codeOf(text string, ok bool) (string, bool) {
	code, form := domain.NormalizeCode(text)
	return code, ok && form && domain.IsPointsCode(code) == (m.Campaign == "")
}

// CampaignMarks is what our tags say of a discount of a campaign.
type CampaignMarks struct {
	Campaign string
	// Code and Member are those of a personal code; both are empty of a discount for many codes, or for everybody.
	Code, Member string
	// Points is what was paid for a personal code; zero where it was free, or where no tag says it.
	Points int64
}

// CampaignMarksOf reads our marks of a campaign's discount; ok is false for any other discount.
func CampaignMarksOf(f FoundDiscount) (m CampaignMarks, ok bool) {
	personal := false
	for _, tag := range f.Tags {
		switch {
		case strings.HasPrefix(tag, tagCampaign):
			m.Campaign, ok = strings.TrimPrefix(tag, tagCampaign), true
		case strings.HasPrefix(tag, tagMember):
			m.Member = strings.TrimPrefix(tag, tagMember)
		case strings.HasPrefix(tag, tagPoints): // of a campaign's discounts only a personal one has it
			m.Points, _ = strconv.ParseInt(strings.TrimPrefix(tag, tagPoints), 10, 64)
			personal = true
		}
	}
	if personal && len(f.Codes) == 1 {
		m.Code = f.Codes[0]
	}
	return m, ok
}

// IssuedAt is when a discount was asked for, to the second.
func (f FoundDiscount) IssuedAt() time.Time { return f.StartsAt.Add(startEarly) }

// DiscountPage is one page of a list of discounts; Next continues it, "" at the end.
type DiscountPage struct {
	Discounts []FoundDiscount
	Next      string
}
