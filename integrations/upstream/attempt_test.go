package upstream_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
	"pointbridge/test/expect"
)

// A POS may close a kept connection as the next request arrives. net/http would then send a request that has an
// Idempotency-Key a second time, which only the flow may decide.
func TestOneAttempt(t *testing.T) {
	t.Parallel()
	var posts atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("Idempotency-Key") == "" {
			return // leaves the connection open for the next
		}
		posts.Add(1)
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	t.Cleanup(s.Close)
	client := upstream.New(s.Client(), 1)
	if _, err := client.Do(request(t.Context(), t, s.URL)); err != nil {
		t.Fatal(err)
	}
	again := request(t.Context(), t, s.URL)
	again.Header.Set("Idempotency-Key", "k")
	_, err := client.Do(again)
	if err == nil || upstream.Outcome(err) != domain.KindUnknown || posts.Load() != 1 {
		t.Fatalf("sent %d times, %s, %v", posts.Load(), upstream.Outcome(err), err)
	}
	if again.GetBody == nil {
		t.Error("the caller's request was changed")
	}
}

func TestNoRedirects(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(s.Close)
	plain := s.Client()
	res, err := upstream.New(plain, 100).Do(request(t.Context(), t, s.URL))
	if err != nil || res.Status != http.StatusTemporaryRedirect || asked.Load() != 1 {
		t.Fatalf("asked %d times, %v", asked.Load(), err)
	}
	if plain.CheckRedirect != nil {
		t.Error("the given client was changed")
	}
}

func TestErrorsNameNobody(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a malformed status":    "HTTP/1.1 8812370934 OK\r\n\r\n",
		"no HTTP at all":        "Taro 8812370934\r\n\r\n",
		"a malformed header":    "HTTP/1.1 200 OK\r\n8812370934\r\n\r\n",
		"half a body":           "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n8812370934",
		"a malformed chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz8812370934\r\n",
		"a malformed extension": "HTTP/1.1 200 OK\r\nTransfer-Encoding: 8812370934\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := upstream.New(&http.Client{Transport: &http.Transport{}}, 1000)
			_, err := client.Do(request(t.Context(), t, raw(t, answer)))
			expect.MustThat(t, "err != nil", err != nil)
			expect.MustEqual(t, "upstream.Outcome(err)", upstream.Outcome(err), domain.KindUnknown)
			expect.MustThat(t, `err.Error() not to contain "8812370934"`, !strings.Contains(err.Error(), "8812370934"),
				err)
		})
	}
}

// raw listens, and answers the first request with these bytes.
func raw(t *testing.T, answer string) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, answer)
		_ = conn.Close()
	}()
	return "http://" + l.Addr().String()
}

func TestGivenUpBeforeItBegan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	_, err := upstream.New(s.Client(), 1).Do(request(ctx, t, s.URL))
	expect.MustThat(t, "err to be context.Canceled", errors.Is(err, context.Canceled), err)
	expect.MustEqual(t, "upstream.Outcome(err)", upstream.Outcome(err), domain.KindUnavailable)
}
