package world

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pointbridge/demo"
)

// StartDemo runs a demo in this process until the test, or stop, ends it. The settings take the place of its own. An empty
// folder gets what a demo's first start leaves behind: only the first test of a package waits for people, passwords and
// coupons to be made.
func StartDemo(t *testing.T, data string, settings ...string) (file demo.File, stop func()) {
	t.Helper()
	if !demo.There(data) {
		copyDemo(t, data)
	}
	return StartFreshDemo(t, data, settings...)
}

// StartFreshDemo is StartDemo for a test of the first start, or of a POS of another kind.
func StartFreshDemo(t *testing.T, data string, settings ...string) (file demo.File, stop func()) {
	t.Helper()
	end, err := runDemo(t.Context(), data, settings...)
	if err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		if err := end(); err != nil {
			t.Errorf("the demo ended with %v", err)
		}
	})
	t.Cleanup(stop)
	raw, err := os.ReadFile(filepath.Join(data, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file, stop
}

// runDemo starts a demo, and returns once it is up.
func runDemo(ctx context.Context, data string, settings ...string) (end func() error, err error) {
	ctx, cancel := context.WithCancel(ctx)
	up, ended := newAwaited("Press Ctrl-C"), make(chan error, 1)
	go func() { ended <- demo.Run(ctx, "127.0.0.1:0", data, up, append(Unhurried(), settings...)...) }()
	select {
	case <-up.there:
		return func() error { cancel(); return <-ended }, nil
	case err := <-ended:
		cancel()
		return nil, err
	}
}

// awaited tells when a text was written to it.
type awaited struct {
	text    string
	written strings.Builder
	there   chan struct{}
	tell    func()
}

func newAwaited(text string) *awaited {
	there := make(chan struct{})
	return &awaited{text: text, there: there, tell: sync.OnceFunc(func() { close(there) })}
}

func (a *awaited) Write(b []byte) (int, error) {
	if a.written.Write(b); strings.Contains(a.written.String(), a.text) {
		a.tell()
	}
	return len(b), nil
}

// begun is the folder of a demo that was started once and ended, by the names of its files.
var begun = sync.OnceValues(func() (files map[string][]byte, err error) {
	data, err := os.MkdirTemp("", "demo")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(data) }()
	end, err := runDemo(context.Background(), data)
	if err != nil {
		return nil, err
	}
	if err := end(); err != nil {
		return nil, err
	}
	list, err := os.ReadDir(data)
	if err != nil {
		return nil, err
	}
	files = map[string][]byte{}
	for _, f := range list {
		if files[f.Name()], err = os.ReadFile(filepath.Join(data, f.Name())); err != nil {
			return nil, err
		}
	}
	return files, nil
})

func copyDemo(t *testing.T, data string) {
	t.Helper()
	files, err := begun()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range files {
		if err := os.WriteFile(filepath.Join(data, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
