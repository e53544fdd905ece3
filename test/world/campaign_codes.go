package world

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
	"pointbridge/domain/coupons/couponstest"
	"pointbridge/domain/decisions"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// CampaignCodes is a world in which codes of campaigns are made. Nothing limits its shop.
type CampaignCodes struct {
	*World
	Issuer  *Issuing
	serial  int
	changes campaigns.Service
	// Chunk is how many codes the shop takes in one call, and shows on one page; zero for as many as it really does. With few
	// a batch has as many chunks, and places to die at, without the codes.
	Chunk int
}

// bulkDelay is how long the simulated shop takes for what it does after it has answered.
const bulkDelay = 700 * time.Millisecond

func NewCampaignCodes(t *testing.T, db storetest.Database) *CampaignCodes {
	t.Helper()
	w := &CampaignCodes{World: parts(t, db, true), Issuer: &Issuing{codes: map[string]string{}}}
	w.changes = campaigns.Service{Campaigns: w.Store.Campaigns, Now: w.Clock.Now}
	return w
}

// On makes the world report to a subtest.
func (w *CampaignCodes) On(t *testing.T) *CampaignCodes {
	w.T = t
	return w
}

// Somebody is who runs campaigns in tests.
var Somebody = domain.Caller{ID: "staff:1", Name: "Ec Admin", Role: domain.RoleECAdmin}

// Campaign makes a live campaign of a kind, with change laid over what it offers.
func (w *CampaignCodes) Campaign(kind campaigns.Codes, change ...func(*campaigns.Campaign)) campaigns.Campaign {
	w.T.Helper()
	w.serial++
	now := w.Clock.Now()
	c := campaigns.Campaign{Key: fmt.Sprintf("c%d", w.serial), Prefix: fmt.Sprintf("C%dX-", w.serial),
		Names: []campaigns.Name{{Language: "en", Text: "Summer"}}, Policy: decisions.NewPolicy(decisions.Medium),
		Offer: campaigns.Offer{Codes: kind, Value: campaigns.Value{Kind: campaigns.Amount, Range: campaigns.One(500),
			Currency: "JPY"}, StartsAt: now.Add(-time.Hour), EndsAt: now.AddDate(0, 1, 0), SweepAfter: 30,
			LivePerPerson: 1, Validity: campaigns.One(86400)}}
	for _, f := range change {
		f(&c)
	}
	c, err := w.changes.Make(w.T.Context(), Somebody, c)
	if err != nil {
		w.T.Fatal(err)
	}
	return w.Move(c.Key, campaigns.Live)
}

// Move gives a campaign another status.
func (w *CampaignCodes) Move(key string, to campaigns.Status) campaigns.Campaign {
	w.T.Helper()
	c, err := w.changes.SetStatus(w.T.Context(), Somebody, key, to, "")
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// Revise changes what a campaign offers.
func (w *CampaignCodes) Revise(key string, change func(*campaigns.Offer)) campaigns.Campaign {
	w.T.Helper()
	c, err := w.Store.Campaigns.ByKey(w.T.Context(), key)
	if err != nil {
		w.T.Fatal(err)
	}
	o := c.Offer
	change(&o)
	if c, err = w.changes.Revise(w.T.Context(), Somebody, key, c.Policy.Version, o, c.Policy); err != nil {
		w.T.Fatal(err)
	}
	return c
}

// hastyClock moves by itself when somebody waits.
type hastyClock struct{ *couponstest.Clock }

// After implements domain.Clock.
func (c hastyClock) After(d time.Duration) <-chan time.Time {
	due := c.Clock.After(d)
	c.Advance(d)
	return due
}

// Process is one that works on codes, through its way to the world.
func (w *CampaignCodes) Process(m *MortalCodes) *codes.Service {
	m.w = w
	return &codes.Service{Batches: m, Shelf: shelf{w.Store.Batches, w.Chunk}, Library: w.Store.Batches, Campaigns: w.Store.Campaigns, Shop: m,
		Bulk: m, Issuer: m, Clock: hastyClock{w.Clock}, Logger: slog.New(slog.DiscardHandler), Locale: "en",
		Currency: "JPY", Timing: codes.Timing{Slice: time.Hour}}
}

// shelf gives out as many codes at once as the shop takes.
type shelf struct {
	codes.Shelf
	chunk int
}

// NextPlanned implements codes.Shelf.
func (s shelf) NextPlanned(ctx context.Context, batchID int64, limit int) ([]string, error) {
	if s.chunk > 0 {
		limit = min(limit, s.chunk)
	}
	return s.Shelf.NextPlanned(ctx, batchID, limit)
}

// Rest lets a living process do everything there is to do.
func (w *CampaignCodes) Rest() {
	w.T.Helper()
	s := w.Process(&MortalCodes{})
	for range 60 {
		err := s.Work(w.T.Context())
		var later *domain.Later
		due, dueErr := w.Store.Batches.Due(w.T.Context(), w.Clock.Now().AddDate(1, 0, 0), 100)
		if dueErr != nil {
			w.T.Fatal(dueErr)
		}
		if err == nil && len(due) == 0 {
			return
		}
		if err != nil && !errors.As(err, &later) {
			w.T.Log(err)
		}
		w.Clock.Advance(31 * time.Second)
	}
	w.T.Error("the world does not come to rest")
}

// MortalCodes is a process's way to the world, on which it dies at one place, or on which the answer of one act is lost.
// Places are one before and one after each commit and each act.
type MortalCodes struct {
	w             *CampaignCodes
	mu            sync.Mutex
	dead          bool
	Places, Acts  int
	DieAt, LoseAt int
	// Give gives personal codes out instead of the world's Issuer.
	Give codes.Issuer
}

// Kill ends the process wherever it is.
func (m *MortalCodes) Kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *MortalCodes) at() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Places++
	m.dead = m.dead || m.Places == m.DieAt
	return !m.dead
}

