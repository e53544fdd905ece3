package contract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pointbridge/commands"
	"pointbridge/test/expect"
	"pointbridge/test/world"
)

// module copies a small program with a module of its own, which lacks what a generator of other people writes from one
// of our documents. Generators and what they need are downloaded, by the digests of go.sum.
func module(t *testing.T, program string) (dir string) {
	t.Helper()
	if os.Getenv("POINTBRIDGE_TEST_ALL") == "" {
		t.Skip("LEFT OUT: generators are downloaded and compiled. Set POINTBRIDGE_TEST_ALL=1, or make test")
	}
	dir, from := t.TempDir(), filepath.Join("test", "contract", "testdata", program)
	files, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(from, file.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, strings.TrimSuffix(file.Name(), ".txt")), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "pointbridge"), 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// goIn runs the go tool in such a module. A document is named by its place in the project.
func goIn(t *testing.T, dir string, args ...string) {
	t.Helper()
	for i, arg := range args {
		if arg != ownDocument && arg != posDocument {
			continue
		}
		var err error
		if args[i], err = filepath.Abs(arg); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), world.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v: %s", args, err, out[max(0, len(out)-4000):])
	}
}

// TestAGeneratedClientConvertsPointsAndAsksForARefund: oapi-codegen reads our own document, as it is served. It reads
// the POS's as well.
func TestAGeneratedClientConvertsPointsAndAsksForARefund(t *testing.T) {
	t.Parallel()
	dir := module(t, "client")
	goIn(t, dir, "tool", "oapi-codegen", "-package", "pos", "-generate", "models,client", "-o", "pos.go.txt", posDocument)
	goIn(t, dir, "tool", "oapi-codegen", "--config", "oapi-codegen.yaml", ownDocument)
	goIn(t, dir, "build", "-o", "program", ".")
	file, _ := world.StartDemo(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), world.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "program"))
	cmd.Env = append(os.Environ(), "BASE="+file.API, "KEY="+file.Keys["pos"], "MEMBER=8812370934")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	expect.MustEqual(t, "err", cmd.Run(), nil, errs.String())
	var said struct {
		Code, Refund string
		Points       int64
		POSReference string `json:"pos_reference"`
	}
	expect.MustEqual(t, "err", json.Unmarshal(out.Bytes(), &said), nil, out.String())
	expect.MustEqual(t, "points", said.Points, 500)
	expect.MustEqual(t, "pos_reference", said.POSReference, "CANCEL-"+said.Code)
	expect.MustThat(t, "the refund is accepted", said.Refund == "accepted" || said.Refund == "done", said.Refund)
}

// TestAGeneratedServerPassesTheCheck: what a vendor gets by ogen from the contract's document, with the smallest ledger
// behind it, keeps everything that `pos check` tries. It reads our own document as well.
func TestAGeneratedServerPassesTheCheck(t *testing.T) {
	t.Parallel()
	dir := module(t, "pos")
	goIn(t, dir, "tool", "ogen", "--config", "ogen.yml", "--target", "own", "--package", "own", ownDocument)
	goIn(t, dir, "tool", "ogen", "--config", "ogen.yml", "--target", "contract", "--package", "contract", posDocument)
	goIn(t, dir, "build", "-o", "program", ".")
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "program"))
	cmd.Env = append(os.Environ(), "TOKEN=token")
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	expect.MustEqual(t, "err", err, nil)
	env := []string{"POS_URL=" + strings.TrimSpace(address), "POS_TOKEN=token"}
	var said, errs world.LockedBuffer
	code := commands.Run(t.Context(), []string{"pos", "check", "--member", "8812370934", "--without-books"}, env, &said,
		&errs)
	expect.MustEqual(t, "exit code", code, 0, said.String(), errs.String())
	expect.MustThat(t, "everything holds", !strings.Contains(said.String(), "not_held"), said.String())
}
