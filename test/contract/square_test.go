package contract

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/pos/square"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

const squareDocument = "integrations/pos/square/wire/schema/loyalty.json"

// watched is a network on which it is seen how each request was taken.
type watched struct {
	t    *testing.T
	seen map[string]int
}

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return nil, err
	}
	expect.Equal(w.t, "the status", res.StatusCode, http.StatusOK, r.URL.Path)
	expect.Equal(w.t, "what is wrong with it", res.Header.Get("sl-violations"), "", r.URL.Path)
	w.seen[strings.TrimPrefix(r.URL.Path, "/v2/loyalty/")]++
	return res, nil
}

// TestAMockOfSquaresDocumentTakesWhatTheClientSends: a Square that nobody of ours wrote. It keeps no balance and answers
// with the document's samples, so that it takes every request, and no answer of it is one to what was asked.
func TestAMockOfSquaresDocumentTakesWhatTheClientSends(t *testing.T) {
	t.Parallel()
	base := mock(t, squareDocument)
	network := watched{t, map[string]int{}}
	client, err := square.New(square.Config{URL: base, Token: "token", Timeout: world.Patience},
		&http.Client{Transport: network})
	expect.MustEqual(t, "err", err, nil)

	const account, phone = "79b807d2-d786-46a9-933b-918028d7a8c5", "14155551234"
	for _, id := range []string{account, phone} {
		got, err := client.Balance(t.Context(), id)
		expect.MustEqual(t, "err", err, nil, id)
		expect.That(t, "the sample's balance", got.Points > 0, id, got.Points)
	}
	_, err = client.Balance(t.Context(), "NOBODY0FAM9V1EZ0ADB2T5609")
	expect.Equal(t, "a sample of somebody else", domain.ReasonOf(err), "another_customer")

	for _, m := range []domain.Movement{
		{Kind: domain.Take, CustomerID: phone, Points: 500, Key: strings.Repeat("k", 128), Reference: "COUPON-70934-AB72CD-500",
			Reason: strings.Repeat("あ", 5000)},
		{Kind: domain.GiveBack, CustomerID: account, Points: 1<<31 - 1, Key: "k", Reference: "CANCEL-70934-AB72CD-500",
			RelatedReference: "COUPON-70934-AB72CD-500", Reason: domain.ReasonGiveBack},
	} {
		move := client.Deduct
		if m.Kind == domain.GiveBack {
			move = client.Add
		}
		_, err := move(t.Context(), m)
		expect.Equal(t, "the kind", domain.KindOf(err), domain.KindUnknown, err)
		expect.Equal(t, "the reason", domain.ReasonOf(err), "another_movement", err)
		_, err = client.Find(t.Context(), m)
		expect.Equal(t, "the kind of a look-up", domain.KindOf(err), domain.KindUnknown, err)
	}
	expect.Equal(t, "adjustments", network.seen["accounts/"+account+"/adjust"], 2)
	expect.Equal(t, "look-ups", network.seen["events/search"], 2)
	expect.That(t, "searches", network.seen["accounts/search"] >= 2)

	// The mock does refuse what the document does not allow.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v2/loyalty/events/search",
		strings.NewReader(`{"limit":31}`))
	expect.MustEqual(t, "err", err, nil)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer token")
	res, err := (&http.Client{Timeout: world.Patience}).Do(req)
	expect.MustEqual(t, "err", err, nil)
	_, _ = io.Copy(io.Discard, res.Body)
	expect.Equal(t, "a limit above Square's", res.StatusCode, http.StatusUnprocessableEntity)
}
