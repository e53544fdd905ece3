package couponstest

import (
	"context"
	"errors"
	"sync"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/orders"
	"pointbridge/domain/reviews"
)

// ErrDied is all that a dead process gets to hear.
var ErrDied = errors.New("the process is dead")

// Ports are what a process reaches the world through; a process that dies has a Mortal in between.
type Ports struct {
	Store
	coupons.Ledger
	Shop
	// Past is what a POS offers whose entries bear no reference; nil for any other POS.
	Past coupons.History
}

// Store is all that a process keeps.
type Store interface {
	coupons.Store
	orders.Reviews
}

// Shop is all that a process asks of the shop.
type Shop interface {
	coupons.Shop
	orders.Shop
}

// Orders works on orders in the process of a saga, through the same ports.
func Orders(s *coupons.Service, holders orders.Holders, cursors orders.Cursors) *orders.Service {
	return &orders.Service{Saga: s, Coupons: holders, Reviews: s.Store.(Store), Shop: s.Shop.(Shop),
		Cursors: cursors, TestOrders: s.Policy.TestOrders, PartialRefunds: s.Policy.PartialRefunds,
		CouponsPerOrder: s.Policy.CouponsPerOrder, Tags: s.Policy.Tags, Clock: s.Clock, Observer: s.Observer, Logger: s.Logger}
}

// Mortal is a process's way to the world, on which it dies at one place. Places are counted in the order in which they
// are reached: one before and one after each commit and each act.
type Mortal struct {
	mu      sync.Mutex
	reached int
	dead    bool
	acts    int
	missed  int
	// DieAt is the place at which the process dies; 0 for never.
	DieAt int
	// LoseAt is the act that is applied while its answer is lost; the process lives on. 0 for none.
	LoseAt int
	Inner  Ports
}

// Kill ends the process wherever it is.
func (m *Mortal) Kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

// Walked is how many places and acts the process has reached.
func (m *Mortal) Walked() (places, acts int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.reached, m.acts
}

// Missed is the place that the process had reached when its answer was lost; 0 where none was.
func (m *Mortal) Missed() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.missed
}

// Ports is this process's way to the world.
func (m *Mortal) Ports() Ports {
	p := Ports{Store: m, Ledger: m, Shop: m}
	if m.Inner.Past != nil {
		p.Past = m
	}
	return p
}

// at says whether the process is alive at this place.
func (m *Mortal) at() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reached++
	if m.reached == m.DieAt {
		m.dead = true
	}
	return !m.dead
}

func (m *Mortal) lost() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.acts++
	if m.acts != m.LoseAt {
		return false
	}
	m.missed = m.reached
	return true
}

func pass[T any](m *Mortal, outside bool, do func() (T, error)) (T, error) {
	var none T
	if !m.at() {
		return none, ErrDied
	}
	got, err := do()
	if !m.at() {
		return none, ErrDied
	}
	if outside && m.lost() {
		return none, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "test", Act: "lost"}
	}
	return got, err
}

// Open implements coupons.Store.
func (m *Mortal) Open(ctx context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.Inner.Store.Open(ctx, o, decide) })
}

// Load implements coupons.Store.
func (m *Mortal) Load(ctx context.Context, id int64) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.Inner.Store.Load(ctx, id) })
}

// Claim implements coupons.Store.
func (m *Mortal) Claim(ctx context.Context, id int64, now, until time.Time) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.Inner.Store.Claim(ctx, id, now, until) })
}

// Commit implements coupons.Store.
func (m *Mortal) Commit(ctx context.Context, c coupons.Change) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.Inner.Store.Commit(ctx, c) })
}

// Decide implements coupons.Store.
func (m *Mortal) Decide(ctx context.Context, q coupons.Question, decide func(coupons.Locked) (coupons.Change,
	error)) (coupons.State, error) {
	return pass(m, false, func() (coupons.State, error) { return m.Inner.Store.Decide(ctx, q, decide) })
}

// Record implements coupons.Recorder.
func (m *Mortal) Record(ctx context.Context, entry domain.AuditEntry) error {
	_, err := pass(m, false, func() (struct{}, error) { return struct{}{}, m.Inner.Record(ctx, entry) })
	return err
}

// ForgetRequests implements coupons.Requests.
func (m *Mortal) ForgetRequests(ctx context.Context, before time.Time) (int64, error) {
	return m.Inner.ForgetRequests(ctx, before)
}

// FindRefund implements coupons.Refunds.
func (m *Mortal) FindRefund(ctx context.Context, reference string) (coupons.RefundRow, error) {
	return m.Inner.FindRefund(ctx, reference)
}

// RefundOf implements coupons.Refunds.
func (m *Mortal) RefundOf(ctx context.Context, couponID int64) (coupons.RefundRow, error) {
	return m.Inner.RefundOf(ctx, couponID)
}

// Review implements coupons.VoidedOrders.
func (m *Mortal) Review(ctx context.Context, id int64) (reviews.Review, error) {
	return m.Inner.Review(ctx, id)
}

// OpenVoidedOrder implements coupons.VoidedOrders.
func (m *Mortal) OpenVoidedOrder(ctx context.Context, v reviews.VoidedOrder) (reviews.Review, error) {
	return pass(m, false, func() (reviews.Review, error) { return m.Inner.OpenVoidedOrder(ctx, v) })
}

