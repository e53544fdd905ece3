package command

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pointbridge/app"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// namesRow is a row of the table "Names that are no settings": variable, sentence.
var namesRow = regexp.MustCompile("(?m)^\\| `([A-Za-z0-9_]+)` \\| (.+) \\|$")

// TestTheTableOfMistypedNames: what the operators' page says of a name is what is told of it.
func TestTheTableOfMistypedNames(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "### Names that are no settings\n")
	section, _, _ = strings.Cut(section, "\n##")
	rows := namesRow.FindAllStringSubmatch(section, -1)
	if len(rows) < 8 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	for _, row := range rows {
		got := "nothing"
		if list := app.MistypedSettings([]string{row[1] + "=x"}); len(list) > 0 {
			got = list[0].String()
		}
		expect.Equal(t, row[1], got, row[2])
	}
}

// TestASlipInAnyNameIsTold: one letter left out, doubled, exchanged, or swapped with its neighbour, in any setting's name.
func TestASlipInAnyNameIsTold(t *testing.T) {
	t.Parallel()
	names := []string{}
	for _, v := range app.Variables() {
		names = append(names, v.Name)
	}
	for _, name := range names {
		slips := []string{strings.ToLower(name), strings.ReplaceAll(name, "_", "-")}
		for i := 1; i < len(name); i++ {
			slips = append(slips, name[:i]+name[i+1:], name[:i]+name[i:i+1]+name[i:], name[:i]+"Q"+name[i+1:])
			if i+1 < len(name) {
				slips = append(slips, name[:i]+name[i+1:i+2]+name[i:i+1]+name[i+2:])
			}
		}
		for _, slip := range slips {
			if slices.Contains(names, slip) {
				continue
			}
			list := app.MistypedSettings([]string{slip + "=x"})
			if len(list) != 1 || !slices.Contains(list[0].Meant, name) {
				t.Errorf("%s is not told to be %s: %v", slip, name, list)
			}
		}
	}
}

// TestVariablesOfOthersAreNotNamed: what shells, containers, build machines and other programs set is nobody's slip.
func TestVariablesOfOthersAreNotNamed(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields(`PATH HOME HOSTNAME USER LOGNAME MAIL SHELL SHLVL PWD OLDPWD TERM LANG LC_ALL TZ EDITOR PAGER _
		GOGC GOMEMLIMIT GOMAXPROCS GODEBUG GOFLAGS GOPATH GOROOT HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy
		HTTP_PORT HTTP_HOST HTTPS_PORT PORT HOST URL SECRET KEY TOKEN DEBUG ENV VERSION
		PGHOST PGPORT PGUSER PGPASSWORD PGDATABASE POSTGRES_PASSWORD POSTGRES_USER POSTGRES_DB DB_HOST DB_PORT DB_USER DB_PASSWORD
		KUBERNETES_SERVICE_HOST KUBERNETES_PORT POS_SERVICE_HOST POS_SERVICE_PORT POS_PORT POS_PORT_443_TCP POINTBRIDGE_PORT
		SMTP_PORT_25_TCP SMTP_SERVICE_HOST CI JOB_NAME JOB_ID BUILD_ID GIT_COMMIT SSH_AUTH_SOCK SSL_CERT_FILE SSL_CERT_DIR
		XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS SHOPIFY_CLI_NO_ANALYTICS SHOPIFY_API_KEY COMPOSE_PROJECT_NAME DOCKER_HOST
		AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY OTEL_EXPORTER_OTLP_ENDPOINT INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET
		LISTEN_FDS SYSTEMD_EXEC_PID LOG_FILE LOG_DIR TEMP TMPDIR TEST_DATABASE_URL DYNO MEMORY_LIMIT`) {
		if list := app.MistypedSettings([]string{name + "=x"}); len(list) > 0 {
			t.Errorf("%s", list[0])
		}
	}
	if list := app.MistypedSettings([]string{"POS_TIMOUT="}); len(list) > 0 {
		t.Errorf("an empty one is told: %s", list[0])
	}
	if list := app.MistypedSettings([]string{"DATABASE_PORT=tcp://10.96.12.7:5432"}); len(list) > 0 {
		t.Errorf("the port of a service called database, as Kubernetes writes it, is told: %s", list[0])
	}
}

// TestAMistypedNameIsToldBeforeAnythingIsDone: by serve with its faults, by commands beside what they print, by doctor as a
// warning; the value never. A command that reads a demo's folder instead of the environment tells nothing.
func TestAMistypedNameIsToldBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	env := world.GoodEnvironment()
	for _, name := range []string{"SHOPIFY_ACCESS_TOKEN", "POS_URL", "SMTP_HOST"} { // so that doctor asks nobody
		delete(env, name)
	}
	env["SHOPIFY_CLIENT_ID"], env["SHOPIFY_CLIENT_SECRT"] = "client", "hushhush"
	env["DATABASE_URL"] = "sqlite:" + filepath.Join(t.TempDir(), "p.db")
	const told = "SHOPIFY_CLIENT_SECRT is set and is no setting; did you mean SHOPIFY_CLIENT_SECRET?"
	for _, row := range []struct {
		args []string
		code int
		told bool
	}{
		{[]string{"serve"}, 1, true},
		{[]string{"migrate"}, 0, true},
		{[]string{"staff", "list"}, 0, true},
		{[]string{"doctor"}, 1, true},
		{[]string{"staff", "list", "--data", t.TempDir()}, 1, false},
		{[]string{"staff"}, 0, false},
	} {
		code, out, errs := runWith(t, world.EnvironOf(env), row.args...)
		expect.Equal(t, strings.Join(row.args, " ")+": code", code, row.code)
		expect.Equal(t, strings.Join(row.args, " ")+": times that it is told", strings.Count(out+errs, told), map[bool]int{true: 1}[row.told])
		if strings.Contains(out+errs, "hushhush") {
			t.Errorf("%v shows the value: %s %s", row.args, out, errs)
		}
	}
}
