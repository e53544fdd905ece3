package rights

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pointbridge/api/console"
	"pointbridge/app"
	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// shopsPolicy is a shop's own policy: somebody between general staff and a store manager, a store manager who decides
// no review, and a POS that takes nothing back.
const shopsPolicy = `# Lead cashiers also convert.
g, cashier_lead, staff
p, cashier_lead, conversions, create
g, deputy, store_manager
p, deputy, reviews, decide, deny
g, second_pos, pos
p, second_pos, refunds, create, deny
`

// ownWorld is the whole service with that policy, and its people.
type ownWorld struct {
	*world.Acts
	base   string
	people map[string]demo.SignIn
}

func newOwnWorld(t *testing.T, db storetest.Database) *ownWorld {
	t.Helper()
	policy := filepath.Join(t.TempDir(), "policy.csv")
	if err := os.WriteFile(policy, []byte(shopsPolicy), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &ownWorld{Acts: world.NewActs(t, db, "POLICY_FILE="+policy,
		"CANCEL_CAPS=store_manager=1000/1000000"),
		people: map[string]demo.SignIn{}}
	w.base = w.Serve(w.App.Handler)
	for _, role := range []string{"system_admin", "cashier_lead", "deputy"} {
		w.hire(role)
	}
	return w
}

// hire adds somebody by the command.
func (w *ownWorld) hire(role string) {
	w.T.Helper()
	email := role + "@staff.example.com"
	var out bytes.Buffer
	cmd := commands.RootCommand(w.Env)
	cmd.SetArgs([]string{"staff", "add", "--email", email, "--name", "The " + role, "--role", role, "--password-stdin"})
	cmd.SetIn(strings.NewReader(world.StaffPassword + "\n"))
	cmd.SetOut(&out)
	if err := cmd.ExecuteContext(w.T.Context()); err != nil || !strings.Contains(out.String(), "is added as "+role) {
		w.T.Fatal(err, out.String())
	}
	w.people[role] = demo.SignIn{Email: email, Password: world.StaffPassword, Role: role}
}

// On makes the world report to a subtest.
func (w *ownWorld) On(t *testing.T) *ownWorld {
	w.T = t
	return w
}

func (w *ownWorld) Visitor(role string) *world.Visitor {
	w.T.Helper()
	return world.ConsoleVisitor(w.T, demo.File{API: w.base, Staff: []demo.SignIn{w.people[role]}}, role)
}

// token is a token that a person makes for themselves, and the person.
func (w *ownWorld) token(role string) string {
	w.T.Helper()
	p, err := w.Store.Staff.StaffByEmail(w.T.Context(), w.people[role].Email)
	if err != nil {
		w.T.Fatal(err)
	}
	return world.TokenOf(w.T, w.Store, p)
}

func TestRolesOfTheShopsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := newOwnWorld(t, db)
		t.Run("every page of the console lets in whom the policy lets in", func(t *testing.T) { w.On(t).pages() })
		t.Run("an act is done as by the role that is inherited from, within its cap",
			func(t *testing.T) { w.On(t).acts() })
		t.Run("the console gives the roles to people and keys", func(t *testing.T) { w.On(t).given() })
		t.Run("the audit tells what was added and taken away", func(t *testing.T) { w.On(t).Recorded() })
		t.Run("whose role is gone may do nothing, and is told of", func(t *testing.T) { w.On(t).gone() })
	})
}

func (w *ownWorld) pages() {
	reads := []string{"session:own", "coupons:read", "customers:read", "customers:note", "conversions:create", "dashboard:read",
		"decisions:read", "campaigns:read", "coupons:ask"}
	for role, rights := range map[string][]string{"cashier_lead": reads,
		"deputy": append(reads, "coupons:cancel", "coupons:suspend", "reviews:read", "customers:unlock", "customers:renumber",
			"decisions:judge", "refund_reports:read", "mails:resend", "approvals:decide")} {
		v := w.Visitor(role)
		v.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		account := v.Get("/admin/account")
		if !strings.Contains(account.Text(), role) {
			w.T.Errorf("%s does not read their role:\n%s", role, account.Text())
		}
		token := world.FieldsOf(account.Form("/admin/sign-out"))
		for _, r := range console.Rights() {
			path := strings.NewReplacer(":code", "70934-AAAAAA-500", "customers/:id", "customers/12345", ":id",
				"1").Replace(r.Path)
			allowed := r.Object == "" || slices.Contains(rights, r.Object+":"+r.Action)
			switch {
			case r.Method == http.MethodGet:
				if p := v.Get(path); (p.Status == http.StatusForbidden) == allowed || p.Status >= 500 ||
					p.Status == http.StatusUnauthorized {
					w.T.Errorf("%s %s as %s: %d, allowed %v", r.Method, r.Path, role, p.Status, allowed)
				}
			case !allowed:
				if p := v.Post(path, token); p.Status != http.StatusForbidden {
					w.T.Errorf("%s %s as %s: %d", r.Method, r.Path, role, p.Status)
				}
			}
		}
	}
}

