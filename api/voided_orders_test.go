package api

import (
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/reviews"
	"pointbridge/test/expect"
)

// voided is a review about a voided order, which a first person has looked at.
func voided(id int64) reviews.Review {
	r := review(id)
	r.Kind, r.OrderName, r.OrderID = reviews.OrderCancelled, "#1001", "gid://shopify/Order/1"
	r.Reason, r.Problem = "declined", "customer_gone"
	r.Proposal = &reviews.Proposal{ReviewID: id, Outcome: reviews.OutcomeReissue, Note: "ok", By: "Sato", At: issuedAt}
	r.RecentReviews = 2
	r.Coupon = reviews.Subject{CustomerID: "8812370934", Status: domain.Used, Points: 500, ExpiresAt: issuedAt,
		UsedOrderID: r.OrderID, ReissuedFrom: "70934-FIRST2-500", Chain: []string{"70934-FIRST2-500", code}}
	return r
}

// covers: 000-13, 000-14, 003-17
func TestReviewsAboutOrders(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.coupons.shown = voided
	for _, path := range []string{"/v1/reviews/1", "/v1/reviews"} {
		got := s.call(domain.RoleStoreManager, http.MethodGet, path, "").want(t, 200, "").body
		if list, ok := got["items"].([]any); ok {
			got, _ = list[0].(map[string]any)
		}
		proposed, _ := got["proposed"].(map[string]any)
		chain, _ := got["chain"].([]any)
		outcomes, _ := got["outcomes"].([]any)
		for name, want := range map[string]any{"kind": "order_cancelled", "order": "#1001",
			"order_id": "gid://shopify/Order/1", "reason": "declined",
			"problem": "customer_gone", "recent_cases": 2.0, "customer_id": "8812370934", "points": 500.0, "coupon_status": "used"} {
			if got[name] != want {
				t.Errorf("%s: %s is %v, want %v", path, name, got[name], want)
			}
		}
		if len(chain) != 2 || chain[1] != code || proposed["outcome"] != "reissue" || proposed["by"] != "Sato" ||
			proposed["note"] != "ok" || len(outcomes) != 3 {
			t.Errorf("%s: the chain, the proposal or the outcomes are wrong: %v", path, got)
		}
	}
}

// TestWhoDecidesAboutOrders sends each outcome as each role.
// covers: 000-02, 004-06, 004-07, 004-33
func TestWhoDecidesAboutOrders(t *testing.T) {
	t.Parallel()
	for role, status := range map[domain.Role]int{domain.RoleStoreManager: 200, domain.RoleECAdmin: 200,
		domain.RoleSystemAdmin: 200,
		domain.RoleStaff:       403, domain.RolePOS: 403, domain.RoleCustomer: 403} {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			for _, outcome := range []string{"reissue", "grant_points", "refuse", "return_points"} {
				problem := domain.Code("")
				if status == 403 {
					problem = domain.CodePermissionDenied
				}
				s.call(role, http.MethodPost, "/v1/reviews/1/decision", `{"outcome":"`+outcome+`","note":"n"}`,
					keyed("k-"+outcome)).want(t, status, problem)
			}
			want := 4
			if status == 403 {
				want = 0
			}
			if got := len(s.service.decisions); got != want {
				t.Errorf("%d decisions reached the service", got)
			}
		})
	}
	t.Run("a second person is asked for in the caller's language", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.service.err = domain.Refuse(domain.CodeSecondPerson, "outcome", "reissue", "limit", int64(5000))
		got := s.call(domain.RoleStoreManager, http.MethodPost, "/v1/reviews/1/decision", `{"outcome":"reissue"}`,
			keyed("k1")).want(t, 409, domain.CodeSecondPerson)
		expect.MustThat(t, `got.body["detail"] != nil`, got.body["detail"] != nil, got.body)
		expect.Equal(t, `got.body["limit"]`, got.body["limit"], 5000.0, got.body)
	})
}
