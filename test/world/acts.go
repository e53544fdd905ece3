package world

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/members"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
)

// Acts is a whole service with coupons in every state in which something can be decided about them.
type Acts struct {
	*World
	Made int
}

func NewActs(t *testing.T, db storetest.Database, environ ...string) *Acts {
	t.Helper()
	w := &Acts{World: NewWhole(t, db, append([]string{"CANCEL_GRACE=0s", "BOOKS_CHECK_EVERY=0",
		"POINT_DAILY_LIMIT=1000000"}, environ...))}
	t.Cleanup(func() { _ = w.App.Service.Drain(context.WithoutCancel(t.Context())) })
	return w
}

// Coupon makes a member with a coupon of so many points.
func (w *Acts) Coupon(points int64) (member, code string) {
	w.T.Helper()
	w.Made++
	member = fmt.Sprintf("99000%05d", w.Made)
	gid := fmt.Sprintf("gid://shopify/Customer/%d", 8_000_000_000+w.Made)
	w.POS.AddCustomer(member, "Member", 20_000)
	if _, err := w.Shopify.AddCustomer(gid, member+"@members.example.com", "Member", "en"); err != nil {
		w.T.Fatal(err)
	}
	mail := member + "@members.example.com"
	if _, _, err := w.App.Members.Link(w.T.Context(), members.Link{Caller: domain.System(), CustomerID: member,
		ShopifyCustomerGID: &gid, Email: &mail}); err != nil {
		w.T.Fatal(err)
	}
	got, err := w.App.Service.Convert(w.T.Context(), coupons.Conversion{Caller: domain.Caller{ID: "key:pos",
		Role: domain.RolePOS}, CustomerID: member, Points: points, Key: "k-" + member})
	expect.MustEqual(w.T, "err", err, nil)
	expect.MustEqual(w.T, "got.Done", got.Done, true, got.Coupon.Status)
	return member, got.Coupon.Code
}

// shapes are the states in which each act can be done: what becomes of an active coupon, and the kind of its review.
var shapes = map[domain.Act]struct{ sql, kind string }{
	domain.ActReturnPoints: {`UPDATE coupons SET status = 'suspended' WHERE code = '%s'`, "suspected_fraud"},
	domain.ActForfeit:      {`UPDATE coupons SET status = 'suspended' WHERE code = '%s'`, "suspected_fraud"},
	domain.ActTakeBack: {`UPDATE coupons SET status = 'used', used_order = '#1' WHERE code = '%s'`,
		"used_after_refund"},
	domain.ActAcceptLoss: {`UPDATE coupons SET status = 'used', used_order = '#1' WHERE code = '%s'`,
		"used_after_refund"},
	domain.ActApplied: {`UPDATE coupons SET status = 'pending', parked_at = created_at WHERE code = '%s'`,
		"unsettled"},
	domain.ActNotApplied: {`UPDATE coupons SET status = 'pending', parked_at = created_at WHERE code = '%s'`,
		"unsettled"},
	domain.ActReissue: {`UPDATE coupons SET status = 'used', used_order_id = 'o' WHERE code = '%s'`, "order_cancelled"},
	domain.ActGrant:   {`UPDATE coupons SET status = 'used', used_order_id = 'o' WHERE code = '%s'`, "order_cancelled"},
	domain.ActRefuse:  {`UPDATE coupons SET status = 'used', used_order_id = 'o' WHERE code = '%s'`, "order_cancelled"},
}

// Subject is something that an act can be done about: a coupon, and its review where the act closes one.
type Subject struct {
	Code   string
	Member string
	Review int64
}

func (w *Acts) Subject(act domain.Act, points int64) Subject {
	w.T.Helper()
	member, code := w.Coupon(points)
	s := Subject{Code: code, Member: member}
	shape, ok := shapes[act]
	if !ok {
		return s
	}
	w.SQL(fmt.Sprintf(shape.sql, code))
	if shape.kind == "unsettled" {
		w.SQL(`UPDATE movements SET state = 'parked' WHERE reference = 'COUPON-` + code + `'`)
	}
	order, cause := "", ""
	if shape.kind == "order_cancelled" {
		order, cause = "o", "void"
	}
	w.SQL(fmt.Sprintf(`INSERT INTO reviews (kind, coupon_id, opened_at, order_id, cause) SELECT '%s', id, created_at, '%s', '%s' FROM coupons WHERE code = '%s'`,
		shape.kind, order, cause, code))
	if err := w.Store.DB().QueryRowContext(w.T.Context(), `SELECT max(id) FROM reviews`).Scan(&s.Review); err != nil {
		w.T.Fatal(err)
	}
	return s
}

func (w *Acts) SQL(statement string) {
	w.T.Helper()
	if _, err := w.Store.DB().ExecContext(w.T.Context(), statement); err != nil {
		w.T.Fatalf("%s: %v", statement, err)
	}
}

// Do does an act about a subject and gives the status with the problem, or with what became of it.
func (w *Acts) Do(token string, act domain.Act, s Subject, key string) string {
	w.T.Helper()
	path, body := "/v1/coupons/"+s.Code+"/cancellation", `{"reason": "customer_request"}`
	switch {
	case act == domain.ActSuspend:
		path = "/v1/coupons/" + s.Code + "/suspension"
	case act == domain.ActRefund:
		path, body = "/v1/refunds", fmt.Sprintf(`{"coupon_code": %q, "reference": "T-%s", "reason": "other"}`, s.Code,
			s.Code)
	case act.ClosesReview():
		path, body = fmt.Sprintf("/v1/reviews/%d/decision", s.Review),
			fmt.Sprintf(`{"outcome": %q, "note": "looked into"}`, act)
	}
	status, text := w.Request(token, http.MethodPost, path, key, body)
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
		w.T.Log(path, text)
	}
	return fmt.Sprint(status, " ", problem)
}

// Untouched reports whether a subject is as it was: the review open and nobody's proposal, the coupon without a
// movement more.
func (w *Acts) Untouched(act domain.Act, s Subject) bool {
	w.T.Helper()
	st, err := w.Store.Coupons.ByCode(w.T.Context(), s.Code)
	if err != nil {
		w.T.Fatal(err)
	}
	if len(st.Movements) != 1 || st.Coupon.SupersededBy != "" || st.Coupon.CancelStartedAt != nil {
		return false
	}
	if !act.ClosesReview() {
		return st.Coupon.Status == domain.Active
	}
	r, err := w.Store.Reviews.Review(w.T.Context(), s.Review)
	return err == nil && r.Open && r.Proposal == nil
}

// KeyOf makes a program's key of a role that a person answers for.
func (w *Acts) KeyOf(role domain.Role, owner string) string {
	w.T.Helper()
	k := staff.NewKey{Caller: domain.Caller{Name: "a program", Role: role}, Owner: owner}
	if role == domain.RoleCustomer {
		k.Caller.CustomerID = "12345"
	}
	token, err := app.CreateKey(w.T.Context(), w.Store, k)
	if err != nil {
		w.T.Fatal(err)
	}
	return token
}
