package world

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pointbridge/commands"
	"pointbridge/demo"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/tools/subprocess"
)

// Main runs the tests of a package, at the root of the project, and lets the test binary be the program itself, so that
// tests can start and kill real processes. What the tests share is ended after them.
func Main(m *testing.M, after ...func()) {
	if os.Getenv(subprocess.Mark) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := commands.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
		stop()
		os.Exit(code)
	}
	if err := os.Chdir(projectRoot()); err != nil {
		panic(err)
	}
	storetest.Beside(storetest.Migration{Name: "queue", Run: jobs.Migrate})
	code := m.Run()
	for _, end := range after {
		end()
	}
	os.Exit(code)
}

// projectRoot is the folder of the go.mod above.
func projectRoot() string {
	for dir := "."; ; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if len(dir) > 64 {
			panic("there is no go.mod above")
		}
	}
}

// Caller makes requests with a key and reads JSON.
type Caller struct {
	T         *testing.T
	Base, Key string
}

type Answer struct {
	Status int
	Header http.Header
	Raw    []byte
	Body   map[string]any
}

func (c Caller) Do(method, path, key string, body string) Answer {
	c.T.Helper()
	req, err := http.NewRequestWithContext(c.T.Context(), method, c.Base+path, strings.NewReader(body))
	if err != nil {
		c.T.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := OneOff().Do(req)
	if err != nil {
		c.T.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	a := Answer{Status: res.StatusCode, Header: res.Header}
	if a.Raw, err = io.ReadAll(res.Body); err != nil {
		c.T.Fatal(err)
	}
	_ = json.Unmarshal(a.Raw, &a.Body)
	return a
}

// Eventually asks until the answer is yes, less and less often; it is for what others do in their own time.
func Eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	deadline, pause := time.After(Patience), firstPause
	for !yes() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-time.After(pause):
			pause = min(pause*3/2, longestPause)
		}
	}
}

const firstPause, longestPause = 10 * time.Millisecond, 100 * time.Millisecond

// MetafieldOf asks the store's Admin API, as a storefront's app would.
func MetafieldOf(t *testing.T, file demo.File, customer string) string {
	t.Helper()
	query := `{"query": "{ customer(id: \"gid://shopify/Customer/` + customer +
		`\") { metafield(namespace: \"$app\", key: \"coupons\") { value } } }"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, file.Shopify.URL+"/admin/api/"+
		demo.DemoAPIVersion+"/graphql.json", strings.NewReader(query))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := OneOff().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	expect.MustEqual(t, "err", err, nil)
	expect.MustThat(t, "raw to contain []byte(`\"data\"`)", bytes.Contains(raw, []byte(`"data"`)), []byte(`"data"`),
		raw)
	return string(raw)
}
