package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/test/expect"
)

const deviceCookie = "__Host-pointbridge-device"

func newPagedShop(t *testing.T) *shop {
	t.Helper()
	return newShop(t, func(d *Deps) { d.Secret, d.Zone = []byte(strings.Repeat("s", 32)), time.UTC })
}

// browser sends the console's sign-in form and keeps what it is given.
type browser struct {
	s       *shop
	address string
	cookies map[string]string
}

func (s *shop) browser(address string) *browser {
	return &browser{s, address, map[string]string{}}
}

func (b *browser) signIn(email, password string) *http.Response {
	b.s.t.Helper()
	form := url.Values{"email": {email}, "password": {password}}
	r := httptest.NewRequest(http.MethodPost, "/admin/sign-in", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = b.address + ":4711"
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.api.ServeHTTP(w, r)
	got := w.Result()
	for _, c := range got.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return got
}

// underAttack makes strangers fail with an e-mail until devices that are not known have to wait.
func (s *shop) underAttack(email, address string) {
	s.t.Helper()
	for i := range staff.DefaultEverywhere * staff.DefaultPerEmail {
		if i < staff.DefaultPerAddress {
			s.enter(fmt.Sprintf("p%d@example.com", i), "wrong", from(address))
		}
		s.enter(email, "wrong", from(fmt.Sprintf("203.0.113.%d", i))).want(s.t, http.StatusUnauthorized,
			domain.CodeUnauthenticated)
	}
}

func TestADeviceThatIsKnownGetsInWhateverStrangersDo(t *testing.T) {
	t.Parallel()
	const office = "192.0.2.7"
	t.Run("the browser somebody signed in with before is let in, another one waits, and so does a program",
		func(t *testing.T) {
			t.Parallel()
			s := newPagedShop(t)
			p, _ := s.person(domain.RoleStaff)
			desk, other := s.browser(office), s.browser(office)
			first := desk.signIn(p.Email, goodPassword)
			if first.StatusCode != http.StatusSeeOther {
				t.Fatal(first.Status)
			}
			for _, c := range first.Cookies() {
				if c.Name == deviceCookie && (!c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteLaxMode ||
					c.Path != "/" || strings.Contains(c.Value, "@")) {
					t.Errorf("the cookie is %s", c)
				}
			}
			if desk.cookies[deviceCookie] == "" {
				t.Fatal("no device is remembered")
			}
			s.underAttack(p.Email, office)
			if got := other.signIn(p.Email, goodPassword); got.StatusCode != http.StatusTooManyRequests ||
				got.Header.Get("Retry-After") == "" {
				t.Errorf("a browser nobody knows: %s", got.Status)
			}
			s.enter(p.Email, goodPassword, from(office)).want(t, http.StatusTooManyRequests, domain.CodeRateLimited)
			if got := desk.signIn(strings.ToUpper(p.Email), goodPassword); got.StatusCode != http.StatusSeeOther {
				t.Errorf("the browser that is known: %s", got.Status)
			}
		})
	t.Run("a device is known for each of its people, and for nobody else", func(t *testing.T) {
		t.Parallel()
		s := newPagedShop(t)
		p, _ := s.person(domain.RoleStaff)
		colleague, _ := s.person(domain.RoleStoreManager)
		stranger, _ := s.person(domain.RoleECAdmin)
		counter := s.browser(office)
		for _, one := range []domain.Staff{p, colleague, p} {
			if got := counter.signIn(one.Email, goodPassword); got.StatusCode != http.StatusSeeOther {
				t.Fatal(got.Status)
			}
		}
		s.underAttack(stranger.Email, office)
		for _, one := range []domain.Staff{p, colleague} {
			got := counter.signIn(one.Email, goodPassword)
			expect.Equal(t, "got.StatusCode", got.StatusCode, http.StatusSeeOther, one.Email, got.Status)
		}
		if got := counter.signIn(stranger.Email, goodPassword); got.StatusCode != http.StatusTooManyRequests {
			t.Errorf("somebody who never signed in there: %s", got.Status)
		}
	})
	t.Run("a cookie that was made up, changed, or is too old is worth nothing", func(t *testing.T) {
		t.Parallel()
		s := newPagedShop(t)
		p, _ := s.person(domain.RoleStaff)
		desk := s.browser(office)
		desk.signIn(p.Email, goodPassword)
		good := desk.cookies[deviceCookie]
		name, voucher, _ := strings.Cut(good, ".")
		s.underAttack(p.Email, office)
		for what, value := range map[string]string{"nothing": "", "another name": strings.Repeat("A", len(name)) + "." +
			voucher, "a changed voucher": good[:len(good)-2] + "AA",
			"a later end": name + ".zzzzzz~" + strings.SplitN(voucher, "~",
				2)[1], "no voucher": name, "much": strings.Repeat(good, 20)} {
			b := s.browser(office)
			b.cookies[deviceCookie] = value
			got := b.signIn(p.Email, goodPassword)
			expect.Equal(t, "got.StatusCode", got.StatusCode, http.StatusTooManyRequests, what, got.Status)
		}
		s.clock.Advance(180 * 24 * time.Hour)
		s.underAttack(p.Email, office)
		if got := desk.signIn(p.Email, goodPassword); got.StatusCode != http.StatusTooManyRequests {
			t.Errorf("half a year later: %s", got.Status)
		}
	})
	t.Run("wrong passwords make no device known, and are slowed down on one that is", func(t *testing.T) {
		t.Parallel()
		s := newPagedShop(t)
		p, _ := s.person(domain.RoleStaff)
		desk := s.browser(office)
		desk.signIn(p.Email, "wrong")
		if desk.cookies[deviceCookie] != "" {
			t.Error("a wrong password is remembered as a sign-in")
		}
		desk.signIn(p.Email, goodPassword)
		for range staff.DefaultPerEmail {
			if got := desk.signIn(p.Email, "wrong"); got.StatusCode != http.StatusUnauthorized {
				t.Fatal(got.Status)
			}
		}
		if got := desk.signIn(p.Email, goodPassword); got.StatusCode != http.StatusTooManyRequests ||
			got.Header.Get("Retry-After") != "30" {
			t.Errorf("%s, Retry-After %q", got.Status, got.Header.Get("Retry-After"))
		}
	})
}
