package orders

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/privacy"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/sim"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// redacted sends shop/redact and gives what became of the request, once it has been worked on.
func (w *orderWorld) redacted() privacy.Request {
	w.T.Helper()
	before, err := w.Store.Privacy.Requests(w.T.Context(), false, 100)
	w.must(err)
	w.redactShop()
	var after []privacy.Request
	world.Eventually(w.T, "the request has been worked on", func() bool {
		after, err = w.Store.Privacy.Requests(w.T.Context(), false, 100)
		return err == nil && len(after) == len(before)+1 && after[0].Reason != ""
	})
	return after[0]
}

// redactShop sends shop/redact. The same body means something again once it has been forgotten that it came before.
func (w *orderWorld) redactShop() {
	w.T.Helper()
	_, err := w.Store.Webhooks.ForgetDeliveries(w.T.Context(), time.Now().Add(time.Hour))
	w.must(err)
	w.must(w.shop.RedactShop())
}

func (w *orderWorld) held() int {
	w.T.Helper()
	n, err := w.Store.Privacy.CountPeople(w.T.Context())
	w.must(err)
	return n
}

func (w *orderWorld) ready() (int, string) {
	w.T.Helper()
	res := httptest.NewRecorder()
	w.App.Handler.ServeHTTP(res, httptest.NewRequestWithContext(w.T.Context(), http.MethodGet, "/readyz", nil))
	return res.Code, res.Body.String()
}

// proved is an uninstallation that has been on record for two days.
func (w *orderWorld) proved() {
	w.T.Helper()
	w.must(w.shop.Uninstall())
	var i webhooks.Installation
	world.Eventually(w.T, "the uninstallation is confirmed", func() bool {
		var err error
		i, err = w.Store.Webhooks.Installation(w.T.Context())
		return err == nil && i.State == webhooks.Confirmed
	})
	i.Refused = 48 * time.Hour
	w.must(w.Store.Webhooks.SetInstallation(w.T.Context(), i, domain.AuditEntry{}))
}

func TestNoOddAnswerOfTheShopForgetsAnybody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.buyer()
		w.delivered()
		for _, status := range []int{402, 403, 404, 423, 430} {
			w.must(w.shop.CloseShop(status))
			r := w.redacted()
			if r.Reason != privacy.ReasonUnproved || !r.Open || w.held() != 1 {
				t.Errorf("a shop that answers %d: %q, %d members are held", status, r.Reason, w.held())
			}
			w.shop.OpenShop()
		}
		for name, rule := range map[string]sim.Rule{
			"an internal error":   {Act: "shopify.shop", Mode: sim.Internal, Count: -1},
			"a broken answer":     {Act: "shopify.shop", Mode: sim.BrokenAnswer, Count: -1},
			"a refused operation": {Act: "shopify.shop", Mode: sim.Refuse, Reason: "ACCESS_DENIED", Count: -1},
			"no answer":           {Act: "shopify.shop", Mode: sim.DropBefore, Count: -1},
			"a 401 of the API":    {Act: "shopify.shop", Mode: sim.Status, Code: 401, Count: -1},
		} {
			w.Faults.Add(rule)
			if r := w.redacted(); r.Reason != privacy.ReasonUnproved || w.held() != 1 {
				t.Errorf("%s: %q, %d members are held", name, r.Reason, w.held())
			}
			w.Faults.Clear()
			w.Faults.OnAct(w.Pass)
		}
		if r := w.redacted(); r.Reason != privacy.ReasonInstalled || w.held() != 1 {
			t.Errorf("the app is there: %q, %d members are held", r.Reason, w.held())
		}
		i, err := w.Store.Webhooks.Installation(t.Context())
		if err != nil || i.State != webhooks.Installed {
			t.Errorf("nobody told of an uninstallation, and it is %q, %v", i.State, err)
		}
	})
}

