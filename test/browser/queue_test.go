package browser

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"

	"pointbridge/demo"
	"pointbridge/domain"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// actsOnTheQueue are what the queue's own pages would send for their buttons, each with what it is answered.
const actsOnTheQueue = `Promise.all([["POST", "jobs/cancel"], ["POST", "jobs/retry"], ["POST", "jobs/delete"],
	["PUT", "queues/default/pause"]].map(([method, path]) => fetch("/admin/queue/api/" + path, {method,
	headers: {"Content-Type": "application/json"}, body: '{"ids":["1"]}'}).then(answer => answer.status)))`

// TestBrowserTheQueuesOwnPages: the dashboard leads a system admin to River's pages, which work under the policy that they
// are given; what their buttons ask for is refused. The tab itself sees what the policy or a script stumbles over.
func TestBrowserTheQueuesOwnPages(t *testing.T) {
	t.Parallel()
	chromium(t)
	bed := world.NewProcesses(t, storetest.Postgres(t), "SIGN_IN_FAILURES_ADDRESS=1000")
	on := bed.Start("JOBS_UI=true")
	who, _ := world.Hired(t, bed.Store, "queue", domain.RoleSystemAdmin, "")
	file := demo.File{API: on.Base, Staff: []demo.SignIn{{Email: who.Email, Password: world.StaffPassword,
		Role: string(domain.RoleSystemAdmin)}}}
	for _, l := range []look{{lang: "en", width: 1280}, {lang: "ja", width: 1280, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, on.Base, l)
			b.signIn(file, string(domain.RoleSystemAdmin))
			b.open("/admin/dashboard")
			b.press(`a[href="/admin/queue/"]`)
			b.comes("the list of jobs", `location.pathname.startsWith("/admin/queue/jobs")`)
			b.shows("Completed")
			b.picture("queue-running")
			b.open("/admin/queue/jobs?state=completed")
			b.comes("jobs that are done are listed", `document.body.textContent.includes("sweep")`)
			b.picture("queue-completed")
			got := ask(b, chromedp.Evaluate[[]int](actsOnTheQueue, chromedp.EvalAwaitPromise))
			for i, status := range got {
				expect.Equal(t, "the answer to an act", status, http.StatusMethodNotAllowed, i)
			}
			expect.Equal(t, "how many acts", len(got), 4)
			b.open("/admin/queue/queues")
			b.shows("default")
			b.picture("queue-queues")
		})
	}
}