func (w *ownWorld) acts() {
	deputy, lead := w.token("deputy"), w.token("cashier_lead")
	pos := w.Once("key", "create", "--role", "second_pos", "--name", "second POS", "--owner",
		w.people["system_admin"].Email)
	for _, c := range []struct {
		token string
		act   domain.Act
		size  int64
		want  string
	}{
		{deputy, domain.ActCancel, small, "done"}, {deputy, domain.ActCancel, large, overCap},
		{deputy, domain.ActSuspend, small, "done"}, {deputy, domain.ActForfeit, small, permissionDenied},
		{deputy, domain.ActRefund, small, permissionDenied}, {lead, domain.ActCancel, small, permissionDenied},
		{lead, domain.ActReissue, small, permissionDenied}, {pos, domain.ActRefund, small, permissionDenied},
		{pos, domain.ActCancel, small, permissionDenied}, {w.Token, domain.ActRefund, small, "done"},
	} {
		s := w.Subject(c.act, c.size)
		before := w.Untouched(c.act, s)
		if got := w.Do(c.token, c.act, s, "own-"+s.Code); got != c.want {
			w.T.Errorf("%s of %d points: %s, want %s", c.act, c.size, got, c.want)
		}
		if c.want != "done" && before && !w.Untouched(c.act, s) {
			w.T.Errorf("%s was refused and something changed", c.act)
		}
	}
	w.Made++ // a member of their own
	member, _ := w.Coupon(small)
	for name, token := range map[string]string{"lead": lead, "pos": pos} {
		if status, text := w.Request(token, "POST", "/v1/customers/"+member+"/conversions", "k-"+name+member,
			`{"points": 100}`); status != 201 {
			w.T.Errorf("%s converts: %d %s", name, status, text)
		}
	}
}

func (w *ownWorld) given() {
	v := w.Visitor("system_admin")
	page := v.Get("/admin/staff")
	for _, role := range []string{"cashier_lead", "deputy", "second_pos"} {
		if !strings.Contains(page.Raw, `<option value="`+role+`">`+role+`</option>`) {
			w.T.Errorf("%s cannot be chosen", role)
		}
	}
	added := v.Submit(page, "/admin/staff", url.Values{"name": {"Kato Jun"}, "email": {"kato@staff.example.com"},
		"role": {"deputy"}})
	expect.MustEqual(w.T, "added.Status", added.Status, 200, added.Text)
	expect.MustThat(w.T, `added.Text() to contain "Kato Jun"`, strings.Contains(added.Text(), "Kato Jun"), added.Text)
	refused := v.Submit(page, "/admin/staff", url.Values{"name": {"Nobody"}, "email": {"nobody@staff.example.com"},
		"role": {"second_pos"}})
	if refused.Status != http.StatusUnprocessableEntity {
		w.T.Errorf("a person is a POS: %d", refused.Status)
	}
	key := v.Submit(v.Get("/admin/staff"), "/admin/keys", url.Values{"name": {"kiosk"}, "role": {"second_pos"},
		"owner": {w.people["system_admin"].Email}})
	expect.MustEqual(w.T, "key.Status", key.Status, 200, key.Text)
	expect.MustThat(w.T, `key.Text() to contain "kiosk"`, strings.Contains(key.Text(), "kiosk"), key.Text)
}

