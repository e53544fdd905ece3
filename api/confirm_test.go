package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

// consoleVisitor is somebody before the console, on the shop's clock.
type consoleVisitor struct {
	*shop
	cookie string
}

// consoleOf signs a person in to the console.
func consoleOf(t *testing.T, role domain.Role) *consoleVisitor {
	t.Helper()
	s := newShop(
		t,
		func(d *Deps) { d.Secret, d.Zone, d.ShopName = []byte(strings.Repeat("s", 32)), time.UTC, "Demo Shop" },
	)
	p, _ := s.person(role)
	return &consoleVisitor{s, s.session(p)}
}

func (b *consoleVisitor) send(method, path string, fields url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(fields.Encode()))
	r.Header.Set("Accept-Language", "en")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.AddCookie(&http.Cookie{Name: "__Host-pointbridge", Value: b.cookie})
	w := httptest.NewRecorder()
	b.api.ServeHTTP(w, r)
	return w
}

var formTokenPattern = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// token is what the console's forms carry.
func (b *consoleVisitor) token() string {
	b.t.Helper()
	found := formTokenPattern.FindStringSubmatch(b.send(http.MethodGet, "/admin/account", nil).Body.String())
	if found == nil {
		b.t.Fatal("the account page has no form")
	}
	return found[1]
}

// TestConfirmPage: what hands out access asks first who is there, and is then done without being typed again.
func TestConfirmPage(t *testing.T) {
	t.Parallel()
	b := consoleOf(t, domain.RoleSystemAdmin)
	other, _ := b.person(domain.RoleStaff)
	token := b.token()
	form := func(more ...string) url.Values {
		fields := url.Values{
			"form_token": {token},
			"name":       {"Mori <Akiko>"},
			"email":      {"new@example.com"},
			"role":       {"system_admin"},
		}
		for i := 0; i+1 < len(more); i += 2 {
			fields.Set(more[i], more[i+1])
		}
		return fields
	}
	path := "/admin/staff/2"
	b.clock.Advance(staff.FreshFor)
	asked := b.send(http.MethodPost, path, form())
	expect.MustEqual(t, "asked.Code", asked.Code, http.StatusForbidden, asked.Body)
	expect.MustThat(t, `asked.Body.String() to contain "Is it still you?"`,
		strings.Contains(asked.Body.String(), "Is it still you?"), asked.Body)
	expect.MustThat(t, "asked.Body.String() to contain `name=\"name\" value=\"Mori &lt;Akiko&gt;\"`",
		strings.Contains(asked.Body.String(), `name="name" value="Mori &lt;Akiko&gt;"`), asked.Body)
	expect.MustEqual(t, "strings.Count(asked.Body.String(), `action=\"/admin/staff/2\"`)",
		strings.Count(asked.Body.String(), `action="/admin/staff/2"`), 1, asked.Body)
	if wrong := b.send(http.MethodPost, path, form("confirm_password",
		"wrong")); wrong.Code != http.StatusUnprocessableEntity ||
		strings.Contains(wrong.Body.String(), `value="wrong"`) {
		t.Errorf("a wrong password: %d %s", wrong.Code, wrong.Body)
	}
	if forged := b.send(http.MethodPost, path, form("confirm_password", goodPassword, "form_token",
		"x")); forged.Code != http.StatusForbidden ||
		strings.Contains(forged.Body.String(), "Is it still you?") {
		t.Errorf("a form of another site: %d %s", forged.Code, forged.Body)
	}
	if now, err := b.staff.ByID(t.Context(), other.ID); err != nil || now.Role != domain.RoleStaff ||
		now.Email != other.Email {
		t.Fatalf("it was done all the same: %s, %v", now.Role, err)
	}
	done := b.send(http.MethodPost, path, form("confirm_password", goodPassword))
	expect.MustEqual(t, "done.Code", done.Code, http.StatusSeeOther, done.Body)
	now, err := b.staff.ByID(t.Context(), other.ID)
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "now.Role", now.Role, domain.RoleSystemAdmin)
	expect.Equal(t, "now.Email", now.Email, "new@example.com")
	expect.Equal(t, "now.Name", now.Name, "Mori <Akiko>")
	if drawn := b.send(http.MethodPost, path+"/password",
		url.Values{"form_token": {token}}); drawn.Code != http.StatusOK {
		t.Errorf("a moment later it is asked again: %d", drawn.Code)
	}
}

