package upstream_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
	"pointbridge/test/expect"
)

// listen takes connections and hands each to what is done with it.
func listen(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go do(conn)
		}
	}()
	return l.Addr().String()
}

func outcome(t *testing.T, client *http.Client, url string) domain.Kind {
	t.Helper()
	_, err := upstream.New(client, 1000).Do(request(t.Context(), t, url))
	if err == nil {
		t.Fatal("it was answered")
	}
	return upstream.Outcome(err)
}

// Only without a connection has an act certainly not begun.
func TestOutcome_NothingWasSent(t *testing.T) {
	t.Parallel()
	hangUp := func(conn net.Conn) { _ = conn.Close() }
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.NotFoundHandler())
		s.Close()
		if got := outcome(t, &http.Client{Transport: upstream.Transport()}, s.URL); got != domain.KindUnavailable {
			t.Error(got)
		}
	})
	t.Run("the connection ends before it is secret", func(t *testing.T) {
		t.Parallel()
		if got := outcome(t, &http.Client{Transport: upstream.Transport()}, "https://"+
			listen(t, hangUp)); got != domain.KindUnavailable {
			t.Error(got)
		}
	})
	t.Run("the certificate is nobody's", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewUnstartedServer(http.NotFoundHandler())
		s.StartTLS()
		t.Cleanup(s.Close)
		if got := outcome(t, &http.Client{Transport: upstream.Transport()}, s.URL); got != domain.KindUnavailable {
			t.Error(got)
		}
	})
	t.Run("given up while it dials", func(t *testing.T) {
		t.Parallel()
		ctx, giveUp := context.WithCancel(t.Context())
		dial := func(dialing context.Context, _, _ string) (net.Conn, error) {
			giveUp()
			<-dialing.Done()
			return nil, dialing.Err()
		}
		client := upstream.New(&http.Client{Transport: &http.Transport{DialContext: dial}}, 1)
		if _, err := client.Do(request(ctx, t, "http://pos.invalid")); upstream.Outcome(err) != domain.KindUnavailable {
			t.Error(err)
		}
	})
}

// With a connection nobody knows, however early it ends: what net/http says it has not yet written may be on the wire.
func TestOutcome_NobodyKnows(t *testing.T) {
	t.Parallel()
	t.Run("the connection ends at once", func(t *testing.T) {
		t.Parallel()
		address := listen(t, func(conn net.Conn) { _ = conn.Close() })
		if got := outcome(t, &http.Client{Transport: upstream.Transport()}, "http://"+
			address); got != domain.KindUnknown {
			t.Error(got)
		}
	})
	t.Run("the address alone fills the first packet", func(t *testing.T) {
		t.Parallel()
		began := make(chan string, 1)
		address := listen(t, func(conn net.Conn) {
			line := make([]byte, 20)
			_, _ = io.ReadFull(conn, line)
			began <- string(line)
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		})
		got := outcome(t, &http.Client{Transport: upstream.Transport()}, "http://"+address+"/"+
			strings.Repeat("a", 1<<20))
		if line := <-began; got != domain.KindUnknown || !strings.HasPrefix(line, "POST /aaa") {
			t.Errorf("%s after %q arrived", got, line)
		}
	})
	t.Run("over HTTP/2", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				t.Error(r.Proto)
			}
			panic(http.ErrAbortHandler)
		}))
		s.EnableHTTP2 = true
		s.StartTLS()
		t.Cleanup(s.Close)
		if got := outcome(t, s.Client(), s.URL); got != domain.KindUnknown {
			t.Error(got)
		}
	})
	t.Run("a transport that tells nothing", func(t *testing.T) {
		t.Parallel()
		silent := roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF })
		if got := outcome(t, &http.Client{Transport: silent}, "http://pos.invalid"); got != domain.KindUnknown {
			t.Error(got)
		}
	})
	t.Run("an error of somebody else", func(t *testing.T) {
		t.Parallel()
		if got := upstream.Outcome(io.EOF); got != domain.KindUnknown {
			t.Error(got)
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A library that reads for itself gets the same limits: an answer that is cut off is no answer.
func TestFor_BoundsWhatALibraryReads(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "12345")
	}))
	t.Cleanup(s.Close)
	get := func(limit int64, path string) (int, string, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := upstream.For(upstream.Transport(), limit, 0).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		return res.StatusCode, string(body), err
	}
	_, body, err := get(5, "/")
	expect.MustEqual(t, "err", err, nil)
	expect.Equal(t, "body", body, "12345")
	if _, _, err := get(4, "/"); err == nil {
		t.Error("an answer above the limit was read as if it were whole")
	}
	if status, _, _ := get(5, "/away"); status != http.StatusFound {
		t.Errorf("a redirect was followed to %d", status)
	}
}
