package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// TestRiskOfAReview: one review shows its score, the signals it is made of, and the earlier reviews with their orders;
// a list does not, and neither does it change what can be decided.
// covers: 003-17
func TestRiskOfAReview(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.coupons.shown = voided
	used := issuedAt
	s.coupons.circumstances = reviews.Circumstances{SameEmail: 1, Refused: 6, UsedAt: &used, Matches: []reviews.Match{
		{ReviewID: 2, Kind: reviews.OrderCancelled, Code: "70934-EARLY2-300", CustomerID: "12345",
			OrderID: "gid://shopify/Order/7", OrderName: "#1007", OpenedAt: issuedAt.Add(-time.Hour),
			Outcome: reviews.OutcomeReissue, By: []reviews.MatchedBy{reviews.MatchedEmail}},
		{ReviewID: 1, Kind: reviews.SuspectedFraud, Code: code, CustomerID: "8812370934",
			OpenedAt: issuedAt.Add(-2 * time.Hour), By: []reviews.MatchedBy{reviews.MatchedMember}}}}
	got := s.call(domain.RoleStoreManager, http.MethodGet, "/v1/reviews/3", "").want(t, 200, "").body
	raw, err := json.Marshal(got["risk"])
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"score":90`, `{"count":1,"signal":"declined","weight":15}`,
		`{"count":2,"signal":"earlier","weight":30}`, `{"count":1,"signal":"reissued","weight":15}`,
		`{"count":1,"signal":"same_email","weight":10}`, `{"count":6,"signal":"refused","weight":10}`,
		`"customer_id":"12345","kind":"order_cancelled","matched_by":["email"]`,
		`"order":"#1007","order_id":"gid://shopify/Order/7","outcome":"reissue","review_id":2`,
		`"matched_by":["member"]`, `"order":null,"order_id":null,"outcome":null,"review_id":1`} {
		if !strings.Contains(string(raw), part) {
			t.Errorf("%s is not in %s", part, raw)
		}
	}
	outcomes, _ := got["outcomes"].([]any)
	expect.Equal(t, "len(outcomes)", len(outcomes), 3, outcomes)
	list, _ := s.call(domain.RoleStoreManager, http.MethodGet, "/v1/reviews", "").want(t, 200, "").body["items"].([]any)
	first, _ := list[0].(map[string]any)
	expect.MustThat(t, "len(list) != 0", len(list) != 0, list)
	expect.Equal(t, `first["risk"]`, first["risk"], nil)
	s.call(domain.RoleStaff, http.MethodGet, "/v1/reviews/3", "").want(t, 403, domain.CodePermissionDenied)
}
