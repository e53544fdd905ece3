package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/test/expect"
)

// walk is every operation with a request that is right in every other respect, and the roles that may send it.
var walk = map[string]struct {
	path, body string
	may        []domain.Role
	status     int
}{
	"GET /v1/customers/{id}/points": {"/v1/customers/8812370934/points", "", everybody, 200},
	"GET /v1/customers/{id}/offers": {"/v1/customers/8812370934/offers", "", everybody, 200},
	"GET /v1/customers/{id}/quote":  {"/v1/customers/8812370934/quote?points=500", "", everybody, 200},
	"POST /v1/customers/{id}/conversions": {"/v1/customers/8812370934/conversions", `{"points":500}`,
		[]domain.Role{"customer", "pos", "store_manager", "ec_admin", "system_admin"}, 201},
	"GET /v1/customers/{id}/conversions/{key}": {"/v1/customers/8812370934/conversions/k1", "",
		[]domain.Role{"customer", "pos", "store_manager", "ec_admin", "system_admin"}, 200},
	"GET /v1/customers/{id}/coupons": {"/v1/customers/8812370934/coupons", "", everybody, 200},
	"POST /v1/customers/{id}/undos": {"/v1/customers/8812370934/undos", `{"code":"` + code + `"}`,
		[]domain.Role{"customer"}, 202},
	"POST /proxy/v1/customers/{id}/undos": {"/proxy/v1/customers/me/undos", `{"code":"` + code + `"}`, shoppers, 202},
	"PUT /v1/customers/{id}": {"/v1/customers/8812370934", `{"shopify_customer_id":"1"}`,
		[]domain.Role{"pos", "system_admin"}, 201},
	"GET /v1/coupons": {"/v1/coupons", "", []domain.Role{"staff", "store_manager", "ec_admin",
		"system_admin"}, 200},
	"GET /v1/coupons/{code}": {"/v1/coupons/" + code, "", []domain.Role{"staff", "store_manager",
		"ec_admin", "system_admin"}, 200},
	"POST /v1/coupons/{code}/cancellation": {"/v1/coupons/" + code + "/cancellation", because, managers, 202},
	"POST /v1/coupons/{code}/suspension":   {"/v1/coupons/" + code + "/suspension", because, managers, 202},
	"POST /v1/coupons/{code}/cancel-requests": {"/v1/coupons/" + code + "/cancel-requests", because,
		domain.StaffRoles(), 201},
	"GET /v1/cancel-requests":                  {"/v1/cancel-requests", "", domain.StaffRoles(), 200},
	"GET /v1/cancel-requests/{id}":             {"/v1/cancel-requests/1", "", domain.StaffRoles(), 200},
	"POST /v1/cancel-requests/{id}/decision":   {"/v1/cancel-requests/1/decision", `{"decision":"approve"}`, managers, 200},
	"POST /v1/cancel-requests/{id}/withdrawal": {"/v1/cancel-requests/1/withdrawal", `{}`, domain.StaffRoles(), 200},
	"POST /v1/bulk-jobs": {"/v1/bulk-jobs", `{"kind":"cancel","codes":["` + code + `"],"reason":"customer_request"}`,
		managers, 202},
	"GET /v1/bulk-jobs":                {"/v1/bulk-jobs", "", managers, 200},
	"GET /v1/bulk-jobs/{id}":           {"/v1/bulk-jobs/blk_1", "", managers, 200},
	"POST /v1/bulk-jobs/{id}/approval": {"/v1/bulk-jobs/blk_1/approval", `{}`, managers, 200},
	"POST /v1/bulk-jobs/{id}/status":   {"/v1/bulk-jobs/blk_1/status", `{"status":"paused"}`, managers, 200},
	"POST /v1/refunds": {"/v1/refunds", `{"coupon_code":"` + code +
		`","reference":"T-1","reason":"other"}`, []domain.Role{"pos", "system_admin"}, 202},
	"GET /v1/refunds/{reference}":    {"/v1/refunds/T-1", "", []domain.Role{"pos", "system_admin"}, 200},
	"GET /v1/reviews":                {"/v1/reviews", "", managers, 200},
	"GET /v1/reviews/{id}":           {"/v1/reviews/1", "", managers, 200},
	"POST /v1/reviews/{id}/decision": {"/v1/reviews/1/decision", `{"outcome":"forfeit"}`, managers, 200},
	"GET /v1/customers/{id}": {"/v1/customers/8812370934", "",
		[]domain.Role{"pos", "staff", "store_manager", "ec_admin", "system_admin"}, 200},
	"DELETE /v1/customers/{id}/lock": {"/v1/customers/8812370934/lock", "", []domain.Role{"store_manager",
		"ec_admin", "system_admin"}, 204},
	"POST /v1/customers/{id}/renumbering": {"/v1/customers/8812370934/renumbering", `{"customer_id":"8812370935"}`,
		[]domain.Role{"pos", "store_manager", "ec_admin", "system_admin"}, 200},
	"GET /v1/audit":           {"/v1/audit", "", []domain.Role{"ec_admin", "system_admin"}, 200},
	"GET /v1/reports/summary": {"/v1/reports/summary", "", []domain.Role{"ec_admin", "system_admin"}, 200},
	"POST /v1/decisions": {"/v1/decisions", `{"code":"SUMMER-1","stage":"cart"}`,
		[]domain.Role{"customer", "pos", "ec_admin", "system_admin"}, 200},
	"GET /v1/decisions":               {"/v1/decisions", "", domain.StaffRoles(), 200},
	"GET /v1/decisions/{id}":          {"/v1/decisions/dec_1", "", domain.StaffRoles(), 200},
	"POST /v1/decisions/{id}/replay":  {"/v1/decisions/dec_1/replay", `{}`, domain.StaffRoles(), 200},
	"POST /v1/decisions/{id}/verdict": {"/v1/decisions/dec_1/verdict", `{"verdict":"abuse"}`, managers, 200},
	"GET /v1/campaigns":               {"/v1/campaigns", "", domain.StaffRoles(), 200},
	"POST /v1/campaigns": {"/v1/campaigns", `{"key":"winter","prefix":"WINTER-","names":{"en":"Winter"}}`,
		[]domain.Role{"ec_admin", "system_admin"}, 201},
	"GET /v1/campaigns/{key}":      {"/v1/campaigns/summer", "", domain.StaffRoles(), 200},
	"GET /v1/campaigns/{key}/uses": {"/v1/campaigns/summer/uses", "", domain.StaffRoles(), 200},
	"GET /v1/campaign-templates":   {"/v1/campaign-templates", "", domain.StaffRoles(), 200},
	"PATCH /v1/campaigns/{key}": {"/v1/campaigns/summer", `{"names":{"en":"Heat"}}`,
		[]domain.Role{"ec_admin", "system_admin"}, 200},
	"POST /v1/campaigns/{key}/status": {"/v1/campaigns/summer/status", `{"to":"paused"}`,
		[]domain.Role{"ec_admin", "system_admin"}, 200},
	"POST /v1/campaigns/{key}/trial": {"/v1/campaigns/summer/trial", `{"stage":"cart"}`,
		[]domain.Role{"ec_admin", "system_admin"}, 200},
	"POST /v1/discounts/scan":           {"/v1/discounts/scan", `{}`, []domain.Role{"ec_admin", "system_admin"}, 200},
	"GET /v1/reports/sales-by-discount": {"/v1/reports/sales-by-discount", "", []domain.Role{"ec_admin", "system_admin"}, 200},
	"GET /v1/reports/refunds":           {"/v1/reports/refunds", "", []domain.Role{"store_manager", "ec_admin", "system_admin"}, 200},
	"GET /v1/reports/blocked-value":     {"/v1/reports/blocked-value", "", []domain.Role{"ec_admin", "system_admin"}, 200},
	"GET /v1/reports/identity":          {"/v1/reports/identity", "", []domain.Role{"ec_admin", "system_admin"}, 200},
	"GET /v1/session":                   {"/v1/session", "", domain.StaffRoles(), 200},
	"DELETE /v1/session":                {"/v1/session", "", domain.StaffRoles(), 204},
	"DELETE /v1/sessions":               {"/v1/sessions", "", domain.StaffRoles(), 204},
	"POST /v1/campaigns/{key}/codes": {"/v1/campaigns/summer/codes", `{"customer_id":"8812370934"}`,
		[]domain.Role{"customer", "ec_admin", "system_admin"}, 201},
	"GET /v1/campaigns/{key}/codes/{request}": {"/v1/campaigns/summer/codes/k1", "",
		[]domain.Role{"customer", "ec_admin", "system_admin"}, 200},
	"GET /proxy/v1/campaigns/{key}/codes/{request}": {"/proxy/v1/campaigns/summer/codes/k1", "", shoppers, 200},
	"POST /proxy/v1/campaigns/{key}/codes":          {"/proxy/v1/campaigns/summer/codes", `{}`, shoppers, 201},
	"POST /v1/campaigns/{key}/shared-codes": {"/v1/campaigns/summer/shared-codes", `{"code":"INF-SARAH","owner":"Sarah"}`,
		campaigners, 202},
	"GET /v1/campaigns/{key}/shared-codes": {"/v1/campaigns/summer/shared-codes", "", campaigners, 200},
	"POST /v1/campaigns/{key}/shared-codes/{code}/deactivation": {"/v1/campaigns/summer/shared-codes/INF-SARAH/deactivation", `{}`,
		campaigners, 202},
	"GET /v1/campaigns/{key}/batches":      {"/v1/campaigns/summer/batches", "", campaigners, 200},
	"POST /v1/campaigns/{key}/batches":     {"/v1/campaigns/summer/batches", `{"count":10}`, campaigners, 202},
	"GET /v1/campaigns/{key}/batches/{id}": {"/v1/campaigns/summer/batches/bat_abcdefghij", "", campaigners, 200},
	"POST /v1/campaigns/{key}/batches/{id}/status": {"/v1/campaigns/summer/batches/bat_abcdefghij/status",
		`{"to":"paused"}`, campaigners, 200},
	"GET /v1/campaigns/{key}/batches/{id}/codes.csv": {"/v1/campaigns/summer/batches/bat_abcdefghij/codes.csv", "",
		campaigners, 200},
	"PUT /v1/session/password": {"/v1/session/password",
		`{"current_password":"correct horse battery","new_password":"another good password"}`, domain.StaffRoles(),
		204},
	"GET /v1/sessions":                  {"/v1/sessions", "", domain.StaffRoles(), 200},
	"DELETE /v1/sessions/{session}":     {"/v1/sessions/" + ownSessionID, "", domain.StaffRoles(), 404},
	"GET /v1/session/tokens":            {"/v1/session/tokens", "", domain.StaffRoles(), 200},
	"DELETE /v1/session/tokens/{token}": {"/v1/session/tokens/1", "", domain.StaffRoles(), 204},
	"POST /v1/session/confirmation": {"/v1/session/confirmation", `{"password":"correct horse battery"}`,
		domain.StaffRoles(), 204},
	"POST /v1/session/totp": {"/v1/session/totp", "", domain.StaffRoles(), 200},
	"POST /v1/session/totp/activation": {"/v1/session/totp/activation", `{"setup":"x","code":"123456"}`,
		domain.StaffRoles(), 422},
	"DELETE /v1/session/totp":                 {"/v1/session/totp", "", domain.StaffRoles(), 404},
	"POST /v1/session/recovery-codes":         {"/v1/session/recovery-codes", "", domain.StaffRoles(), 404},
	"DELETE /v1/staff/{id}/second-factor":     {"/v1/staff/1/second-factor", "", []domain.Role{"system_admin"}, 204},
	"GET /v1/event-endpoints":                 {"/v1/event-endpoints", "", []domain.Role{"system_admin"}, 200},
	"POST /v1/event-endpoints":                {"/v1/event-endpoints", `{"url":"https://erp.example.com/e"}`, []domain.Role{"system_admin"}, 201},
	"GET /v1/event-endpoints/{id}":            {"/v1/event-endpoints/whe_abcdefghijkl", "", []domain.Role{"system_admin"}, 200},
	"PATCH /v1/event-endpoints/{id}":          {"/v1/event-endpoints/whe_abcdefghijkl", `{"active":false}`, []domain.Role{"system_admin"}, 200},
	"DELETE /v1/event-endpoints/{id}":         {"/v1/event-endpoints/whe_abcdefghijkl", "", []domain.Role{"system_admin"}, 204},
	"POST /v1/event-endpoints/{id}/secret":    {"/v1/event-endpoints/whe_abcdefghijkl/secret", "", []domain.Role{"system_admin"}, 200},
	"POST /v1/event-endpoints/{id}/test":      {"/v1/event-endpoints/whe_abcdefghijkl/test", "", []domain.Role{"system_admin"}, 200},
	"GET /v1/event-endpoints/{id}/deliveries": {"/v1/event-endpoints/whe_abcdefghijkl/deliveries", "", []domain.Role{"system_admin"}, 200},
	"POST /v1/event-endpoints/{id}/replay": {"/v1/event-endpoints/whe_abcdefghijkl/replay",
		`{"from":"2026-11-01T00:00:00Z","to":"2026-11-02T00:00:00Z"}`, []domain.Role{"system_admin"}, 202},
	"GET /v1/staff":           {"/v1/staff", "", []domain.Role{"system_admin"}, 200},
	"POST /v1/session/tokens": {"/v1/session/tokens", `{"name":"a script"}`, domain.StaffRoles(), 201},
	"GET /v1/keys":            {"/v1/keys", "", []domain.Role{"system_admin"}, 200},
	"POST /v1/staff": {"/v1/staff", `{"email":"new@example.com","name":"New","role":"staff"}`,
		[]domain.Role{"system_admin"}, 201},
	"PATCH /v1/staff/{id}": {"/v1/staff/1", `{"name":"Another"}`,
		[]domain.Role{"system_admin"}, 200},
	"POST /v1/staff/{id}/password": {"/v1/staff/1/password", "", []domain.Role{"system_admin"}, 200},
	"GET /v1/staff/{id}/tokens":    {"/v1/staff/1/tokens", "", []domain.Role{"system_admin"}, 200},
	"POST /v1/staff/{id}/tokens": {"/v1/staff/1/tokens", `{"name":"a script"}`,
		[]domain.Role{"system_admin"}, 201},
	"GET /proxy/v1/customers/{id}/offers": {"/proxy/v1/customers/me/offers", "", shoppers, 200},
	"GET /proxy/v1/customers/{id}/points": {"/proxy/v1/customers/me/points", "", shoppers, 200},
	"GET /proxy/v1/customers/{id}/quote":  {"/proxy/v1/customers/me/quote?points=500", "", shoppers, 200},
	"POST /proxy/v1/customers/{id}/conversions": {"/proxy/v1/customers/me/conversions", `{"points":500}`, shoppers,
		201},
	"GET /proxy/v1/customers/{id}/conversions/{key}": {"/proxy/v1/customers/me/conversions/k1", "", shoppers, 200},
	"GET /proxy/v1/customers/{id}/coupons":           {"/proxy/v1/customers/me/coupons", "", shoppers, 200},
	"DELETE /v1/staff/{id}/tokens/{token}":           {"/v1/staff/1/tokens/1", "", []domain.Role{"system_admin"}, 204},
}

