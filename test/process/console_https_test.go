package process

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestPagesOverHTTPS: where browsers come over https, the cookies travel over nothing else and no other host can set
// ours, and forms count as the public address's own whatever a proxy names the host.
func TestPagesOverHTTPS(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcesses(t, db, "PUBLIC_URL=https://points.example")
		limits := staff.Limits{Window: time.Minute, PerEmail: 100, PerAddress: 100, Life: time.Hour}
		who, _, err := app.NewStaff(b.Store, limits).Add(t.Context(), domain.System(),
			staff.Person{Email: "a@example.com", Name: "A", Role: domain.RoleStaff, Password: world.StaffPassword})
		if err != nil {
			t.Fatal(err)
		}
		p := b.Start()
		v := world.NewVisitor(t, p.Base)
		v.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		post := func(path, origin string, values url.Values) world.SeenPage {
			return v.Send(http.MethodPost, path, strings.NewReader(values.Encode()),
				http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {origin}})
		}
		in := url.Values{"email": {who.Email}, "password": {world.StaffPassword}}
		{
			got := post("/admin/sign-in", "https://evil.example", in)
			expect.Equal(t, "got.Status", got.Status, http.StatusForbidden, got.Header)
			expect.Equal(t, `len(got.Header.Values("Set-Cookie"))`, len(got.Header.Values("Set-Cookie")), 0, got.Header)
		}
		got := post("/admin/sign-in", "https://points.example", in)
		cookies, err := http.ParseSetCookie(got.Header.Get("Set-Cookie"))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusSeeOther, got.Header)
		expect.Equal(t, "cookies.Name", cookies.Name, "__Host-pointbridge", cookies)
		expect.Equal(t, "cookies.Secure", cookies.Secure, true, cookies)
		expect.Equal(t, "cookies.HttpOnly", cookies.HttpOnly, true, cookies)
		expect.Equal(t, "cookies.Path", cookies.Path, "/", cookies)
		expect.Equal(t, "cookies.Domain", cookies.Domain, "", cookies)
		expect.Equal(t, "cookies.SameSite", cookies.SameSite, http.SameSiteLaxMode, cookies)
		said := post("/admin/language", "https://points.example", url.Values{"language": {"en"},
			"back": {"https://evil.example"}})
		chosen, err := http.ParseSetCookie(said.Header.Get("Set-Cookie"))
		expect.MustEqual(t, "err", err, nil)
		expect.Equal(t, "chosen.Secure", chosen.Secure, true, said.Header)
		expect.Equal(t, "chosen.HttpOnly", chosen.HttpOnly, true, said.Header)
		expect.Equal(t, `said.Header.Get("Location")`, said.Header.Get("Location"), "/admin", said.Header)
		if got.Header.Get("Strict-Transport-Security") == "" {
			t.Error("browsers may come back over http")
		}
		v.Client.Jar = nil
		plain := v.Send(http.MethodGet, "/admin/account", nil, http.Header{"Cookie": {"pointbridge=" + cookies.Value}})
		if plain.Status != http.StatusSeeOther {
			t.Errorf("a cookie that another host can set opens a page: %d", plain.Status)
		}
		if p := v.Send(http.MethodGet, "/admin/account", nil, http.Header{"Cookie": {"__Host-pointbridge=" +
			cookies.Value}}); p.Status != http.StatusOK {
			t.Errorf("the session's own cookie opens no page: %d", p.Status)
		}
	})
}
