package decisions

import (
	"context"
	"slices"
	"strings"
	"time"
)

// ShopFacts asks the shop for what conditions need, in one question. What it does not answer stays nil. Errors: a
// *domain.UpstreamError; nothing was learned then.
type ShopFacts interface {
	ShopFacts(ctx context.Context, q ShopQuestion) (ShopAnswer, error)
}

// ShopQuestion is what has to be known of a customer, of an order, or of products in a cart.
type ShopQuestion struct {
	// Customer is a gid; with none nothing is asked of a customer.
	Customer   string
	Tags       bool
	Segments   []string
	Metafields []string // namespace.key
	// Orders asks for the number of orders; with Before, of those that were placed before that moment and are not the
	// order Not.
	Orders bool
	Before time.Time
	Not    string
	// Bought asks which products were ordered since a moment; zero for not asked. Before and Not bound it as well.
	Bought time.Time
	// Order asks what an order's own cart is.
	Order string
	// Products are those in the cart, Collections those in which one of them, or of the order's, may be.
	Products, Collections []string
}

// nothing tells that there is nothing to ask.
func (q ShopQuestion) nothing() bool {
	ofCustomer := q.Customer != "" && (q.Tags || len(q.Segments) > 0 || len(q.Metafields) > 0 || q.Orders ||
		!q.Bought.IsZero())
	return !ofCustomer && q.Order == "" && (len(q.Collections) == 0 || len(q.Products) == 0)
}

// ShopAnswer is what the shop said.
type ShopAnswer struct {
	// Tags are nil where they were not told, and empty where there are none.
	Tags []string
	// Segments and Metafields have an entry for each that was told; a metafield that is not there has no values.
	Segments   map[string]bool
	Metafields map[string][]string
	Orders     *int
	// Bought are when products were ordered; nil where it was not told. BoughtAll tells that these are all.
	Bought    []Purchase
	BoughtAll bool
	// Cart is what an order's own cart was; nil where it was not told.
	Cart *Cart
	// InCollection tells for each collection whether one of the products is in it.
	InCollection map[string]State
}

// Purchase is a product that was ordered.
type Purchase struct {
	Product string
	At      time.Time
}

// mostItemsAsked is of how many products the shop is asked for collections.
const mostItemsAsked = 100

// wants is what has to be asked for conditions.
func (p Policy) wants(q Question, at time.Time) ShopQuestion {
	s := ShopQuestion{Customer: q.Shown.CustomerID}
	if q.Stage == StageOrder {
		s.Before, s.Not = at, q.OrderID
	}
	if p.NewCustomersOnly && q.OrdersBefore == nil && q.Stage != StageOrder {
		s.Orders = true
	}
	var oldest int64
	for _, c := range p.Conditions {
		if !c.asks(q.Stage) {
			continue
		}
		switch c.Need {
		case NeedTagsAny, NeedTagsNone:
			s.Tags = s.Tags || q.Tags == nil
		case NeedSegment:
			s.Segments = append(s.Segments, c.Values...)
		case NeedMetafield:
			s.Metafields = append(s.Metafields, c.Key)
		case NeedOrdersAtLeast, NeedOrdersAtMost:
			s.Orders = s.Orders || q.OrdersBefore == nil
		case NeedNotBought:
			oldest = max(oldest, c.Number)
		case NeedCollections:
			s.Collections = append(s.Collections, c.Values...)
		}
		if c.Need.OfCart() && q.Stage == StageOrder {
			s.Order = q.OrderID
		}
	}
	if oldest > 0 {
		s.Bought = at.AddDate(0, 0, -int(oldest))
	}
	for _, i := range q.Cart.Items[:min(len(q.Cart.Items), mostItemsAsked)] {
		s.Products = append(s.Products, i.Product)
	}
	for _, list := range []*[]string{&s.Segments, &s.Metafields, &s.Collections, &s.Products} {
		*list = sortedOnce(*list)
	}
	return s
}

