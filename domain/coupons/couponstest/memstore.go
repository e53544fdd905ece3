package couponstest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/reviews"
)

// MemStore is a store in memory: what survives a crash in these tests. It keeps the promises of the ports, in the
// plainest way.
type MemStore struct {
	mine          map[int64]string // the members who are people of the staff, by their numbers
	mu            sync.Mutex
	Customers     map[string]domain.Customer
	Coupons       []domain.Coupon
	Movements     []domain.Movement
	requests      []coupons.Request
	Audit         []domain.AuditEntry
	Jobs          []domain.Job
	Reviews       []reviews.Review
	parts         map[int64]string // what of an order a review is about
	refunds       []coupons.RefundRow
	Cursors       map[string]time.Time
	reminders     map[[2]int64]bool
	wanted        map[string]int64
	written       map[string]int64
	digests       map[string]string
	claimed       map[string]time.Time
	RefusalCounts map[string]members.RefusalCount
	Settings      map[string]string
	deciders      map[int64]string
	now           func() time.Time
	campaign      func(key string) (campaigns.Campaign, error)
}

func NewMemStore() *MemStore {
	return &MemStore{Customers: map[string]domain.Customer{}, reminders: map[[2]int64]bool{},
		wanted: map[string]int64{}, written: map[string]int64{}, digests: map[string]string{},
		claimed: map[string]time.Time{}, RefusalCounts: map[string]members.RefusalCount{},
		Settings: map[string]string{}, parts: map[int64]string{}, deciders: map[int64]string{}, now: time.Now}
}

func (m *MemStore) Open(_ context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	customer, ok := m.Customers[o.CustomerID]
	if o.Shopper != nil {
		if customer, ok = m.holder(o.Shopper.ShopifyCustomerGID); !ok {
			customer, ok = *o.Shopper, true
		}
	}
	if !ok {
		return coupons.State{}, domain.Refuse(domain.CodeCustomerNotFound)
	}
	in := coupons.Intake{Customer: customer, SpentToday: m.spent(customer.ID, o.DayStart), Busy: m.busy(customer.ID)}
	for _, c := range m.Coupons {
		status := c.StatusAt(o.Now)
		if c.CustomerID == customer.ID && (c.Campaign == o.Campaign || c.OfPoints() && o.Campaign == domain.CampaignPoints) &&
			(status == domain.Active || status == domain.Pending) {
			in.ActiveCoupons++
		}
	}
	if o.Campaign != domain.CampaignPoints {
		var err error
		if in.Campaign, err = m.campaign(o.Campaign); err != nil {
			return coupons.State{}, err
		}
	}
	in.Replay = m.request(o.Request)
	in.ProofUsed = m.provedBy(o.Proof)
	change, err := decide(in)
	if err != nil || change.Coupon.Code == "" {
		return coupons.State{}, err
	}
	mustBeOpen(in, change.Coupon)
	st, err := m.write(change)
	if err == nil && o.Shopper != nil {
		m.Customers[customer.ID] = customer
	}
	return st, err
}

// mustBeOpen holds every code of every test to this: it is committed under its campaign as that stands then.
func mustBeOpen(in coupons.Intake, c domain.Coupon) {
	if !c.OfPoints() && (in.Campaign.Status != campaigns.Live || in.Campaign.Policy.Version != c.Rules) {
		panic(fmt.Sprintf("%s is given by version %d of a campaign that is %s, by version %d", c.Code, c.Rules,
			in.Campaign.Status, in.Campaign.Policy.Version))
	}
}

func (m *MemStore) busy(customerID string) bool {
	return slices.ContainsFunc(m.Movements, func(v domain.Movement) bool {
		return v.CustomerID == customerID && v.State == domain.MovementOpen
	})
}

func (m *MemStore) spent(customerID string, since time.Time) (sum int64) {
	for _, c := range m.Coupons {
		if c.CustomerID == customerID && c.OfPoints() && c.ReissuedFrom == "" && !c.CreatedAt.Before(since) &&
			c.Status != domain.Failed && c.Status != domain.Cancelled {
			sum += c.Points
		}
	}
	return sum
}

func (m *MemStore) Commit(_ context.Context, c coupons.Change) (coupons.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.write(c)
}

// write is a change with those of other coupons that go with it: all of it or nothing.
func (m *MemStore) write(c coupons.Change) (coupons.State, error) {
	for _, also := range c.Also {
		if also.Coupon.ID == 0 && slices.ContainsFunc(m.Coupons,
			func(o domain.Coupon) bool { return o.Code == also.Coupon.Code }) ||
			also.Coupon.ID != 0 && m.Coupons[also.Coupon.ID-1].Version != also.Coupon.Version {
			return coupons.State{}, domain.ErrConflict
		}
	}
	st, err := m.writeOne(c)
	for _, also := range c.Also {
		if err == nil {
			_, err = m.writeOne(also)
		}
	}
	return st, err
}

