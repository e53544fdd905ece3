package world

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

	"pointbridge/tools/subprocess"
)

// Proc is one process that serves, with everything it prints.
type Proc struct {
	t     *testing.T
	Base  string
	token string
	Cmd   *exec.Cmd
	Log   LockedBuffer
	Ended chan struct{}
	Err   error
}

// Start runs `serve` on an address of its own until it is ready.
func (b *ProcBed) Start(environ ...string) *Proc {
	b.T.Helper()
	address, err := subprocess.FreeAddress(b.T.Context())
	if err != nil {
		b.T.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.T.Fatal(err)
	}
	p := &Proc{t: b.T, Base: "http://" + address, token: b.Token, Ended: make(chan struct{})}
	p.Cmd = exec.Command(self, "serve")
	p.Cmd.Env = append(append([]string{"PATH=" + os.Getenv("PATH"), subprocess.Mark + "=1", "HTTP_ADDR=" + address},
		b.Env...), environ...)
	p.Cmd.Stdout, p.Cmd.Stderr = &p.Log, &p.Log
	if err := p.Cmd.Start(); err != nil {
		b.T.Fatal(err)
	}
	go func() {
		p.Err = p.Cmd.Wait()
		close(p.Ended)
	}()
	b.T.Cleanup(p.Kill)
	ctx, cancel := context.WithTimeout(b.T.Context(), Patience)
	defer cancel()
	if err := subprocess.AwaitReady(ctx, p.Base); err != nil {
		b.T.Fatalf("%v\n%s", err, p.Log.String())
	}
	return p
}

func (p *Proc) Kill() {
	_ = p.Cmd.Process.Kill()
	<-p.Ended
}

// Terminate asks the process to stop and returns once it says that it does.
func (p *Proc) Terminate() {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	Eventually(p.t, "the process says that it is stopping", func() bool { return strings.Contains(p.Log.String(), `"stopping"`) })
}

func (p *Proc) POS() Caller { return Caller{p.t, p.Base, p.token} }

// Reply is what came of a request, also when the process died meanwhile.
type Reply struct {
	Status int
	Header http.Header
	Raw    string
	Err    error
}

// Convert asks for 500 points in the background.
func (p *Proc) Convert(member, key string) <-chan Reply {
	answered := make(chan Reply, 1)
	go func() { answered <- p.Post("/v1/customers/"+member+"/conversions", key, `{"points": 500}`) }()
	return answered
}

func (p *Proc) Post(path, key, body string) Reply {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.Base+path, strings.NewReader(body))
	if err != nil {
		return Reply{Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := Client().Do(req)
	if err != nil {
		return Reply{Err: err}
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return Reply{res.StatusCode, res.Header, string(raw), err}
}

// Await returns what arrives, and fails instead of hanging.
func Await[T any](t *testing.T, what string, from <-chan T) (got T) {
	t.Helper()
	patience := time.NewTimer(Patience)
	defer patience.Stop()
	select {
	case got = <-from:
	case <-patience.C:
		t.Fatal(errors.New("never: " + what))
	}
	return got
}
