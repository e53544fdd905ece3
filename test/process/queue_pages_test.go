package process

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestTheQueuesOwnPagesAreLookedAt: whoever is system admin sees the queue by River's pages and changes nothing there,
// nobody else sees them, and where they are not switched on there are none.
func TestTheQueuesOwnPagesAreLookedAt(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.Postgres(t), "SIGN_IN_FAILURES_ADDRESS=1000")
	on, off := b.Start("JOBS_UI=true"), b.Start()
	in := map[domain.Role]demo.SignIn{}
	for _, role := range domain.StaffRoles() {
		who, _ := world.Hired(t, b.Store, string(role), role, "")
		in[role] = demo.SignIn{Email: who.Email, Password: world.StaffPassword, Role: string(role)}
	}
	visitor := func(p *world.Proc, role domain.Role) *world.Visitor {
		v := world.ConsoleVisitor(t, demo.File{API: p.Base, Staff: []demo.SignIn{in[role]}}, string(role))
		v.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return v
	}
	member := b.Member(on)
	made := world.Await(t, "an answer", on.Convert(member, "shown"))
	expect.MustEqual(t, "made.Status", made.Status, http.StatusCreated, made.Raw)
	admin := visitor(on, domain.RoleSystemAdmin)
	t.Run("the dashboard leads there, where there is something", func(t *testing.T) {
		const link = `href="/admin/queue/"`
		expect.That(t, "a link", strings.Contains(admin.Get("/admin/dashboard").Raw, link))
		expect.That(t, "no link where they are switched off",
			!strings.Contains(visitor(off, domain.RoleSystemAdmin).Get("/admin/dashboard").Raw, link))
		expect.That(t, "no link for a role that may not",
			!strings.Contains(visitor(on, domain.RoleECAdmin).Get("/admin/dashboard").Raw, link))
	})
	t.Run("the page loads what stands below its own address, and nothing from elsewhere", func(t *testing.T) {
		page := admin.Get("/admin/queue/")
		expect.MustEqual(t, "page.Status", page.Status, http.StatusOK, page.Raw)
		policy := page.Header.Get("Content-Security-Policy")
		expect.That(t, "the policy to name no other place", strings.Contains(policy, "script-src 'self';") &&
			strings.Contains(policy, "default-src 'none'") && !strings.Contains(policy, "http"), policy)
		loaded := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page.Raw, -1)
		expect.MustThat(t, "len(loaded) > 3", len(loaded) > 3, page.Raw)
		for _, m := range loaded {
			got := admin.Get(m[1])
			expect.That(t, m[1], strings.HasPrefix(m[1], "/admin/queue/") && got.Status == http.StatusOK &&
				!strings.HasPrefix(got.Header.Get("Content-Type"), "text/html"), got.Status, got.Header)
		}
	})
	t.Run("jobs are listed, with ids alone in what they were given", func(t *testing.T) {
		var seen string
		world.Eventually(t, "the mail's job is done", func() bool {
			got := admin.Get("/admin/queue/api/jobs?limit=100&state=completed")
			expect.MustEqual(t, "got.Status", got.Status, http.StatusOK, got.Raw)
			seen = got.Raw
			return strings.Contains(seen, `"kind":"mail"`)
		})
		for _, secret := range []string{b.Token, "@", "Member", strings.Split(member, "77000")[1] + "-"} {
			expect.That(t, "the list not to hold "+secret, !strings.Contains(seen, secret), seen)
		}
	})
	t.Run("nothing is changed", func(t *testing.T) {
		for path, method := range map[string]string{"jobs/cancel": http.MethodPost, "jobs/delete": http.MethodPost,
			"jobs/retry": http.MethodPost, "queues/default/pause": http.MethodPut, "queues/default/resume": http.MethodPut,
			"queues/default": http.MethodPatch} {
			got := admin.Send(method, "/admin/queue/api/"+path, strings.NewReader(`{"ids": ["1"]}`),
				http.Header{"Content-Type": {"application/json"}, "Origin": {on.Base}})
			expect.Equal(t, method+" "+path, got.Status, http.StatusMethodNotAllowed)
		}
		got := admin.Get("/admin/queue/api/queues/default")
		expect.That(t, "the queue not to be paused", got.Status == http.StatusOK &&
			strings.Contains(got.Raw, `"paused_at":null`), got.Status, got.Raw)
	})
	t.Run("nobody else sees them", func(t *testing.T) {
		for _, path := range []string{"/admin/queue", "/admin/queue/", "/admin/queue/api/jobs?state=completed"} {
			for _, role := range domain.StaffRoles() {
				if role == domain.RoleSystemAdmin {
					continue
				}
				expect.Equal(t, string(role)+" "+path, visitor(on, role).Get(path).Status, http.StatusForbidden)
			}
			stranger := world.NewVisitor(t, on.Base)
			stranger.Client.CheckRedirect = admin.Client.CheckRedirect
			expect.Equal(t, "a stranger "+path, stranger.Get(path).Status, http.StatusSeeOther)
			keyed := stranger.Send(http.MethodGet, path, nil, http.Header{"Authorization": {"Bearer " + b.Token}})
			expect.Equal(t, "a key "+path, keyed.Status, http.StatusSeeOther)
			expect.Equal(t, "switched off "+path, visitor(off, domain.RoleSystemAdmin).Get(path).Status,
				http.StatusNotFound)
		}
	})
}
