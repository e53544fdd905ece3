package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestConsoleMails: who runs the online shop looks at the mails and has one sent to themselves, and to nobody else; who
// corrects lets a member's mail go once more, whoever only looks does not.
func TestConsoleMails(t *testing.T) {
	t.Parallel()
	file, stop := world.StartDemo(t, t.TempDir())
	t.Cleanup(stop)
	v := world.ConsoleVisitor(t, file, "ec_admin")
	t.Run("a mail is shown with sample data", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "ec_admin")
		for _, in := range [][2]string{{"en", "Your coupon ends in 7 days"}, {"ja", "クーポンの有効期限まであと7日です"}} {
			p := v.Get("/admin/mails/reminder?in=" + in[0])
			expect.Equal(t, "status", p.Status, http.StatusOK, p.Text())
			expect.That(t, "the subject", strings.Contains(p.Text(), in[1]), p.Text())
			expect.That(t, "the page may show a frame of ours", strings.Contains(p.Header.Get("Content-Security-Policy"), "frame-src 'self'"))
			body := v.Get("/admin/mails/reminder/body?in=" + in[0])
			expect.That(t, "the mail", strings.Contains(body.Raw, "12345-SAMPLE-500"), body.Raw)
			policy := body.Header.Get("Content-Security-Policy")
			expect.That(t, "nothing runs in it", strings.Contains(policy, "default-src 'none'") &&
				strings.HasSuffix(policy, "; sandbox"), policy)
		}
		for _, odd := range []string{"/admin/mails/nothing", "/admin/mails/issued?in=fr", "/admin/mails/layout/body"} {
			expect.Equal(t, odd, v.Get(odd).Status, http.StatusNotFound)
		}
	})
	t.Run("a test mail goes to whoever asks, five times in ten minutes, on record", func(t *testing.T) {
		v := world.ConsoleVisitor(t, file, "system_admin")
		own := ""
		for _, p := range file.Staff {
			if p.Role == "system_admin" {
				own = p.Email
			}
		}
		page := v.Get("/admin/mails/issued?in=en")
		sent := v.Submit(page, "/admin/mails/issued/test?in=en", url.Values{"to": {"somebody.else@example.com"}})
		expect.That(t, "it is said", strings.Contains(sent.Text(), "The mail server took the test mail to "+own), sent.Text())
		mails := world.MailsTo(t, file, own)
		expect.MustEqual(t, "mails", len(mails), 1)
		expect.That(t, "it is marked", strings.HasPrefix(mails[0]["subject"].(string), "[Test] Your coupon for ¥500 off"), mails[0])
		expect.Equal(t, "to somebody else", len(world.MailsTo(t, file, "somebody.else@example.com")), 0)
		for range 4 {
			sent = v.Submit(sent, "/admin/mails/issued/test?in=en", nil)
			expect.Equal(t, "status", sent.Status, http.StatusOK)
		}
		sent = v.Submit(sent, "/admin/mails/issued/test?in=en", nil)
		expect.Equal(t, "the sixth", sent.Status, http.StatusTooManyRequests, sent.Text())
		expect.Equal(t, "mails", len(world.MailsTo(t, file, own)), 5)
		record := v.Get("/admin/audit?action=mail.tried")
		expect.Equal(t, "on record", strings.Count(record.Text(), "Somebody had a test mail sent to themselves"), 5, record.Text())
	})
	t.Run("a member's mail goes once more, three times in an hour", func(t *testing.T) {
		code := world.MadeCoupon(t, file, "8812370934", 100)
		at := "/admin/coupons/" + code
		about := func() (n int) {
			for _, m := range world.MailsTo(t, file, "yamada.taro@example.com") {
				if strings.Contains(m["text"].(string), code) {
					n++
				}
			}
			return n
		}
		world.Eventually(t, "the first mail", func() bool { return about() == 1 })
		expect.That(t, "who only looks has no form", world.ConsoleVisitor(t, file, "staff").Get(at).Form(at+"/mail") == nil)
		page := v.Get(at)
		for range 2 { // the same form twice is one mail
			again := v.Submit(page, at+"/mail", nil)
			expect.Equal(t, "status", again.Status, http.StatusOK, again.Text())
			expect.Equal(t, "back at the mails", again.URL.Path, at)
		}
		for range 2 {
			v.Submit(v.Get(at), at+"/mail", nil)
		}
		world.Eventually(t, "three more mails", func() bool { return about() == 4 })
		refused := v.Submit(v.Get(at), at+"/mail", nil)
		expect.Equal(t, "a fourth", refused.Status, http.StatusTooManyRequests, refused.Text())
		world.Eventually(t, "who asked is shown", func() bool {
			return strings.Count(v.Get(at).Text(), "Sent again by") == 3
		})
		expect.Equal(t, "mails", about(), 4)
		odd := v.Submit(v.Get(at), at+"/mail", url.Values{"key": {""}})
		expect.Equal(t, "a form without its key", odd.Status, http.StatusUnprocessableEntity)
	})
	t.Run("nobody else sees the mails", func(t *testing.T) {
		m := world.ConsoleVisitor(t, file, "store_manager")
		for _, path := range []string{"/admin/mails", "/admin/mails/issued", "/admin/mails/issued/body"} {
			expect.Equal(t, path, m.Get(path).Status, http.StatusForbidden)
		}
	})
}