func TestAShopThatHasBeenGoneForTwoDaysIsForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.buyer()
		w.delivered()
		w.must(w.shop.CloseShop(http.StatusPaymentRequired))
		w.must(w.shop.Uninstall())
		world.Eventually(t, "the report is in the audit", func() bool {
			i, err := w.Store.Webhooks.Installation(t.Context())
			return err == nil && i.State == webhooks.Reported
		})
		status, text := w.ready()
		expect.Equal(t, "status", status, http.StatusOK)
		expect.That(t, `text to contain "said to be uninstalled"`, strings.Contains(text, "said to be uninstalled"),
			text)
		w.shop.OpenShop()
		w.must(w.App.Webhooks.LookForInstallation(t.Context()))
		if r := w.redacted(); r.Reason != privacy.ReasonUnproved || w.held() != 1 {
			t.Errorf("minutes after it was confirmed: %q, %d members are held", r.Reason, w.held())
		}
		i, err := w.Store.Webhooks.Installation(t.Context())
		w.must(err)
		i.Refused = 48 * time.Hour
		w.must(w.Store.Webhooks.SetInstallation(t.Context(), i, domain.AuditEntry{}))
		w.must(w.App.Privacy.Work(t.Context()))
		if w.held() != 0 {
			t.Errorf("%d members are held", w.held())
		}
	})
}

func TestAnOperatorHearsOfAnErasureInTimeAndStopsIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		const scraper = "0123456789abcdefghijklmnopqrstuv"
		w := newOrderWorld(t, db, "ERASE_AT_ONCE=1", "METRICS_TOKEN="+scraper)
		w.keys["scraper"] = scraper
		w.buyer()
		w.buyer()
		w.delivered()
		w.proved()
		r := w.redacted()
		if r.Reason != privacy.ReasonAnnounced || r.Members != 2 || w.held() != 2 {
			t.Fatalf("%q of %d, %d members are held", r.Reason, r.Members, w.held())
		}
		stop := fmt.Sprintf("pointbridge privacy stop %d", r.ID)
		if _, text := w.ready(); !strings.Contains(text, "2 members are forgotten, not before") ||
			!strings.Contains(text, stop) {
			t.Errorf("/readyz says %s", text)
		}
		world.Eventually(t, "the metrics tell of it", func() bool { // a reading that takes too long is left out
			_, text := w.ask("scraper", http.MethodGet, "/metrics", "", "")
			return strings.Contains(text, "pointbridge_erasure_members 2") && strings.Contains(text, `erasure_announced`)
		})
		if list := w.Command("privacy", "list"); !strings.Contains(list, "announced") {
			t.Errorf("listed %s", list)
		}
		text := w.Command("privacy", "stop", fmt.Sprint(r.ID))
		expect.That(t, `text to contain "Stopped"`, strings.Contains(text, "Stopped"), text)
		w.must(w.App.Privacy.Work(t.Context()))
		if _, text := w.ready(); strings.Contains(text, "members are forgotten") || w.held() != 2 {
			t.Errorf("%d members are held, /readyz says %s", w.held(), text)
		}
		if text := w.Command("privacy", "erase", fmt.Sprint(r.ID)); !strings.Contains(text, "Announced: 2 members") ||
			w.held() != 2 {
			t.Errorf("%s, %d members are held", text, w.held())
		}
		for _, action := range []string{"erasure.announced", "erasure.stopped", "erasure.approved"} {
			if status, text := w.ask("admin", http.MethodGet, "/v1/audit?action="+action, "", ""); status != 200 ||
				!strings.Contains(text, action) {
				t.Errorf("%s is not in the audit: %d %s", action, status, text)
			}
		}
	})
}

func TestACallThatTheShopDidIsWrittenDown(t *testing.T) {
	t.Parallel()
	storetest.OnSQLite(t, func(t *testing.T, db storetest.Database) {
		w := newOrderWorld(t, db)
		w.buyer()
		now := w.App.Service.Clock.Now()
		w.must(w.Store.Webhooks.SetInstallation(t.Context(), webhooks.Installation{State: webhooks.Confirmed,
			ReportedAt: now, ConfirmedAt: now, AskedAt: now}, domain.AuditEntry{}))
		w.must(w.App.TellHeard(t.Context()))
		if i, err := w.Store.Webhooks.Installation(t.Context()); err != nil || i.State != webhooks.Confirmed {
			t.Errorf("a call from before counts: %q, %v", i.State, err)
		}
		w.buyer()
		w.must(w.App.TellHeard(t.Context()))
		i, err := w.Store.Webhooks.Installation(t.Context())
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "i.State", i.State, webhooks.Installed)
	})
}
