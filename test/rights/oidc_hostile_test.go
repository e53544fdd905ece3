package rights

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
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
			if p := v.Get(path); p.Status != http.StatusForbidden || !strings.Contains(p.Text(), "Try again") ||
				p.Form("/admin/sign-in") == nil {
				t.Errorf("%s: %d %s", what, p.Status, p.Text())
			}
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
		if page.Status != http.StatusOK {
			t.Fatalf("%d %s", page.Status, page.Text())
		}
		other := f.Visitor()
		mine := f.ComesBack(other, "mori", "/admin")
		cookie := other.PendingCookie()
		f.Idp.Close()
		for range 5 { // no answer is no failure of whoever asks
			other.SetPendingCookie(cookie)
			if p := other.Get(mine); p.Status != http.StatusServiceUnavailable ||
				!strings.Contains(p.Text(), "Nothing has changed") {
				t.Fatalf("%d %s", p.Status, p.Text())
			}
		}
		if f.People() != 1 || v.SignedInAs() == "" || other.SignedInAs() != "" {
			t.Errorf("%d accounts", f.People())
		}
	})
}
