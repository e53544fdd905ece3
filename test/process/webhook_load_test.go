package process

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"pointbridge/demo"
	"pointbridge/integrations/store/storetest"
	"pointbridge/test/world"
	"pointbridge/tools/subprocess"
)

const (
	strangers     = 200
	strangerSends = 2 << 20
	mostResident  = 200 << 20
)

// stranger sends a large body under headers that look right to an address of its own, and holds its last byte back
// until it is told to go on.
type stranger struct {
	conn   net.Conn
	status int
	header http.Header
	// answered is closed when there is an answer, or the connection is over.
	answered chan struct{}
}

func connect(ctx context.Context, address string) (*stranger, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s := &stranger{conn: conn, answered: make(chan struct{})}
	go func() {
		defer close(s.answered)
		if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			s.status, s.header = res.StatusCode, res.Header
			_ = res.Body.Close()
		}
	}()
	return s, nil
}

// Send writes until all but the last byte is out, or the other side has had enough.
func (s *stranger) Send(headers string) {
	head := "POST /webhooks/shopify HTTP/1.1\r\nHost: points.example.com\r\nContent-Length: " +
		strconv.Itoa(strangerSends) + "\r\n" + headers + "\r\n"
	if _, err := s.conn.Write([]byte(head)); err != nil {
		return
	}
	piece := bytes.Repeat([]byte(" "), 64<<10)
	for left := strangerSends - 1; left > 0; {
		n, err := s.conn.Write(piece[:min(len(piece), left)])
		if left -= n; err != nil {
			return
		}
		select {
		case <-s.answered:
			return
		default:
		}
	}
}

// shopHeaders are those of a delivery; the signature is of this body under this secret.
func shopHeaders(topic, id, secret, body string) map[string]string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(body))
	return map[string]string{"X-Shopify-Topic": topic,
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
		"X-Shopify-Shop-Domain": demo.DemoShop, "X-Shopify-API-Version": demo.DemoAPIVersion,
		"X-Shopify-Webhook-Id": id, "Content-Type": "application/json"}
}

// TestMemoryUnderStrangersBodies: everybody can reach the address of the webhooks. Two rounds of connections
// offer hundreds of megabytes to a real process under headers that nothing but the signature proves wrong. It is run
// without the race detector, whose shadow of the memory is several times as large as the memory.
func TestMemoryUnderStrangersBodies(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("a process's peak of memory is read as Linux has it")
	}
	b := world.NewProcesses(t, storetest.SQLite(t))
	p := b.Start()
	address := strings.TrimPrefix(p.Base, "http://")
	headers := ""
	for name, value := range shopHeaders("orders/create", "w-x", "a-guess-at-the-secret", "{}") {
		headers += name + ": " + value + "\r\n"
	}
	delivered := func(id string) bool {
		body := `{"id":5,"admin_graphql_api_id":"gid://shopify/Order/5","updated_at":"2026-11-20T12:00:06+09:00"}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.Base+"/webhooks/shopify",
			strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range shopHeaders("orders/create", id, b.Creds.ClientSecret, body) {
			req.Header.Set(name, value)
		}
		res, err := world.OneOff().Do(req)
		if err != nil {
			return false
		}
		return res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}
	for round := range 2 {
		crowd := besiege(t, address, headers)
		world.Eventually(t, "the shop's own small delivery is taken meanwhile",
			func() bool { return delivered(fmt.Sprintf("during-%d", round)) })
		dispersed(t, crowd)
	}
	world.Eventually(t, "a delivery is taken afterwards", func() bool { return delivered("after") })
	peak, err := subprocess.PeakMemoryOf(p.Cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("at most %d MiB were resident while %d MiB were offered twice", peak>>20, int64(strangers)*strangerSends>>20)
	if peak >= mostResident {
		t.Errorf("%d MiB were resident", peak>>20)
	}
}

// besiege gives the strangers once each has sent all but its last byte, or has been answered.
func besiege(t *testing.T, address, headers string) []*stranger {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), world.Patience)
	defer cancel()
	crowd := make([]*stranger, strangers)
	var sending sync.WaitGroup
	for i := range crowd {
		s, err := connect(ctx, address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.conn.Close() })
		_ = s.conn.SetDeadline(time.Now().Add(world.Patience)) // so that no fault of the other side hangs the test
		crowd[i] = s
		sending.Go(func() { s.Send(headers) })
	}
	sending.Wait()
	return crowd
}

// dispersed lets the strangers send their last byte. Some are told that there is no room, the others that they prove
// nothing or were too slow; nobody is taken in.
func dispersed(t *testing.T, crowd []*stranger) {
	t.Helper()
	busy := 0
	for _, s := range crowd {
		_, _ = s.conn.Write([]byte(" "))
		world.Await(t, "an answer or an end", s.answered)
		_ = s.conn.Close()
		switch s.status {
		case http.StatusServiceUnavailable:
			busy++
			if s.header.Get("Retry-After") == "" {
				t.Error("nobody is told when to come again")
			}
		case 0, http.StatusUnauthorized, http.StatusUnprocessableEntity:
		default:
			t.Errorf("a stranger is answered %d", s.status)
		}
	}
	if busy == 0 {
		t.Error("there was room for all of them at once")
	}
}
