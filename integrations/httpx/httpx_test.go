package httpx_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/integrations/httpx"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "2.5": 2500 * time.Millisecond, " 1 ": time.Second, "-1": 0, "soon": 0, "NaN": 0, "1e99": 24 * time.Hour,
		"Tue, 01 Dec 2026 00:00:30 GMT": 30 * time.Second, "Mon, 30 Nov 2026 00:00:00 GMT": 0, "Fri, 01 Jan 2038 00:00:00 GMT": 24 * time.Hour,
	} {
		if got := httpx.RetryAfter(text, now); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func request(ctx context.Context, t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/customers/8812370934", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDo(t *testing.T) {
	t.Parallel()
	t.Run("an answer within the limit", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("12345")) }))
		t.Cleanup(s.Close)
		res, body, sent, err := httpx.Do(s.Client(), request(t.Context(), t, s.URL), 5)
		if err != nil || !sent || res.StatusCode != 200 || string(body) != "12345" {
			t.Fatalf("%q, %v, %v", body, sent, err)
		}
		_, _, sent, err = httpx.Do(s.Client(), request(t.Context(), t, s.URL), 4)
		if !errors.Is(err, httpx.ErrTooLarge) || !sent {
			t.Fatalf("%v, %v", sent, err)
		}
	})
	t.Run("nobody listens: nothing was sent", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.NotFoundHandler())
		s.Close()
		_, _, sent, err := httpx.Do(s.Client(), request(t.Context(), t, s.URL), 1)
		if err == nil || sent || strings.Contains(err.Error(), "8812370934") {
			t.Fatalf("%v, %v", sent, err)
		}
	})
	t.Run("dropped after it arrived: it was sent", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		t.Cleanup(s.Close)
		_, _, sent, err := httpx.Do(s.Client(), request(t.Context(), t, s.URL), 1)
		if err == nil || !sent || strings.Contains(err.Error(), "8812370934") {
			t.Fatalf("%v, %v", sent, err)
		}
	})
	t.Run("the caller gave up", func(t *testing.T) {
		t.Parallel()
		ctx, giveUp := context.WithCancel(t.Context())
		defer giveUp()
		s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the caller left
			giveUp()
			<-r.Context().Done()
		}))
		t.Cleanup(s.Close)
		_, _, sent, err := httpx.Do(s.Client(), request(ctx, t, s.URL), 1)
		if !errors.Is(err, context.Canceled) || !sent {
			t.Fatalf("%v, %v", sent, err)
		}
	})
}
