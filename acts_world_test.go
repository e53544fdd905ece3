package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
)

// actsWorld is the whole service without its queue, and coupons in every state in which something can be decided about them.
type actsWorld struct {
	*procBed
	app  *app
	made int
}

func newActsWorld(t *testing.T, db storetest.Database, environ ...string) *actsWorld {
	t.Helper()
	b := newProcBed(t, db, append([]string{"CANCEL_GRACE=0s", "BOOKS_CHECK_EVERY=0", "POINT_DAILY_LIMIT=1000000"}, environ...)...)
	cfg, err := LoadConfig(b.env)
	if err != nil {
		t.Fatal(err)
	}
	w := &actsWorld{procBed: b}
	if w.app, err = newApp(t.Context(), cfg, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.app.service.Drain(context.WithoutCancel(t.Context()))
		_ = w.app.close()
	})
	return w
}

// coupon makes a member with a coupon of so many points.
func (w *actsWorld) coupon(points int64) (member, code string) {
	w.t.Helper()
	w.made++
	member = fmt.Sprintf("99000%05d", w.made)
	gid := fmt.Sprintf("gid://shopify/Customer/%d", 8_000_000_000+w.made)
	w.out.pos.AddCustomer(member, "Member", 20_000)
	if _, err := w.out.shopify.AddCustomer(gid, member+"@members.example.com", "Member", "en"); err != nil {
		w.t.Fatal(err)
	}
	mail := member + "@members.example.com"
	if _, _, err := w.app.members.Link(w.t.Context(), members.Link{Caller: domain.System(), CustomerID: member, ShopifyCustomerGID: &gid, Email: &mail}); err != nil {
		w.t.Fatal(err)
	}
	got, err := w.app.service.Convert(w.t.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:till", Role: domain.RolePOS}, CustomerID: member, Points: points, Key: "k-" + member})
	if err != nil || !got.Done {
		w.t.Fatalf("%+v, %v", got.Coupon.Status, err)
	}
	return member, got.Coupon.Code
}

// shapes are the states in which each act can be done: what becomes of an active coupon, and the kind of its case.
var shapes = map[domain.Act]struct{ sql, kind string }{
	domain.ActReturnPoints: {`UPDATE coupons SET status = 'suspended' WHERE code = '%s'`, "suspected_fraud"},
	domain.ActForfeit:      {`UPDATE coupons SET status = 'suspended' WHERE code = '%s'`, "suspected_fraud"},
	domain.ActTakeBack:     {`UPDATE coupons SET status = 'used', used_order = '#1' WHERE code = '%s'`, "used_after_refund"},
	domain.ActAcceptLoss:   {`UPDATE coupons SET status = 'used', used_order = '#1' WHERE code = '%s'`, "used_after_refund"},
	domain.ActApplied:      {`UPDATE coupons SET status = 'pending', parked_at = created_at WHERE code = '%s'`, "unsettled"},
	domain.ActNotApplied:   {`UPDATE coupons SET status = 'pending', parked_at = created_at WHERE code = '%s'`, "unsettled"},
	domain.ActReissue:      {`UPDATE coupons SET status = 'used', used_order_id = 'o' WHERE code = '%s'`, "order_cancelled"},
	domain.ActGrant:        {`UPDATE coupons SET status = 'used', used_order_id = 'o' WHERE code = '%s'`, "order_cancelled"},
	domain.ActRefuse:       {`UPDATE coupons SET status = 'used', used_order_id = 'o' WHERE code = '%s'`, "order_cancelled"},
}

// subject is something that an act can be done about: a coupon, and its case where the act closes one.
type subject struct {
	code   string
	member string
	review int64
}

func (w *actsWorld) subject(act domain.Act, points int64) subject {
	w.t.Helper()
	member, code := w.coupon(points)
	s := subject{code: code, member: member}
	shape, ok := shapes[act]
	if !ok {
		return s
	}
	w.sql(fmt.Sprintf(shape.sql, code))
	if shape.kind == "unsettled" {
		w.sql(`UPDATE movements SET state = 'parked' WHERE reference = 'COUPON-` + code + `'`)
	}
	order, cause := "", ""
	if shape.kind == "order_cancelled" {
		order, cause = "o", "void"
	}
	w.sql(fmt.Sprintf(`INSERT INTO reviews (kind, coupon_id, opened_at, order_id, cause) SELECT '%s', id, created_at, '%s', '%s' FROM coupons WHERE code = '%s'`,
		shape.kind, order, cause, code))
	if err := w.store.DB().QueryRowContext(w.t.Context(), `SELECT max(id) FROM reviews`).Scan(&s.review); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *actsWorld) sql(statement string) {
	w.t.Helper()
	if _, err := w.store.DB().ExecContext(w.t.Context(), statement); err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
}

// request makes one over HTTP and gives its status and its problem's code.
func (w *actsWorld) request(token, method, path, key, body string) (int, string) {
	r := httptest.NewRequestWithContext(context.WithoutCancel(w.t.Context()), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res := httptest.NewRecorder()
	w.app.handler.ServeHTTP(res, r)
	return res.Code, res.Body.String()
}

// do does an act about a subject and gives the status with the problem, or with what became of it.
func (w *actsWorld) do(token string, act domain.Act, s subject, key string) string {
	w.t.Helper()
	path, body := "/v1/coupons/"+s.code+"/cancellation", `{"reason": "other"}`
	switch {
	case act == domain.ActSuspend:
		path = "/v1/coupons/" + s.code + "/suspension"
	case act == domain.ActRefund:
		path, body = "/v1/refunds", fmt.Sprintf(`{"coupon_code": %q, "reference": "T-%s", "reason": "other"}`, s.code, s.code)
	case act.ClosesCase():
		path, body = fmt.Sprintf("/v1/reviews/%d/decision", s.review), fmt.Sprintf(`{"outcome": %q, "note": "looked into"}`, act)
	}
	status, text := w.request(token, http.MethodPost, path, key, body)
	text = strings.ReplaceAll(text, " ", "")
	switch {
	case status == http.StatusAccepted:
		return "done"
	case status == http.StatusOK && strings.Contains(text, `"status":"closed"`):
		return "done"
	case status == http.StatusOK && strings.Contains(text, `"proposed":{"outcome":"`+string(act)+`"`):
		return "proposed"
	}
	_, after, _ := strings.Cut(text, `"code":"`)
	problem, _, _ := strings.Cut(after, `"`)
	if problem == "validation_failed" {
		w.t.Log(path, text)
	}
	return fmt.Sprint(status, " ", problem)
}

// untouched tells whether a subject is as it was: the case open and nobody's proposal, the coupon without a movement more.
func (w *actsWorld) untouched(act domain.Act, s subject) bool {
	w.t.Helper()
	st, err := w.store.ByCode(w.t.Context(), s.code)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(st.Movements) != 1 || st.Coupon.SupersededBy != "" || st.Coupon.CancelStartedAt != nil {
		return false
	}
	if !act.ClosesCase() {
		return st.Coupon.Status == domain.Active
	}
	r, err := w.store.Review(w.t.Context(), s.review)
	return err == nil && r.Open && r.Proposal == nil
}

// keyOf makes a program's key of a role that a person answers for.
func (w *actsWorld) keyOf(role domain.Role, owner string) string {
	w.t.Helper()
	k := staff.NewKey{Caller: domain.Caller{Name: "a program", Role: role}, Owner: owner}
	if role == domain.RoleCustomer {
		k.Caller.CustomerID = "12345"
	}
	token, err := createKey(w.t.Context(), w.store, k)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}
