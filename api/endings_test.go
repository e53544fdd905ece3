package api

import (
	"net/http"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// covers: 004-17, 004-27, 004-28, 004-29, 004-51, 004-52, 004-53, 004-54
func TestEndings(t *testing.T) {
	t.Parallel()
	t.Run("a cancellation is on its way, in the name of who asked", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RoleStoreManager, http.MethodPost, "/v1/coupons/"+strings.ToLower(code)+"/cancellation",
			because, keyed("k1")).want(t, 202, "")
		expect.Equal(t, `got.header.Get("Location")`, got.header.Get("Location"), "/v1/coupons/"+code, got.header)
		expect.That(t, `got.header.Get("Retry-After") != ""`, got.header.Get("Retry-After") != "", got.header)
		expect.Equal(t, `got.header.Get("Idempotent-Replayed")`, got.header.Get("Idempotent-Replayed"), "", got.header)
		expect.Equal(t, `got.body["status"]`, got.body["status"], "cancelling", got.body)
		expect.MustThat(t, `got.body["cancelled_by"] != nil`, got.body["cancelled_by"] != nil, got.body)
		expect.Equal(t, `got.body["reason"]`, got.body["reason"], "customer_request", got.body)
		expect.Equal(t, `got.body["note"]`, got.body["note"], "買い間違い", got.body)
		expect.Equal(t, `got.body["cancelled_at"]`, got.body["cancelled_at"], nil, got.body)
		asked := s.service.endings[0]
		expect.Equal(t, "asked.Caller.Role", asked.Caller.Role, domain.RoleStoreManager)
		expect.Equal(t, "asked.Key", asked.Key, "k1")
		expect.Equal(t, "asked.Note", asked.Note, "買い間違い")
		s.service.replayed = true
		got = s.call(domain.RoleStoreManager, http.MethodPost, "/v1/coupons/"+code+"/cancellation", because,
			keyed("k1")).want(t, 202, "")
		expect.Equal(t, `got.header.Get("Idempotent-Replayed")`, got.header.Get("Idempotent-Replayed"), "true",
			got.header)
	})
	t.Run("a bad body names the field, and nothing is asked for", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for body, location := range map[string]string{
			`{}`:                   "body.reason",
			`{"reason":"because"}`: "body.reason",
			`{"reason":"other","note":"` + strings.Repeat("点", 2001) + `"}`: "body.note",
			`{"reason":"other","cancelled_by":"Somebody"}`:                  "body.cancelled_by",
		} {
			got := s.call(domain.RoleECAdmin, http.MethodPost, "/v1/coupons/"+code+"/cancellation", body,
				keyed("k1")).want(t, 422, domain.CodeValidation)
			if got.field(location) == "" {
				t.Errorf("%s does not name %s: %v", body, location, got.body)
			}
		}
		s.call(domain.RoleECAdmin, http.MethodPost, "/v1/coupons/"+code+"/suspension", because).want(t, 400,
			domain.CodeKeyMissing)
		if s.service.called() != 0 {
			t.Error("the service was called")
		}
	})
	t.Run("what cannot be cancelled has a code of its own", func(t *testing.T) {
		t.Parallel()
		for problem, status := range map[domain.Code]int{domain.CodeCouponUsed: 409, domain.CodeCouponExpired: 409,
			domain.CodeCouponCancelled: 409, domain.CodeCancelInProgress: 409, domain.CodeCouponNotCancellable: 409,
			domain.CodeCouponNotFound: 404, domain.CodeOwnCoupon: 403,
			domain.CodeCapExceeded: 403} {
			s := newShop(t)
			s.service.err = domain.Refuse(problem)
			s.call(domain.RoleStoreManager, http.MethodPost, "/v1/coupons/"+code+"/cancellation", because,
				keyed("k1")).want(t, status, problem)
		}
	})
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	got := s.call(domain.RolePOS, http.MethodPost, "/v1/refunds", `{"coupon_code":"`+code+
		`","reference":"T-1","reason":"order_cancelled"}`, keyed("k1")).want(t, 202, "")
	expect.Equal(t, `got.header.Get("Location")`, got.header.Get("Location"), "/v1/refunds/T-1", got.header, got.body)
	expect.Equal(t, `got.body["status"]`, got.body["status"], "accepted", got.header, got.body)
	expect.Equal(t, `got.body["pos_reference"]`, got.body["pos_reference"], "CANCEL-"+code, got.header, got.body)
	got = s.call(domain.RolePOS, http.MethodGet, "/v1/refunds/T-1", "").want(t, 200, "")
	expect.Equal(t, `got.body["status"]`, got.body["status"], "done", got.body)
	expect.Equal(t, `got.body["balance"]`, got.body["balance"], 1250.0, got.body)
	expect.That(t, `got.body["completed_at"] != nil`, got.body["completed_at"] != nil, got.body)
	// A slash of a reference is no part of the path: Location has it escaped, and a client that does not is told apart.
	got = s.call(domain.RolePOS, http.MethodPost, "/v1/refunds", `{"coupon_code":"`+code+
		`","reference":"T/2026/1","reason":"order_cancelled"}`, keyed("k2")).want(t, 202, "")
	expect.Equal(t, `got.header.Get("Location")`, got.header.Get("Location"), "/v1/refunds/T%2F2026%2F1", got.header, got.body)
	s.call(domain.RolePOS, http.MethodGet, got.header.Get("Location"), "").want(t, 200, "")
	s.call(domain.RolePOS, http.MethodGet, "/v1/refunds/T/2026/1", "").want(t, 404, domain.CodeNotFound)
	s.call(domain.RolePOS, http.MethodPost, "/v1/refunds", `{"coupon_code":"`+code+`","reference":"","reason":"other"}`,
		keyed("k1")).want(t, 422, domain.CodeValidation)
	s.service.err = domain.Refuse(domain.CodeReferenceReused)
	s.call(domain.RolePOS, http.MethodPost, "/v1/refunds", `{"coupon_code":"`+code+
		`","reference":"T-1","reason":"other"}`, keyed("k1")).want(t, 422, domain.CodeReferenceReused)
}

