package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/api/pages"
	"pointbridge/domain"
	"pointbridge/domain/listing"
	"pointbridge/domain/sales"
	"pointbridge/domain/staff"
	"pointbridge/domain/staff/stafftest"
	"pointbridge/integrations/passkeys"
	"pointbridge/integrations/strength"
	"pointbridge/integrations/totp"
	"pointbridge/policies"
)

const (
	yamada = "8812370934"
	suzuki = "12345"
	code   = "70934-AB72CD-500"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// logBuffer can be written and read at the same time.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) lines() []map[string]any {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []map[string]any
	for line := range strings.Lines(b.text.String()) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil {
			list = append(list, fields)
		}
	}
	return list
}

type measured struct {
	method, route string
	status        int
}

type fakeMetrics struct {
	mu     sync.Mutex
	seen   []measured
	alerts []string
}

func (m *fakeMetrics) Alert(kind string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alerts = append(m.alerts, kind)
}

func (m *fakeMetrics) Request(method, route string, status int, _ time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = append(m.seen, measured{method, route, status})
}

func (m *fakeMetrics) last() measured {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[len(m.seen)-1]
}

// shop is the API with everything around it made by hand.
type shop struct {
	t       testing.TB
	api     *API
	clock   *clock
	service *fakeService
	coupons *fakeCoupons
	audit   *fakeAudit
	reports *fakeReports
	// identity is campaigns and decisions.
	identity *fakeIdentity
	keys     *fakeKeys
	record   *fakeRecorder
	people   *stafftest.Memory
	staff    *staff.Service
	hasher   *stafftest.Hasher
	metrics  *fakeMetrics
	log      *logBuffer
	tokens   map[domain.Role]string
}

func newShop(t testing.TB, change ...func(*Deps)) *shop {
	t.Helper()
	s := &shop{t: t, clock: &clock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, service: &fakeService{},
		coupons: &fakeCoupons{}, audit: &fakeAudit{}, keys: &fakeKeys{rows: map[string]domain.APIKey{}},
		record: &fakeRecorder{}, metrics: &fakeMetrics{}, log: &logBuffer{}, tokens: map[domain.Role]string{}}
	s.people, s.hasher = &stafftest.Memory{}, &stafftest.Hasher{}
	s.staff = staff.New(s.people.Store(), s.hasher, s.clock.Now, rand.NewChaCha8([32]byte{2}),
		staff.Limits{}).Equip(tools(t))
	s.keys.people, s.reports = s.people, newFakeReports(s.clock)
	for i, role := range domain.Roles() {
		caller := domain.Caller{ID: "key:" + string(role), Name: "the " + string(role), Role: role}
		if role == domain.RoleCustomer {
			caller.CustomerID = yamada
		}
		s.tokens[role] = s.keys.add(t, uint64(i), caller)
	}
	s.identity = newFakeIdentity()
	policy, err := policies.New()
	if err != nil {
		t.Fatal(err)
	}
	d := Deps{
		Shared: pages.Shared{Service: s.service, Codes: s.service, Coupons: s.coupons, Reviews: s.coupons,
			Listing: listing.Service{Coupons: s.coupons}, Members: s.service, Directory: directory{known: s.coupons},
			Audit: s.audit, Reports: s.reports, Identity: s.identity.shared(), Zone: time.UTC,
			Lists: fakeLists{}, Requests: fakeRequests{}, RequestBook: fakeRequests{}, Bulk: fakeBulk{}, BulkBook: fakeBulk{},
			Sales: sales.Desk{Store: fakeSales{}, Zone: time.UTC}, ScanDiscounts: noOpenings, Events: fakeEvents{}, EventLog: fakeEvents{},
			Machines: s.machines(), Recorder: s.record, Staff: s.staff, Policy: policy, Now: s.clock.Now,
			PublicURL: "https://points.example",
			ApplyURL:  "https://shop.example/discount/", Locale: "ja"},
		Keys: s.keys, Linking: s.service, Refunds: s.service, Accounts: s.staff, Counter: s.record, Metrics: s.metrics,
		NewID: func() string { return "made-by-us" }, Logger: slog.New(slog.NewJSONHandler(s.log, nil))}
	d.Storefront, d.StorefrontOrigins, d.ExtensionOrigins = vouching(t, s.clock, ""), []string{"https://shop.example",
		"https://demo.myshopify.com/"},
		[]string{"https://extensions.shopifycdn.com"}
	for _, c := range change {
		c(&d)
	}
	if s.api, err = New(d); err != nil {
		t.Fatal(err)
	}
	return s
}

// machines hands out the keys of programs.
func (s *shop) machines() staff.Machines {
	return staff.Machines{Keys: s.keys, Owners: s.keys, Random: rand.NewChaCha8([32]byte{3}), Now: s.clock.Now}
}

