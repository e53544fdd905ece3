package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// proc is one process that serves, with everything it prints.
type proc struct {
	t     *testing.T
	base  string
	token string
	cmd   *exec.Cmd
	log   lockedBuffer
	ended chan struct{}
	err   error
}

// start runs `serve` on an address of its own until it is ready.
func (b *procBed) start(environ ...string) *proc {
	b.t.Helper()
	address, err := freeAddress(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	p := &proc{t: b.t, base: "http://" + address, token: b.token, ended: make(chan struct{})}
	p.cmd = exec.Command(self, "serve")
	p.cmd.Env = append(append([]string{"PATH=" + os.Getenv("PATH"), childMark + "=1", "HTTP_ADDR=" + address}, b.env...), environ...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	if err := p.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	b.t.Cleanup(p.kill)
	ctx, cancel := context.WithTimeout(b.t.Context(), 60*time.Second)
	defer cancel()
	if err := awaitReady(ctx, p.base); err != nil {
		b.t.Fatalf("%v\n%s", err, p.log.String())
	}
	return p
}

func (p *proc) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// terminate asks the process to stop and returns once it says that it does.
func (p *proc) terminate() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, "the process says that it is stopping", func() bool { return strings.Contains(p.log.String(), `"stopping"`) })
}

func (p *proc) till() caller { return caller{p.t, p.base, p.token} }

// reply is what came of a request, also when the process died meanwhile.
type reply struct {
	status int
	header http.Header
	raw    string
	err    error
}

// convert asks for 500 points in the background.
func (p *proc) convert(member, key string) <-chan reply {
	answered := make(chan reply, 1)
	go func() { answered <- p.post("/v1/customers/"+member+"/conversions", key, `{"points": 500}`) }()
	return answered
}

func (p *proc) post(path, key, body string) reply {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.base+path, strings.NewReader(body))
	if err != nil {
		return reply{err: err}
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := httpClient().Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(raw), err}
}

// await gives what arrives, and fails instead of hanging.
func await[T any](t *testing.T, what string, from <-chan T) (got T) {
	t.Helper()
	patience := time.NewTimer(30 * time.Second)
	defer patience.Stop()
	select {
	case got = <-from:
	case <-patience.C:
		t.Fatal(errors.New("never: " + what))
	}
	return got
}
