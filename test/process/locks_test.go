package process

import (
	"net/http"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/policies"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// guessBed is a bed whose service outlives the subtest that started it.
type guessBed struct {
	*killBed
	whole  *testing.T
	scrape string // the token of the metrics
}

// On makes the bed report to a subtest.
func (k *guessBed) On(t *testing.T) *guessBed {
	k.T, k.pos.T, k.staff.T = t, t, t
	return k
}

// restart stops the service as an operator would and starts it with other settings.
func (k *guessBed) restart(settings ...string) {
	k.T.Helper()
	k.service.Stop()
	k.Env = append(k.Env, settings...)
	part := k.T
	k.T = k.whole
	k.startService()
	k.T = part
}

func (k *guessBed) Convert(member, key, body string, status int) world.Answer {
	k.T.Helper()
	got := k.pos.Do("POST", "/v1/customers/"+member+"/conversions", key, body)
	if got.Status != status {
		k.T.Fatalf("%d %s, want %d", got.Status, got.Raw, status)
	}
	return got
}

// TestGuessingAndRules goes through the real service over HTTP: who tries too often, and what changes from one start to
// the next.
// covers: 004-50, H-21, H-22, H-23
func TestGuessingAndRules(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		k := &guessBed{startKillBed(t, db, world.Unhurried()...), t, demo.Draw()}
		k.restart("CONVERSION_LOCK_AFTER=3", "UNKNOWN_CODE_ALERT=5", "METRICS_TOKEN="+k.scrape)
		s := db.Open(t, domain.SystemClock{}.Now, nil)
		t.Run("three refusals lock one member, staff see it, a manager lifts it",
			func(t *testing.T) { k.On(t).locks(s) })
		t.Run("a burst of unknown codes raises one alert", func(t *testing.T) { k.On(t).alerts(s) })
		t.Run("a new rate is for the next conversion, and is recorded", func(t *testing.T) { k.On(t).rates(s) })
		t.Run("a change of who may do what is recorded", func(t *testing.T) { k.On(t).rights(s) })
	})
}

func (k *guessBed) locks(s *store.Store) {
	t := k.T
	token := world.OwnedKey(k.Once, "store_manager", "the manager")
	manager := world.Caller{T: t, Base: k.base, Key: token}
	k.Convert("m2", "a", `{"points": 150}`, 422)
	k.Convert("m2", "b", `{"points": 0}`, 422)
	k.Convert("m2", "c", `{"points": 2000000000}`, 422)
	locked := k.Convert("m2", "d", `{"points": 500}`, http.StatusLocked)
	wait, err := strconv.Atoi(locked.Header.Get("Retry-After"))
	expect.MustEqual(t, "err", err, nil)
	expect.MustThat(t, "wait >= 1", wait >= 1, wait, locked.Header, locked.Raw)
	expect.MustThat(t, "wait <= 900", wait <= 900, wait, locked.Header, locked.Raw)
	expect.MustEqual(t, `locked.Body["code"]`, locked.Body["code"], "conversions_locked", locked.Header, locked.Raw)
	k.Convert("m3", "d", `{"points": 500}`, 201)
	got := k.staff.Do("GET", "/v1/customers/m2", "", "")
	expect.MustEqual(t, "got.Status", got.Status, 200, got.Raw)
	expect.MustThat(t, `got.Body["locked_until"] != nil`, got.Body["locked_until"] != nil, got.Raw)
	expect.MustEqual(t, `got.Body["linked"]`, got.Body["linked"], true, got.Raw)
	got = k.staff.Do("DELETE", "/v1/customers/m2/lock", "", "")
	expect.MustEqual(t, "got.Status", got.Status, 403, got.Raw)
	for range 2 {
		got := manager.Do("DELETE", "/v1/customers/m2/lock", "", "")
		expect.MustEqual(t, "got.Status", got.Status, 204, got.Raw)
	}
	k.Convert("m2", "e", `{"points": 500}`, 201)
	refused := world.Entries(t, s, "conversion.refused")
	if len(refused) != 4 || refused[0].Detail["code"] != "points_not_in_units" ||
		refused[0].Detail["points"] != 150.0 || refused[0].Detail["unit"] != 100.0 ||
		refused[1].Detail["code"] != "validation_failed" || refused[3].Detail["code"] != "conversions_locked" {
		t.Fatalf("recorded %+v", refused)
	}
	for _, e := range refused {
		if !strings.HasPrefix(k.pos.Key, "pb_"+strings.TrimPrefix(e.Actor, "key:")) || e.CustomerID != "m2" ||
			e.Outcome != domain.OutcomeRefused {
			t.Errorf("recorded %+v", e)
		}
	}
	lifted := world.Entries(t, s, "customer.unlocked")
	if len(world.Entries(t, s, "customer.locked")) != 1 || len(lifted) != 1 || !strings.HasPrefix(token, "pb_"+
		strings.TrimPrefix(lifted[0].Actor, "key:")) {
		t.Fatalf("recorded %+v", lifted)
	}
}

