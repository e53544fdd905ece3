package orders

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	simsquare "pointbridge/integrations/sim/square"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/openapi"
	"pointbridge/test/world"
)

const (
	squareKey = "a-signature-key"
	squareURL = "https://points.example.com/webhooks/square"
)

// squareWorld is the whole service with Square as its till.
func squareWorld(t *testing.T, db storetest.Database) (*orderWorld, *simsquare.Server) {
	t.Helper()
	till, err := simsquare.New(simsquare.Config{Token: "square-token"})
	if err != nil {
		t.Fatal(err)
	}
	document := openapi.Load(t, "integrations/pos/square/wire/schema/loyalty.json", "Error")
	s := httptest.NewServer(document.Exchanges(t, till))
	t.Cleanup(s.Close)
	return newOrderWorld(t, db, "POS_KIND=square", "POS_URL="+s.URL, "POS_TOKEN=square-token", "POS_REPLAY=",
		"POS_LOOKUP=", "POS_WEBHOOK_KEY="+squareKey, "POS_WEBHOOK_URL="+squareURL), till
}

// notify sends a notice as Square does and gives the status.
func (w *orderWorld) notify(body, key string) int {
	w.T.Helper()
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(squareURL + body))
	r := httptest.NewRequestWithContext(w.T.Context(), http.MethodPost, "/webhooks/square", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Square-Hmacsha256-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	res := httptest.NewRecorder()
	w.App.Handler.ServeHTTP(res, r)
	return res.Code
}

// TestACouponLivesItsLifeOverSquare: points are taken once and come back once, linked by their references, and what
// Square tells of it moves nothing.
func TestACouponLivesItsLifeOverSquare(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w, till := squareWorld(t, db)
		const member = "7700000001" // by phone
		till.AddCustomer(member, "Member", 1250)
		mine := w.buyer()
		points, _ := till.Balance(member)
		expect.MustEqual(t, "points after the conversion", points, 750)
		expect.Equal(t, "the reference", till.AllEntries()[0].Reference(), domain.TakeReference(mine.code))

		body := `{"merchant_id":"M","type":"loyalty.account.updated","event_id":"e-1","data":{"object":{"loyalty_account":` +
			`{"id":"x","program_id":"p","balance":999999,"mapping":{"phone_number":"+` + member + `"}}}}}`
		expect.Equal(t, "a stranger's notice", w.notify(body, "another"), http.StatusUnauthorized)
		for range 3 {
			expect.Equal(t, "Square's notice", w.notify(body, squareKey), http.StatusOK)
		}
		var kept, about int
		w.must(w.Store.DB().QueryRowContext(t.Context(), `SELECT count(*), count(CASE WHEN customer_gid <> '' OR person <> ''
			THEN 1 END) FROM webhook_deliveries WHERE topic = 'loyalty.account.updated'`).Scan(&kept, &about))
		expect.Equal(t, "notices kept", kept, 1)
		expect.Equal(t, "notices that name a person", about, 0)
		w.quiet()

		status, raw := w.cancel(mine.code, "cancel-1")
		expect.That(t, "it is cancelled, or on its way", status == http.StatusOK || status == http.StatusAccepted, raw)
		world.Eventually(t, "the points are back", func() bool {
			points, _ := till.Balance(member)
			return points == 1250
		})
		w.quiet()
		entries := till.AllEntries()
		expect.MustEqual(t, "events", len(entries), 2)
		expect.Equal(t, "the credit", entries[1].Reference(), domain.GiveBackReference(mine.code))
		expect.That(t, "it names what it gives back", strings.Contains(entries[1].Reason, domain.TakeReference(mine.code)))
	})
}
