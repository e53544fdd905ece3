package subprocess

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"pointbridge/app"
)

// Process is another process of this program, for measurements and for being killed.
type Process struct {
	cmd   *exec.Cmd
	Lines chan string
	Ended chan error
}

// Start runs this program with the arguments and only the given environment. What it prints comes line by line.
func Start(ctx context.Context, environ []string, args ...string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return StartProgram(ctx, self, environ, args...)
}

// StartProgram is Start for another build of this program.
func StartProgram(ctx context.Context, program string, environ []string, args ...string) (*Process, error) {
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // this program itself, or an earlier build of it
	cmd.Env = append(Environ(), environ...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &Process{cmd: cmd, Lines: make(chan string, 1024), Ended: make(chan error, 1)}
	go c.read(out)
	return c, nil
}

// Spent is what a process took: the most memory that it had resident, in bytes, and the time of its processors.
type Spent struct {
	Peak int64
	CPU  time.Duration
}

// RunInto runs this program to its end, what it prints into a file, and gives what that took.
func RunInto(ctx context.Context, out *os.File, environ []string, args ...string) (spent Spent, err error) {
	self, err := os.Executable()
	if err != nil {
		return spent, err
	}
	cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // this program itself
	cmd.Env, cmd.Stdout, cmd.Stderr = append(Environ(), environ...), out, os.Stderr
	if err := cmd.Start(); err != nil {
		return spent, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for look := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case err := <-ended:
			look.Stop()
			spent.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			return spent, err
		case <-look.C: // the kernel's figure only grows, and is gone with the process
			if now, err := PeakMemoryOf(cmd.Process.Pid); err == nil {
				spent.Peak = now
			}
		}
	}
}

// Environ is what this program needs of its own environment to be started once more: where programs are, and what the race
// detector is told where it was built in.
func Environ() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "GORACE=" + os.Getenv("GORACE"), Mark + "=1"}
}

// Mark tells a test binary that it was started to be this program.
const Mark = "POINTBRIDGE_CHILD"

func (c *Process) read(out io.Reader) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		select {
		case c.Lines <- scanner.Text():
		default: // nobody reads; a child is never held up by its log
		}
	}
	close(c.Lines)
	c.Ended <- c.cmd.Wait()
}

// Until reads lines up to one that holds the text, and gives them all.
func (c *Process) Until(text string) ([]string, error) {
	var lines []string
	for line := range c.Lines {
		lines = append(lines, line)
		if strings.Contains(line, text) {
			return lines, nil
		}
	}
	return lines, fmt.Errorf("the process ended: %s", strings.Join(lines, "\n"))
}

// Stop ends the process as an operator would.
func (c *Process) Stop() error {
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	return <-c.Ended
}

// Pid is the process's number.
func (c *Process) Pid() int { return c.cmd.Process.Pid }

// PeakMemory is the most memory the process had resident, in bytes (Linux: VmHWM).
func (c *Process) PeakMemory() (int64, error) { return PeakMemoryOf(c.Pid()) }

func PeakMemoryOf(pid int) (int64, error) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(raw)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("no VmHWM")
}

// AwaitReady asks until the service on this address is ready.
func AwaitReady(ctx context.Context, base string) error {
	client := app.HTTPClient()
	for pause := firstPause; ; pause = min(pause*3/2, longestPause) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := client.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("the service did not become ready")
		case <-time.After(pause):
		}
	}
}

// A service that is asked for its readiness without end has less of the machine to become ready with.
const firstPause, longestPause = 5 * time.Millisecond, 50 * time.Millisecond
