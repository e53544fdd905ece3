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

type PosEntry struct {
	Customer, Reference, Related, Key, Reason string
	Points, Balance                           int64
	At                                        time.Time
	// Foreign says that it shows as something that nobody but the till does, such as points that expired.
	Foreign bool
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

func (o *Outside) Balance(_ context.Context, id string) (coupons.Balance, error) {
	err := o.enter("balance")
	defer o.Mu.Unlock()
	return coupons.Balance{Points: o.Balances[id]}, err
}

func (o *Outside) Deduct(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("deduct")
	defer o.Mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	return o.book(m, -m.Points)
}

// covers: 004-25
func (o *Outside) Add(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("add")
	defer o.Mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	for code, d := range o.Codes { // an order that is known keeps its points
		if m.Reference == domain.GiveBackReference(code) && o.Told[code] && !o.booked(m.Reference) {
			o.t.Errorf("points of %s return although its order had come to light", code)
		}
		if m.Reference == domain.GiveBackReference(code) && d.Status == "ACTIVE" {
			o.t.Errorf("points of %s return while its code is usable", code)
		}
	}
	return o.book(m, m.Points)
}

func (o *Outside) book(m domain.Movement, points int64) (coupons.Entry, error) {
	if o.Keys {
		for i, e := range o.Entries {
			if e.Key == m.Key {
				return o.entry(i), nil
			}
		}
	}
	if balance := o.Balances[m.CustomerID]; balance+points < 0 {
		return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "pos", Act: "deduct",
			Reason: domain.ReasonInsufficientPoints, Balance: &balance}
	}
	o.Balances[m.CustomerID] += points
	o.Entries = append(o.Entries, PosEntry{Customer: m.CustomerID, Reference: m.Reference,
		Related: m.RelatedReference, Key: m.Key, Reason: m.Reason, Points: points, Balance: o.Balances[m.CustomerID],
		At: o.posTime()})
	return o.entry(len(o.Entries) - 1), nil
}

func (o *Outside) entry(i int) coupons.Entry {
	e := o.Entries[i]
	previous := e.Balance - e.Points
	return coupons.Entry{ID: fmt.Sprintf("e%d", i), Points: e.Points, PreviousBalance: &previous, Balance: &e.Balance,
		At: e.At, Foreign: e.Foreign}
}

func (o *Outside) Find(_ context.Context, m domain.Movement) (coupons.Entry, error) {
	err := o.enter("find")
	defer o.Mu.Unlock()
	if err != nil {
		return coupons.Entry{}, err
	}
	for i, e := range o.Entries {
		if e.Reference == m.Reference {
			return o.entry(i), nil
		}
	}
	return coupons.Entry{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "pos", Act: "find"}
}

