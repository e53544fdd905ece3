package rights

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// changed returns the address with one of its parts in another form.
func changed(t *testing.T, path, name, value string) string {
	t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set(name, value)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestASignInThatSomebodyElseMeddlesWith(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := world.NewFederation(t, db)
		f.Idp.Employs("mori", "mori@example.com", "shop")
		f.Idp.Employs("mallory", "mallory@example.com", "shop")
		refused := func(what string, v *world.Visitor, path string) {
			t.Helper()
			p := v.Get(path)
			expect.Equal(t, "p.Status", p.Status, http.StatusForbidden, what, p.Text)
			expect.That(t, `p.Text() to contain "Try again"`, strings.Contains(p.Text(), "Try again"), what, p.Text)
			expect.That(t, `p.Form("/admin/sign-in") != nil`, p.Form("/admin/sign-in") != nil, what, p.Text)
			if who := v.SignedInAs(); who != "" {
				t.Errorf("%s: signed in as %s", what, who)
			}
		}
		mallory := f.Visitor()
		theirs := f.ComesBack(mallory, "mallory", "/admin")
		v := f.Visitor()
		refused("the address of somebody else, in a browser that began nothing", v, theirs)
		mine := f.ComesBack(v, "mori", "/admin")
		refused("the address of somebody else, in a browser that began a sign-in", v, theirs)
		refused("its own address, after the sign-in is over", v, mine)

		mine = f.ComesBack(v, "mori", "/admin")
		u, err := url.Parse(theirs)
		if err != nil {
			t.Fatal(err)
		}
		refused("somebody else's code under the own state", v, changed(t, mine, "code", u.Query().Get("code")))
		mine = f.ComesBack(v, "mori", "/admin")
		refused("another state", v, changed(t, mine, "state", "made-up"))
		mine = f.ComesBack(v, "mori", "/admin")
		refused("no state", v, changed(t, mine, "state", ""))
		mine = f.ComesBack(v, "mori", "/admin")
		refused("two states", v, mine+"&state=made-up")
		mine = f.ComesBack(v, "mori", "/admin")
		refused("the answer of another issuer", v, changed(t, mine, "iss", "https://evil.example"))
		mine = f.ComesBack(v, "mori", "/admin")
		refused("a refusal at the provider", v, changed(t, mine, "error", "access_denied"))
		mine = f.ComesBack(v, "mori", "/admin")
		refused("a made-up code", v, changed(t, mine, "code", "made-up"))
		if f.People() != 0 || !f.Recorded("identity.refused", "not_valid") {
			t.Errorf("there are %d accounts", f.People())
		}
		f.MeddledCookie()
		f.Replayed()
		f.LedAway()
	})
}

// TestAProviderThatDoesNotAnswer: nothing is known of anybody then, nothing changes, and the page says to try again.
func TestAProviderThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		f := world.NewFederation(t, db, "SIGN_IN_FAILURES=2", "SIGN_IN_FAILURES_ADDRESS=2")
		f.Idp.Employs("mori", "mori@example.com", "shop")
		v := f.Visitor()
		page := v.SignInAt(f.Idp, "mori", "/admin/account")
		expect.MustEqual(t, "page.Status", page.Status, http.StatusOK, page.Text)
		other := f.Visitor()
		mine := f.ComesBack(other, "mori", "/admin")
		cookie := other.PendingCookie()
		f.Idp.Close()
		for range 5 { // no answer is no failure of whoever asks
			other.SetPendingCookie(cookie)
			p := other.Get(mine)
			expect.MustEqual(t, "p.Status", p.Status, http.StatusServiceUnavailable, p.Text)
			expect.MustThat(t, `p.Text() to contain "Nothing has changed"`,
				strings.Contains(p.Text(), "Nothing has changed"), p.Text)
		}
		if f.People() != 1 || v.SignedInAs() == "" || other.SignedInAs() != "" {
			t.Errorf("%d accounts", f.People())
		}
	})
}