func sortedOnce(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// weighed is everything that conditions are held against.
type weighed struct {
	q     Question
	at    time.Time
	shop  ShopAnswer
	worth *int64
}

// held says of every condition of a policy whether it holds.
func (p Policy) held(w weighed) (list []Held) {
	for _, c := range p.Conditions {
		if c.asks(w.q.Stage) {
			list = append(list, Held{Condition: c.ID(), State: w.state(c.settled())})
		}
	}
	return settledHeld(list)
}

// state holds one condition against what is known. A guest is not signed in: nobody's tags, segments and metafields are
// theirs, and nobody can tell what they ordered before.
func (w weighed) state(c Condition) State {
	guest := w.guest()
	switch c.Need {
	case NeedAccount:
		return w.account(c)
	case NeedTagsAny, NeedTagsNone:
		return w.tags(c)
	case NeedSegment:
		in, told := w.shop.Segments[c.Values[0]]
		return known3(told || guest, in)
	case NeedMetafield:
		values, told := w.shop.Metafields[c.Key]
		return known3(told || guest, slices.ContainsFunc(values, func(v string) bool {
			return slices.Contains(c.Values, strings.TrimSpace(v))
		}))
	case NeedOrdersAtLeast:
		n := w.orders()
		return known3(n != nil || guest || c.Number == 0, c.Number == 0 || n != nil && int64(*n) >= c.Number)
	case NeedOrdersAtMost:
		n := w.orders()
		return known3(n != nil, n != nil && int64(*n) <= c.Number)
	case NeedNotBought:
		return w.notBought(c)
	default:
		return w.ofCart(c)
	}
}

// guest tells that nobody is signed in; where the shop does not say whose order it is, nobody knows.
func (w weighed) guest() bool { return w.q.Shown.CustomerID == "" && !w.q.CustomerWithheld }

// known3 is the state of what is told, or not.
func known3(told, holds bool) State {
	if !told {
		return Unknown
	}
	return of(holds)
}

// account is needed for codes worth more than the condition's number. Where nobody knows what the code is worth, only
// who is signed in meets it for certain.
func (w weighed) account(c Condition) State {
	switch {
	case w.q.Shown.CustomerID != "", c.Number > 0 && w.worth != nil && *w.worth <= c.Number:
		return Yes
	case !w.guest(), c.Number > 0 && w.worth == nil:
		return Unknown
	default:
		return No
	}
}

// tags are compared as the shop does, without regard to case.
func (w weighed) tags(c Condition) State {
	tags, told := w.q.Tags, w.q.Tags != nil
	if !told {
		tags, told = w.shop.Tags, w.shop.Tags != nil || w.guest()
	}
	has := slices.ContainsFunc(tags, func(t string) bool {
		return slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(strings.TrimSpace(t), v) })
	})
	return known3(told, has == (c.Need == NeedTagsAny))
}

func (w weighed) orders() *int {
	if w.q.OrdersBefore != nil {
		return w.q.OrdersBefore
	}
	return w.shop.Orders
}

func (w weighed) notBought(c Condition) State {
	since := w.at.AddDate(0, 0, -int(c.Number))
	bought := slices.ContainsFunc(w.shop.Bought, func(p Purchase) bool {
		return !p.At.Before(since) && slices.Contains(c.Values, p.Product)
	})
	return known3(bought || w.shop.BoughtAll, !bought)
}

// ofCart asks the order's own cart where there is one.
func (w weighed) ofCart(c Condition) State {
	cart := w.q.Cart
	if w.shop.Cart != nil {
		cart = *w.shop.Cart
	}
	switch c.Need {
	case NeedMinimum:
		return cart.minimum(money(c))
	case NeedMarkets:
		country := w.country(cart)
		return known3(country != "", slices.Contains(c.Values, country))
	case NeedProducts, NeedCompanion:
		states := make([]State, 0, len(c.Values))
		for _, product := range c.Values {
			states = append(states, cart.has(product))
		}
		if c.Need == NeedCompanion {
			return allOf(states...)
		}
		return anyOf(states...)
	case NeedCollections:
		return w.collections(c, cart)
	case NeedAttribute:
		return cart.attribute(c.Key, c.Values)
	default:
		return Unknown
	}
}

// country is the cart's, or that of the address which was shown.
func (w weighed) country(cart Cart) string {
	if cart.Country == "" && w.shop.Cart == nil && len(w.q.Shown.Addresses) > 0 {
		return strings.ToUpper(strings.TrimSpace(w.q.Shown.Addresses[0].Country))
	}
	return cart.Country
}

func (w weighed) collections(c Condition, cart Cart) State {
	if cart.Items != nil && len(cart.Items) == 0 && !cart.Cut {
		return No
	}
	states := make([]State, 0, len(c.Values))
	for _, gid := range c.Values {
		state, told := w.shop.InCollection[gid]
		if !told || state == No && (cart.Cut || len(cart.Items) > mostItemsAsked) {
			state = Unknown
		}
		states = append(states, state)
	}
	return anyOf(states...)
}
