package process

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pointbridge/integrations/store/storetest"
	"pointbridge/test/expect"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

// behindNginx starts a real nginx with deploy/nginx.conf before one process or several, and gives its address. Only the
// lines that are marked to be changed are changed.
func behindNginx(t *testing.T, replicas ...*world.Proc) (base string) {
	t.Helper()
	var servers strings.Builder
	for _, p := range replicas {
		servers.WriteString("server " + strings.TrimPrefix(p.Base, "http://") + ";\n")
	}
	path := program(t, "NGINX")
	raw, err := os.ReadFile("deploy/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	listen, err := subprocess.FreeAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	site := string(raw)
	for from, to := range map[string]string{"server 127.0.0.1:8080;": servers.String(),
		"listen 80;": "listen " + listen + ";"} {
		if strings.Count(site, from) != 1 {
			t.Fatalf("%q stands there %d times", from, strings.Count(site, from))
		}
		site = strings.Replace(site, from, to, 1)
	}
	dir, as := nobody(t)
	temp := ""
	for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("%s_temp_path %s;\n", of, filepath.Join(dir, of))
	}
	main := fmt.Sprintf("daemon off;\npid %s;\nevents {}\nhttp {\naccess_log off;\n%sinclude %s;\n}\n",
		filepath.Join(dir, "pid"), temp, filepath.Join(dir, "site.conf"))
	for name, text := range map[string]string{"site.conf": site, "nginx.conf": main} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text),
			0o644); err != nil { //nolint:gosec // nginx runs as somebody else
			t.Fatal(err)
		}
	}
	args := []string{"-e", filepath.Join(dir, "error.log"), "-c", filepath.Join(dir, "nginx.conf")}
	if said, err := exec.CommandContext(t.Context(), path, append(args, "-t")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	_ = os.Remove(filepath.Join(dir, "pid")) // the check has made them, and not as who it runs as
	_ = os.Remove(filepath.Join(dir, "error.log"))
	for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		_ = os.RemoveAll(filepath.Join(dir, of))
	}
	runs(t, listen, as, path, args...)
	return "http://" + listen
}

func TestBehindNginx(t *testing.T) {
	t.Parallel()
	b := world.NewProcesses(t, storetest.SQLite(t), "TRUSTED_PROXIES=127.0.0.1", "SIGN_IN_FAILURES_ADDRESS=2",
		"SIGN_IN_FAILURES=1000")
	p := b.Start()
	base := behindNginx(t, p)
	t.Run("a conversion passes, over connections that are kept", func(t *testing.T) {
		b := b.On(t)
		member := b.Member(p)
		got := world.Caller{T: t, Base: base, Key: b.Token}.Do("POST", "/v1/customers/"+member+"/conversions", "n-1",
			`{"points": 500}`)
		expect.MustEqual(t, "got.Status", got.Status, http.StatusCreated, got.Raw)
		expect.MustEqual(t, "len(b.Books(member))", len(b.Books(member)), 1, got.Raw)
	})
	t.Run("a signed webhook of 1.5 MB passes, and one beyond the service's own bound does not", func(t *testing.T) {
		topic, body := world.Payload(t, "orders_create")
		for size, want := range map[int]int{3 << 19: http.StatusOK, 2<<20 + 1: http.StatusRequestEntityTooLarge} {
			big := append(bytes.Repeat([]byte(" "), size-len(body)), body...)
			if got := b.On(t).Webhook(base, topic, fmt.Sprint("n-", size), big); got != want {
				t.Errorf("%d bytes are answered %d", size, got)
			}
		}
	})
	t.Run("the client's address is believed, and not what the client says of it", func(t *testing.T) {
		for try, want := range []int{401, 401, 429, 429} {
			if got := signInFrom(t, base, "127.0.0.2", fmt.Sprint("203.0.113.", try)); got != want {
				t.Errorf("attempt %d is answered %d", try, got)
			}
		}
		if got := signInFrom(t, base, "127.0.0.3", ""); got != http.StatusUnauthorized {
			t.Errorf("another address is answered %d", got)
		}
	})
	t.Run("what is for machines inside stays inside", func(t *testing.T) {
		for _, path := range []string{"/metrics", "/readyz", "/healthz"} {
			if got := (world.Caller{T: t, Base: base, Key: ""}).Do("GET", path, "",
				""); got.Status != http.StatusNotFound {
				t.Errorf("%s is answered %d", path, got.Status)
			}
		}
	})
}

// signInFrom fails to sign in from an address of this machine, and claims another one.
func signInFrom(t *testing.T, base, from, claimed string) int {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network,
		address string) (net.Conn, error) {
		return dialer.DialContext(ctx, network, address)
	}}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v1/session",
		strings.NewReader(`{"email": "nobody@example.com", "password": "not the one at all"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if claimed != "" {
		req.Header.Set("X-Forwarded-For", claimed)
	}
	return world.StatusOfCall(t, client, req)
}