// ownSessionID is no session's: which one it is that is asked for is another test's affair.
const ownSessionID = "0011223344556677"

const because = `{"reason":"customer_request","note":"買い間違い"}`

// managers are the roles that may cancel coupons; general staff may only look.
var managers = []domain.Role{"store_manager", "ec_admin", "system_admin"}

// campaigners are those who run campaigns.
var campaigners = []domain.Role{"ec_admin", "system_admin"}

// shoppers are customers whom Shopify vouches for; no key opens what is theirs.
var shoppers = []domain.Role{"customer"}

var everybody = []domain.Role{"customer", "pos", "staff", "store_manager", "ec_admin", "system_admin"}

// open are the addresses that need no key. Whatever else is served must have a permission.
var open = []string{"GET /healthz", "GET /readyz", "GET /openapi.json", "GET /docs", "GET /metrics", "POST /v1/session",
	"OPTIONS /v1/customers/{id}/points", "OPTIONS /v1/customers/{id}/quote", "OPTIONS /v1/customers/{id}/conversions",
	"OPTIONS /v1/customers/{id}/conversions/{key}", "OPTIONS /v1/customers/{id}/undos",
	"OPTIONS /v1/customers/{id}/coupons", "POST /webhooks/shopify",
	"OPTIONS /v1/customers/{id}/offers", "OPTIONS /v1/decisions", "OPTIONS /v1/campaigns/{key}/codes",
	"OPTIONS /v1/campaigns/{key}/codes/{request}"}

