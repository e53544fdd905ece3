package generic_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/integrations/pos/generic"
	"pointbridge/integrations/sim"
	simpos "pointbridge/integrations/sim/pos"
	"pointbridge/test/expect"
)

var now = time.Date(2026, 11, 21, 1, 2, 3, 0, time.UTC)

func clock() time.Time { return now }

const (
	// patience is what a client has where an answer comes: its limit ends a test that would never end.
	patience = 5 * time.Minute
	// longEnough is a limit where none comes, with time for the question to be on its way.
	longEnough = 3 * time.Second
)

func client(t *testing.T, h http.Handler, timeout time.Duration) *generic.Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := generic.New(generic.Config{URL: s.URL, Token: "token", Timeout: timeout, Replay: true,
		Lookup: coupons.LookupExact, Clock: clock}, s.Client())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// golden is a documented answer of the contract.
type golden struct {
	Source  string            `json:"source"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

func (g golden) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range g.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(g.Status)
	_, _ = w.Write(g.Body)
}

func readGolden(t *testing.T, name string) golden {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/pos/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	expect.MustEqual(t, "json.Unmarshal(raw, &g)", json.Unmarshal(raw, &g), nil, name)
	expect.MustThat(t, `g.Source != ""`, g.Source != "", name)
	return g
}

// movementIn is the movement a golden answer speaks of.
func movementIn(t *testing.T, g golden, kind domain.MovementKind) domain.Movement {
	t.Helper()
	m := domain.Movement{Kind: kind, CustomerID: "8812370934", Points: 500, Reference: "COUPON-70934-AB72CD-500",
		Key: "key", Reason: domain.ReasonTake}
	if kind == domain.GiveBack {
		m.Reference, m.RelatedReference, m.Reason = "CANCEL-70934-AB72CD-500", m.Reference, domain.ReasonGiveBack
	}
	var body struct {
		CustomerID string `json:"customer_id"`
		Reference  string `json:"reference"`
	}
	_ = json.Unmarshal(g.Body, &body)
	if body.CustomerID != "" {
		m.CustomerID = body.CustomerID
	}
	if body.Reference != "" {
		m.Reference = body.Reference
	}
	return m
}

// outcome is what a documented answer to a movement means.
type outcome struct {
	file   string
	kind   domain.MovementKind
	want   domain.Kind // empty when it was applied
	reason string
}

func goldenOutcomes() []outcome {
	return []outcome{
		{"deduct", domain.Take, "", ""},
		{"deduct_replayed", domain.Take, "", ""},
		{"deduct_figures", domain.Take, "", ""},
		{"deduct_replayed_by_reference", domain.Take, "", ""},
		{"add", domain.GiveBack, "", ""},
		{"add_replayed", domain.GiveBack, "", ""},
		{"add_figures", domain.GiveBack, "", ""},
		{"deduct_figures_failed", domain.Take, domain.KindRefused, domain.ReasonInsufficientPoints},
		{"insufficient_points", domain.Take, domain.KindRefused, domain.ReasonInsufficientPoints},
		{"customer_not_found", domain.Take, domain.KindRefused, domain.ReasonCustomerNotFound},
		{"idempotency_key_reused", domain.Take, domain.KindRefused, domain.ReasonKeyReused},
		{"reference_reused", domain.Take, domain.KindRefused, domain.ReasonReferenceReused},
		{"invalid_request", domain.Take, domain.KindRefused, "invalid_request"},
		{"idempotency_key_missing", domain.Take, domain.KindRefused, "idempotency_key_missing"},
		{"unauthorized", domain.Take, domain.KindAuth, ""},
		{"forbidden", domain.Take, domain.KindAuth, ""},
		{"rate_limited_seconds", domain.Take, domain.KindThrottled, "rate_limited"},
		{"rate_limited_date", domain.Take, domain.KindThrottled, "rate_limited"},
		{"request_in_progress", domain.Take, domain.KindUnknown, "request_in_progress"},
	}
}

// covers: H-09
func TestGoldenAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range goldenOutcomes() {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			g := readGolden(t, c.file)
			m := movementIn(t, g, c.kind)
			posClient := client(t, g, patience)
			move := posClient.Deduct
			if c.kind == domain.GiveBack {
				move = posClient.Add
			}
			got, err := move(t.Context(), m)
			if c.want == "" {
				if err != nil || got.PreviousBalance == nil || got.Balance == nil ||
					got.Replayed != strings.Contains(c.file, "replayed") ||
					*got.PreviousBalance+got.Points != *got.Balance {
					t.Fatalf("the figures are %+v, %v", got, err)
				}
				return
			}
			expect.MustThat(t, "err != nil", err != nil, got)
			expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), c.want, err, got)
			expect.MustEqual(t, "domain.ReasonOf(err)", domain.ReasonOf(err), c.reason, err, got)
			if c.want == domain.KindThrottled && domain.RetryAfterOf(err) != 30*time.Second {
				t.Fatalf("Retry-After reads %s", domain.RetryAfterOf(err))
			}
			if b := domain.BalanceOf(err); c.reason == domain.ReasonInsufficientPoints && (b == nil || *b != 320) {
				t.Fatal("the balance was not read")
			}
		})
	}
}

// covers: H-06, H-08, H-14, T-11
func TestAgainstTheSimulator(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T, timeout time.Duration) (*generic.Client, *simpos.Server, *sim.Faults) {
		t.Helper()
		faults := &sim.Faults{}
		server, err := simpos.New(simpos.Config{Token: "token", Clock: clock, Faults: faults})
		if err != nil {
			t.Fatal(err)
		}
		server.AddCustomer("8812370934", "Taro", 1250)
		return client(t, server, timeout), server, faults
	}
	take := domain.Movement{Kind: domain.Take, CustomerID: "8812370934", Points: 500,
		Reference: "COUPON-70934-AB72CD-500", Key: "k1", Reason: domain.ReasonTake}
	t.Run("balance, deduct, look-up", func(t *testing.T) {
		t.Parallel()
		posClient, server, _ := start(t, patience)
		{
			b, err := posClient.Balance(t.Context(), "8812370934")
			expect.MustEqual(t, "err", err, nil)
			expect.MustEqual(t, "b.Points", b.Points, 1250)
		}
		if _, err := posClient.Find(t.Context(), take); domain.KindOf(err) != domain.KindNotFound {
			t.Fatalf("found before it was made: %v", err)
		}
		got, err := posClient.Deduct(t.Context(), take)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "*got.PreviousBalance", *got.PreviousBalance, 1250)
		expect.MustEqual(t, "*got.Balance", *got.Balance, 750)
		found, err := posClient.Find(t.Context(), take)
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "found.ID", found.ID, got.ID)
		expect.MustEqual(t, "found.Points", found.Points, -500)
		e := server.AllEntries()[0]
		expect.MustEqual(t, "e.Reason", e.Reason, "Coupon conversion")
		expect.MustEqual(t, "e.Reference", e.Reference, "COUPON-70934-AB72CD-500")
		expect.MustEqual(t, "e.Amount", e.Amount, -500)
	})
	t.Run("a lost answer is unknown, and the same bytes again are applied once", func(t *testing.T) {
		t.Parallel()
		posClient, server, faults := start(t, patience)
		faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer})
		_, err := posClient.Deduct(t.Context(), take)
		expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
		expect.MustThat(t, "err != nil", err != nil)
		if _, err := posClient.Deduct(t.Context(), take); err != nil || len(server.AllEntries()) != 1 {
			t.Fatalf("%v, %d entries", err, len(server.AllEntries()))
		}
	})
	t.Run("points given back name the deduction they belong to", func(t *testing.T) {
		t.Parallel()
		posClient, server, faults := start(t, patience)
		faults.Add(sim.Rule{Act: "pos.add", Mode: sim.StatusAfter})
		back := domain.Movement{Kind: domain.GiveBack, CustomerID: "8812370934", Points: 500,
			Reference: "CANCEL-70934-AB72CD-500", RelatedReference: "COUPON-70934-AB72CD-500", Key: "k2",
			Reason: domain.ReasonGiveBack}
		{
			_, err := posClient.Add(t.Context(), back)
			expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
			expect.MustThat(t, "err != nil", err != nil)
		}
		got, err := posClient.Add(t.Context(), back)
		if err != nil || !got.Replayed || got.Points != 500 || len(server.AllEntries()) != 1 {
			t.Fatalf("%+v, %v, %d entries", got, err, len(server.AllEntries()))
		}
		e := server.AllEntries()[0]
		expect.MustEqual(t, "e.RelatedReference", e.RelatedReference, "COUPON-70934-AB72CD-500")
		expect.MustEqual(t, "e.Reason", e.Reason, "Refund due to coupon cancellation")
	})
	t.Run("points taken again are found by their reference as well", func(t *testing.T) {
		t.Parallel()
		posClient, server, faults := start(t, patience)
		faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.LoseAnswer})
		again := domain.Movement{Kind: domain.TakeBack, CustomerID: "8812370934", Points: 500,
			Reference: "RETAKE-70934-AB72CD-500", RelatedReference: "CANCEL-70934-AB72CD-500", Key: "k3",
			Reason: domain.ReasonTakeBack}
		{
			_, err := posClient.Deduct(t.Context(), again)
			expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
			expect.MustThat(t, "err != nil", err != nil)
		}
		found, err := posClient.Find(t.Context(), again)
		if err != nil || found.Points != -500 || len(server.AllEntries()) != 1 {
			t.Fatalf("%+v, %v, %d entries", found, err, len(server.AllEntries()))
		}
	})
	t.Run("a sale at the POS between two calls is seen by the second", func(t *testing.T) {
		t.Parallel()
		posClient, server, _ := start(t, patience)
		for _, want := range []int64{1250, 1050} {
			if b, err := posClient.Balance(t.Context(), "8812370934"); err != nil || b.Points != want ||
				!b.AsOf.Equal(now) {
				t.Fatalf("%+v, %v, want %d", b, err, want)
			}
			server.SellAtPOS("8812370934", -200)
		}
	})
	t.Run("applied, and the answer is nonsense, lost, late or an error: unknown, applied once", func(t *testing.T) {
		t.Parallel()
		for _, mode := range []sim.Mode{sim.BrokenAnswer, sim.LoseAnswer, sim.HangAfter, sim.StatusAfter,
			sim.InternalAfter} {
			timeout := patience
			if mode == sim.HangAfter {
				timeout = longEnough
			}
			posClient, server, faults := start(t, timeout)
			faults.Add(sim.Rule{Act: "pos.deduct", Mode: mode})
			if _, err := posClient.Deduct(t.Context(), take); domain.KindOf(err) != domain.KindUnknown || err == nil ||
				len(server.AllEntries()) != 1 {
				t.Errorf("%s: %v, %d entries", mode, err, len(server.AllEntries()))
			}
		}
	})
	t.Run("a POS that never answers is unknown after the time-out", func(t *testing.T) {
		t.Parallel()
		posClient, _, faults := start(t, longEnough)
		faults.Add(sim.Rule{Act: "pos.deduct", Mode: sim.Hang})
		_, err := posClient.Deduct(t.Context(), take)
		expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnknown, err)
		expect.MustThat(t, "err != nil", err != nil)
	})
	t.Run("a POS that is not there was not asked", func(t *testing.T) {
		t.Parallel()
		gone := httptest.NewServer(http.NotFoundHandler())
		gone.Close()
		posClient, err := generic.New(generic.Config{URL: gone.URL, Token: "token", Clock: clock},
			http.DefaultClient) //nolint:forbidigo // nothing listens there
		if err != nil {
			t.Fatal(err)
		}
		_, err = posClient.Deduct(t.Context(), take)
		expect.MustEqual(t, "domain.KindOf(err)", domain.KindOf(err), domain.KindUnavailable, err)
		if strings.Contains(err.Error(), "8812370934") || strings.Contains(err.Error(), "token") {
			t.Fatalf("the error tells too much: %v", err)
		}
	})
}

// TestNoHiddenSecondTry: net/http sends a request with an Idempotency-Key again by itself when a kept connection turns
// out to be closed. A second try is the saga's decision, not the transport's.
func TestNoHiddenSecondTry(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	posClient := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(`{"customer_id":"1","balance":5}`))
			return
		}
		seen.Add(1)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}), patience)
	if _, err := posClient.Balance(t.Context(), "1"); err != nil { // a connection that can be used again
		t.Fatal(err)
	}
	_, err := posClient.Deduct(t.Context(), domain.Movement{Kind: domain.Take, CustomerID: "1", Points: 1,
		Reference: "r", Key: "k", Reason: "r"})
	if domain.KindOf(err) != domain.KindUnknown || seen.Load() != 1 {
		t.Fatalf("sent %d times, %v", seen.Load(), err)
	}
}
