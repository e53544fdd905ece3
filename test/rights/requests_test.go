package rights

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestARequestToCancelOverHTTP: a clerk asks, takes one request back, and asks again; a manager refuses without a word
// in vain, approves, and the coupon ends. Neither the clerk nor the manager's program decides.
func TestARequestToCancelOverHTTP(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db)
		kato, clerk := world.Hired(t, w.Store, "Kato", domain.RoleStaff, "")
		sato, manager := world.Hired(t, w.Store, "Sato", domain.RoleStoreManager, "")
		program := w.KeyOf(domain.RoleStoreManager, sato.Email)
		member, code := w.Coupon(200)
		asking := "/v1/coupons/" + code + "/cancel-requests"
		ask := func(key string) string {
			status, text := w.Request(clerk, http.MethodPost, asking, key, `{"reason":"customer_request","note":"at the counter"}`)
			expect.MustEqual(t, "status", status, http.StatusCreated, text)
			var got struct{ ID int64 }
			expect.MustEqual(t, "err", json.Unmarshal([]byte(text), &got), nil)
			return fmt.Sprint("/v1/cancel-requests/", got.ID)
		}
		first := ask("first")
		expect.Equal(t, "the same request again is the same", ask("first"), first)
		expect.Equal(t, "taken back", w.Answer(clerk, http.MethodPost, first+"/withdrawal", "{}", http.StatusOK)["state"],
			any("withdrawn"))
		at := ask("second")
		w.Answer(clerk, http.MethodPost, at+"/decision", `{"decision":"approve"}`, http.StatusForbidden)
		w.Answer(program, http.MethodPost, at+"/decision", `{"decision":"approve"}`, http.StatusForbidden)
		w.Answer(manager, http.MethodPost, at+"/decision", `{"decision":"refuse"}`, http.StatusUnprocessableEntity)
		w.Answer(manager, http.MethodPost, "/v1/cancel-requests/999/decision", `{"decision":"approve"}`, http.StatusNotFound)
		got := w.Answer(manager, http.MethodPost, at+"/decision", `{"decision":"approve"}`, http.StatusOK)
		expect.Equal(t, "decided by", got["decided_by"], any(sato.Name))
		expect.MustEqual(t, "err", w.App.Service.Drain(t.Context()), nil)
		expect.Equal(t, "what the clerk sees", w.Answer(clerk, http.MethodGet, at, "", http.StatusOK)["state"], any("done"))
		expect.Equal(t, "asked by", w.Answer(clerk, http.MethodGet, at, "", http.StatusOK)["asked_by"], any(kato.Name))
		balance, _ := w.POS.Balance(member)
		expect.Equal(t, "the points are back", balance, int64(20_000))
		expect.That(t, "the code is dead", !w.Shopify.Usable(code))
	})
}
