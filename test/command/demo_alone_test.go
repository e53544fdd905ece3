package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// TestOneDemoInAFolder: a folder is one process's until that ends, and who names none gets another one.
func TestOneDemoInAFolder(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	folder := filepath.Join(t.TempDir(), "data")
	_, lock, err := demo.TakeFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"demo", "--addr", "127.0.0.1:0", "--data", folder},
		{"simulate", "--addr", "127.0.0.1:0", "--data", folder}} {
		code, _, errs := runWith(t, nil, args...)
		expect.Equal(t, "code", code, 1, args)
		expect.That(t, "the folder and the way out are named", strings.Contains(errs, folder+" already") &&
			strings.Contains(errs, "--data"), errs)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if _, lock, err = demo.TakeFolder(folder); err != nil {
		t.Fatalf("the lock outlives its holder: %v", err)
	}
	first, one, err := demo.TakeFolder("")
	expect.MustEqual(t, "err", err, nil)
	second, two, err := demo.TakeFolder("")
	expect.MustEqual(t, "err", err, nil)
	expect.That(t, "another folder", first != second && strings.HasPrefix(second, first), first, second)
	for _, held := range []interface{ Release() error }{lock, one, two} {
		if err := held.Release(); err != nil {
			t.Error(err)
		}
	}
}

// TestSimulateForAShell: a shell takes the lines of simulate as they are, and a service converts with them and three
// settings of its own.
func TestSimulateForAShell(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var out world.LockedBuffer
	ended := make(chan error, 2)
	simulation := commands.Simulation{Addr: "127.0.0.1:0"}
	go func() { ended <- commands.Simulate(ctx, simulation, &out) }()
	defer func() {
		cancel()
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}()
	world.Eventually(t, "the simulators are up", func() bool { return strings.Contains(out.String(), "# ready") })
	env := sourced(t, out.String(), "DATABASE_URL=sqlite:"+filepath.Join(t.TempDir(), "p.db"),
		"SECRET_KEY="+world.GoodSecret, "PUBLIC_URL=http://127.0.0.1:9", "HTTP_ADDR=127.0.0.1:0")
	for _, args := range [][]string{{"migrate"}, {"shopify", "setup"}} {
		if code, _, errs := runWith(t, env, args...); code != 0 {
			ended <- nil
			t.Fatalf("%v: %s", args, errs)
		}
	}
	_, token, _ := runWith(t, env, "key", "create", "--role", "pos", "--name", "till")
	var log world.LockedBuffer
	go func() {
		if code := commands.Run(ctx, []string{"serve"}, env, &log, &log); code != 0 {
			t.Errorf("serve ends with %d: %s", code, log.String())
		}
		ended <- nil
	}()
	listens := regexp.MustCompile(`"msg":"listening","address":"([^"]+)"`)
	world.Eventually(t, "the service listens", func() bool { return listens.MatchString(log.String()) })
	base := "http://" + listens.FindStringSubmatch(log.String())[1]
	ask := func(method, path, key, body string) (int, map[string]any) {
		req, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(token))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
		res, err := world.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		raw, _ := io.ReadAll(res.Body)
		answer := map[string]any{}
		_ = json.Unmarshal(raw, &answer)
		return res.StatusCode, answer
	}
	person := demo.People()[0]
	status, answer := ask(http.MethodPut, "/v1/customers/"+person.ID, "", `{"shopify_customer_id":"`+person.Shopify+`"}`)
	expect.MustThat(t, "the member is linked", status == http.StatusOK || status == http.StatusCreated, status, answer)
	status, answer = ask(http.MethodPost, "/v1/customers/"+person.ID+"/conversions", "first", `{"points":500}`)
	expect.Equal(t, "status", status, http.StatusCreated, answer)
}

// sourced has a shell read the lines, and returns its environment.
func sourced(t *testing.T, lines string, own ...string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "simulated.env")
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `set -eu; set -a; . "$1"; env -0`, "sh", file)
	cmd.Env = append(own, "PATH="+os.Getenv("PATH"))
	raw, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, entry := range bytes.Split(bytes.TrimSuffix(raw, []byte{0}), []byte{0}) {
		env = append(env, string(entry))
	}
	return env
}