// With starts the service anew with other settings, as another process on the same database would.
func (w *ownWorld) With(log *bytes.Buffer, settings ...string) *app.App {
	w.T.Helper()
	a := w.Another(slog.NewJSONHandler(log, nil), settings...)
	if err := a.RecordRules(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
	if err := a.Store.Audit.RecordPolicy(w.T.Context(), a.Rules.All()); err != nil {
		w.T.Fatal(err)
	}
	return a
}

func (w *ownWorld) Recorded() {
	var log bytes.Buffer
	plain := w.With(&log, "POLICY_FILE=")
	for range 2 {
		w.With(&log)
	}
	digests, rights := world.Entries(w.T, w.Store, "policy.changed"), world.Entries(w.T, w.Store, "rights.changed")
	if len(digests) != 1 || len(rights) != 2 {
		w.T.Fatalf("%d changes of the digest and %d of rights are in the audit", len(digests), len(rights))
	}
	file, _ := digests[0].Detail["policy_file"].(map[string]any)
	if file["from"] != plain.Rules.Digest() || file["to"] != w.App.Rules.Digest() || file["from"] == file["to"] {
		w.T.Errorf("recorded %v", digests[0].Detail)
	}
	added, _ := json.Marshal(rights[1].Detail["added"])
	for _, right := range []string{"cashier_lead conversions:create", "deputy coupons:cancel",
		"second_pos points:read"} {
		if !strings.Contains(string(added), `"`+right+`"`) {
			w.T.Errorf("%q is not in the audit in %s", right, added)
		}
	}
	w.With(&log, "POLICY_FILE=")
	last := world.Entries(w.T, w.Store, "rights.changed")[2]
	if removed, _ := json.Marshal(last.Detail["removed"]); !strings.Contains(string(removed), "deputy coupons:cancel") {
		w.T.Errorf("nothing is said of what was taken away: %s", removed)
	}
}

func (w *ownWorld) gone() {
	lead, admin := w.token("cashier_lead"), w.token("system_admin")
	var log bytes.Buffer
	a := w.With(&log, "POLICY_FILE=")
	w.App = a
	for _, path := range []string{"/v1/session", "/v1/coupons", "/v1/customers/12345/points"} {
		status, text := w.Request(lead, "GET", path, "", "")
		expect.Equal(w.T, "status", status, http.StatusForbidden, path, text)
	}
	if err := a.WarnOfRoles(w.T.Context()); err != nil || strings.Count(log.String(), "a role is unknown") < 4 ||
		!strings.Contains(log.String(), "cashier_lead") {
		w.T.Errorf("%v: the log says %s", err, log.String())
	}
	if notes := strings.Join(a.Notes(w.T.Context()), "\n"); !strings.Contains(notes,
		"accounts or keys have a role that there is not") {
		w.T.Errorf("/readyz says %s", notes)
	}
	for _, args := range [][]string{{"staff", "list"}, {"key", "list"}} {
		var out bytes.Buffer
		cmd := commands.RootCommand(append(slices.Clone(w.Env), "POLICY_FILE="))
		cmd.SetArgs(args)
		cmd.SetOut(&out)
		expect.MustEqual(w.T, "cmd.ExecuteContext(w.T.Context())", cmd.ExecuteContext(w.T.Context()), nil)
		expect.That(w.T, `out.String() to contain "(unknown)"`, strings.Contains(out.String(), "(unknown)"), out.String,
			args)
	}
	w.Shown(a)
	p, err := w.Store.Staff.StaffByEmail(w.T.Context(), w.people["cashier_lead"].Email)
	if err != nil {
		w.T.Fatal(err)
	}
	path := "/v1/staff/" + strconv.FormatInt(p.ID, 10)
	for body, want := range map[string]int{`{"name": "Another Name"}`: 200, `{"role": "staff"}`: 200} {
		status, text := w.Request(admin, "PATCH", path, "", body)
		expect.Equal(w.T, "status", status, want, body, text)
	}
}

// Shown looks at the console of a service that does not know the roles.
func (w *ownWorld) Shown(a *app.App) {
	w.T.Helper()
	w.base = w.Serve(a.Handler)
	v := w.Visitor("system_admin")
	if text := v.Get("/admin/staff").Text(); !strings.Contains(text, "cashier_lead (unknown role: no rights)") ||
		!strings.Contains(text, "second_pos (unknown role: no rights)") {
		w.T.Errorf("the console does not tell of unknown roles:\n%s", text)
	}
	p, err := w.Store.Staff.StaffByEmail(w.T.Context(), w.people["deputy"].Email)
	if err != nil {
		w.T.Fatal(err)
	}
	one := v.Get("/admin/staff/" + strconv.FormatInt(p.ID, 10))
	if form := world.FieldsOf(one.Form("/admin/staff/" + strconv.FormatInt(p.ID, 10))); form.Get("role") != "deputy" {
		w.T.Errorf("a form that changes a name would give the role %q", form.Get("role"))
	}
}
