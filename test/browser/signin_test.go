package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"pointbridge/test/world"
)

// withAuthenticator gives the browser a device that keeps passkeys and knows its owner.
func (b *tab) withAuthenticator() webauthn.AuthenticatorID {
	b.t.Helper()
	tell(b, webauthn.Enable, webauthn.EnableParams{})
	made, err := chromedp.Call(
		b.ctx,
		webauthn.AddVirtualAuthenticator,
		webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true,
			IsUserVerified: true, AutomaticPresenceSimulation: true}},
	)
	if err != nil {
		b.t.Fatal(err)
	}
	return made.AuthenticatorID
}

const passkeySignIn = `form[data-passkey][action="/admin/sign-in"] button`

// TestBrowserPasskey: a passkey is added in the console, is a second factor beside a password, and a sign-in by itself.
func TestBrowserPasskey(t *testing.T) {
	t.Parallel()
	chromium(t)
	file, _ := world.StartDemo(t, t.TempDir())
	// Browsers bind passkeys to names, not to numbers.
	b := openTab(t, strings.Replace(file.API, "127.0.0.1", "localhost", 1), look{lang: "en", width: 1280})
	device := b.withAuthenticator()
	b.signIn(file, "ec_admin")
	b.Do(chromedp.SendKeys(chromedp.CSS("#passkey-name"), "My laptop"))
	b.press(`form[data-passkey="create"] button`)
	b.shows("Your recovery codes")
	b.open("/admin/account")
	b.shows("Passkey My laptop")
	b.press(signOutForm + " button")

	b.signIn(file, "ec_admin")
	b.shows("One more step")
	b.press(`form[data-passkey][action="/admin/sign-in/second"] button`)
	b.shows("Where you are signed in")
	b.press(signOutForm + " button")

	b.open("/admin/sign-in?back=/admin/account")
	b.press(passkeySignIn)
	b.shows("Where you are signed in")
	b.press(signOutForm + " button")

	tell(b, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device, IsUserVerified: false})
	b.open("/admin/sign-in")
	b.Do(chromedp.Click(chromedp.CSS(passkeySignIn)))
	b.shows("The passkey could not be used")
}

// signInLooks are each width, each theme and each language.
var signInLooks = []look{
	{lang: "ja", width: 1280},
	{lang: "en", width: 1280, dark: true},
	{lang: "ja", width: 360, dark: true},
	{lang: "en", width: 360},
}

// TestBrowserSignInPages looks at every page of a sign-in, and at what a person sees of their own.
func TestBrowserSignInPages(t *testing.T) {
	t.Parallel()
	chromium(t)
	for i, l := range signInLooks {
		role := []string{"staff", "store_manager", "ec_admin", "system_admin"}[i]
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			file, _ := world.StartDemo(t, t.TempDir())
			boss := world.ConsoleVisitor(t, file, "system_admin")
			p := boss.Submit(
				boss.Get("/admin/staff"),
				"/admin/staff",
				map[string][]string{"name": {"Kato Sora"}, "email": {"kato@example.com"}, "role": {"staff"}},
			)
			drawn := ""
			for _, n := range p.All("code") {
				if world.Attribute(n, "id") == "secret" {
					drawn = world.TextOf(n)
				}
			}
			b := openTab(t, strings.Replace(file.API, "127.0.0.1", "localhost", 1), l)
			b.open("/admin/sign-in")
			b.inspect("sign-in")
			b.Do(
				chromedp.SendKeys(chromedp.CSS("#email"), "kato@example.com"),
				chromedp.SendKeys(chromedp.CSS("#password"), drawn),
			)
			b.press(`form[action="/admin/sign-in"] button`)
			b.inspect("sign-in-password")
			b.press(`form[action="/admin/sign-in/password/leave"] button`)

			b.signIn(file, role)
			b.press(`form[action="/admin/account/totp"] button`)
			b.inspect("sign-in-set-up")
			secret := strings.TrimSpace(ask(b, chromedp.Text(chromedp.CSS("code.secret"))))
			b.Do(chromedp.SendKeys(chromedp.CSS("#code"), world.AppCode(t, secret, 0)))
			b.press(`form[action="/admin/account/totp/activate"] button`)
			b.inspect("sign-in-codes")
			b.open("/admin/account")
			b.inspect("sign-in-account")
			b.press(signOutForm + " button")
			b.signIn(file, role)
			b.inspect("sign-in-second")
			b.Do(chromedp.SendKeys(chromedp.CSS("#code"), "000000"))
			b.press(`form[action="/admin/sign-in/second"] button`)
			b.inspect("sign-in-second-wrong")
		})
	}
}
