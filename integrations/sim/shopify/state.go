package shopify

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"sync"
)

// metafieldName is a metafield's name on its owner, the namespace resolved.
type metafieldName struct{ namespace, key string }

type definitionKey struct{ owner, namespace, key string }

// state is the store's content. Every record is immutable; maps are guarded by mu. Changes go through Server.commit,
// which writes the journal first.
type state struct {
	mu          sync.RWMutex
	lastID      int64
	lastOrder   int64
	discounts   map[int64]*Discount
	byCode      map[string]int64 // folded code → discount
	discountIDs []int64          // ascending, with holes where one was deleted
	customers   map[int64]*Customer
	orders      map[int64]*Order
	orderIDs    []int64
	ordersOf    map[string][]int64                      // customer gid → orders
	metafields  map[string]map[metafieldName]*Metafield // by owner gid
	definitions map[definitionKey]*Definition
	automatics  map[int64]*Automatic
	// subscriptions are the webhook subscriptions, by id.
	subscriptions map[int64]*Subscription
	outbox        outbox
}

const (
	firstID    = 1_660_000_000_000
	firstOrder = 1000
)

func newState() *state {
	return &state{
		lastID:      firstID,
		lastOrder:   firstOrder,
		discounts:   map[int64]*Discount{},
		byCode:      map[string]int64{},
		customers:   map[int64]*Customer{},
		orders:      map[int64]*Order{},
		ordersOf:    map[string][]int64{},
		metafields:  map[string]map[metafieldName]*Metafield{},
		definitions: map[definitionKey]*Definition{},
		automatics:  map[int64]*Automatic{},

		subscriptions: map[int64]*Subscription{},
		outbox:        outbox{deliveries: map[int64]*Delivery{}},
	}
}

// record is one change in a commit; exactly one field is set.
type record struct {
	// Delivery is a webhook that is owed, or what became of it.
	Delivery     *Delivery     `json:"delivery,omitempty"`
	Switches     *Switches     `json:"switches,omitempty"`
	Gone         *goneCustomer `json:"gone,omitempty"`
	DroppedOrder int64         `json:"dropped_order,omitempty"`

	Discount   *Discount   `json:"discount,omitempty"`
	Deleted    int64       `json:"deleted,omitempty"` // a discount
	Customer   *Customer   `json:"customer,omitempty"`
	Order      *Order      `json:"order,omitempty"`
	Metafield  *Metafield  `json:"metafield,omitempty"`
	Unwritten  *unwritten  `json:"unwritten,omitempty"` // a metafield that was deleted
	Definition *Definition `json:"definition,omitempty"`
	Undefined  int64       `json:"undefined,omitempty"` // a definition
	// Automatic is an automatic discount, DroppedAutomatic one that was removed.
	Automatic        *Automatic `json:"automatic,omitempty"`
	DroppedAutomatic int64      `json:"dropped_automatic,omitempty"`
	// Subscription is a webhook subscription.
	Subscription *Subscription `json:"subscription,omitempty"`
	// Unsubscribed is the id of a subscription that was removed.
	Unsubscribed int64     `json:"unsubscribed,omitempty"`
	Counters     *counters `json:"counters,omitempty"`
}

// counters keep ids unique over deletions: a deleted discount's id never comes back.
type counters struct {
	LastID    int64 `json:"last_id"`
	LastOrder int64 `json:"last_order"`
}

func (s *state) apply(r record) {
	switch {
	case r.Discount != nil:
		s.putDiscount(r.Discount)
	case r.Deleted != 0:
		s.dropDiscount(r.Deleted)
	case r.Customer != nil:
		s.customers[r.Customer.ID] = r.Customer
	case r.Order != nil:
		s.putOrder(r.Order)
	case r.Metafield != nil:
		s.putMetafield(r.Metafield)
	case r.Definition != nil:
		s.sawID(r.Definition.ID)
		s.definitions[definitionKey{r.Definition.OwnerType, r.Definition.Namespace, r.Definition.Key}] = r.Definition
	case r.Subscription != nil:
		s.sawID(r.Subscription.ID)
		s.subscriptions[r.Subscription.ID] = r.Subscription
	case r.Unsubscribed != 0:
		delete(s.subscriptions, r.Unsubscribed)
	case r.Counters != nil:
		s.sawID(r.Counters.LastID)
		s.lastOrder = max(s.lastOrder, r.Counters.LastOrder)
	default:
		s.applyEvent(r)
	}
}

