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
	"pointbridge/test/world"
)

// TestPagesOverHTTPS: where browsers come over https, the cookies travel over nothing else and no other host can set
// ours, and forms count as the public address's own whatever a proxy names the host.
func TestPagesOverHTTPS(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		b := world.NewProcBed(t, db, "PUBLIC_URL=https://points.example")
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
		if got := post("/admin/sign-in", "https://evil.example", in); got.Status != http.StatusForbidden ||
			len(got.Header.Values("Set-Cookie")) != 0 {
			t.Errorf("%d %v", got.Status, got.Header)
		}
		got := post("/admin/sign-in", "https://points.example", in)
		cookies, err := http.ParseSetCookie(got.Header.Get("Set-Cookie"))
		if err != nil || got.Status != http.StatusSeeOther {
			t.Fatalf("%d %v %v", got.Status, got.Header, err)
		}
		if cookies.Name != "__Host-pointbridge" || !cookies.Secure || !cookies.HttpOnly || cookies.Path != "/" ||
			cookies.Domain != "" || cookies.SameSite != http.SameSiteLaxMode {
			t.Errorf("%+v", cookies)
		}
		said := post("/admin/language", "https://points.example", url.Values{"language": {"en"},
			"back": {"https://evil.example"}})
		chosen, err := http.ParseSetCookie(said.Header.Get("Set-Cookie"))
		if err != nil || !chosen.Secure || !chosen.HttpOnly || said.Header.Get("Location") != "/admin" {
			t.Errorf("%v %v", said.Header, err)
		}
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
