package rights

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/demo"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// A role that was somebody's can become one of programs while they have it. What everybody has to show, they have to as
// well.
func TestWhoHasARoleThatHasBecomeAProgramsShowsASecondFactorToo(t *testing.T) {
	t.Parallel()
	policy := filepath.Join(t.TempDir(), "policy.csv")
	write := func(text string) {
		if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("g, deputy, store_manager\n")
	w := &ownWorld{Acts: world.NewActs(t, storetest.SQLite(t), "POLICY_FILE="+policy,
		"STAFF_SECOND_FACTOR=required"),
		people: map[string]demo.SignIn{}}
	w.hire("deputy")
	signIn := func() string {
		p := w.people["deputy"]
		status, text := w.Request("", "POST", "/v1/session", "", fmt.Sprintf(`{"email": %q, "password": %q}`, p.Email,
			p.Password))
		_, rest, found := strings.Cut(strings.ReplaceAll(text, " ", ""), `"token":"`)
		expect.MustEqual(t, "found", found, true, status, text)
		token, _, _ := strings.Cut(rest, `"`)
		return token
	}
	status, text := w.Request(signIn(), "GET", "/v1/coupons", "", "")
	expect.MustEqual(t, "status", status, 403)
	expect.MustThat(t, `text to contain "second_factor"`, strings.Contains(text, "second_factor"), text)
	write("g, deputy, store_manager\np, deputy, session, own, deny\n")
	var log bytes.Buffer
	w.App = w.With(&log)
	if status, text := w.Request(signIn(), "GET", "/v1/coupons", "", ""); status != 403 || !strings.Contains(text,
		"second_factor") {
		t.Errorf("a password alone lets in: %d %s", status, text)
	}
	w.App = w.With(&log, "STAFF_SECOND_FACTOR=optional")
	if status, text := w.Request(signIn(), "GET", "/v1/coupons", "", ""); status != 403 || !strings.Contains(text,
		"permission_denied") {
		t.Errorf("a person does what a program may: %d %s", status, text)
	}
	log.Reset()
	if err := w.App.WarnOfRoles(t.Context()); err != nil || !strings.Contains(log.String(), "a role is unknown") {
		t.Errorf("%v: the log says nothing of them: %s", err, log.String())
	}
}