func (m *MemStore) writeOne(c coupons.Change) (coupons.State, error) {
	coupon := c.Coupon
	if coupon.ID == 0 {
		if slices.ContainsFunc(m.Coupons, func(o domain.Coupon) bool { return o.Code == coupon.Code }) {
			return coupons.State{}, domain.ErrConflict
		}
		coupon.ID = int64(len(m.Coupons) + 1)
		mustTellOnce(c, "")
		m.Coupons = append(m.Coupons, coupon)
	} else {
		stored := &m.Coupons[coupon.ID-1]
		if stored.Version != coupon.Version {
			return coupons.State{}, domain.ErrConflict
		}
		if stored.Status != coupon.Status && !stored.Status.CanBecome(coupon.Status) {
			panic("illegal move from " + string(stored.Status) + " to " + string(coupon.Status))
		}
		mustTellOnce(c, stored.Status)
		for _, step := range c.Reminders {
			if m.reminders[[2]int64{coupon.ID, int64(step)}] {
				return coupons.State{}, domain.ErrConflict
			}
			m.reminders[[2]int64{coupon.ID, int64(step)}] = true
		}
		coupon.Version++
		for _, v := range c.Movements {
			if v.ID == 0 && m.busy(coupon.CustomerID) {
				return coupons.State{}, domain.ErrConflict
			}
		}
		*stored = coupon
	}
	m.writeMovements(coupon.ID, c.Movements)
	requestID := m.writeRequest(coupon.ID, c)
	for _, a := range c.Audit {
		a.CouponID = coupon.ID
		m.Audit = append(m.Audit, a)
	}
	m.Jobs = append(m.Jobs, c.Jobs...)
	if c.Project {
		m.wanted[coupon.CustomerID]++
	}
	m.writeReview(coupon, c)
	st := m.state(coupon.ID)
	st.RequestID = requestID
	return st, nil
}

// mustTellOnce holds every change of every test to this: the audit has one entry for a move, and none for what is no
// move. The figures are added up from these lines.
func mustTellOnce(c coupons.Change, before domain.Status) {
	var told []domain.AuditEntry
	for _, a := range c.Audit {
		if a.From != a.To {
			told = append(told, a)
		}
	}
	moved := before != c.Coupon.Status
	if (moved && len(told) == 1 && told[0].From == before && told[0].To == c.Coupon.Status) ||
		(!moved && len(told) == 0) {
		return
	}
	panic(fmt.Sprintf("%s became %s, and the record says %+v", before, c.Coupon.Status, told))
}

func (m *MemStore) writeMovements(couponID int64, list []domain.Movement) {
	for _, v := range list {
		if v.CouponID = couponID; v.ID != 0 {
			m.Movements[v.ID-1] = v
			continue
		}
		v.ID = int64(len(m.Movements) + 1)
		m.Movements = append(m.Movements, v)
	}
}

func (m *MemStore) writeRequest(couponID int64, c coupons.Change) int64 {
	if c.Request != nil && c.Request.ID == 0 {
		r := *c.Request
		r.ID, r.CouponID = int64(len(m.requests)+1), couponID
		m.requests = append(m.requests, r)
		return r.ID
	}
	if c.Request != nil {
		m.requests[c.Request.ID-1].CouponID, m.requests[c.Request.ID-1].Answer = couponID, ""
		return c.Request.ID
	}
	for i := range m.requests {
		if m.requests[i].CouponID == couponID &&
			(m.requests[i].Key.Operation == "conversion" || m.requests[i].Key.Operation == "issue") {
			if m.requests[i].Answer == "" {
				m.requests[i].Answer = c.Answer
			}
			return m.requests[i].ID
		}
	}
	return 0
}

func (m *MemStore) state(id int64) coupons.State {
	st := coupons.State{Coupon: m.Coupons[id-1]}
	for _, v := range m.Movements {
		if v.CouponID == id {
			st.Movements = append(st.Movements, v)
		}
	}
	return st
}

// MovementsOf implements coupons.Catalogue.
func (m *MemStore) MovementsOf(_ context.Context, customerID string) (list []domain.Movement, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, v := range m.Movements {
		if v.CustomerID == customerID {
			list = append(list, v)
		}
	}
	return list, nil
}

// LostUntil implements coupons.Catalogue: nothing here was ever lost.
func (*MemStore) LostUntil(context.Context, int64) (time.Time, error) { return time.Time{}, nil }

func (m *MemStore) Load(_ context.Context, id int64) (coupons.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state(id), nil
}

func (m *MemStore) Claim(_ context.Context, id int64, now, until time.Time) (coupons.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &m.Coupons[id-1]
	if !c.OnTheWay() || c.ParkedAt != nil || now.Before(c.LeaseUntil) {
		return coupons.State{}, domain.ErrConflict
	}
	before := c.LeaseUntil
	c.LeaseUntil = until
	c.Version++
	st := m.state(id)
	st.ActedBy = before
	return st, nil
}

func (m *MemStore) Answer(_ context.Context, requestID int64, a coupons.Answer) (coupons.Answer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &m.requests[requestID-1]
	if r.Answer == "" {
		r.Answer = a
	}
	return r.Answer, nil
}

func (m *MemStore) FindRequest(_ context.Context, key coupons.RequestKey) (coupons.Request, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.requests {
		if r.Key.CallerID == key.CallerID && r.Key.Key == key.Key && r.Key.Operation == key.Operation {
			return r, nil
		}
	}
	return coupons.Request{}, domain.Refuse(domain.CodeNotFound)
}

func (m *MemStore) ByCode(_ context.Context, code string) (coupons.State, error) {
	ids := m.Pick(func(c domain.Coupon) bool { return strings.EqualFold(c.Code, code) })
	if len(ids) == 0 {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	return m.Load(context.Background(), ids[0])
}

func (m *MemStore) History(_ context.Context, id int64) (list []domain.AuditEntry, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.Audit {
		if e.CouponID == id {
			list = append(list, e)
		}
	}
	return list, nil
}
