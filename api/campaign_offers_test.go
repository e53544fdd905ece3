package api

import (
	"context"
	"net/http"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/coupons"
	"pointbridge/test/expect"
)

// anyCodes gives codes out; nobody asks it for one here.
type anyCodes struct{}

func (anyCodes) Issue(context.Context, coupons.Issue) (coupons.Result, error) {
	return coupons.Result{}, nil
}

func (anyCodes) Issued(context.Context, string, string) (coupons.Result, error) {
	return coupons.Result{}, nil
}

// TestOffersForTheStorefront: each with its end, and the server's own time to count from, so that a device whose clock is
// off by any amount counts right. There are none where nobody gives codes out, and none that have ended.
// covers: 002-19, 002-31
func TestOffersForTheStorefront(t *testing.T) {
	t.Parallel()
	var now func() time.Time
	s := newShop(t, func(d *Deps) { now, d.Codes = d.Now, anyCodes{} })
	ends := now().Add(time.Hour).UTC().Truncate(time.Second)
	s.identity.campaign.Offer = campaigns.Offer{Codes: campaigns.Personal, SelfService: true, EndsAt: ends,
		Value: campaigns.Value{Kind: campaigns.Percentage, Range: campaigns.One(1000)}, Points: 100,
		StartsAt: now().Add(-time.Hour), Validity: campaigns.One(86400), LivePerPerson: 1}
	got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/8812370934/offers", "")
	got.want(t, http.StatusOK, "")
	items, _ := got.body["items"].([]any)
	expect.MustEqual(t, "len(items)", len(items), 1, got.raw)
	offer, _ := items[0].(map[string]any)
	expect.Equal(t, `offer["expires_at"]`, offer["expires_at"], any(ends.Format(time.RFC3339)))
	expect.Equal(t, `got.body["server_now"]`, got.body["server_now"], any(now().UTC().Format(time.RFC3339Nano)))
	expect.Equal(t, `offer["points"]`, offer["points"], any(100.0))
	s.identity.campaign.Offer.EndsAt = now()
	got = s.call(domain.RolePOS, http.MethodGet, "/v1/customers/8812370934/offers", "")
	if items, _ := got.body["items"].([]any); len(items) != 0 {
		t.Errorf("at its end it is offered: %s", got.raw)
	}
	none := newShop(t, func(d *Deps) { d.Codes = nil })
	none.identity.campaign.Offer = s.identity.campaign.Offer
	none.identity.campaign.Offer.EndsAt = ends
	got = none.call(domain.RolePOS, http.MethodGet, "/v1/customers/8812370934/offers", "")
	if items, _ := got.body["items"].([]any); len(items) != 0 {
		t.Error("there are offers where nobody gives codes out")
	}
}