// NotePayment implements coupons.VoidedOrders.
func (m *Mortal) NotePayment(ctx context.Context, couponID int64, orderID string, p domain.Payment,
	at time.Time) error {
	_, err := pass(m, false, func() (struct{}, error) { return struct{}{}, m.Inner.NotePayment(ctx, couponID, orderID, p, at) })
	return err
}

// VoidedOrderOf implements coupons.VoidedOrders.
func (m *Mortal) VoidedOrderOf(ctx context.Context, couponID int64, orderID string) (reviews.Review, error) {
	return m.Inner.VoidedOrderOf(ctx, couponID, orderID)
}

// Answer implements coupons.Requests.
func (m *Mortal) Answer(ctx context.Context, id int64, a coupons.Answer) (coupons.Answer, error) {
	return pass(m, false, func() (coupons.Answer, error) { return m.Inner.Store.Answer(ctx, id, a) })
}

// FindRequest implements coupons.Requests.
func (m *Mortal) FindRequest(ctx context.Context, k coupons.RequestKey) (coupons.Request, error) {
	return m.Inner.Store.FindRequest(ctx, k)
}

// Balance implements coupons.Ledger.
func (m *Mortal) Balance(ctx context.Context, id string) (coupons.Balance, error) {
	return m.Inner.Balance(ctx, id)
}

// Deduct implements coupons.Ledger.
func (m *Mortal) Deduct(ctx context.Context, v domain.Movement) (coupons.Entry, error) {
	return pass(m, true, func() (coupons.Entry, error) { return m.Inner.Deduct(ctx, v) })
}

// Add implements coupons.Ledger.
func (m *Mortal) Add(ctx context.Context, v domain.Movement) (coupons.Entry, error) {
	return pass(m, true, func() (coupons.Entry, error) { return m.Inner.Add(ctx, v) })
}

// Find implements coupons.Ledger.
func (m *Mortal) Find(ctx context.Context, v domain.Movement) (coupons.Entry, error) {
	return pass(m, true, func() (coupons.Entry, error) { return m.Inner.Find(ctx, v) })
}

// Entries implements coupons.History.
func (m *Mortal) Entries(ctx context.Context, id string, from, to time.Time) ([]coupons.Entry, error) {
	return pass(m, true, func() ([]coupons.Entry, error) { return m.Inner.Past.Entries(ctx, id, from, to) })
}

// CreateDiscount implements coupons.Shop.
func (m *Mortal) CreateDiscount(ctx context.Context, d coupons.Discount) (string, error) {
	return pass(m, true, func() (string, error) { return m.Inner.CreateDiscount(ctx, d) })
}

// FindDiscount implements coupons.Shop.
func (m *Mortal) FindDiscount(ctx context.Context, code string) (coupons.FoundDiscount, error) {
	return pass(m, true, func() (coupons.FoundDiscount, error) { return m.Inner.FindDiscount(ctx, code) })
}

// DiscountOf implements coupons.Shop.
func (m *Mortal) DiscountOf(ctx context.Context, code string) (string, error) {
	return pass(m, true, func() (string, error) { return m.Inner.DiscountOf(ctx, code) })
}

// ReadDiscount implements coupons.Shop.
func (m *Mortal) ReadDiscount(ctx context.Context, id string) (coupons.FoundDiscount, error) {
	return pass(m, true, func() (coupons.FoundDiscount, error) { return m.Inner.ReadDiscount(ctx, id) })
}

// SetDiscountEnd implements coupons.Shop.
func (m *Mortal) SetDiscountEnd(ctx context.Context, id string, at time.Time) error {
	_, err := pass(m, true, func() (struct{}, error) { return struct{}{}, m.Inner.SetDiscountEnd(ctx, id, at) })
	return err
}

// DeleteDiscount implements coupons.Shop.
func (m *Mortal) DeleteDiscount(ctx context.Context, id string) error {
	_, err := pass(m, true, func() (struct{}, error) { return struct{}{}, m.Inner.DeleteDiscount(ctx, id) })
	return err
}

// DeactivateDiscount implements coupons.Shop.
func (m *Mortal) DeactivateDiscount(ctx context.Context, id string) error {
	_, err := pass(m, true, func() (struct{}, error) { return struct{}{}, m.Inner.DeactivateDiscount(ctx, id) })
	return err
}

// Count implements coupons.Shop.
func (m *Mortal) Count(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	return pass(m, true, func() (orders.Usage, error) { return m.Inner.Count(ctx, q) })
}

// Usage implements coupons.Shop.
func (m *Mortal) Usage(ctx context.Context, q orders.UsageQuery) (orders.Usage, error) {
	return pass(m, true, func() (orders.Usage, error) { return m.Inner.Usage(ctx, q) })
}

// Order implements coupons.Shop.
func (m *Mortal) Order(ctx context.Context, gid string) (orders.Order, error) {
	return m.Inner.Order(ctx, gid)
}

// OrdersSince implements coupons.Shop.
func (m *Mortal) OrdersSince(ctx context.Context, since time.Time, after string) (orders.Page, error) {
	return m.Inner.OrdersSince(ctx, since, after)
}
