package world

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/integrations/sim"
	"pointbridge/test/expect"
)

const (
	DeductAct = "pos.deduct"
	CreateAct = "shopify.discountCodeBasicCreate"
)

// Late opens the gate for an act that nobody waits for any more, and returns once it took effect.
func (o *Outside) Late(act string, g *gate) {
	o.T.Helper()
	done := o.Hold(act, sim.After)
	g.Open()
	Await(o.T, "the late act is carried out", done.Reached)
	done.Open()
}

// On makes the processes report to a subtest.
func (b *Processes) On(t *testing.T) *Processes {
	b.T = t
	return b
}

// ConvertedOnce waits until the conversion has come to rest in this process and checks that it happened once, as told.
func (b *Processes) ConvertedOnce(p *Proc, member, key string, told Reply) {
	b.T.Helper()
	address := "/v1/customers/" + member + "/conversions/" + key
	var now Answer
	// Who is told to come again has not been told how the conversion stands.
	comeAgain := func(status int) bool { return b.Ended && status == http.StatusServiceUnavailable }
	Eventually(b.T, "the conversion is finished", func() bool {
		now = p.POS().Do("GET", address, "", "")
		return now.Status != http.StatusAccepted && !comeAgain(now.Status)
	})
	code, _ := now.Body["code"].(string)
	expect.MustEqual(b.T, "now.Status", now.Status, http.StatusOK, now.Raw)
	expect.MustEqual(b.T, `now.Body["status"]`, now.Body["status"], "active", now.Raw)
	expect.MustThat(b.T, `code != ""`, code != "", now.Raw)
	if told.Status == http.StatusCreated && !strings.Contains(told.Raw, code) {
		b.T.Errorf("told %s, and now it is %s", told.Raw, code)
	}
	if told.Status == http.StatusAccepted && told.Header.Get("Location") != address {
		b.T.Errorf("told to look at %q", told.Header.Get("Location"))
	}
	var again Reply
	Eventually(b.T, "the same request is answered", func() bool {
		again = p.Post("/v1/customers/"+member+"/conversions", key, `{"points": 500}`)
		return !comeAgain(again.Status)
	})
	if again.Header.Get("Idempotent-Replayed") != "true" || (told.Status != 0 && again.Status != told.Status) {
		b.T.Errorf("the same request again: %+v", again)
	}
	if active := b.Books(member); len(active) != 1 || active[0].Code != code || b.Codes(member) != 1 {
		b.T.Errorf("%d active coupons, %d codes", len(active), b.Codes(member))
	}
}
