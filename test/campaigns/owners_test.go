package campaigns

import (
	"fmt"
	"net/http"
	"testing"

	"pointbridge/domain/campaigns"
	"pointbridge/domain/identity"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestOwnersAreCreditedWithTheirCodes: who brought how much, over all codes of an owner; an order with a code of the
// family that nobody owns is told as nobody's.
// covers: 002-38
func TestOwnersAreCreditedWithTheirCodes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		s := newShop(t, db, func(o *campaigns.Offer) {
			*o = campaigns.Offer{Codes: campaigns.Shared, Value: o.Value, StartsAt: o.StartsAt, EndsAt: o.EndsAt}
		})
		const path = "/v1/campaigns/summer/shared-codes"
		for n, c := range [][2]string{{"SUMMER-MIKA", "Mika"}, {"SUMMER-MIKA2", "Mika"}, {"SUMMER-KEN", "Ken"}} {
			status, text := s.Request(s.admin, http.MethodPost, path, fmt.Sprint("share", n),
				fmt.Sprintf(`{"code":%q,"owner":%q}`, c[0], c[1]))
			expect.MustEqual(t, "status", status, http.StatusAccepted, text)
		}
		for n, code := range []string{"SUMMER-MIKA", "SUMMER-MIKA2", "summer-mika", "SUMMER-KEN", "SUMMER-BYHAND"} {
			_, err := s.App.Decisions.SeeUse(t.Context(), world.OrderBefore(1001+n, 1, code,
				identity.Shown{Emails: []string{fmt.Sprintf("buyer%d@example.com", n)}}))
			expect.MustEqual(t, "err", err, nil)
		}
		got := s.Answer(s.admin, http.MethodGet, "/v1/reports/sales-by-discount?by=owner", "", http.StatusOK)
		orders := map[string]float64{}
		lines, _ := got["lines"].([]any)
		for _, l := range lines {
			line, _ := l.(map[string]any)
			orders[fmt.Sprint(line["key"])], _ = line["orders"].(float64)
		}
		expect.Equal(t, "orders by owner", fmt.Sprint(orders), fmt.Sprint(map[string]float64{"Mika": 3, "Ken": 1, "": 1}))
	})
}