func TestEveryRouteWithEveryRole(t *testing.T) {
	t.Parallel()
	for _, role := range domain.Roles() {
		t.Run(string(role), func(t *testing.T) {
			t.Parallel()
			walkRoutes(t, role, func() (*shop, []request) {
				s := newShop(t)
				s.coupons.list = []domain.Coupon{coupon(domain.Active)}
				if role.OfStaff() {
					return s, []request{keyed("k1"), s.signedIn(role)}
				}
				return s, []request{keyed("k1")}
			}, func(_ *shop, name string) bool { return slices.Contains(walk[name].may, role) })
		})
	}
}

// walkRoutes asks every route as a role. What changes something is done in a shop of its own; what the role may not is
// asked for in one shop, which therefore has to stay as it was, and what it may read, in another.
func walkRoutes(t *testing.T, role domain.Role, open func() (*shop, []request), may func(*shop, string) bool) {
	t.Helper()
	refusing, as := open()
	reading, reader := open()
	for name, w := range walk {
		method, path, _ := strings.Cut(name, " ")
		if strings.HasPrefix(path, proxyPath) {
			continue // Only Shopify's word counts there: see TestProxiedRoutes.
		}
		if may(refusing, name) {
			s, changes := reading, reader
			if method != http.MethodGet {
				s, changes = open()
			}
			s.call(role, method, w.path, w.body, changes...).want(t, w.status, "")
			continue
		}
		before, noted := refusing.touched(), len(refusing.record.list)
		refusing.call(role, method, w.path, w.body, as...).want(t, http.StatusForbidden, domain.CodePermissionDenied)
		if refusing.touched() != before {
			t.Errorf("%s as %s was refused after something had been read", name, role)
		}
		if method != http.MethodGet {
			noted++
		}
		list := refusing.record.list
		if len(list) != noted || noted > 0 && list[noted-1].Action != "access.refused" {
			t.Errorf("%s as %s: in the audit %v", name, role, list)
		}
	}
}