// applyEvent applies what webhooks tell of and what becomes of them.
func (s *state) applyEvent(r record) {
	switch {
	case r.DroppedOrder != 0:
		s.dropOrder(r.DroppedOrder)
	case r.Gone != nil:
		s.dropCustomer(*r.Gone)
	case r.Delivery != nil:
		s.outbox.put(*r.Delivery)
	case r.Switches != nil:
		s.outbox.switches = *r.Switches
	case r.Undefined != 0:
		maps.DeleteFunc(s.definitions, func(_ definitionKey, d *Definition) bool { return d.ID == r.Undefined })
	case r.Automatic != nil:
		s.sawID(r.Automatic.ID)
		s.automatics[r.Automatic.ID] = r.Automatic
	case r.DroppedAutomatic != 0:
		delete(s.automatics, r.DroppedAutomatic)
		delete(s.metafields, gid(automaticKind, r.DroppedAutomatic))
	case r.Unwritten != nil:
		delete(s.metafields[r.Unwritten.OwnerID], metafieldName{r.Unwritten.Namespace, r.Unwritten.Key})
	}
}

func (s *state) putMetafield(m *Metafield) {
	s.sawID(m.ID)
	owned := s.metafields[m.OwnerID]
	if owned == nil {
		owned = map[metafieldName]*Metafield{}
		s.metafields[m.OwnerID] = owned
	}
	owned[metafieldName{m.Namespace, m.Key}] = m
}

func (s *state) putDiscount(d *Discount) {
	old, known := s.discounts[d.ID]
	if known {
		delete(s.byCode, foldCode(old.Code))
	} else {
		s.discountIDs = append(s.discountIDs, d.ID)
	}
	s.sawID(d.ID)
	s.sawID(d.CodeID)
	s.discounts[d.ID] = d
	s.byCode[foldCode(d.Code)] = d.ID
}

func (s *state) dropDiscount(id int64) {
	d, ok := s.discounts[id]
	if !ok {
		return
	}
	delete(s.byCode, foldCode(d.Code))
	delete(s.discounts, id)
	delete(s.metafields, d.GID())
	if i := sort.Search(len(s.discountIDs),
		func(i int) bool { return s.discountIDs[i] >= id }); i < len(s.discountIDs) {
		s.discountIDs = append(s.discountIDs[:i], s.discountIDs[i+1:]...)
	}
}

func (s *state) putOrder(o *Order) {
	if _, known := s.orders[o.ID]; !known {
		s.orderIDs = append(s.orderIDs, o.ID)
		if o.CustomerID != "" {
			s.ordersOf[o.CustomerID] = append(s.ordersOf[o.CustomerID], o.ID)
		}
	}
	if old := s.orders[o.ID]; old != nil && old.CustomerID != o.CustomerID {
		s.ordersOf[old.CustomerID] = slices.DeleteFunc(slices.Clone(s.ordersOf[old.CustomerID]),
			func(id int64) bool { return id == o.ID })
		if o.CustomerID != "" {
			moved := append(slices.Clone(s.ordersOf[o.CustomerID]), o.ID)
			slices.Sort(moved)
			s.ordersOf[o.CustomerID] = moved
		}
	}
	s.sawID(o.ID)
	for _, r := range o.Refunds {
		s.sawID(r.ID)
	}
	for _, part := range o.Fulfilment {
		for _, h := range part.Holds {
			s.sawID(h.ID)
		}
	}
	s.lastOrder = max(s.lastOrder, o.Number)
	s.orders[o.ID] = o
}

// sawID keeps the counter of ids above everything that was ever stored.
func (s *state) sawID(id int64) { s.lastID = max(s.lastID, id) }

func (s *state) nextID() int64 {
	s.lastID++
	return s.lastID
}

// ownerExists reports whether a metafield can hang on the id, and as which owner type.
func (s *state) ownerExists(id string) (ownerType string, ok bool) {
	if n, is := parseGID("Customer", id); is {
		_, ok = s.customers[n]
		return ownerCustomer, ok
	}
	if n, is := parseGID("DiscountCodeNode", id); is {
		_, ok = s.discounts[n]
		return ownerDiscount, ok
	}
	if n, is := parseGID(automaticKind, id); is {
		_, ok = s.automatics[n]
		return ownerDiscount, ok
	}
	return "", false
}

const (
	ownerCustomer = "CUSTOMER"
	ownerDiscount = "DISCOUNT"
)

// foldCode is how the vendor compares codes: without regard to case.
func foldCode(code string) string { return strings.ToUpper(code) }
