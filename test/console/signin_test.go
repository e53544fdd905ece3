package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

func TestConsoleSecondFactor(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	who := employee(t, file, "store_manager")
	secret, recovery := world.ConsoleVisitor(t, file, "store_manager").SetUpApp()

	v := world.NewVisitor(t, file.API)
	p := v.EnterHalfWay(who, "/admin/reviews")
	for _, page := range []string{"/admin/coupons", "/admin/account", "/admin/sign-in/password",
		"/admin/sign-in/set-up"} {
		if got := v.Get(page); got.URL.Path != "/admin/sign-in/second" || strings.Contains(got.Text(), "Sign out") {
			t.Errorf("half-way %s leads to %s", page, got.URL)
		}
	}
	for what, got := range map[string]world.SeenPage{
		"without its token": v.Post("/admin/sign-in/second", url.Values{"code": {world.AppCode(t, secret, 1)}}),
		"another's token": v.Post("/admin/sign-in/second", url.Values{"code": {world.AppCode(t, secret, 1)},
			"form_token": {"x"}}),
	} {
		if got.Status != http.StatusForbidden {
			t.Errorf("the form %s: %d", what, got.Status)
		}
	}
	if wrong := v.Submit(p, "/admin/sign-in/second",
		url.Values{"code": {"000000"}}); wrong.Status != http.StatusUnauthorized ||
		wrong.Form("/admin/sign-in/second") == nil {
		t.Errorf("a wrong code: %d %s", wrong.Status, wrong.Text())
	}
	half := v.Cookie()
	code := world.AppCode(t, secret, 1)
	if in := v.Submit(p, "/admin/sign-in/second", url.Values{"code": {code}}); in.URL.Path != "/admin/reviews" ||
		v.Cookie() == half {
		t.Fatalf("the right code leads to %s\n%s", in.URL, in.Text())
	}
	if got := world.NewVisitor(t, file.API).Bearing(half).Get("/admin/sign-in/second"); got.URL.Path != "/admin/sign-in" {
		t.Errorf("the half-way session is alive: %s", got.URL)
	}
	other := world.NewVisitor(t, file.API)
	p = other.EnterHalfWay(who, "/admin")
	if got := other.Submit(p, "/admin/sign-in/second",
		url.Values{"code": {code}}); got.Status != http.StatusUnauthorized {
		t.Errorf("the same code again: %d", got.Status)
	}
	if got := other.Submit(p, "/admin/sign-in/second",
		url.Values{"code": {strings.ToUpper(recovery[0])}}); !strings.Contains(
		other.SignedInAs(),
		"9 left",
	) {
		t.Errorf("a recovery code: %d %s", got.Status, got.Text())
	}
	if got := v.Submit(v.Get("/admin/account"), "/admin/account/sign-out-others",
		nil); got.URL.Path != "/admin/account" ||
		other.SignedInAs() != "" {
		t.Errorf("signed out elsewhere: %s", got.URL)
	}
	leaving := world.NewVisitor(t, file.API)
	if got := leaving.Submit(leaving.EnterHalfWay(who, "/admin"), "/admin/sign-in/second/leave",
		nil); got.URL.Path != "/admin/sign-in" ||
		leaving.Cookie() != "" {
		t.Errorf("starting over leads to %s", got.URL)
	}
	boss := world.ConsoleVisitor(t, file, "system_admin")
	address := staffAddress(t, boss, who.Email)
	boss.Submit(boss.Get(address), address+"/second-factor", nil)
	if v.SignedInAs() != "" {
		t.Error("the second factor was reset, and the session goes on")
	}
	if got := world.ConsoleVisitor(t, file, "store_manager").SignedInAs(); !strings.Contains(got, "Not set up") {
		t.Errorf("after the reset: %s", got)
	}
	toldOf(
		t,
		file,
		who.Email,
		"An authenticator app was set up",
		"used to sign in from a device",
		"The second factor of your account was reset",
	)
	record := boss.Get("/admin/audit").Text()
	for _, said := range []string{"Set up an authenticator app.", "A second factor was refused.",
		"Reset the second factor of"} {
		if !strings.Contains(record, said) {
			t.Errorf("the audit does not say %q", said)
		}
	}
}

// toldOf waits until mails to somebody say all of this.
func toldOf(t *testing.T, file demo.File, to string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		world.Eventually(t, to+" is told: "+text, func() bool {
			for _, mail := range world.MailsTo(t, file, to) {
				if said, _ := mail["text"].(string); strings.Contains(said, text) {
					return true
				}
			}
			return false
		})
	}
}

func TestConsoleDrawnPassword(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	boss := world.ConsoleVisitor(t, file, "system_admin")
	p := boss.Submit(
		boss.Get("/admin/staff"),
		"/admin/staff",
		url.Values{"name": {"Kato Sora"}, "email": {"kato@example.com"}, "role": {"ec_admin"}},
	)
	drawn := ""
	for _, n := range p.All("code") {
		if world.Attribute(n, "id") == "secret" {
			drawn = world.TextOf(n)
		}
	}
	v := world.NewVisitor(t, file.API)
	p = v.Submit(
		v.Get("/admin/sign-in"),
		"/admin/sign-in",
		url.Values{"email": {"kato@example.com"}, "password": {drawn}},
	)
	if p.URL.Path != "/admin/sign-in/password" {
		t.Fatalf("led to %s", p.URL)
	}
	if got := v.Get("/admin/coupons"); got.URL.Path != "/admin/sign-in/password" {
		t.Errorf("the coupons are at %s", got.URL)
	}
	for chosen, status := range map[string]int{"password1234": 422, "katosorakatosora": 422, "short": 422, drawn: 422} {
		got := v.Submit(
			p,
			"/admin/sign-in/password",
			url.Values{"current_password": {drawn}, "new_password": {chosen}, "again": {chosen}},
		)
		expect.Equal(t, "got.Status", got.Status, status, chosen, got.Text)
		expect.MustThat(t, `got.Form("/admin/sign-in/password") != nil`, got.Form("/admin/sign-in/password") != nil,
			chosen, got.Text)
		expect.That(t, `got.Raw not to contain "katosorakatosora"`, !strings.Contains(got.Raw, "katosorakatosora"),
			chosen, got.Raw, got.Text)
	}
	v.Submit(
		p,
		"/admin/sign-in/password",
		url.Values{
			"current_password": {drawn},
			"new_password":     {"seven lanterns over water"},
			"again":            {"seven lanterns over water"},
		},
	)
	in := v.Submit(
		v.Get("/admin/sign-in"),
		"/admin/sign-in",
		url.Values{"email": {"kato@example.com"}, "password": {"seven lanterns over water"}},
	)
	if in.URL.Path != "/admin/coupons" {
		t.Errorf("the chosen password leads to %s", in.URL)
	}
	address := staffAddress(t, boss, "kato@example.com")
	fields := world.FieldsOf(boss.Get(address).Form(address))
	fields.Set("email", "sora@example.com")
	if got := boss.Post(address, fields); got.Status != http.StatusOK ||
		!strings.Contains(got.Text(), "sora@example.com") {
		t.Errorf("another address: %d %s", got.Status, got.Text())
	}
	for _, to := range []string{"kato@example.com", "sora@example.com"} {
		toldOf(t, file, to, "sora@example.com")
	}
}
