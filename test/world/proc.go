package world

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
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
func (b *Processes) Start(environ ...string) *Proc {
	b.T.Helper()
	address, err := subprocess.FreeAddress(b.T.Context())
	if err != nil {
		b.T.Fatal(err)
	}
	return b.StartAt(address, environ...)
}

// StartAt is Start on an address that is given, as that of a process that ended.
func (b *Processes) StartAt(address string, environ ...string) *Proc {
	b.T.Helper()
	p := &Proc{t: b.T, Base: "http://" + address, token: b.Token, Ended: make(chan struct{})}
	p.Cmd = b.Program("serve")
	p.Cmd.Env = slices.Concat(p.Cmd.Env, []string{"HTTP_ADDR=" + address}, environ)
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

// Program is a command of the program that is about to run in a process of its own.
func (b *Processes) Program(args ...string) *exec.Cmd {
	b.T.Helper()
	self, err := os.Executable()
	if err != nil {
		b.T.Fatal(err)
	}
	cmd := exec.Command(self, args...) //nolint:gosec // this program itself
	cmd.Env = slices.Concat(subprocess.Environ(), b.Env)
	return cmd
}

func (p *Proc) Kill() {
	_ = p.Cmd.Process.Kill()
	<-p.Ended
}

// Stop ends the process as an operator does, with all that it has begun.
func (p *Proc) Stop() {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	Await(p.t, "the process ends", p.Ended)
	if p.Err != nil {
		p.t.Fatal(p.Err)
	}
}

// Terminate asks the process to stop and returns once it says that it does.
func (p *Proc) Terminate() {
	p.t.Helper()
	if err := p.Cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	Eventually(p.t, "the process says that it is stopping", func() bool { return strings.Contains(p.Log.String(), `"stopping"`) })
}

// At asks what stands before the process, by its address, in the process's place.
func (p *Proc) At(base string) *Proc { return &Proc{t: p.t, Base: base, token: p.token} }

func (p *Proc) POS() Caller { return Caller{p.t, p.Base, p.token} }

// Reply is what came of a request, also when the process died meanwhile.
type Reply struct {
	Status int
	Header http.Header
	Raw    string
	Err    error
}

// Convert asks for 500 points in the background.
func (p *Proc) Convert(member, key string) chan Reply {
	answered := make(chan Reply, 1)
	go func() { answered <- p.Post("/v1/customers/"+member+"/conversions", key, `{"points": 500}`) }()
	return answered
}

// ConvertUntil begins a conversion and waits for an act of it. Where the machine is so loaded that the process answers that it
// cannot, or not yet, it is asked again under the same key, as whoever hears that would.
func (p *Proc) ConvertUntil(member, key string, reached <-chan struct{}) <-chan Reply {
	p.t.Helper()
	for {
		answered := p.Convert(member, key)
		select {
		case <-reached:
			return answered
		case got := <-answered:
			if got.Status >= http.StatusInternalServerError || strings.Contains(got.Raw, `"conversion_in_progress"`) {
				continue
			}
			if got.Status != http.StatusAccepted {
				p.t.Fatalf("answered %d %s %v before the act", got.Status, got.Raw, got.Err)
			}
			Await(p.t, "the act is reached", reached)
			answered <- got
			return answered
		}
	}
}

func (p *Proc) Post(path, key, body string) Reply {
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.Base+path, strings.NewReader(body))
	if err != nil {
		return Reply{Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := OneOff().Do(req)
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
