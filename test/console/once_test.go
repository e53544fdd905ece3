package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestConsoleKeysOnce sends forms twice, as a browser does that reloads the answer: a key, a token or a person is made
// once.
func TestConsoleKeysOnce(t *testing.T) {
	t.Parallel()
	file, _ := world.StartDemo(t, t.TempDir())
	v := world.ConsoleVisitor(t, file, "system_admin")
	made := func(page, name string) int {
		t.Helper()
		n := 0
		for _, s := range v.Get(page).All("strong") {
			if world.TextOf(s) == name {
				n++
			}
		}
		return n
	}
	for _, c := range []struct{ name, page, action string }{
		{"a key", "/admin/staff", "/admin/keys"},
		{"a token", "/admin/account/tokens", "/admin/account/tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			form := world.FieldsOf(v.Get(c.page).Form(c.action))
			form.Set("name", "once")
			form.Set("role", "pos")
			first := v.Post(c.action, form)
			expect.MustEqual(t, "first.Status", first.Status, http.StatusOK, first.Text)
			expect.MustThat(t, "drawnKey.MatchString(first.Text())", drawnKey.MatchString(first.Text()), first.Text)
			again := v.Post(c.action, form)
			if again.Status != http.StatusConflict || !strings.Contains(again.Text(), "This key was made already") ||
				!strings.Contains(again.Text(), "shown only once") || drawnKey.MatchString(again.Text()) {
				t.Errorf("sent again: %d\n%s", again.Status, again.Text())
			}
			if n := made(c.page, "once"); n != 1 {
				t.Errorf("%d were made", n)
			}
			if p := v.Submit(again, c.action, url.Values{"name": {"once"},
				"role": {"pos"}}); p.Status != http.StatusOK || made(c.page, "once") != 2 {
				t.Errorf("the form of the answer makes another one: %d, %d", p.Status, made(c.page, "once"))
			}
			for _, key := range []string{"", "short", strings.Repeat("x", 60)} {
				form.Set("key", key)
				if p := v.Post(c.action, form); p.Status != http.StatusBadRequest || !strings.Contains(p.Text(),
					"Nothing was made") || made(c.page, "once") != 2 {
					t.Errorf("a form without its key: %d\n%s", p.Status, p.Text())
				}
			}
		})
	}
	t.Run("a person", func(t *testing.T) {
		form := world.FieldsOf(v.Get("/admin/staff").Form("/admin/staff"))
		form.Set("name", "Nakata Rin")
		form.Set("email", "rin@example.com")
		p := v.Post("/admin/staff", form)
		expect.MustEqual(t, "p.Status", p.Status, http.StatusOK, p.Text)
		expect.MustThat(t, "drawnPassword.MatchString(p.Text())", drawnPassword.MatchString(p.Text()), p.Text)
		again := v.Post("/admin/staff", form)
		if again.Status != http.StatusConflict || !strings.Contains(again.Text(), "already known") ||
			drawnPassword.MatchString(again.Text()) {
			t.Errorf("sent again: %d\n%s", again.Status, again.Text())
		}
	})
}
