package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pointbridge/api/web"
	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
)

// shopsPolicy is a shop's own policy: somebody between general staff and a store manager, a store manager who decides no case, and a
// till that takes nothing back.
const shopsPolicy = `# Lead cashiers also convert.
g, cashier_lead, staff
p, cashier_lead, conversions, create
g, deputy, store_manager
p, deputy, reviews, decide, deny
g, second_till, pos
p, second_till, refunds, create, deny
`

// ownWorld is the whole service with that policy, and its people.
type ownWorld struct {
	*actsWorld
	base   string
	people map[string]demoPerson
}

func newOwnWorld(t *testing.T, db storetest.Database) *ownWorld {
	t.Helper()
	policy := filepath.Join(t.TempDir(), "policy.csv")
	if err := os.WriteFile(policy, []byte(shopsPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &ownWorld{actsWorld: newActsWorld(t, db, "POLICY_FILE="+policy, "CANCEL_CAPS=store_manager=1000/1000000"),
		people: map[string]demoPerson{}}
	server := httptest.NewServer(w.app.handler)
	t.Cleanup(server.Close)
	w.base = server.URL
	for _, role := range []string{"system_admin", "cashier_lead", "deputy"} {
		w.hire(role)
	}
	return w
}

// hire adds somebody by the command.
func (w *ownWorld) hire(role string) {
	w.t.Helper()
	email := role + "@staff.example.com"
	var out bytes.Buffer
	cmd := rootCommand(w.env)
	cmd.SetArgs([]string{"staff", "add", "--email", email, "--name", "The " + role, "--role", role, "--password-stdin"})
	cmd.SetIn(strings.NewReader(staffPassword + "\n"))
	cmd.SetOut(&out)
	if err := cmd.ExecuteContext(w.t.Context()); err != nil || !strings.Contains(out.String(), "is added as "+role) {
		w.t.Fatal(err, out.String())
	}
	w.people[role] = demoPerson{Email: email, Password: staffPassword, Role: role}
}

// on makes the world report to a subtest.
func (w *ownWorld) on(t *testing.T) *ownWorld {
	w.t = t
	return w
}

func (w *ownWorld) visitor(role string) *visitor {
	w.t.Helper()
	return consoleVisitor(w.t, demoFile{API: w.base, Staff: []demoPerson{w.people[role]}}, role)
}

// token is a token that a person makes for themselves, and the person.
func (w *ownWorld) token(role string) string {
	w.t.Helper()
	p, err := w.store.StaffByEmail(w.t.Context(), w.people[role].Email)
	if err != nil {
		w.t.Fatal(err)
	}
	return tokenOf(w.t, w.store, p)
}

func TestRolesOfTheShopsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOwnWorld(t, db)
		t.Run("every page of the console lets in whom the policy lets in", func(t *testing.T) { w.on(t).pages() })
		t.Run("an act is done as by the role that is inherited from, within its cap", func(t *testing.T) { w.on(t).acts() })
		t.Run("the console gives the roles to people and keys", func(t *testing.T) { w.on(t).given() })
		t.Run("the record tells what was added and taken away", func(t *testing.T) { w.on(t).recorded() })
		t.Run("whose role is gone may do nothing, and is told of", func(t *testing.T) { w.on(t).gone() })
	})
}

func (w *ownWorld) pages() {
	reads := []string{"session:own", "coupons:read", "customers:read"}
	for role, rights := range map[string][]string{"cashier_lead": reads,
		"deputy": append(reads, "coupons:cancel", "coupons:suspend", "reviews:read", "customers:unlock")} {
		v := w.visitor(role)
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		account := v.get("/admin/account")
		if !strings.Contains(account.text(), role) {
			w.t.Errorf("%s does not read their role:\n%s", role, account.text())
		}
		token := fieldsOf(account.form("/admin/sign-out"))
		for _, r := range web.Rights() {
			path := strings.NewReplacer(":code", "70934-AAAAAA-500", "customers/:id", "customers/12345", ":id", "1").Replace(r.Path)
			allowed := r.Object == "" || slices.Contains(rights, r.Object+":"+r.Action)
			switch {
			case r.Method == http.MethodGet:
				if p := v.get(path); (p.status == http.StatusForbidden) == allowed || p.status >= 500 || p.status == http.StatusUnauthorized {
					w.t.Errorf("%s %s as %s: %d, allowed %v", r.Method, r.Path, role, p.status, allowed)
				}
			case !allowed:
				if p := v.post(path, token); p.status != http.StatusForbidden {
					w.t.Errorf("%s %s as %s: %d", r.Method, r.Path, role, p.status)
				}
			}
		}
	}
}