func (m *MortalCodes) lost() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Acts++
	return m.Acts == m.LoseAt
}

func walked[T any](m *MortalCodes, outside bool, do func() (T, error)) (T, error) {
	var none T
	if !m.at() {
		return none, couponstest.ErrDied
	}
	got, err := do()
	if !m.at() {
		return none, couponstest.ErrDied
	}
	if outside && m.lost() {
		return none, &domain.UpstreamError{Kind: domain.KindUnknown, Upstream: "test", Act: "lost"}
	}
	return got, err
}

func walkedError(m *MortalCodes, do func() error) error {
	_, err := walked(m, true, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// Open implements codes.Batches.
func (m *MortalCodes) Open(ctx context.Context, o codes.Opening) (b codes.Batch, replayed bool, err error) {
	b, err = walked(m, false, func() (codes.Batch, error) {
		b, again, err := m.w.Store.Batches.Open(ctx, o)
		replayed = again
		return b, err
	})
	return b, replayed, err
}

// OfRequest implements codes.Batches.
func (m *MortalCodes) OfRequest(ctx context.Context, callerID, key string) (codes.Batch, error) {
	return m.w.Store.Batches.OfRequest(ctx, callerID, key)
}

// Claim implements codes.Batches.
func (m *MortalCodes) Claim(ctx context.Context, id int64, now, until time.Time) (b codes.Batch, c campaigns.Campaign,
	err error) {
	b, err = walked(m, false, func() (codes.Batch, error) {
		got, of, err := m.w.Store.Batches.Claim(ctx, id, now, until)
		c = of
		return got, err
	})
	return b, c, err
}

// Commit implements codes.Batches.
func (m *MortalCodes) Commit(ctx context.Context, c codes.Change) (codes.Batch, error) {
	return walked(m, false, func() (codes.Batch, error) { return m.w.Store.Batches.Commit(ctx, c) })
}

// Decide implements codes.Batches.
func (m *MortalCodes) Decide(ctx context.Context, campaign, id string,
	decide func(codes.Batch) (*codes.Decision, error)) (codes.Batch, error) {
	return m.w.Store.Batches.Decide(ctx, campaign, id, decide)
}

// Due implements codes.Batches.
func (m *MortalCodes) Due(ctx context.Context, now time.Time, limit int) ([]int64, error) {
	return m.w.Store.Batches.Due(ctx, now, limit)
}

// Stale implements codes.Batches.
func (m *MortalCodes) Stale(ctx context.Context, now, before time.Time, limit int) ([]int64, error) {
	return m.w.Store.Batches.Stale(ctx, now, before, limit)
}

// CreateCampaignDiscount implements codes.Shop.
func (m *MortalCodes) CreateCampaignDiscount(ctx context.Context, d codes.Discount) (string, error) {
	if d.EndsAt.IsZero() {
		m.w.T.Error("a code without an end is made")
	}
	return walked(m, true, func() (string, error) { return m.w.Admin.CreateCampaignDiscount(ctx, d) })
}

// FindCampaignDiscount implements codes.Shop.
func (m *MortalCodes) FindCampaignDiscount(ctx context.Context, code string) (codes.Found, error) {
	return walked(m, true, func() (codes.Found, error) { return m.w.Admin.FindCampaignDiscount(ctx, code) })
}

// ReadCampaignDiscount implements codes.Shop.
func (m *MortalCodes) ReadCampaignDiscount(ctx context.Context, id string) (codes.Found, error) {
	return walked(m, true, func() (codes.Found, error) { return m.w.Admin.ReadCampaignDiscount(ctx, id) })
}

// SetDiscountPeriod implements codes.Shop.
func (m *MortalCodes) SetDiscountPeriod(ctx context.Context, id string, startsAt, endsAt time.Time) error {
	return walkedError(m, func() error { return m.w.Admin.SetDiscountPeriod(ctx, id, startsAt, endsAt) })
}

// DeactivateDiscount implements codes.Shop.
func (m *MortalCodes) DeactivateDiscount(ctx context.Context, id string) error {
	return walkedError(m, func() error { return m.w.Admin.DeactivateDiscount(ctx, id) })
}

// AddCodes implements codes.Bulk. Every code that is sent stands in our table already.
func (m *MortalCodes) AddCodes(ctx context.Context, id string, list []string) (string, error) {
	return walked(m, true, func() (string, error) { return m.w.Admin.AddCodes(ctx, id, list) })
}

// ReadBulk implements codes.Bulk.
func (m *MortalCodes) ReadBulk(ctx context.Context, id string) (codes.BulkState, error) {
	return walked(m, true, func() (codes.BulkState, error) { return m.w.Admin.ReadBulk(ctx, id) })
}

// NewestCodes implements codes.Bulk.
func (m *MortalCodes) NewestCodes(ctx context.Context, id, after string) (list []string, next string, err error) {
	list, err = walked(m, true, func() ([]string, error) {
		if m.w.Chunk > 0 {
			got, more, err := m.w.page(ctx, id, after)
			next = more
			return got, err
		}
		got, more, err := m.w.Admin.NewestCodes(ctx, id, after)
		next = more
		return got, err
	})
	return list, next, err
}

// page is one of Chunk codes, out of those that the real client reads at once.
func (w *CampaignCodes) page(ctx context.Context, id, after string) (list []string, next string, err error) {
	all, more, err := w.Admin.NewestCodes(ctx, id, "")
	if err != nil {
		return nil, "", err
	}
	expect.MustEqual(w.T, "what follows", more, "")
	from, _ := strconv.Atoi(after)
	to := min(from+w.Chunk, len(all))
	if to < len(all) {
		next = strconv.Itoa(to)
	}
	return all[from:to], next, nil
}

// DeleteDiscounts implements codes.Bulk. Nothing is deleted before its end, nor what is somebody else's.
func (m *MortalCodes) DeleteDiscounts(ctx context.Context, ids []string) (string, error) {
	for _, id := range ids {
		d, there := m.w.Shopify.Discount(id)
		if there && (d.EndsAt == nil || m.w.Clock.Now().Before(*d.EndsAt) ||
			!strings.Contains(strings.Join(d.Tags, " "), "pb-batch-")) {
			m.w.T.Errorf("%s is deleted: it ends %v, its tags are %v", d.Code, d.EndsAt, d.Tags)
		}
	}
	return walked(m, true, func() (string, error) { return m.w.Admin.DeleteDiscounts(ctx, ids) })
}

// JobDone implements codes.Bulk.
func (m *MortalCodes) JobDone(ctx context.Context, id string) (bool, error) {
	return walked(m, true, func() (bool, error) { return m.w.Admin.JobDone(ctx, id) })
}

// IssueCode implements codes.Issuer.
func (m *MortalCodes) IssueCode(ctx context.Context, i codes.Issue) (codes.Issued, error) {
	if m.Give != nil {
		return walked(m, true, func() (codes.Issued, error) { return m.Give.IssueCode(ctx, i) })
	}
	return walked(m, true, func() (codes.Issued, error) { return m.w.Issuer.issue(i) })
}

// Issuing gives personal codes out as coupons.Service does: one for each key.
type Issuing struct {
	mu     sync.Mutex
	codes  map[string]string
	Refuse func(codes.Recipient) error
}

func (i *Issuing) issue(asked codes.Issue) (codes.Issued, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.Refuse != nil {
		if err := i.Refuse(asked.To); err != nil {
			return codes.Issued{}, err
		}
	}
	if i.codes[asked.Key] == "" {
		i.codes[asked.Key] = fmt.Sprintf("P-%d", len(i.codes)+1)
	}
	return codes.Issued{Code: i.codes[asked.Key], Done: true}, nil
}

// Given is how many codes there are.
func (i *Issuing) Given() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return len(i.codes)
}
