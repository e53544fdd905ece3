package webhooks_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/webhooks"
)

const (
	gidA = "gid://shopify/Customer/7001"
	gidB = "gid://shopify/Customer/7002"
	gidD = "gid://shopify/DiscountCodeNode/1"
	gidO = "gid://shopify/Order/1"
	shop = "demo.myshopify.com"
)

var errAway = &domain.UpstreamError{Kind: domain.KindUnavailable, Upstream: "shopify", Act: "test"}

// world is a service with everything around it in memory.
type world struct {
	*webhooks.Service
	clock *couponstest.Clock

	mu           sync.Mutex
	deliveries   map[string]webhooks.Delivery
	jobs         []domain.Job
	audit        []domain.AuditEntry
	alerts       []string
	acts         []string
	changed      []string
	installation webhooks.Installation

	read      webhooks.Delivery
	readErr   error
	keepErr   error
	ping      error
	customers map[string]bool
	customErr error
	coupon    domain.Coupon
	look      coupons.Look
	lookErr   error
	looks     []int64
	member    string
	holder    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: couponstest.NewClock(), deliveries: map[string]webhooks.Delivery{}, customers: map[string]bool{},
		installation: webhooks.Installation{State: webhooks.Installed}}
	w.Service = &webhooks.Service{Reader: w, Store: w, Shop: w, Discounts: w, Privacy: w, Observer: w, Visitors: w,
		Clock: w.clock, Logger: slog.New(slog.DiscardHandler), Keep: 30 * 24 * time.Hour, PerMinute: 600}
	return w
}

func (w *world) CustomerChanged(gid string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.changed = append(w.changed, gid)
}

func (w *world) did(act string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acts = append(w.acts, act)
	return nil
}

func (w *world) CheckHeaders(webhooks.Incoming) error { return w.readErr }

func (w *world) ReadWebhook(webhooks.Incoming) (webhooks.Delivery, error) { return w.read, w.readErr }

func (w *world) KeepDelivery(_ context.Context, d webhooks.Delivery, jobs []domain.Job) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keepErr != nil {
		return false, w.keepErr
	}
	if old, known := w.deliveries[d.WebhookID]; known {
		if old.Topic != d.Topic || old.Digest != d.Digest {
			return false, webhooks.ErrOtherDelivery
		}
		return false, nil
	}
	w.deliveries[d.WebhookID] = d
	w.jobs = append(w.jobs, jobs...)
	return true, nil
}

// KeepCustomerUpdate knows one member, who is linked to gidA.
func (w *world) KeepCustomerUpdate(ctx context.Context, d webhooks.Delivery) (webhooks.Outcome, bool, error) {
	if d.Customer != gidA {
		return webhooks.Ignored, true, nil
	}
	d.Outcome = webhooks.Queued
	fresh, err := w.KeepDelivery(ctx, d, nil)
	return d.Outcome, fresh, err
}

func (w *world) Delivery(_ context.Context, id string) (webhooks.Delivery, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	d, known := w.deliveries[id]
	if !known {
		return d, domain.Refuse(domain.CodeNotFound)
	}
	return d, nil
}

func (w *world) DeliveryDone(_ context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.deliveries[id]
	d.Outcome = webhooks.Done
	w.deliveries[id] = d
	return nil
}

func (w *world) ForgetDeliveries(_ context.Context, before time.Time) (n int64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, d := range w.deliveries {
		if d.ReceivedAt.Before(before) {
			delete(w.deliveries, id)
			n++
		}
	}
	return n, nil
}

func (w *world) CouponOfDiscount(_ context.Context, gid string) (domain.Coupon, error) {
	if gid != w.coupon.DiscountID {
		return domain.Coupon{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	return w.coupon, nil
}

func (w *world) Unlink(_ context.Context, gid string, _ time.Time, record func(string) domain.AuditEntry) error {
	if w.member == "" {
		return nil
	}
	_ = w.did("unlink " + gid)
	return w.Record(context.Background(), record(w.member))
}

func (w *world) MergeLinks(_ context.Context, gone, stays string, _ time.Time,
	record func(string, string) domain.AuditEntry) error {
	_ = w.did("merge " + gone + " " + stays)
	return w.Record(context.Background(), record(w.member, w.holder))
}

func (w *world) Installation(context.Context) (webhooks.Installation, error) {
	return w.installation, nil
}

func (w *world) SetInstallation(_ context.Context, next webhooks.Installation, e domain.AuditEntry) error {
	if next.Version != w.installation.Version {
		return domain.ErrConflict
	}
	next.Version++
	if w.installation = next; e.Action == "" {
		return nil
	}
	return w.Record(context.Background(), e)
}

func (w *world) Record(_ context.Context, e domain.AuditEntry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.audit = append(w.audit, e)
	return nil
}

func (w *world) Ping(context.Context) error { return w.ping }

func (w *world) CustomerExists(_ context.Context, gid string) (bool, error) {
	return w.customers[gid], w.customErr
}

func (w *world) LookAtDiscount(_ context.Context, couponID int64) (coupons.Look, error) {
	w.looks = append(w.looks, couponID)
	return w.look, w.lookErr
}

// The world is asked for orders under its own name, so that a call through the service is seen.
func (w *world) RefreshOrder(_ context.Context, gid string, _ domain.OrderHint) error {
	return w.did("order " + gid)
}

func (w *world) AskForData(_ context.Context, id, gid string) error {
	return w.did("data " + id + " " + gid)
}

func (w *world) Redact(_ context.Context, id, gid, person string) error {
	return w.did(strings.TrimSpace("redact " + id + " " + gid + " " + person))
}

func (w *world) MarkOf(email, phone string) (string, error) {
	if email == "" && phone == "" {
		return "", nil
	}
	return "mark", nil
}

func (w *world) RedactShop(_ context.Context, id string) error { return w.did("redact shop " + id) }

func (w *world) Alert(kind string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alerts = append(w.alerts, kind)
}

// receive takes a delivery in and works on the job that follows from it.
func (w *world) receive(t *testing.T, d webhooks.Delivery) error {
	t.Helper()
	d.Shop = shop
	if d.WebhookID == "" {
		d.WebhookID = "w-1"
	}
	w.read = d
	if _, err := w.Receive(t.Context(), webhooks.Incoming{}); err != nil {
		t.Fatal(err)
	}
	return w.WorkDelivery(t.Context(), d.WebhookID)
}

var errStore = errors.New("the database is away")