func (w *ownWorld) acts() {
	deputy, lead := w.token("deputy"), w.token("cashier_lead")
	till := w.once("key", "create", "--role", "second_till", "--name", "second till", "--owner", w.people["system_admin"].Email)
	for _, c := range []struct {
		token string
		act   domain.Act
		size  int64
		want  string
	}{
		{deputy, domain.ActCancel, small, "done"}, {deputy, domain.ActCancel, large, overCap}, {deputy, domain.ActSuspend, small, "done"},
		{deputy, domain.ActForfeit, small, permissionDenied}, {deputy, domain.ActRefund, small, permissionDenied},
		{lead, domain.ActCancel, small, permissionDenied}, {lead, domain.ActReissue, small, permissionDenied},
		{till, domain.ActRefund, small, permissionDenied}, {till, domain.ActCancel, small, permissionDenied},
		{w.actsWorld.token, domain.ActRefund, small, "done"},
	} {
		s := w.subject(c.act, c.size)
		before := w.untouched(c.act, s)
		if got := w.do(c.token, c.act, s, "own-"+s.code); got != c.want {
			w.t.Errorf("%s of %d points: %s, want %s", c.act, c.size, got, c.want)
		}
		if c.want != "done" && before && !w.untouched(c.act, s) {
			w.t.Errorf("%s was refused and something changed", c.act)
		}
	}
	w.made++ // a member of their own
	member, _ := w.coupon(small)
	for name, token := range map[string]string{"lead": lead, "till": till} {
		if status, text := w.request(token, "POST", "/v1/customers/"+member+"/conversions", "k-"+name+member, `{"points": 100}`); status != 201 {
			w.t.Errorf("%s converts: %d %s", name, status, text)
		}
	}
}

func (w *ownWorld) given() {
	v := w.visitor("system_admin")
	page := v.get("/admin/staff")
	for _, role := range []string{"cashier_lead", "deputy", "second_till"} {
		if !strings.Contains(page.raw, `<option value="`+role+`">`+role+`</option>`) {
			w.t.Errorf("%s cannot be chosen", role)
		}
	}
	added := v.submit(page, "/admin/staff", url.Values{"name": {"Kato Jun"}, "email": {"kato@staff.example.com"}, "role": {"deputy"}})
	if added.status != 200 || !strings.Contains(added.text(), "Kato Jun") {
		w.t.Fatalf("%d\n%s", added.status, added.text())
	}
	refused := v.submit(page, "/admin/staff", url.Values{"name": {"Nobody"}, "email": {"nobody@staff.example.com"}, "role": {"second_till"}})
	if refused.status != http.StatusUnprocessableEntity {
		w.t.Errorf("a person is a till: %d", refused.status)
	}
	key := v.submit(v.get("/admin/staff"), "/admin/keys", url.Values{"name": {"kiosk"}, "role": {"second_till"}, "owner": {w.people["system_admin"].Email}})
	if key.status != 200 || !strings.Contains(key.text(), "kiosk") {
		w.t.Fatalf("%d\n%s", key.status, key.text())
	}
}

