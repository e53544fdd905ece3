package process

import (
	"fmt"
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

// TestADecisionWaitsForNoDisk: a database whose commits wait for a standby that is not there answers who asks before an
// order, and nobody whose points are to be taken. With the standby's name gone everything is kept.
func TestADecisionWaitsForNoDisk(t *testing.T) {
	t.Parallel()
	s := newServer(t, "data")
	s.run("initdb", "-D", s.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	s.start()
	w := world.NewActs(t, storetest.Database{URL: fmt.Sprintf("postgres://postgres@%s:%s/postgres?sslmode=disable",
		s.host, s.port), Dialect: "postgres"}, "POS_TIMEOUT=5s", "SHOPIFY_TIMEOUT=5s", "STEP_LEASE=6s",
		"SETTLE_AFTER=6s") // a conversion whose commit was given up meanwhile is found soon
	processes := &world.Processes{Outside: w.Outside}
	_, admin := world.Hired(t, w.Store, "Ec Admin", domain.RoleECAdmin, "")
	w.Answer(admin, http.MethodPost, "/v1/campaigns", `{"key":"summer","prefix":"SUMMER-","names":{"en":"Summer"},
		"protection":{"preset":"medium","mode":"enforce"}}`, http.StatusCreated)
	w.Answer(admin, http.MethodPost, "/v1/campaigns/summer/status", `{"to":"live"}`, http.StatusOK)
	shop, p := w.KeyOf(domain.RolePOS, ""), processes.Start()
	member := processes.Member(p)
	ask := func() string {
		said := w.Answer(shop, http.MethodPost, "/v1/decisions", `{"code":"SUMMER-X","stage":"cart",
			"customer":{"email":"taro@example.com"}}`, http.StatusOK)
		id, _ := said["id"].(string)
		return id
	}
	ask() // and with it whatever is written down of a key's first use

	setting := func(names string) {
		s.one("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'")
		s.one("SELECT pg_reload_conf()::text")
		world.Eventually(t, "the server has read its settings", func() bool {
			return s.one("SHOW synchronous_standby_names") == names
		})
	}
	setting("away")
	t.Cleanup(func() { setting("") })
	told := make(chan world.Reply, 1)
	go func() { told <- p.Post("/v1/customers/"+member+"/conversions", "k", `{"points": 500}`) }()
	world.Eventually(t, "the conversion waits for its first commit", func() bool {
		return s.one("SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'SyncRep'") != "0"
	})
	id := ask()
	if taken := len(w.POS.AllEntries()); taken != 0 {
		t.Errorf("points are taken before the intent to is kept: %d entries", taken)
	}
	setting("")
	if got := world.Await(t, "the conversion's answer", told); got.Status != http.StatusCreated {
		comesAgain(t, got) // a commit that takes too long is given up, and may have been made
	}
	processes.ConvertedOnce(p, member, "k", world.Reply{})
	w.Answer(admin, http.MethodGet, "/v1/decisions/"+id, "", http.StatusOK)
}