// touched counts what has been asked of a shop, written in it or read from it.
func (s *shop) touched() int {
	return s.service.called() + s.coupons.reads + len(s.audit.filters) + s.reports.reads + len(s.people.Entries())
}

func TestEveryOperationHasAPermission(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(d *Deps) { d.MetricsHandler = http.NotFoundHandler() })
	for _, served := range s.api.engine.Routes() {
		name := served.Method + " " + braces(served.Path)
		_, walked := walk[name]
		_, permitted := s.api.permissions[name]
		if slices.Contains(open, name) == permitted || permitted != walked {
			t.Errorf("%s: permission %v, walked by the test %v", name, permitted, walked)
		}
	}
	if len(s.api.permissions) != len(walk) {
		t.Errorf("%d operations have a permission, %d are walked", len(s.api.permissions), len(walk))
	}
	defer func() {
		if recover() == nil {
			t.Error("a route without a permission was registered")
		}
	}()
	add(s.api, route{method: http.MethodGet, path: "/v1/open"}, http.StatusOK, s.api.coupons)
}

// braces writes a path of the router as the document does.
func braces(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// covers: H-01
func TestSignIn(t *testing.T) {
	t.Parallel()
	t.Run("a missing or forged key gives 401 and nothing is called", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		token := s.token(domain.RoleCustomer)
		flipped := "A"
		if strings.HasSuffix(token, "A") {
			flipped = "B"
		}
		for name, value := range map[string]string{
			"none": "", "another scheme": "Basic " + token, "no scheme": token, "not a key": "Bearer let-me-in",
			"the prefix of a key": "Bearer " + token[:15], "a changed secret": "Bearer " + token[:len(token)-1] +
				flipped, "an unknown prefix": "Bearer pb_000000000000_" + token[16:], "an empty one": "Bearer ",
		} {
			got := s.call("", http.MethodPost, "/v1/customers/me/conversions", `{"points":500}`, keyed("k"),
				header("Authorization", value))
			got.want(t, http.StatusUnauthorized, domain.CodeUnauthenticated)
			if got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s: no WWW-Authenticate", name)
			}
		}
		if s.service.called() != 0 {
			t.Error("the service was called")
		}
	})
	t.Run("an unknown and a wrong key are answered alike", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		token := s.token(domain.RolePOS)
		unknown := s.call("", http.MethodGet, "/v1/coupons", "", header("Authorization", "Bearer pb_000000000000_"+
			token[16:]))
		wrong := s.call("", http.MethodGet, "/v1/coupons", "", header("Authorization", "Bearer "+token[:16]+token[17:]+
			"A"))
		expect.Equal(t, "unknown.raw", unknown.raw, wrong.raw)
		expect.Equal(t, "unknown.status", unknown.status, http.StatusUnauthorized)
	})
	t.Run("a revoked key is refused once its moment in the cache is over", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 200, "")
		prefix, _ := domain.APIKeyPrefix(s.token(domain.RoleStaff))
		now := s.clock.Now()
		key := s.keys.rows[prefix]
		key.RevokedAt = &now
		s.keys.rows[prefix] = key
		s.clock.Advance(keyTTL)
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 401, domain.CodeUnauthenticated)
	})
	t.Run("a key is read once in a while, not with each request", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		for range 50 {
			s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 200, "")
		}
		if s.keys.reads != 1 {
			t.Errorf("read %d times", s.keys.reads)
		}
	})
	t.Run("a store that does not answer is our fault and not a wrong key", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		s.keys.fail = errors.New("connection refused")
		s.call(domain.RoleStaff, http.MethodGet, "/v1/coupons", "").want(t, 500, domain.CodeInternal)
	})
}

