package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store"
	"pointbridge/integrations/store/storetest"
	"pointbridge/policies"
)

// entries reads the record of one action, oldest first, as it stands in the database of a service that runs.
func entries(t *testing.T, s *store.Store, action string) (list []domain.AuditEntry) {
	t.Helper()
	rows, err := s.DB().QueryContext(t.Context(), `SELECT actor, customer_id, outcome, detail FROM audit WHERE action = '`+action+`' ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e domain.AuditEntry
		var detail string
		if err := rows.Scan(&e.Actor, &e.CustomerID, &e.Outcome, &detail); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(detail), &e.Detail); err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// guessBed is a bed whose service outlives the subtest that started it.
type guessBed struct {
	*killBed
	whole  *testing.T
	scrape string // the token of the metrics
}

// on makes the bed report to a subtest.
func (k *guessBed) on(t *testing.T) *guessBed {
	k.t, k.till.t, k.staff.t = t, t, t
	return k
}

// restart stops the service as an operator would and starts it with other settings.
func (k *guessBed) restart(settings ...string) {
	k.t.Helper()
	if err := k.service.stop(); err != nil {
		k.t.Fatal(err)
	}
	k.env = append(k.env, settings...)
	part := k.t
	k.t = k.whole
	k.startService()
	k.t = part
}

func (k *guessBed) convert(member, key, body string, status int) answer {
	k.t.Helper()
	got := k.till.do("POST", "/v1/customers/"+member+"/conversions", key, body)
	if got.status != status {
		k.t.Fatalf("%d %s, want %d", got.status, got.raw, status)
	}
	return got
}

// TestGuessingAndRules goes through the real service over HTTP: who tries too often, and what changes from one start to the
// next.
// covers: 004-50, H-21, H-22, H-23
func TestGuessingAndRules(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		k := &guessBed{startKillBed(t, db), t, draw()}
		k.restart("CONVERSION_LOCK_AFTER=3", "UNKNOWN_CODE_ALERT=5", "CONVERT_WAIT=8s", "METRICS_TOKEN="+k.scrape)
		s := db.Open(t, domain.SystemClock{}.Now, nil)
		t.Run("three refusals lock one member, staff see it, a manager lifts it", func(t *testing.T) { k.on(t).locks(s) })
		t.Run("a burst of unknown codes raises one alert", func(t *testing.T) { k.on(t).alerts(s) })
		t.Run("a new rate is for the next conversion, and is recorded", func(t *testing.T) { k.on(t).rates(s) })
		t.Run("a change of who may do what is recorded", func(t *testing.T) { k.on(t).rights(s) })
	})
}

func (k *guessBed) locks(s *store.Store) {
	t := k.t
	token := ownedKey(k.once, "store_manager", "the manager")
	manager := caller{t, k.base, token}
	k.convert("m2", "a", `{"points": 150}`, 422)
	k.convert("m2", "b", `{"points": 0}`, 422)
	k.convert("m2", "c", `{"points": 2000000000}`, 422)
	locked := k.convert("m2", "d", `{"points": 500}`, http.StatusLocked)
	if wait, err := strconv.Atoi(locked.header.Get("Retry-After")); err != nil || wait < 1 || wait > 900 || locked.body["code"] != "conversions_locked" {
		t.Fatalf("%v %s", locked.header, locked.raw)
	}
	k.convert("m3", "d", `{"points": 500}`, 201)
	if got := k.staff.do("GET", "/v1/customers/m2", "", ""); got.status != 200 || got.body["locked_until"] == nil || got.body["linked"] != true {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	if got := k.staff.do("DELETE", "/v1/customers/m2/lock", "", ""); got.status != 403 {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	for range 2 {
		if got := manager.do("DELETE", "/v1/customers/m2/lock", "", ""); got.status != 204 {
			t.Fatalf("%d %s", got.status, got.raw)
		}
	}
	k.convert("m2", "e", `{"points": 500}`, 201)
	refused := entries(t, s, "conversion.refused")
	if len(refused) != 4 || refused[0].Detail["code"] != "points_not_in_units" || refused[0].Detail["points"] != 150.0 || refused[0].Detail["unit"] != 100.0 ||
		refused[1].Detail["code"] != "validation_failed" || refused[3].Detail["code"] != "conversions_locked" {
		t.Fatalf("recorded %+v", refused)
	}
	for _, e := range refused {
		if !strings.HasPrefix(k.till.key, "pb_"+strings.TrimPrefix(e.Actor, "key:")) || e.CustomerID != "m2" || e.Outcome != domain.OutcomeRefused {
			t.Errorf("recorded %+v", e)
		}
	}
	lifted := entries(t, s, "customer.unlocked")
	if len(entries(t, s, "customer.locked")) != 1 || len(lifted) != 1 || !strings.HasPrefix(token, "pb_"+strings.TrimPrefix(lifted[0].Actor, "key:")) {
		t.Fatalf("recorded %+v", lifted)
	}
}

func (k *guessBed) alerts(s *store.Store) {
	t := k.t
	for range 12 {
		if got := k.staff.do("GET", "/v1/coupons/70934-AAAAAA-500", "", ""); got.status != 404 || got.body["code"] != "coupon_not_found" {
			t.Fatalf("%d %s", got.status, got.raw)
		}
	}
	if got := (caller{t, k.base, k.scrape}).do("GET", "/metrics", "", ""); !strings.Contains(string(got.raw), `pointbridge_alerts_total{kind="unknown_codes"} 1`) {
		t.Fatalf("%d %s", got.status, got.raw)
	}
	if list := entries(t, s, "alert.unknown_codes"); len(list) != 1 || !strings.HasPrefix(k.staff.key, "pb_"+strings.TrimPrefix(list[0].Actor, "key:")) {
		t.Fatalf("recorded %+v", list)
	}
}

func (k *guessBed) rates(s *store.Store) {
	t := k.t
	first := k.convert("m4", "first", `{"points": 500}`, 201)
	k.restart("POINT_RATE=1.5")
	again := k.convert("m4", "first", `{"points": 500}`, 201)
	next := k.convert("m4", "next", `{"points": 500}`, 201)
	if first.body["amount"] != 500.0 || again.body["amount"] != 500.0 || next.body["amount"] != 750.0 {
		t.Fatalf("%s\n%s\n%s", first.raw, again.raw, next.raw)
	}
	code, _ := first.body["code"].(string)
	if got := k.staff.do("GET", "/v1/coupons/"+code, "", ""); got.body["amount"] != 500.0 {
		t.Fatalf("%s", got.raw)
	}
	began, changed := entries(t, s, "policy.recorded"), entries(t, s, "policy.changed")
	if len(began) != 1 || began[0].Detail["rate"] != "1" || began[0].Detail["daily_limit"] != "1000000000" || began[0].Detail["policy_file"] == "" {
		t.Fatalf("recorded %+v", began)
	}
	want := map[string]any{"rate": map[string]any{"from": "1", "to": "1.5"}}
	if len(changed) != 1 || changed[0].Actor != "system" || !reflect.DeepEqual(changed[0].Detail, want) {
		t.Fatalf("recorded %+v", changed)
	}
}

// rights lets the database remember another policy than the one in this program, as an older version would have left it.
func (k *guessBed) rights(s *store.Store) {
	t := k.t
	if _, err := s.DB().ExecContext(t.Context(), `UPDATE settings SET value = 'older' WHERE name = 'policy_file'`); err != nil {
		t.Fatal(err)
	}
	k.restart()
	changed := entries(t, s, "policy.changed")
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
		_, stop := startDemo(t, data)
		stop()
	}
	s, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(data, "pointbridge.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if began, changed := entries(t, s, "policy.recorded"), entries(t, s, "policy.changed"); len(began) != 1 || len(changed) != 0 {
		t.Fatalf("two starts recorded %+v and %+v", began, changed)
	}
}
