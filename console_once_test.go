package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestConsoleKeysOnce sends forms twice, as a browser does that reloads the answer: a key, a token or a person is made once.
func TestConsoleKeysOnce(t *testing.T) {
	t.Parallel()
	file, _ := startDemo(t, t.TempDir())
	v := consoleVisitor(t, file, "system_admin")
	made := func(page, name string) int {
		t.Helper()
		n := 0
		for _, s := range v.get(page).all("strong") {
			if textOf(s) == name {
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
			form := fieldsOf(v.get(c.page).form(c.action))
			form.Set("name", "once")
			form.Set("role", "pos")
			first := v.post(c.action, form)
			if first.status != http.StatusOK || !drawnKey.MatchString(first.text()) {
				t.Fatalf("%d\n%s", first.status, first.text())
			}
			again := v.post(c.action, form)
			if again.status != http.StatusConflict || !strings.Contains(again.text(), "This key was made already") || !strings.Contains(again.text(), "shown only once") || drawnKey.MatchString(again.text()) {
				t.Errorf("sent again: %d\n%s", again.status, again.text())
			}
			if n := made(c.page, "once"); n != 1 {
				t.Errorf("%d were made", n)
			}
			if p := v.submit(again, c.action, url.Values{"name": {"once"}, "role": {"pos"}}); p.status != http.StatusOK || made(c.page, "once") != 2 {
				t.Errorf("the form of the answer makes another one: %d, %d", p.status, made(c.page, "once"))
			}
			for _, key := range []string{"", "short", strings.Repeat("x", 60)} {
				form.Set("key", key)
				if p := v.post(c.action, form); p.status != http.StatusBadRequest || !strings.Contains(p.text(), "Nothing was made") || made(c.page, "once") != 2 {
					t.Errorf("a form without its key: %d\n%s", p.status, p.text())
				}
			}
		})
	}
	t.Run("a person", func(t *testing.T) {
		form := fieldsOf(v.get("/admin/staff").form("/admin/staff"))
		form.Set("name", "Nakata Rin")
		form.Set("email", "rin@example.com")
		if p := v.post("/admin/staff", form); p.status != http.StatusOK || !drawnPassword.MatchString(p.text()) {
			t.Fatalf("%d\n%s", p.status, p.text())
		}
		again := v.post("/admin/staff", form)
		if again.status != http.StatusConflict || !strings.Contains(again.text(), "already known") || drawnPassword.MatchString(again.text()) {
			t.Errorf("sent again: %d\n%s", again.status, again.text())
		}
	})
}
