package console

import (
	"strings"
	"testing"
	"time"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestAReviewShowsWhatTheTillShowed: who decides about a movement that nobody can settle sees the figures that leave it
// open, on the page and in the API.
func TestAReviewShowsWhatTheTillShowed(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	code := world.MadeCoupon(t, file, "12345", 500)
	world.Statement(t, data, `INSERT INTO reviews (kind, coupon_id, opened_at, evidence) SELECT 'unsettled', id, ?, ?
		FROM coupons WHERE code = ?`, time.Now().UTC(), `{"before":{"at":"2026-11-21T01:00:00Z","balance":1250},
		"found":{"at":"2026-11-21T01:02:00Z","balance":300,"entries":[
			{"id":"7001","at":"2026-11-21T01:00:05Z","points":-500},
			{"id":"7002","at":"2026-11-21T01:00:20Z","points":-500},
			{"id":"7003","at":"2026-11-21T01:01:00Z","points":50,"foreign":true}]}}`, code)
	v := world.ConsoleVisitor(t, file, "store_manager")
	at := reviewOfCoupon(t, v, code)
	page := v.Get(at)
	for _, text := range []string{"can be read in more than one way", "What the POS showed", "1,250 points", "300 points",
		"-500 points", "Entry 7001", "Entry 7002", "+50 points", "Entry 7003 · a sale or points that expired, not ours",
		"The POS carried it out", "The POS did not carry it out"} {
		page.Has(t, text)
	}
	id := at[strings.LastIndex(at, "/")+1:]
	got := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}.Do("GET", "/v1/reviews/"+id, "", "")
	evidence, _ := got.Body["evidence"].(map[string]any)
	expect.MustThat(t, "there is evidence", evidence != nil, got.Body)
	expect.Equal(t, "balance_before", evidence["balance_before"], any(1250.0))
	expect.Equal(t, "balance_found", evidence["balance_found"], any(300.0))
	entries, _ := evidence["entries"].([]any)
	expect.MustEqual(t, "len(entries)", len(entries), 3)
	last, _ := entries[2].(map[string]any)
	expect.Equal(t, "id", last["id"], any("7003"))
	expect.Equal(t, "foreign", last["foreign"], any(true))
	expect.Equal(t, "claimed", last["claimed"], any(false))
}
