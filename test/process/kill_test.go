package process

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// storm is how many times a process is killed: a few, or as many as POINTBRIDGE_STORM says.
func storm() int {
	if n, err := strconv.Atoi(os.Getenv("POINTBRIDGE_STORM")); err == nil && n > 0 {
		return n
	}
	return 3
}

// TestKilledUnderLoad kills the real process, again and again, while it converts points, and balances the books at the
// end.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		k := startKillBed(t, db)
		var stop atomic.Bool
		var serial, told atomic.Int64
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				for !stop.Load() {
					n := serial.Add(1)
					if k.tryConvert(fmt.Sprintf("m%d", n%40+1), fmt.Sprintf("kill-%d", n/2)) {
						told.Add(1)
					}
				}
			})
		}
		for range storm() {
			before := told.Load()
			world.Eventually(t, "conversions are made", func() bool { return told.Load() >= before+20 })
			k.service.Kill()
			k.startService()
		}
		stop.Store(true)
		wg.Wait()
		world.Eventually(t, "nothing is on its way any more", func() bool { return len(k.coupons("pending")) == 0 })
		k.balance(told.Load())
		k.auditHolds()
	})
}

// killBed is one service that is killed and started again on its address, its members, and the keys of who calls it.
type killBed struct {
	*world.Processes
	service    *world.Proc
	base       string
	pos, staff world.Caller
	client     *http.Client
}

// startKillBed starts the service beside a till of the kind that POS_KIND says; further settings have the last word.
func startKillBed(t *testing.T, db storetest.Database, settings ...string) *killBed {
	t.Helper()
	address, err := subprocess.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	k := &killBed{base: "http://" + address, client: world.Client(), Processes: world.NewProcesses(t, db,
		append([]string{"PUBLIC_URL=http://" + address, "LOG_LEVEL=error", "POINT_DAILY_LIMIT=1000000000",
			"POS_TIMEOUT=1s", "SHOPIFY_TIMEOUT=1s", "STEP_LEASE=2s", "SETTLE_AFTER=2s", "CONVERT_WAIT=1s",
			"SWEEP_EVERY=500ms"}, settings...)...)}
	k.pos = world.Caller{T: t, Base: k.base, Key: k.Token}
	k.staff = world.Caller{T: t, Base: k.base, Key: world.OwnedKey(k.Once, "staff", "clerk")}
	k.startService()
	members := demo.At(k.Creds.Kind, demo.Crowd(40))
	expect.MustEqual(t, "err", k.Populate(members), nil)
	for _, p := range members {
		body := fmt.Sprintf(`{"shopify_customer_id": %q, "name": %q}`, p.Shopify, p.Name)
		got := k.pos.Do("PUT", "/v1/customers/"+p.ID, "", body)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Raw)
	}
	return k
}

func (k *killBed) startService() {
	k.T.Helper()
	k.service = k.StartAt(strings.TrimPrefix(k.base, "http://"))
}

// tryConvert asks for a conversion of a process that may die meanwhile.
func (k *killBed) tryConvert(member, key string) bool {
	req, err := http.NewRequestWithContext(k.T.Context(), http.MethodPost, k.base+"/v1/customers/"+member+
		"/conversions", strings.NewReader(`{"points": 100}`))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+k.pos.Key)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := k.client.Do(req)
	if err != nil {
		unanswered(k.T.Context())
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	return res.StatusCode == http.StatusCreated
}

// unanswered waits a moment, as whoever gets no answer does before they ask again: clients that knock without a pause take
// the processor from the process that starts.
func unanswered(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(50 * time.Millisecond):
	}
}

// coupons lists all coupons of a status, page by page.
func (k *killBed) coupons(status string) (codes []string) {
	k.T.Helper()
	path := "/v1/coupons?limit=100&status=" + status
	for cursor := ""; ; {
		got := k.staff.Do("GET", path+cursor, "", "")
		items, ok := got.Body["items"].([]any)
		expect.MustEqual(k.T, "ok", ok, true, got.Status, got.Raw)
		for _, item := range items {
			code, _ := item.(map[string]any)["code"].(string)
			codes = append(codes, code)
		}
		next, _ := got.Body["next_cursor"].(string)
		if next == "" {
			return codes
		}
		cursor = "&cursor=" + next
	}
}

// balance compares our coupons with the POS's history and the store's codes.
// covers: T-10
func (k *killBed) balance(told int64) {
	k.T.Helper()
	store := k.Shopify.Discounts()
	taken, back := map[string]int{}, map[string]int{}
	for _, e := range k.POS.AllEntries() {
		if code, ok := strings.CutPrefix(e.Reference, "COUPON-"); ok {
			taken[code]++
		} else if code, ok := strings.CutPrefix(e.Reference, "CANCEL-"); ok {
			back[code]++
		}
	}
	active := k.coupons("active")
	if int64(len(active)) < told/2 || len(active) != len(store) {
		k.T.Errorf("%d answers told of a coupon, %d are active, the store has %d codes", told, len(active),
			len(store))
	}
	for _, code := range active {
		if taken[code] != 1 || back[code] != 0 {
			k.T.Errorf("active %s: taken %d, given back %d", code, taken[code], back[code])
		}
		delete(taken, code)
	}
	for code, n := range taken {
		if n != back[code] {
			k.T.Errorf("%s is no coupon: taken %d, given back %d", code, n, back[code])
		}
	}
	for _, d := range store {
		if !slices.Contains(active, d.Code) {
			k.T.Errorf("%s is a code nobody has", d.Code)
		}
	}
}

// read asks the simulators themselves.
func (k *killBed) read(path, header, token string, into any) {
	k.T.Helper()
	req, err := http.NewRequestWithContext(k.T.Context(), http.MethodGet, k.URL+path, nil)
	if err != nil {
		k.T.Fatal(err)
	}
	req.Header.Set(header, token)
	res, err := k.client.Do(req)
	if err != nil {
		k.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	expect.MustEqual(k.T, "err", err, nil, raw)
	expect.MustEqual(k.T, "json.Unmarshal(raw, into)", json.Unmarshal(raw, into), nil, raw)
}
