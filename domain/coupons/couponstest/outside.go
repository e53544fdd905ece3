package couponstest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/metafields"
	"pointbridge/domain/notices"
	"pointbridge/domain/orders"
)

// Outside is POS, Shopify and mailbox in memory: what a crash of ours does not touch.
type Outside struct {
	Mu       sync.Mutex
	t        *testing.T
	clock    domain.Clock
	Balances map[string]int64
	Entries  []PosEntry
	Keys     bool // the POS recognises a repeated key
	Codes    map[string]*coupons.FoundDiscount
	Fields   map[string]string
	Mails    []notices.Mail
	// Tags are the tags of the shop's orders and customers, as they were asked for.
	Tags   []string
	Orders []orders.Order
	// TillBehind is how far the POS's clock is behind ours.
	TillBehind time.Duration
	// Held lets checkouts that applied a code before its end still use it.
	Held bool
	// Behind is how far the shop's clock is behind ours.
	Behind time.Duration
	// Lag hides uses from the count and from the orders.
	Lag bool
	// Gone are customers whom the shop has no more.
	Gone map[string]bool
	// Told holds the codes whose use was told to us.
	Told map[string]bool
	// unpaid reports whether our books have a code as the successor of a used one, or as one that costs nothing.
	unpaid func(code string) bool
	// Shoppers are customers of the shop who are no members, by their gids.
	Shoppers map[string]domain.Customer
	// Wiped says that somebody deleted codes by hand.
	Wiped  bool
	Refuse map[string]error // by act
	// PaidFor reports whether the points for one more code were taken, where another POS than this one keeps them; it is
	// asked under Mu.
	PaidFor func() bool
	// OnAct runs before the named act takes effect.
	OnAct func(act string)
}

func newOutside(t *testing.T) *Outside {
	return &Outside{t: t, Balances: map[string]int64{"8812370934": 1250}, Keys: true,
		Codes: map[string]*coupons.FoundDiscount{}, Fields: map[string]string{}, Told: map[string]bool{},
		Gone: map[string]bool{}, Refuse: map[string]error{}}
}

func (o *Outside) enter(act string) error {
	if o.OnAct != nil {
		o.OnAct(act)
	}
	o.Mu.Lock()
	return o.Refuse[act]
}

// Shopper implements coupons.Shoppers.
func (o *Outside) Shopper(_ context.Context, gid string) (domain.Customer, error) {
	err := o.enter("shopper")
	defer o.Mu.Unlock()
	if err != nil {
		return domain.Customer{}, err
	}
	if c, ok := o.Shoppers[gid]; ok {
		return c, nil
	}
	return domain.Customer{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "customer"}
}

// ShopperByEmail implements coupons.Shoppers.
func (o *Outside) ShopperByEmail(_ context.Context, email string) (domain.Customer, error) {
	err := o.enter("shopper")
	defer o.Mu.Unlock()
	for _, c := range o.Shoppers {
		if c.Email == email && err == nil {
			return c, nil
		}
	}
	return domain.Customer{}, cmp.Or(err, error(&domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify",
		Act: "customer"}))
}

func (o *Outside) Count(_ context.Context, q orders.UsageQuery) (orders.Usage, error) {
	err := o.enter("count")
	defer o.Mu.Unlock()
	if err != nil {
		return orders.Usage{}, err
	}
	return o.counted(q), nil
}

func (o *Outside) counted(q orders.UsageQuery) orders.Usage {
	found := orders.Usage{CustomerGone: o.Gone[q.CustomerGID]}
	d := o.byID(q.DiscountID)
	if d != nil {
		found.Codes, found.Alive = d.Codes, d.Alive()
	} else {
		d = o.called(q.Code)
	}
	found.CodeGone = d == nil
	if d != nil && !o.Lag {
		found.Count = d.Usage
	}
	return found
}

func (o *Outside) Usage(_ context.Context, q orders.UsageQuery) (orders.Usage, error) {
	err := o.enter("usage")
	defer o.Mu.Unlock()
	if err != nil {
		return orders.Usage{}, err
	}
	found := o.counted(q)
	for _, order := range o.Orders {
		if !o.Lag && !o.Gone[q.CustomerGID] && order.CustomerGID == q.CustomerGID {
			found.Add(q, order)
		}
	}
	if found.Live() {
		o.Told[q.Code] = true
	}
	return found, nil
}