// TestConfirmIsAskedOfFreshForms walks the forms that hand out or take away access.
func TestConfirmIsAskedOfFreshForms(t *testing.T) {
	t.Parallel()
	b := consoleOf(t, domain.RoleSystemAdmin)
	b.person(domain.RoleStaff)
	token := b.token()
	b.clock.Advance(staff.FreshFor)
	for _, path := range []string{"/admin/keys", "/admin/staff/2/password", "/admin/staff/2/second-factor",
		"/admin/staff/2/link", "/admin/account/tokens", "/admin/account/totp",
		"/admin/account/totp/remove", "/admin/account/recovery", "/admin/account/passkeys", "/admin/account/passkeys/remove"} {
		got := b.send(http.MethodPost, path, url.Values{"form_token": {token}})
		expect.Equal(t, "got.Code", got.Code, http.StatusForbidden, path)
		expect.That(t, `got.Body.String() to contain "Is it still you?"`,
			strings.Contains(got.Body.String(), "Is it still you?"), path, got.Body)
	}
	admin := url.Values{"form_token": {token}, "email": {"n@example.com"}, "name": {"N"}, "role": {"ec_admin"}}
	if got := b.send(http.MethodPost, "/admin/staff", admin); got.Code != http.StatusForbidden ||
		!strings.Contains(got.Body.String(), "Is it still you?") {
		t.Errorf("a new admin: %d", got.Code)
	}
}

// TestRequiredOnPages: who has to have a second factor is led to setting one up, and nowhere else.
func TestRequiredOnPages(t *testing.T) {
	t.Parallel()
	b := consoleOf(t, domain.RoleStaff)
	equipment := tools(t)
	equipment.Required[domain.RoleStaff] = true
	b.staff.Equip(equipment)
	for _, path := range []string{"/admin/coupons", "/admin/account", "/admin", "/admin/sign-in/second"} {
		got := b.send(http.MethodGet, path, nil)
		expect.Equal(t, "got.Code", got.Code, http.StatusSeeOther, path)
		expect.That(t, `got.Header().Get("Location") to begin with "/admin/sign-in/set-up"`,
			strings.HasPrefix(got.Header().Get("Location"), "/admin/sign-in/set-up"), path,
			got.Header().Get("Location"))
	}
	page := b.send(http.MethodGet, "/admin/sign-in/set-up", nil).Body.String()
	field := func(pattern string) string {
		found := regexp.MustCompile(pattern).FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("no %s in %s", pattern, page)
		}
		return found[1]
	}
	fields := url.Values{
		"form_token": {field(`name="form_token" value="([^"]+)"`)},
		"setup":      {field(`name="setup" value="([^"]+)"`)},
		"code":       {b.codeOf(field(`<code class="secret">([A-Z2-7]+)</code>`))},
	}
	got := b.send(http.MethodPost, "/admin/sign-in/set-up", fields)
	expect.MustEqual(t, "got.Code", got.Code, http.StatusOK, got.Body)
	expect.MustThat(t, `got.Body.String() to contain "Your recovery codes"`,
		strings.Contains(got.Body.String(), "Your recovery codes"), got.Body)
	if got := b.send(http.MethodGet, "/admin/account", nil); got.Code != http.StatusOK {
		t.Errorf("after it: %d %s", got.Code, got.Header().Get("Location"))
	}
}

// vouched is an identity provider whose people have signed in there already.
type vouched struct{ staff.IdentityProvider }

func (vouched) LeaveAddress(context.Context) string { return "" }

