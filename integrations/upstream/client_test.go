package upstream_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
	"pointbridge/test/expect"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "3": 3 * time.Second, "2.5": 2500 * time.Millisecond, " 1 ": time.Second, "-1": 0, "soon": 0, "NaN": 0,
		"1e99": 24 * time.Hour, "Tue, 01 Dec 2026 00:00:30 GMT": 30 * time.Second, "Mon, 30 Nov 2026 00:00:00 GMT": 0,
		"Fri, 01 Jan 2038 00:00:00 GMT": 24 * time.Hour,
	} {
		if got := upstream.RetryAfter(text, now); got != want {
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
		got, err := upstream.New(s.Client(), 5).Do(request(t.Context(), t, s.URL))
		expect.MustEqual(t, "err", err, nil)
		expect.MustEqual(t, "got.Status", got.Status, 200, got.Body)
		expect.MustEqual(t, "string(got.Body)", string(got.Body), "12345", got.Body)
		got, err = upstream.New(s.Client(), 4).Do(request(t.Context(), t, s.URL))
		expect.MustThat(t, "err to be upstream.ErrTooLarge", errors.Is(err, upstream.ErrTooLarge), err)
		expect.MustEqual(t, "upstream.Outcome(err)", upstream.Outcome(err), domain.KindUnknown)
		expect.MustEqual(t, "got.Status", got.Status, 200)
		expect.MustThat(t, "got.Body == nil", got.Body == nil, got.Body)
	})
	t.Run("nobody listens: nothing was sent", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.NotFoundHandler())
		s.Close()
		_, err := upstream.New(s.Client(), 1).Do(request(t.Context(), t, s.URL))
		expect.MustThat(t, "err != nil", err != nil)
		expect.MustEqual(t, "upstream.Outcome(err)", upstream.Outcome(err), domain.KindUnavailable)
		expect.MustThat(t, `err.Error() not to contain "8812370934"`, !strings.Contains(err.Error(), "8812370934"), err)
	})
	t.Run("dropped after it arrived: it was sent", func(t *testing.T) {
		t.Parallel()
		s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		t.Cleanup(s.Close)
		_, err := upstream.New(s.Client(), 1).Do(request(t.Context(), t, s.URL))
		expect.MustThat(t, "err != nil", err != nil)
		expect.MustEqual(t, "upstream.Outcome(err)", upstream.Outcome(err), domain.KindUnknown)
		expect.MustThat(t, `err.Error() not to contain "8812370934"`, !strings.Contains(err.Error(), "8812370934"), err)
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
		_, err := upstream.New(s.Client(), 1).Do(request(ctx, t, s.URL))
		expect.MustThat(t, "err to be context.Canceled", errors.Is(err, context.Canceled), err)
		expect.MustEqual(t, "upstream.Outcome(err)", upstream.Outcome(err), domain.KindUnknown)
	})
}