func TestReviews(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	first := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reviews?status=open&limit=2", "").want(t, 200, "")
	cursor, _ := first.body["next_cursor"].(string)
	expect.MustEqual(t, "len(items(t, first))", len(items(t, first)), 2, first.body)
	expect.MustThat(t, `cursor != ""`, cursor != "", first.body)
	expect.MustEqual(t, "s.coupons.cases.Status", s.coupons.cases.Status, "open", first.body)
	second := s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reviews?limit=2&cursor="+cursor, "").want(t, 200, "")
	list := items(t, second)
	expect.MustEqual(t, "len(list)", len(list), 1, second.body)
	expect.MustEqual(t, `second.body["next_cursor"]`, second.body["next_cursor"], nil, second.body)
	expect.Equal(t, `list[0]["decision"]`, list[0]["decision"], nil, second.body)
	s.call(domain.RoleECAdmin, http.MethodGet, "/v1/reviews/9", "").want(t, 404, domain.CodeReviewNotFound)
	got := s.call(domain.RoleECAdmin, http.MethodPost, "/v1/reviews/1/decision",
		`{"outcome":"forfeit","note":"proved"}`, keyed("k1")).want(t, 200, "")
	decision, _ := got.body["decision"].(map[string]any)
	expect.Equal(t, `got.body["status"]`, got.body["status"], "closed", got.body)
	expect.Equal(t, `decision["outcome"]`, decision["outcome"], "forfeit", got.body)
	expect.Equal(t, `decision["note"]`, decision["note"], "proved", got.body)
	expect.That(t, `decision["decided_by"] != nil`, decision["decided_by"] != nil, got.body)
	s.call(domain.RoleECAdmin, http.MethodPost, "/v1/reviews/1/decision", `{"outcome":"maybe"}`, keyed("k2")).want(t,
		422, domain.CodeValidation)
	s.service.err = domain.Refuse(domain.CodeReviewDecided)
	s.call(domain.RoleECAdmin, http.MethodPost, "/v1/reviews/1/decision", `{"outcome":"forfeit"}`, keyed("k3")).want(t,
		409, domain.CodeReviewDecided)
}

func TestTheAPITakesNotesAsLongAsTheDomainDoes(t *testing.T) {
	t.Parallel()
	found := 0
	for name, schema := range newShop(t).api.huma.OpenAPI().Components.Schemas.Map() {
		note := schema.Properties["note"]
		if note == nil || note.MaxLength == nil { // an answer says nothing of a note's length
			continue
		}
		found++
		if *note.MaxLength != domain.MaxNote {
			t.Errorf("%s takes notes of %d characters", name, *note.MaxLength)
		}
	}
	if found < 2 {
		t.Errorf("%d bodies with a note", found)
	}
}
