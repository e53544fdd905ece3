package members_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/members"
)

const (
	yamada = "8812370934"
	linked = "gid://shopify/Customer/1"
)

// world is everything that the service asks, in memory. Yamada is linked already.
type world struct {
	t     *testing.T
	clock *couponstest.Clock

	mu            sync.Mutex
	customers     map[string]domain.Customer
	audit         []domain.AuditEntry
	refusalCounts map[string]members.RefusalCount
	// mine are members who are people of the staff, by their numbers.
	mine map[int64]string
	// unknown says that the POS knows nobody.
	unknown bool
	bounds  members.Refusals
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, clock: couponstest.NewClock(), refusalCounts: map[string]members.RefusalCount{},
		mine: map[int64]string{}, customers: map[string]domain.Customer{yamada: {ID: yamada, ShopifyCustomerGID: linked,
			Name: "Yamada Taro", Email: "taro@example.com"}}}
}

func (w *world) service() *members.Service {
	return &members.Service{Members: w, Locks: w, Refusals: w.bounds, Staff: w, Recorder: w, POS: w, Clock: w.clock,
		Observer: w, Lock: members.LockRule{After: 3, Window: 10 * time.Minute, For: 15 * time.Minute},
		Logger: slog.New(slog.DiscardHandler)}
}

func (w *world) Customer(_ context.Context, id string) (domain.Customer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, ok := w.customers[id]
	if !ok {
		return c, domain.Refuse(domain.CodeCustomerNotFound)
	}
	return c, nil
}

func (w *world) WhichAreMembers(_ context.Context, ids []string) (there []string, _ error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range ids {
		if _, is := w.customers[id]; is {
			there = append(there, id)
		}
	}
	return there, nil
}

func (w *world) CustomerByGID(_ context.Context, gid string) (domain.Customer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.customers {
		if c.Linked() && c.ShopifyCustomerGID == gid {
			return c, nil
		}
	}
	return domain.Customer{}, domain.Refuse(domain.CodeCustomerNotFound)
}

func (w *world) SaveCustomer(_ context.Context, c domain.Customer, e domain.AuditEntry) (domain.Customer, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.customers {
		if other.ID != c.ID && c.Linked() && other.ShopifyCustomerGID == c.ShopifyCustomerGID {
			return c, false, domain.Refuse(domain.CodeCustomerAlreadyLinked)
		}
	}
	_, known := w.customers[c.ID]
	w.customers[c.ID] = c
	w.audit = append(w.audit, e)
	return c, !known, nil
}

func (w *world) LinkCustomer(ctx context.Context, id, gid string, e domain.AuditEntry) (domain.Customer, error) {
	c, err := w.Customer(ctx, id)
	if err == nil && c.Linked() {
		return c, domain.Refuse(domain.CodeCustomerAlreadyLinked)
	}
	c.ID, c.ShopifyCustomerGID = id, gid
	c, _, err = w.SaveCustomer(ctx, c, e)
	return c, err
}

func (w *world) NoteRefusal(_ context.Context, id string, note func(members.RefusalCount, bool) (members.RefusalCount,
	[]domain.AuditEntry)) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, known := w.customers[id]
	next, record := note(w.refusalCounts[id], known)
	if known {
		w.refusalCounts[id] = next
	}
	w.audit = append(w.audit, record...)
	return nil
}

func (w *world) Unlock(_ context.Context, id string, e domain.AuditEntry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refusalCounts[id].LockedAt(e.At) {
		w.refusalCounts[id] = members.RefusalCount{}
		w.audit = append(w.audit, e)
	}
	return nil
}

func (w *world) OwnMember(_ context.Context, who domain.Caller, member domain.Customer) (bool, error) {
	return w.mine[who.PersonID] == member.ID || w.mine[who.MakerID] == member.ID, nil
}

func (w *world) Record(_ context.Context, e domain.AuditEntry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.audit = append(w.audit, e)
	return nil
}

func (w *world) Balance(context.Context, string) (coupons.Balance, error) {
	if w.unknown {
		return coupons.Balance{}, &domain.UpstreamError{Kind: domain.KindNotFound, Upstream: "pos", Act: "balance",
			Reason: domain.ReasonCustomerNotFound}
	}
	return coupons.Balance{Points: 1250}, nil
}

func (w *world) Step(context.Context, string, string, time.Duration) {}

func wantCode(t *testing.T, err error, want domain.Code) *domain.Error {
	t.Helper()
	var e *domain.Error
	if !errors.As(err, &e) || e.Code != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	return e
}