// TestConfirmAtTheProvider: whoever has no password here is led to the provider, and back to the page of the form.
func TestConfirmAtTheProvider(t *testing.T) {
	t.Parallel()
	var people *staff.Service
	s := newShop(t, func(d *Deps) {
		d.Secret, d.Zone, d.ShopName = []byte(strings.Repeat("s", 32)), time.UTC, "Demo Shop"
		people, _ = d.Staff.(*staff.Service)
		people = people.WithProvider(staff.Provider{By: vouched{}, Only: true})
		d.Staff, d.Accounts = people, people
	})
	p, _, err := people.Add(t.Context(), staff.Operator(), staff.Person{Email: "mori@example.com", Name: "Mori",
		Role: domain.RoleSystemAdmin})
	if err != nil {
		t.Fatal(err)
	}
	in, err := people.LetIn(t.Context(), p, staff.Proof{Methods: []string{staff.ByProvider}, SecondFactor: true,
		Provider: "oidc"}, staff.From{})
	expect.MustEqual(t, "err", err, nil)
	expect.MustEqual(t, "in.Stage", in.Stage, staff.StageIn)
	b := &consoleVisitor{s, in.Token}
	token := b.token()
	b.clock.Advance(staff.FreshFor)
	for path, back := range map[string]string{
		"/admin/staff/1/link":     "%2Fadmin%2Fstaff%2F1",
		"/admin/account/tokens":   "%2Fadmin%2Faccount%2Ftokens",
		"/admin/account/totp":     "%2Fadmin%2Faccount",
		"/admin/keys":             "%2Fadmin",
		"/admin/staff/1/password": "%2Fadmin%2Fstaff%2F1",
	} {
		got := b.send(http.MethodPost, path, url.Values{"form_token": {token}})
		page := got.Body.String()
		expect.Equal(t, "got.Code", got.Code, http.StatusForbidden, path)
		expect.That(t, "page to contain `href=\"/admin/sign-in/provider?again=yes&amp;back=`+back+`\"`",
			strings.Contains(page, `href="/admin/sign-in/provider?again=yes&amp;back=`+back+`"`), path,
			`href="/admin/sign-in/provider?again=yes&amp;back=`+back+`"`, page)
		expect.That(t, `page not to contain "confirm_password"`, !strings.Contains(page, "confirm_password"), path,
			page)
		expect.That(t, `page not to contain "confirm_code"`, !strings.Contains(page, "confirm_code"), path, page)
	}
}

// Who has to set a second factor up holds what lets in afterwards, so the page for it is not for a browser that was
// left open.
func TestSettingUpTakesAFreshSignIn(t *testing.T) {
	t.Parallel()
	b := consoleOf(t, domain.RoleECAdmin)
	equipment := tools(t)
	equipment.Required[domain.RoleECAdmin] = true
	b.staff.Equip(equipment)
	page := b.send(http.MethodGet, "/admin/sign-in/set-up", nil)
	token := formTokenPattern.FindStringSubmatch(page.Body.String())
	expect.MustEqual(t, "page.Code", page.Code, http.StatusOK, page.Body)
	expect.MustThat(t, "token != nil", token != nil, page.Body)
	b.clock.Advance(staff.FreshFor)
	form := url.Values{"form_token": {token[1]}, "code": {"000000"}, "setup": {"none"}, "name": {"none"}}
	for _, act := range []string{"GET ", "POST ", "POST /passkey", "POST /passkey/ask"} {
		method, more, _ := strings.Cut(act, " ")
		got := b.send(method, "/admin/sign-in/set-up"+more, form)
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/admin/sign-in" {
			t.Errorf("%s: %d, to %q", act, got.Code, got.Header().Get("Location"))
		}
	}
	if got := b.send(http.MethodGet, "/admin/sign-in", nil); got.Code != http.StatusOK {
		t.Errorf("the sign-in page: %d", got.Code)
	}
	if got := b.send(http.MethodPost, "/admin/sign-in/set-up/leave", form); got.Code != http.StatusSeeOther ||
		b.recorded("session.ended") != 1 {
		t.Errorf("leaving: %d", got.Code)
	}
}