// with starts the service anew with other settings, as another process on the same database would.
func (w *ownWorld) with(log *bytes.Buffer, settings ...string) *app {
	w.t.Helper()
	cfg, err := LoadConfig(append(slices.Clone(w.env), settings...))
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := newApp(w.t.Context(), cfg, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = a.close() })
	if err := a.recordRules(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if err := a.store.RecordPolicy(w.t.Context(), a.rules.All()); err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *ownWorld) recorded() {
	var log bytes.Buffer
	plain := w.with(&log, "POLICY_FILE=")
	for range 2 {
		w.with(&log)
	}
	digests, rights := entries(w.t, w.store, "policy.changed"), entries(w.t, w.store, "rights.changed")
	if len(digests) != 1 || len(rights) != 2 {
		w.t.Fatalf("%d changes of the digest and %d of rights are on record", len(digests), len(rights))
	}
	file, _ := digests[0].Detail["policy_file"].(map[string]any)
	if file["from"] != plain.rules.Digest() || file["to"] != w.app.rules.Digest() || file["from"] == file["to"] {
		w.t.Errorf("recorded %v", digests[0].Detail)
	}
	added, _ := json.Marshal(rights[1].Detail["added"])
	for _, right := range []string{"cashier_lead conversions:create", "deputy coupons:cancel", "second_till points:read"} {
		if !strings.Contains(string(added), `"`+right+`"`) {
			w.t.Errorf("%q is not on record in %s", right, added)
		}
	}
	w.with(&log, "POLICY_FILE=")
	last := entries(w.t, w.store, "rights.changed")[2]
	if removed, _ := json.Marshal(last.Detail["removed"]); !strings.Contains(string(removed), "deputy coupons:cancel") {
		w.t.Errorf("nothing is said of what was taken away: %s", removed)
	}
}

func (w *ownWorld) gone() {
	lead, admin := w.token("cashier_lead"), w.token("system_admin")
	var log bytes.Buffer
	a := w.with(&log, "POLICY_FILE=")
	w.app = a
	for _, path := range []string{"/v1/session", "/v1/coupons", "/v1/customers/12345/points"} {
		if status, text := w.request(lead, "GET", path, "", ""); status != http.StatusForbidden {
			w.t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if err := a.warnOfRoles(w.t.Context()); err != nil || strings.Count(log.String(), "a role is unknown") < 4 || !strings.Contains(log.String(), "cashier_lead") {
		w.t.Errorf("%v: the log says %s", err, log.String())
	}
	if notes := strings.Join(a.notes(w.t.Context()), "\n"); !strings.Contains(notes, "accounts or keys have a role that there is not") {
		w.t.Errorf("/readyz says %s", notes)
	}
	for _, args := range [][]string{{"staff", "list"}, {"key", "list"}} {
		var out bytes.Buffer
		cmd := rootCommand(append(slices.Clone(w.env), "POLICY_FILE="))
		cmd.SetArgs(args)
		cmd.SetOut(&out)
		if err := cmd.ExecuteContext(w.t.Context()); err != nil || !strings.Contains(out.String(), "(unknown)") {
			w.t.Errorf("%v: %v\n%s", args, err, out.String())
		}
	}
	w.shown(a)
	p, err := w.store.StaffByEmail(w.t.Context(), w.people["cashier_lead"].Email)
	if err != nil {
		w.t.Fatal(err)
	}
	path := "/v1/staff/" + strconv.FormatInt(p.ID, 10)
	for body, want := range map[string]int{`{"name": "Another Name"}`: 200, `{"role": "staff"}`: 200} {
		if status, text := w.request(admin, "PATCH", path, "", body); status != want {
			w.t.Errorf("%s: %d %s", body, status, text)
		}
	}
}

// shown looks at the console of a service that does not know the roles.
func (w *ownWorld) shown(a *app) {
	w.t.Helper()
	server := httptest.NewServer(a.handler)
	defer server.Close()
	w.base = server.URL
	v := w.visitor("system_admin")
	if text := v.get("/admin/staff").text(); !strings.Contains(text, "cashier_lead (unknown role: no rights)") || !strings.Contains(text, "second_till (unknown role: no rights)") {
		w.t.Errorf("the console does not tell of unknown roles:\n%s", text)
	}
	p, err := w.store.StaffByEmail(w.t.Context(), w.people["deputy"].Email)
	if err != nil {
		w.t.Fatal(err)
	}
	one := v.get("/admin/staff/" + strconv.FormatInt(p.ID, 10))
	if form := fieldsOf(one.form("/admin/staff/" + strconv.FormatInt(p.ID, 10))); form.Get("role") != "deputy" {
		w.t.Errorf("a form that changes a name would give the role %q", form.Get("role"))
	}
}