// tools are those of the service itself.
func tools(t testing.TB) staff.Tools {
	t.Helper()
	keys, err := passkeys.New("https://points.example", "Demo Shop")
	if err != nil {
		t.Fatal(err)
	}
	return staff.Tools{Strength: strength.Meter{}, TOTP: totp.Codes{}, Passkeys: keys,
		Secret: []byte("0123456789abcdef0123456789abcdef"), Shop: "Demo Shop", Required: map[domain.Role]bool{}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

// request changes what is sent.
type request func(*http.Request)

func header(name, value string) request {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func from(address string) request {
	return func(r *http.Request) { r.RemoteAddr = address + ":4711" }
}

func keyed(key string) request { return header("Idempotency-Key", key) }

// call sends one request as a role ("" sends no key) and checks what holds for every answer.
func (s *shop) call(role domain.Role, method, path, body string, changes ...request) answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	if role != "" {
		r.Header.Set("Authorization", "Bearer "+s.tokens[role])
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, change := range changes {
		change(r)
	}
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r)
	got := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if strings.Contains(w.Header().Get("Content-Type"), "json") {
		if err := json.Unmarshal([]byte(got.raw), &got.body); err != nil {
			s.t.Fatalf("%s %s answers no JSON: %v\n%s", method, path, err, got.raw)
		}
	}
	if got.status >= 400 && !strings.HasPrefix(path, "/readyz") {
		s.wellFormed(method, path, got)
	}
	return got
}

// wellFormed holds for every refusal: a whole problem document, documented for its operation.
func (s *shop) wellFormed(method, path string, got answer) {
	s.t.Helper()
	if ct := got.header.Get("Content-Type"); ct != "application/problem+json" {
		s.t.Errorf("%s %s refuses as %q: %s", method, path, ct, got.raw)
	}
	for _, member := range []string{"type", "title", "detail", "code", "request_id"} {
		if text, ok := got.body[member].(string); !ok || text == "" {
			s.t.Errorf("%s %s: the problem has no %s: %s", method, path, member, got.raw)
		}
	}
	if got.body["status"] != float64(got.status) {
		s.t.Errorf("%s %s: status %d says it is %v", method, path, got.status, got.body["status"])
	}
	if route := s.metrics.last().route; (strings.HasPrefix(route, "/v1/") || strings.HasPrefix(route, proxyPath)) &&
		!s.documents(method, route, got) {
		s.t.Errorf("%s %s: %v with status %d is not in the OpenAPI document", method, route, got.body["code"],
			got.status)
	}
}

func (s *shop) token(role domain.Role) string { return s.tokens[role] }

// want fails unless the answer has this status and, for a refusal, this code.
func (a answer) want(t testing.TB, status int, code domain.Code) answer {
	t.Helper()
	if a.status != status || (code != "" && a.body["code"] != string(code)) {
		t.Fatalf("got %d %s; want %d %s", a.status, a.raw, status, code)
	}
	return a
}

// field returns the rule that is broken at a location.
func (a answer) field(location string) string {
	list, _ := a.body["errors"].([]any)
	for _, entry := range list {
		if f, ok := entry.(map[string]any); ok && f["location"] == location {
			rule, _ := f["rule"].(string)
			return rule
		}
	}
	return ""
}

type fakeKeys struct {
	mu    sync.Mutex
	rows  map[string]domain.APIKey
	reads int
	fail  error
	// used is each use that was written down; useFails is what comes of it.
	used     []string
	useFails error
	// people are asked for what is not in rows.
	people *stafftest.Memory
}

func (k *fakeKeys) add(t testing.TB, seed uint64, caller domain.Caller) string {
	t.Helper()
	source := rand.NewChaCha8([32]byte{byte(seed), 1})
	token, prefix, hash, err := domain.NewAPIKey(source)
	if err != nil {
		t.Fatal(err)
	}
	k.rows[prefix] = domain.APIKey{ID: int64(len(k.rows) + 1), Prefix: prefix, Hash: hash, Caller: caller}
	return token
}

// KeyUsed remembers the use of a key.
func (k *fakeKeys) KeyUsed(_ context.Context, prefix string, at time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used = append(k.used, prefix+" "+at.UTC().Format(time.TimeOnly))
	if key, ok := k.rows[prefix]; ok {
		key.LastUsedAt = &at
		k.rows[prefix] = key
	}
	return k.useFails
}

// CreateKey, RevokeKey, ListKeys and StaffByEmail implement staff.Keys.
func (k *fakeKeys) CreateKey(_ context.Context, by domain.Caller, key domain.APIKey) (domain.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key.ID, key.MadeBy, key.Caller.ID = int64(len(k.rows)+1), by.ID, domain.KeyMark+key.Prefix
	k.rows[key.Prefix] = key
	return key, nil
}

func (k *fakeKeys) RevokeKey(context.Context, domain.Caller, string) error {
	return domain.Refuse(domain.CodeNotFound)
}

func (k *fakeKeys) ListKeys(context.Context) (list []domain.APIKey, _ error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.rows {
		list = append(list, key)
	}
	slices.SortFunc(list, func(a, b domain.APIKey) int { return int(a.ID - b.ID) })
	return list, nil
}

func (k *fakeKeys) StaffByEmail(ctx context.Context, email string) (domain.Staff, error) {
	return k.people.StaffByEmail(ctx, email)
}

func (k *fakeKeys) FindKey(ctx context.Context, prefix string) (domain.APIKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.reads++
	if k.fail != nil {
		return domain.APIKey{}, k.fail
	}
	key, ok := k.rows[prefix]
	if !ok && k.people != nil {
		return k.people.FindKey(ctx, prefix)
	}
	if !ok {
		return domain.APIKey{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	return key, nil
}

var errSecret = errors.New("password=hunter2 of taro@example.com")
