package orders

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// merchant is a system of the merchant's own, which verifies what it is told by the vendor's library.
type merchant struct {
	mu     sync.Mutex
	secret string
	status int
	told   []told
}

// told is an event as the merchant understands it.
type told struct {
	id, kind, code string
	bad            bool
}

func (m *merchant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	raw, _ := io.ReadAll(r.Body)
	var body struct {
		Type string
		Data struct{ Coupon struct{ Code string } }
	}
	verifier, err := standardwebhooks.NewWebhook(m.secret)
	bad := err != nil || verifier.Verify(raw, r.Header) != nil || json.Unmarshal(raw, &body) != nil
	m.told = append(m.told, told{r.Header.Get("webhook-id"), body.Type, body.Data.Coupon.Code, bad})
	w.WriteHeader(m.status)
}

func (m *merchant) answers(status int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.status = status
}

func (m *merchant) heard() []told {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.told)
}

// kinds are the kinds of what was heard, each event once, in alphabetical order.
func (m *merchant) kinds() string {
	byID := map[string]string{}
	for _, one := range m.heard() {
		byID[one.id] = one.kind
	}
	var list []string
	for _, kind := range byID {
		list = append(list, kind)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestTheMerchantsOwnSystemsAreTold: a system is added over the API, is told what happens to a coupon, by messages that
// verify and name the same event by the same id however often it is sent; what it refused comes again, what it missed is
// replayed, and only whoever runs the system may change who is told.
func TestTheMerchantsOwnSystemsAreTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		m := &merchant{status: 200}
		s := httptest.NewServer(m)
		t.Cleanup(s.Close)
		w := newOrderWorld(t, db, "EVENT_NETWORKS=127.0.0.0/8")
		pass := func() {
			t.Helper()
			w.must(w.App.Sealer.Seal(t.Context()))
			w.must(w.App.Events.Round(t.Context()))
		}
		for _, who := range []string{"Sato", "pos"} {
			status, _ := w.ask(who, http.MethodPost, "/v1/event-endpoints", "", `{"url":"`+s.URL+`"}`)
			expect.Equal(t, who+" adds one", status, http.StatusForbidden)
		}
		for _, odd := range []string{`{"url":"https://10.0.0.1/"}`, `{"url":"no address"}`, `{"url":"` + s.URL + `","kinds":["coupon.eaten"]}`} {
			status, text := w.ask("admin", http.MethodPost, "/v1/event-endpoints", "", odd)
			expect.Equal(t, odd, status, http.StatusUnprocessableEntity, text)
		}
		status, text := w.ask("admin", http.MethodPost, "/v1/event-endpoints", "", `{"url":"`+s.URL+`","description":"books"}`)
		expect.MustEqual(t, "the status", status, http.StatusCreated, text)
		var made struct{ ID, Secret string }
		w.must(json.Unmarshal([]byte(text), &made))
		m.secret = made.Secret
		at := "/v1/event-endpoints/" + made.ID
		status, text = w.ask("admin", http.MethodPost, at+"/test", "", "")
		expect.That(t, "the test arrives", status == http.StatusOK && strings.Contains(text, `"delivered":true`), text)

		m.answers(http.StatusInternalServerError)
		b := w.buyer()
		pass()
		world.Eventually(t, "it was refused", func() bool { return len(m.heard()) > 2 })
		m.answers(http.StatusOK)
		w.cancelledAll(b)
		pass()
		const all = "coupon.cancelled coupon.cancelling coupon.issued endpoint.test points.given_back points.taken"
		world.Eventually(t, "everything has arrived", func() bool {
			_, text := w.ask("admin", http.MethodGet, at+"/deliveries", "", "")
			return m.kinds() == all && strings.Count(text, `"state":"delivered"`) == 5
		})
		for _, one := range m.heard() {
			expect.That(t, one.kind+" verifies", !one.bad)
			wantsCode := one.kind != "endpoint.test" && one.kind != "points.taken"
			expect.Equal(t, one.kind+" names the code", one.code == b.code, wantsCode)
		}

		status, text = w.ask("admin", http.MethodPost, at+"/secret", "", "")
		expect.MustEqual(t, "the status", status, http.StatusOK, text)
		w.must(json.Unmarshal([]byte(text), &made))
		expect.That(t, "the secret is another", made.Secret != m.secret)
		before := len(m.heard())
		now := time.Now().UTC()
		status, text = w.ask("admin", http.MethodPost, at+"/replay", "", fmt.Sprintf(`{"from":%q,"to":%q}`,
			now.Add(-time.Hour).Format(time.RFC3339), now.Add(time.Hour).Format(time.RFC3339)))
		expect.That(t, "all are sent again", status == http.StatusAccepted && strings.Contains(text, `"events":5`), text)
		world.Eventually(t, "all have arrived again", func() bool { return len(m.heard()) == before+5 })
		for _, one := range m.heard()[before:] {
			expect.That(t, one.kind+" verifies by the old secret", !one.bad)
		}
		expect.Equal(t, "the events", m.kinds(), all)

		status, _ = w.ask("admin", http.MethodDelete, at, "", "")
		expect.Equal(t, "it is removed", status, http.StatusNoContent)
		status, _ = w.ask("admin", http.MethodGet, at, "", "")
		expect.Equal(t, "what was removed", status, http.StatusNotFound)
		expect.Equal(t, "entries", len(world.Entries(t, w.Store, domain.ActionEventEndpointRemoved)), 1)
	})
}