// covers: H-02
func TestOwnership(t *testing.T) {
	t.Parallel()
	t.Run("another customer's id gives 403 and nothing is called, whether that customer exists or not",
		func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			for _, id := range []string{suzuki, "nobody", "8812370934x", "%20", "ME", "8812370934%2F..%2F12345"} {
				for _, rest := range []string{"/points", "/quote?points=500", "/coupons", "/conversions/k1"} {
					s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/"+id+rest, "").want(t, 403,
						domain.CodePermissionDenied)
				}
				s.call(domain.RoleCustomer, http.MethodPost, "/v1/customers/"+id+"/conversions", `{"points":500}`,
					keyed("k1")).
					want(t, 403, domain.CodePermissionDenied)
			}
			if s.service.called() != 0 || s.coupons.reads != 0 {
				t.Error("something was called")
			}
		})
	t.Run("me is the customer whose key it is", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RoleCustomer, http.MethodGet, "/v1/customers/me/points", "").want(t, 200, "")
		if got.body["customer_id"] != yamada {
			t.Errorf("me is %v", got.body["customer_id"])
		}
	})
	t.Run("me is nobody for other callers", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		got := s.call(domain.RolePOS, http.MethodGet, "/v1/customers/me/points", "").want(t, 422, domain.CodeValidation)
		if got.field("path.id") != "customer_id" {
			t.Errorf("got %s", got.raw)
		}
	})
	t.Run("a customer's key without a customer reaches nobody", func(t *testing.T) {
		t.Parallel()
		s := newShop(t)
		lost := s.keys.add(t, 99, domain.Caller{ID: "key:lost", Role: domain.RoleCustomer})
		for _, id := range []string{"me", yamada} {
			s.call("", http.MethodGet, "/v1/customers/"+id+"/points", "", header("Authorization", "Bearer "+lost)).
				want(t, 403, domain.CodePermissionDenied)
		}
	})
}
