package rights

import (
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"pointbridge/app"
	"pointbridge/domain"
	"pointbridge/domain/staff"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
)

func TestKeyCommands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	ok := func(args ...string) string {
		t.Helper()
		out, err := world.Command(t, "", append(args, "--data", data)...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return out
	}
	refused := func(part string, args ...string) {
		t.Helper()
		if out, err := world.Command(t, "", append(args, "--data", data)...); err == nil ||
			!strings.Contains(err.Error(), part) || strings.Contains(out, "pb_") {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
	}
	ok("migrate")
	ok("staff", "add", "--email", "mori@example.com", "--name", "Mori", "--role", "store_manager")
	ok("key", "create", "--role", "pos", "--name", "first POS")
	ok("key", "create", "--role", "customer", "--customer", "12345", "--expires", "never")
	ok("key", "create", "--role", "ec_admin", "--name", "web shop", "--owner", "MORI@example.com", "--expires", "30d")
	ok("key", "create", "--role", "pos", "--name", "old POS", "--expires", time.Now().AddDate(0, 1,
		0).UTC().Format(time.DateOnly))
	for _, role := range []string{"staff", "store_manager", "ec_admin", "system_admin"} {
		refused("--owner must be", "key", "create", "--role", role, "--name", "nobody's")
	}
	refused("--owner must be", "key", "create", "--role", "pos", "--owner", "nobody@example.com")
	for _, expires := range []string{"", "0d", "-1d", "2000d", "1", "forever", "2020-01-01", "2099-01-01", "30d ",
		"1e2d"} {
		refused("--expires", "key", "create", "--role", "pos", "--expires", expires)
	}
	ok("staff", "disable", "--email", "mori@example.com")
	refused("--owner must be", "key", "create", "--role", "staff", "--owner", "mori@example.com")
	list := ok("key", "list")
	year := time.Now().UTC().AddDate(0, 0, 365).Format(time.DateOnly)
	for _, line := range []string{`pos +first POS +- .* ` + year + ` \d\d:\d\d +never`,
		`customer +member 12345 .* never +never`,
		`ec_admin +web shop +mori@example\.com \(disabled\)`, `pos +old POS`} {
		if !regexp.MustCompile(line).MatchString(list) {
			t.Errorf("%s is not in\n%s", line, list)
		}
	}
	if strings.Contains(list, "_") && strings.Contains(list, "pb_") {
		t.Errorf("the list shows a key:\n%s", list)
	}
}

// TestKeysEnd: a key lets in until its end, as long as its owner may get in; it is listed with its last use, and the
// start warns of keys that nobody answers for, which go on working.
func TestKeysEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db storetest.Database) {
		w := world.NewActs(t, db)
		mori, _ := world.Hired(t, w.Store, "Mori", domain.RoleStoreManager, "")
		_, admin := world.Hired(t, w.Store, "Boss", domain.RoleSystemAdmin, "")
		owned, ended, old := w.KeyOf(domain.RoleECAdmin, mori.Email), w.KeyOf(domain.RoleECAdmin, mori.Email),
			w.KeyOf(domain.RoleECAdmin, mori.Email)
		of := func(token string) string { prefix, _ := domain.APIKeyPrefix(token); return prefix }
		w.SQL(`UPDATE api_keys SET expires_at = created_at WHERE prefix = '` + of(ended) + `'`)
		w.SQL(`UPDATE api_keys SET owner_id = NULL, expires_at = NULL, made_by = '' WHERE prefix = '` + of(old) + `'`)
		use := func(token string) int {
			status, _ := w.Request(token, http.MethodGet, "/v1/coupons", "", "")
			return status
		}
		if a, b, c := use(owned), use(ended), use(old); a != http.StatusOK || b != http.StatusUnauthorized ||
			c != http.StatusOK {
			t.Errorf("a living key %d, one whose end has come %d, one from before keys had owners %d", a, b, c)
		}
		found := map[string]map[string]any{}
		for _, item := range w.Answer(admin, http.MethodGet, "/v1/keys", "", http.StatusOK)["items"].([]any) {
			key, _ := item.(map[string]any)
			prefix, _ := key["prefix"].(string)
			found[prefix] = key
		}
		for token, want := range map[string]struct{ owner, unowned, alive, used, ends any }{
			owned: {mori.Email, false, true, true, true}, ended: {mori.Email, false, false, false, true},
			old: {nil, true, true, true, false},
		} {
			k := found[of(token)]
			if k["owner"] != want.owner || k["unowned"] != want.unowned || k["alive"] != want.alive ||
				(k["last_used_at"] != nil) != want.used || (k["expires_at"] != nil) != want.ends {
				t.Errorf("%v, want %v", k, want)
			}
		}
		var log logText
		w.App.Logger = slog.New(slog.NewTextHandler(&log, nil))
		if err := w.App.WarnOfKeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if said := log.String(); strings.Count(said, "nobody answers") != 1 || !strings.Contains(said, of(old)) ||
			strings.Contains(said, old) {
			t.Errorf("the start says %s", said)
		}
		yes := true
		if _, err := app.NewStaff(w.Store, staff.Limits{}).Change(t.Context(), staff.Operator(), mori.ID,
			staff.Edit{Disabled: &yes}); err != nil {
			t.Fatal(err)
		}
		world.Eventually(t, "the key of somebody disabled is dead",
			func() bool { return use(owned) == http.StatusUnauthorized })
		if use(old) != http.StatusOK {
			t.Error("another key died with it")
		}
	})
}

// logText keeps what is logged.
type logText struct{ strings.Builder }
