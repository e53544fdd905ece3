package command

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// newCard gives a member of a demo another number in the POS.
func newCard(t *testing.T, file demo.File, from, to string) {
	t.Helper()
	till := world.Caller{T: t, Base: file.POS.URL, Key: file.POS.Token}
	got := till.Do("POST", "/_sim/customers/"+from+"/number", "", fmt.Sprintf(`{"to": %q}`, to))
	expect.MustEqual(t, "the POS gives a number", got.Status, http.StatusNoContent, got.Raw)
}

// run is a command as somebody types it.
func run(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, faults world.LockedBuffer
	if code := commands.Run(t.Context(), args, nil, &out, &faults); code != want {
		t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, out.String(), faults.String())
	}
	return out.String() + faults.String()
}

// TestAMemberWithANewCardKeepsEverything: coupons, the shop's list of them, the day's limit, and points that come back.
func TestAMemberWithANewCardKeepsEverything(t *testing.T) {
	t.Parallel()
	const old, next = "12345", "NEW-777"
	data := t.TempDir()
	file, _ := world.StartDemo(t, data)
	pos := world.Caller{T: t, Base: file.API, Key: file.Keys["pos"]}
	code := world.MadeCoupon(t, file, old, 300)
	run(t, 1, "members", "renumber", old, next, "--data", data) // the POS has not given it yet
	newCard(t, file, old, next)
	before := pos.Do("GET", "/v1/customers/"+old+"/coupons", "", "")
	expect.MustEqual(t, "the coupons under the old number", before.Status, http.StatusOK, before.Raw)

	said := run(t, 0, "members", "renumber", "１２３４５", next, "--data", data)
	expect.That(t, "what was done is said", strings.Contains(said, next), said)
	run(t, 0, "members", "renumber", old, next, "--data", data) // again finds it done

	points := pos.Do("GET", "/v1/customers/"+next+"/points", "", "")
	expect.MustEqual(t, "the points", points.Status, http.StatusOK, points.Raw)
	expect.Equal(t, "the day's limit went along", points.Body["daily_limit"].(float64)-
		points.Body["daily_remaining"].(float64) >= 300, true, points.Raw)
	gone := pos.Do("GET", "/v1/customers/"+old+"/points", "", "")
	expect.Equal(t, "the old number", gone.Status, http.StatusNotFound, gone.Raw)
	again := pos.Do("PUT", "/v1/customers/"+old, "", `{"name": "somebody"}`)
	expect.Equal(t, "nobody is made under it", fmt.Sprintf("%d%v", again.Status, again.Body["code"]), "409customer_renumbered")

	manager := world.Caller{T: t, Base: file.API, Key: file.Keys["store_manager"]}
	member := manager.Do("GET", "/v1/customers/"+next, "", "")
	expect.Equal(t, "the numbers of before", fmt.Sprint(member.Body["former_ids"]), "["+old+"]")
	balance := points.Body["balance"].(float64)
	ended := manager.Do("POST", "/v1/coupons/"+code+"/cancellation", "c1", `{"reason": "customer_request"}`)
	expect.MustEqual(t, "the cancellation", ended.Status, http.StatusAccepted, ended.Raw)
	world.Eventually(t, "the points are back under the new number", func() bool {
		got := pos.Do("GET", "/v1/customers/"+next+"/points", "", "")
		return got.Body["balance"] == balance+300
	})
	world.Eventually(t, "the shop shows it", func() bool {
		return strings.Contains(world.MetafieldOf(t, file, "7001000002"), "cancelled")
	})
	looker := world.ConsoleVisitor(t, file, "staff")
	p := looker.Get("/admin/customers/" + old)
	expect.Equal(t, "the old number's page leads on", p.URL.Path, "/admin/customers/"+next)
	p.Has(t, "Earlier numbers", old, code)
	run(t, 0, "books", "check", "--customer", next, "--data", data)
	trail := world.Caller{T: t, Base: file.API, Key: file.Keys["system_admin"]}.Do("GET",
		"/v1/audit?action=customer.renumbered", "", "")
	for _, part := range []string{`"from":"` + old, `"to":"` + next, `"operator"`} {
		expect.That(t, "the audit has "+part, strings.Contains(string(trail.Raw), part), trail.Raw)
	}
}

// TestThePageOfANewNumber: who may sees it, in both languages; the others do not; and nothing is changed by a refusal.
func TestThePageOfANewNumber(t *testing.T) {
	t.Parallel()
	const old, next = "12345", "NEW-778"
	file, _ := world.StartDemo(t, t.TempDir())
	const at = "/admin/customers/" + old + "/number"
	for _, role := range domain.StaffRoles() {
		v := world.ConsoleVisitor(t, file, string(role))
		want := http.StatusOK
		if role == domain.RoleStaff {
			want = http.StatusForbidden
		}
		expect.Equal(t, "the page as "+string(role), v.Get(at).Status, want)
		linked := v.Get("/admin/customers/"+old).Link("Change the number") != ""
		expect.Equal(t, "the way there as "+string(role), linked, want == http.StatusOK)
	}
	manager := world.ConsoleVisitor(t, file, "store_manager")
	p := manager.Submit(manager.Get(at), at, url.Values{"number": {"山"}})
	expect.Equal(t, "no number at all", p.Status, http.StatusUnprocessableEntity)
	p = manager.Submit(manager.Get(at), at, url.Values{"number": {next}})
	expect.Equal(t, "a number that the POS has not given", p.Status, http.StatusUnprocessableEntity)
	p.Has(t, "The POS does not know the new number")
	expect.Equal(t, "what was typed", world.FieldsOf(p.Form(at)).Get("number"), next)
	manager.Submit(p, "/admin/language", url.Values{"lang": {"ja"}})
	p = manager.Submit(manager.Get(at), at, url.Values{"number": {next}})
	p.Has(t, "POSに新しい会員番号がありません", "新しい会員番号")
	newCard(t, file, old, next)
	p = manager.Submit(manager.Get(at), at, url.Values{"number": {"ＮＥＷ－778"}})
	expect.Equal(t, "it leads to the member", p.URL.Path, "/admin/customers/"+next)
	p.Has(t, "以前の会員番号", old)
}