func (k *guessBed) alerts(s *store.Store) {
	t := k.T
	for range 12 {
		got := k.staff.Do("GET", "/v1/coupons/70934-AAAAAA-500", "", "")
		expect.MustEqual(t, "got.Status", got.Status, 404, got.Raw)
		expect.MustEqual(t, `got.Body["code"]`, got.Body["code"], "coupon_not_found", got.Raw)
	}
	got := (world.Caller{T: t, Base: k.base, Key: k.scrape}).Do("GET", "/metrics", "", "")
	expect.MustThat(t, "string(got.Raw) to contain `pointbridge_alerts_total{kind=\"unknown_codes\"} 1`",
		strings.Contains(string(got.Raw), `pointbridge_alerts_total{kind="unknown_codes"} 1`), string(got.Raw),
		got.Status, got.Raw)
	if list := world.Entries(t, s, "alert.unknown_codes"); len(list) != 1 || !strings.HasPrefix(k.staff.Key, "pb_"+
		strings.TrimPrefix(list[0].Actor, "key:")) {
		t.Fatalf("recorded %+v", list)
	}
}

func (k *guessBed) rates(s *store.Store) {
	t := k.T
	first := k.Convert("m4", "first", `{"points": 500}`, 201)
	k.restart("POINT_RATE=1.5")
	again := k.Convert("m4", "first", `{"points": 500}`, 201)
	next := k.Convert("m4", "next", `{"points": 500}`, 201)
	expect.MustEqual(t, `first.Body["amount"]`, first.Body["amount"], 500.0, first.Raw, again.Raw, next.Raw)
	expect.MustEqual(t, `again.Body["amount"]`, again.Body["amount"], 500.0, first.Raw, again.Raw, next.Raw)
	expect.MustEqual(t, `next.Body["amount"]`, next.Body["amount"], 750.0, first.Raw, again.Raw, next.Raw)
	code, _ := first.Body["code"].(string)
	got := k.staff.Do("GET", "/v1/coupons/"+code, "", "")
	expect.MustEqual(t, `got.Body["amount"]`, got.Body["amount"], 500.0, got.Raw)
	began, changed := world.Entries(t, s, "policy.recorded"), world.Entries(t, s, "policy.changed")
	if len(began) != 1 || began[0].Detail["rate"] != "1" || began[0].Detail["daily_limit"] != "1000000000" ||
		began[0].Detail["policy_file"] == "" {
		t.Fatalf("recorded %+v", began)
	}
	want := map[string]any{"rate": map[string]any{"from": "1", "to": "1.5"}}
	if len(changed) != 1 || changed[0].Actor != "system" || !reflect.DeepEqual(changed[0].Detail, want) {
		t.Fatalf("recorded %+v", changed)
	}
}

// rights lets the database remember another policy than the one in this program, as an older version would have left
// it.
func (k *guessBed) rights(s *store.Store) {
	t := k.T
	if _, err := s.DB().ExecContext(t.Context(),
		`UPDATE settings SET value = 'older' WHERE name = 'policy_file'`); err != nil {
		t.Fatal(err)
	}
	k.restart()
	changed := world.Entries(t, s, "policy.changed")
	file, _ := changed[len(changed)-1].Detail["policy_file"].(map[string]any)
	if len(changed) != 2 || len(changed[1].Detail) != 1 || file["from"] != "older" || file["to"] != policies.Digest() {
		t.Fatalf("recorded %+v", changed)
	}
}

// covers: H-23
func TestDemoRecordsItsRules(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for range 2 {
		_, stop := world.StartDemo(t, data)
		stop()
	}
	s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(data, "pointbridge.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if began, changed := world.Entries(t, s, "policy.recorded"), world.Entries(t, s,
		"policy.changed"); len(began) != 1 || len(changed) != 0 {
		t.Fatalf("two starts recorded %+v and %+v", began, changed)
	}
}
