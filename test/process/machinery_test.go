package process

import (
	"net"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
	"testing"
	"time"

	"pointbridge/test/world"
)

// program returns the real program that a variable names. Without it the test is left out, loudly, or fails where
// everything has to run.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		if os.Getenv("POINTBRIDGE_TEST_ALL") != "" {
			t.Fatal(variable + " is not set, and nothing may be left out")
		}
		t.Skip("LEFT OUT: " + variable + " is not set. Run scripts/with-machinery, or make test")
	}
	return path
}

// nobody returns a folder for a program that does not run as root, and how it is started as somebody else where we are.
func nobody(t *testing.T) (dir string, as *syscall.Credential) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pointbridge-machinery-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if os.Getuid() != 0 {
		return dir, nil
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	if err1 != nil || err2 != nil || os.Chown(dir, int(uid), int(gid)) != nil {
		t.Fatal(err1, err2)
	}
	return dir, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// runs starts a program that listens, waits until it does, and ends it with the test.
func runs(t *testing.T, address string, as *syscall.Credential, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	var said world.LockedBuffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if as != nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
	})
	world.Eventually(t, name+" listens", func() bool {
		select {
		case <-ended:
			t.Fatalf("%s ended: %s", name, said.String())
		default:
		}
		c, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = c.Close()
		}
		return err == nil
	})
}