// covers: T-10
func (o *Outside) CreateDiscount(_ context.Context, d coupons.Discount) (string, error) {
	err := o.enter("create")
	defer o.Mu.Unlock()
	if err != nil {
		return "", err
	}
	if o.called(d.Code) != nil {
		return "", &domain.UpstreamError{Kind: domain.KindRefused, Upstream: "shopify", Act: "create",
			Reason: domain.ReasonCodeTaken}
	}
	if !o.booked(domain.TakeReference(d.Code)) && !o.unpaid(d.Code) && (o.PaidFor == nil || !o.PaidFor()) {
		o.t.Errorf("%s becomes usable before its points are taken", d.Code)
	}
	id := fmt.Sprintf("gid://shopify/DiscountCodeNode/%d", len(o.Codes)+1)
	o.Codes[d.Code] = &coupons.FoundDiscount{ID: id, Codes: []string{d.Code}, CustomerGID: d.CustomerGID,
		CustomerCount: 1, Title: d.Title, Tags: d.Tags, Percent: d.Percent, EndsAt: d.EndsAt, UsageLimit: 1,
		Status: "ACTIVE", MinimumSubtotal: d.MinimumSubtotal, CombinesWith: d.CombinesWith}
	if d.Percent == 0 {
		o.Codes[d.Code].Amount = d.Amount
	}
	return id, nil
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

func (o *Outside) booked(reference string) bool {
	for _, e := range o.Entries {
		if e.Reference == reference {
			return true
		}
	}
	return false
}

// called finds a discount by a text that it has now, byID by its id; nil for none.
func (o *Outside) called(code string) *coupons.FoundDiscount {
	for _, d := range o.Codes {
		if d.Called(code) {
			return d
		}
	}
	return nil
}

func (o *Outside) byID(id string) *coupons.FoundDiscount {
	for _, d := range o.Codes {
		if d.ID == id {
			return d
		}
	}
	return nil
}

func (o *Outside) FindDiscount(_ context.Context, code string) (coupons.FoundDiscount, error) {
	err := o.enter("finddiscount")
	defer o.Mu.Unlock()
	return o.found(o.called(code), err)
}

func (o *Outside) ReadDiscount(_ context.Context, id string) (coupons.FoundDiscount, error) {
	err := o.enter("finddiscount")
	defer o.Mu.Unlock()
	return o.found(o.byID(id), err)
}

func (o *Outside) DiscountOf(ctx context.Context, code string) (string, error) {
	d, err := o.FindDiscount(ctx, code)
	return d.ID, err
}

// found is a discount as the shop shows it: one whose end has passed on its own clock has expired.
func (o *Outside) found(d *coupons.FoundDiscount, err error) (coupons.FoundDiscount, error) {
	if err != nil {
		return coupons.FoundDiscount{}, err
	}
	if d == nil {
		return coupons.FoundDiscount{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify",
			Act: "find"}
	}
	shown := *d
	if o.clock != nil && shown.Status == "ACTIVE" && !shown.EndsAt.IsZero() && !o.shopTime().Before(shown.EndsAt) {
		shown.Status = "EXPIRED"
	}
	return shown, nil
}

func (o *Outside) SetDiscountEnd(_ context.Context, id string, at time.Time) error {
	err := o.enter("set_end")
	defer o.Mu.Unlock()
	if err != nil {
		return err
	}
	d := o.byID(id)
	if d == nil {
		return &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "set_end"}
	}
	d.EndsAt, d.Status = at, "EXPIRED"
	if o.clock.Now().Before(at) {
		d.Status = "ACTIVE"
	}
	return nil
}

// shopTime is the shop's own clock, which tells the same time as ours unless a test says otherwise.
func (o *Outside) shopTime() time.Time { return o.clock.Now().Add(-o.Behind) }

func (o *Outside) DeleteDiscount(_ context.Context, id string) error {
	err := o.enter("delete")
	defer o.Mu.Unlock()
	for code, d := range o.Codes {
		if err == nil && d.ID == id {
			delete(o.Codes, code)
		}
	}
	return err
}

func (o *Outside) DeactivateDiscount(_ context.Context, id string) error {
	err := o.enter("deactivate")
	defer o.Mu.Unlock()
	if err != nil {
		return err
	}
	for _, d := range o.Codes {
		if d.ID == id {
			d.Status = "EXPIRED"
			return nil
		}
	}
	return &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "shopify", Act: "deactivate"}
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

func (o *Outside) Times(reference string) (n int) {
	for _, e := range o.Entries {
		if e.Reference == reference {
			n++
		}
	}
	return n
}

func (o *Outside) AddTag(_ context.Context, gid, tag string) error {
	err := o.enter("tag")
	defer o.Mu.Unlock()
	o.Tags = append(o.Tags, gid+" "+tag)
	return err
}

// Edit changes a code in the shop by hand.
func (o *Outside) Edit(code string, change func(*coupons.FoundDiscount)) {
	o.Mu.Lock()
	defer o.Mu.Unlock()
	change(o.Codes[code])
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