func (o *Outside) Order(_ context.Context, gid string) (orders.Order, error) {
	err := o.enter("order")
	defer o.Mu.Unlock()
	if err != nil {
		return orders.Order{}, err
	}
	for _, order := range o.Orders {
		if order.ID == gid {
			return order, nil
		}
	}
	return orders.Order{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "read_order"}
}

func (o *Outside) OrdersSince(context.Context, time.Time, string) (orders.Page, error) {
	err := o.enter("orders")
	defer o.Mu.Unlock()
	if o.Lag {
		return orders.Page{}, err
	}
	return orders.Page{Orders: slices.Clone(o.Orders)}, err
}

// PlaceOrder places an order with the code, if the shop still takes it, and reports whether it did.
func (o *Outside) PlaceOrder(code string) bool {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	d := o.called(code)
	if d == nil || d.Status != "ACTIVE" && !o.Held || d.Usage > 0 {
		return false
	}
	d.Usage++
	o.Orders = append(o.Orders, orders.Order{ID: fmt.Sprintf("gid://shopify/Order/%d", len(o.Orders)+1),
		Name: fmt.Sprintf("#%d", 1001+len(o.Orders)), CustomerGID: d.CustomerGID, Codes: []string{code},
		Applied: []string{code}, Payment: domain.PaymentPaid, CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now()})
	return true
}

func (o *Outside) WriteCoupons(_ context.Context, entries []metafields.Entry) (digests []string, refused map[int]string,
	err error) {
	err = o.enter("metafield")
	defer o.Mu.Unlock()
	if err != nil {
		return nil, nil, err
	}
	refused = map[int]string{}
	for i, e := range entries {
		digests = append(digests, digestOf(string(e.Value)))
		if digestOf(o.Fields[e.CustomerGID]) != e.Digest {
			refused[i] = domain.ReasonStale
		}
	}
	if len(refused) > 0 {
		return nil, refused, nil
	}
	for _, e := range entries {
		o.Fields[e.CustomerGID] = string(e.Value)
	}
	return digests, nil, nil
}

func (o *Outside) ReadCoupons(_ context.Context, gid string) ([]byte, string, error) {
	err := o.enter("readmetafield")
	defer o.Mu.Unlock()
	return []byte(o.Fields[gid]), digestOf(o.Fields[gid]), err
}

func digestOf(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("%d:%x", len(value), value[len(value)/2])
}

func (o *Outside) Send(_ context.Context, m notices.Mail) (notices.Receipt, error) {
	err := o.enter("mail")
	defer o.Mu.Unlock()
	if err == nil {
		o.Mails = append(o.Mails, m)
	}
	return notices.Receipt{}, err
}

func (o *Outside) AddTag(_ context.Context, gid, tag string) error {
	err := o.enter("tag")
	defer o.Mu.Unlock()
	o.Tags = append(o.Tags, gid+" "+tag)
	return err
}

// ByHand puts an order into the shop in which somebody wrote a code as a discount of their own.
func (o *Outside) ByHand(code, customer string) orders.Order {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	o.Orders = append(o.Orders, orders.Order{ID: fmt.Sprintf("gid://shopify/Order/%d", len(o.Orders)+1),
		Name: fmt.Sprintf("#%d", 1001+len(o.Orders)), CustomerGID: customer, Codes: []string{code},
		Named: []string{code}, Payment: domain.PaymentPaid, CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now()})
	return o.Orders[len(o.Orders)-1]
}

// Change edits the n-th order of the shop.
func (o *Outside) Change(n int, edit func(*orders.Order)) orders.Order {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	edit(&o.Orders[n])
	o.Orders[n].UpdatedAt = o.clock.Now()
	return o.Orders[n]
}

func (o *Outside) CancelOrder(n int, reason string) orders.Order {
	return o.Change(n, func(v *orders.Order) {
		v.CancelledAt, v.CancelReason, v.Payment = o.clock.Now(), reason, domain.PaymentRefunded
	})
}
