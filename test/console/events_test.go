package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

var anEndpoint = regexp.MustCompile(`/admin/event-endpoints/whe_[a-z0-9]+`)

// TestConsoleEventEndpoints: whoever runs the system says in the console who else is told what happens; the secret is
// shown once, what is wrong is said at its field, and nobody else sees the pages.
func TestConsoleEventEndpoints(t *testing.T) {
	t.Parallel()
	file, stop := world.StartDemo(t, t.TempDir())
	t.Cleanup(stop)
	const at = "/admin/event-endpoints"
	expect.Equal(t, "somebody else", world.ConsoleVisitor(t, file, "ec_admin").Get(at).Status, http.StatusForbidden)
	v := world.ConsoleVisitor(t, file, "system_admin")
	form := v.Get(at)
	wrong := v.Submit(form, at, url.Values{"url": {"https://10.0.0.1/x"}, "description": {"the books"}, "kind_coupon.used": {"1"}})
	expect.Equal(t, "the status", wrong.Status, http.StatusUnprocessableEntity)
	expect.That(t, "what is wrong is said", strings.Contains(wrong.Text(), "EVENT_NETWORKS can allow it"), wrong.Text())
	expect.That(t, "what was typed is still there", strings.Contains(wrong.Raw, `value="the books"`) &&
		strings.Contains(wrong.Raw, `name="kind_coupon.used" value="1" checked`))
	made := v.Submit(form, at, url.Values{"url": {"https://erp.example.invalid/x"}, "kind_coupon.used": {"1"}})
	expect.That(t, "the secret is shown", strings.Contains(made.Text(), "whsec_"), made.Text())
	page := v.Get(anEndpoint.FindString(v.Get(at).Raw))
	own := page.URL.Path
	expect.That(t, "the secret is shown once", !strings.Contains(page.Raw, "whsec_"))
	changed := v.Submit(page, own, url.Values{"kind_coupon.used": {"1"}, "kind_review.opened": {"1"}, "description": {"the books"}})
	expect.That(t, "it is changed", strings.Contains(changed.Raw, `name="kind_review.opened" value="1" checked`))
	expect.That(t, "a new secret is shown", strings.Contains(v.Submit(changed, own+"/secret", nil).Text(), "whsec_"))
	tried := v.Submit(changed, own+"/test", nil)
	expect.That(t, "the test did not arrive", strings.Contains(tried.Text(), "The test did not arrive: no connection"), tried.Text())
	off := v.Submit(changed, own+"/active", nil)
	expect.That(t, "it is off", strings.Contains(off.Text(), "Switch on"), off.Text())
	days := url.Values{"from": {"2026-01-01"}, "to": {"2026-01-02"}}
	again := v.Submit(off, own+"/replay", days)
	expect.That(t, "nothing is sent to what is off", strings.Contains(again.Text(), "It is switched off"), again.Text())
	again = v.Submit(v.Submit(off, own+"/active", nil), own+"/replay", days)
	expect.That(t, "nothing happened then", strings.Contains(again.Text(), "0 events are sent again"), again.Text())
	gone := v.Submit(v.Get(own+"/remove"), own+"/remove", nil)
	expect.That(t, "none is left", strings.Contains(gone.Text(), "No system is told of anything yet"), gone.Text())
}
