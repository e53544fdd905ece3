package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
)

// TestPagesOverHTTPS: where browsers come over https, the cookies travel over nothing else and no other host can set ours, and
// forms count as the public address's own whatever a proxy names the host.
func TestPagesOverHTTPS(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := newProcBed(t, db, "PUBLIC_URL=https://points.example")
		limits := staff.Limits{Window: time.Minute, PerEmail: 100, PerAddress: 100, Life: time.Hour}
		who, _, err := newStaff(b.store, limits).Add(t.Context(), domain.System(),
			staff.Person{Email: "a@example.com", Name: "A", Role: domain.RoleStaff, Password: staffPassword})
		if err != nil {
			t.Fatal(err)
		}
		p := b.start()
		v := newVisitor(t, p.base)
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		post := func(path, origin string, values url.Values) seenPage {
			return v.send(http.MethodPost, path, strings.NewReader(values.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}})
		}
		in := url.Values{"email": {who.Email}, "password": {staffPassword}}
		if got := post("/admin/sign-in", "https://evil.example", in); got.status != http.StatusForbidden || len(got.header.Values("Set-Cookie")) != 0 {
			t.Errorf("%d %v", got.status, got.header)
		}
		got := post("/admin/sign-in", "https://points.example", in)
		cookies, err := http.ParseSetCookie(got.header.Get("Set-Cookie"))
		if err != nil || got.status != http.StatusSeeOther {
			t.Fatalf("%d %v %v", got.status, got.header, err)
		}
		if cookies.Name != "__Host-pointbridge" || !cookies.Secure || !cookies.HttpOnly || cookies.Path != "/" || cookies.Domain != "" || cookies.SameSite != http.SameSiteLaxMode {
			t.Errorf("%+v", cookies)
		}
		said := post("/admin/language", "https://points.example", url.Values{"language": {"en"}, "back": {"https://evil.example"}})
		chosen, err := http.ParseSetCookie(said.header.Get("Set-Cookie"))
		if err != nil || !chosen.Secure || !chosen.HttpOnly || said.header.Get("Location") != "/admin" {
			t.Errorf("%v %v", said.header, err)
		}
		if got.header.Get("Strict-Transport-Security") == "" {
			t.Error("browsers may come back over http")
		}
		v.client.Jar = nil
		plain := v.send(http.MethodGet, "/admin/account", nil, http.Header{"Cookie": {"pointbridge=" + cookies.Value}})
		if plain.status != http.StatusSeeOther {
			t.Errorf("a cookie that another host can set opens a page: %d", plain.status)
		}
		if p := v.send(http.MethodGet, "/admin/account", nil, http.Header{"Cookie": {"__Host-pointbridge=" + cookies.Value}}); p.status != http.StatusOK {
			t.Errorf("the session's own cookie opens no page: %d", p.status)
		}
	})
}
