package rights

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/domain/books"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestABulkJobOfAKeyOverHTTP goes its whole way over the API: a program asks for more than its role may move, nobody
// behind the program can approve it and no other program, somebody else can; then each coupon is cancelled once, what
// could not be is named, and the books are whole.
func TestABulkJobOfAKeyOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db, "CANCEL_CAPS=store_manager=500/1000000")
		sato, satoToken := world.Hired(t, w.Store, "Sato", domain.RoleStoreManager, "")
		_, suzuki := world.Hired(t, w.Store, "Suzuki", domain.RoleECAdmin, "")
		_, clerk := world.Hired(t, w.Store, "Kato", domain.RoleStaff, "")
		key, second := w.KeyOf(domain.RoleStoreManager, sato.Email), w.KeyOf(domain.RoleECAdmin, sato.Email)
		var members, codes []string
		for range 4 {
			member, code := w.Coupon(200)
			members, codes = append(members, member), append(codes, code)
		}
		expect.Equal(t, "one is cancelled before", w.Do(suzuki, domain.ActCancel,
			world.Subject{Code: codes[3], Member: members[3]}, "before"), "done")
		expect.MustEqual(t, "err", w.App.Service.Drain(t.Context()), nil)
		list, err := json.Marshal(codes)
		expect.MustEqual(t, "err", err, nil)
		ask := fmt.Sprintf(`{"kind":"cancel","codes":%s,"reason":"issued_in_error"}`, list)
		var made map[string]any
		for range 2 { // the same request twice is one job
			status, text := w.Request(key, http.MethodPost, "/v1/bulk-jobs", "all", ask)
			expect.MustEqual(t, "status", status, http.StatusAccepted, text)
			before := made["id"]
			expect.MustEqual(t, "err", json.Unmarshal([]byte(text), &made), nil)
			expect.That(t, "one job", before == nil || before == made["id"])
		}
		expect.Equal(t, "it waits", made["status"], any("waiting"))
		expect.Equal(t, "points", made["points"], any(600.0))
		at := fmt.Sprint("/v1/bulk-jobs/", made["id"])

		refused := func(who, token, path, body, want string) {
			t.Helper()
			status, text := w.Request(token, http.MethodPost, path, "k-"+who, body)
			var problem struct{ Code string }
			_ = json.Unmarshal([]byte(text), &problem)
			expect.Equal(t, who, fmt.Sprint(status, " ", problem.Code), want)
		}
		refused("the program itself", key, at+"/approval", "{}", permissionDenied)
		refused("another program", second, at+"/approval", "{}", permissionDenied)
		refused("who answers for the program", satoToken, at+"/approval", "{}", "403 own_request")
		refused("a clerk", clerk, at+"/approval", "{}", permissionDenied)
		refused("a clerk who asks for a job", clerk, "/v1/bulk-jobs", ask, permissionDenied)
		refused("a code that nobody knows", suzuki, "/v1/bulk-jobs",
			`{"kind":"cancel","codes":["NO-SUCHCODE-1"],"reason":"issued_in_error"}`, "422 validation_failed")
		expect.MustEqual(t, "err", w.App.Bulk.Work(t.Context()), nil)
		expect.Equal(t, "nothing begins before", w.Answer(key, http.MethodGet, at, "", http.StatusOK)["done"], any(0.0))

		expect.Equal(t, "somebody else approves", w.Answer(suzuki, http.MethodPost, at+"/approval", "{}",
			http.StatusOK)["status"], any("running"))
		for _, status := range []string{"paused", "running"} {
			expect.Equal(t, "it is told to be", w.Answer(suzuki, http.MethodPost, at+"/status", `{"status":"`+status+`"}`,
				http.StatusOK)["status"], any(status))
		}
		expect.MustEqual(t, "err", w.App.Bulk.Work(t.Context()), nil)
		expect.MustEqual(t, "err", w.App.Service.Drain(t.Context()), nil)
		done := w.Answer(key, http.MethodGet, at, "", http.StatusOK)
		expect.Equal(t, "status", done["status"], any("done"))
		expect.Equal(t, "coupons that were cancelled", done["done"], any(3.0))
		rows, _ := done["coupons"].([]any)
		expect.MustEqual(t, "results", len(rows), 4)
		left, _ := rows[3].(map[string]any)
		expect.Equal(t, "why one was not", left["reason"], any("coupon_already_cancelled"))

		moved := map[string]int{}
		for _, e := range w.POS.AllEntries() {
			moved[e.Reference]++
		}
		for i, code := range codes {
			balance, _ := w.POS.Balance(members[i])
			expect.Equal(t, "the balance is what it was", balance, int64(20_000), code)
			expect.Equal(t, "taken once", moved["COUPON-"+code], 1, code)
			expect.Equal(t, "given back once", moved["CANCEL-"+code], 1, code)
			expect.That(t, "the code is dead", !w.Shopify.Usable(code), code)
		}
		st, err := w.Store.Coupons.ByCode(t.Context(), codes[0])
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "who answers for it", st.Coupon.CancelledBy, "Suzuki")
		sum, err := w.App.Books.Run(t.Context(), books.Options{}, books.Sink{})
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "differences in the books", sum.Differences(), 0)
	})
}
