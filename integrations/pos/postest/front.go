package postest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

// elsewhere is where a redirect leads; nobody may go there.
const elsewhere = "/postest-elsewhere"

// fault is what becomes of a request.
type fault struct {
	name string
	// booked says that the POS does what it is asked before its answer is spoiled.
	booked bool
	// answer writes what the client sees; got is what the POS answered, nil when it was not asked.
	answer func(w http.ResponseWriter, got *httptest.ResponseRecorder)
}

// front stands between a client and a simulated POS, and spoils answers as it is told to.
type front struct {
	mu       sync.Mutex
	choose   func(n int, r *http.Request) *fault // nil for a request that is left alone
	count    int
	followed bool
}

// tell says what becomes of requests from now on; they are counted from one.
func (f *front) tell(choose func(n int, r *http.Request) *fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.choose, f.count = choose, 0
}

// once spoils the first request that fits.
func (f *front) once(fits func(*http.Request) bool, what fault) {
	spent := false
	f.tell(func(_ int, r *http.Request) *fault {
		if spent || !fits(r) {
			return nil
		}
		spent = true
		return &what
	})
}

func (f *front) next(r *http.Request) *fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	f.followed = f.followed || r.URL.Path == elsewhere
	if f.choose == nil {
		return nil
	}
	return f.choose(f.count, r)
}

func (f *front) requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

func (f *front) wasFollowed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.followed
}

func (f *front) wrap(pos http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		what := f.next(r)
		switch {
		case what == nil:
			pos.ServeHTTP(w, r)
		case what.booked:
			got := httptest.NewRecorder()
			pos.ServeHTTP(got, r)
			what.answer(w, got)
		default:
			_, _ = io.Copy(io.Discard, r.Body)
			what.answer(w, nil)
		}
	})
}

// drop closes the connection without a byte of answer.
func drop(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_ = conn.Close()
}

func says(status int, kind, body string, headers ...string) func(http.ResponseWriter, *httptest.ResponseRecorder) {
	return func(w http.ResponseWriter, _ *httptest.ResponseRecorder) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const (
	jsonType = "application/json"
	htmlType = "text/html; charset=utf-8"
	aPage    = "<!doctype html><title>Something went wrong</title><p>Please try again later."
)

// spoilt are answers that say nothing about what was booked.
func spoilt() []fault {
	return []fault{
		{name: "the connection breaks", answer: drop},
		{name: "500", answer: says(http.StatusInternalServerError, jsonType, `{}`)},
		{name: "502 with a proxy's page", answer: says(http.StatusBadGateway, htmlType, aPage)},
		{name: "503 that asks to wait", answer: says(http.StatusServiceUnavailable, jsonType, ``, "Retry-After", "7")},
		{name: "408", answer: says(http.StatusRequestTimeout, jsonType, ``)},
		{name: "a page with 200", answer: says(http.StatusOK, htmlType, aPage)},
		{name: "a redirect to a page", answer: says(http.StatusFound, htmlType, aPage, "Location", elsewhere)},
		{name: "a redirect that keeps the method", answer: says(http.StatusTemporaryRedirect, jsonType, ``, "Location",
			elsewhere)},
		{name: "half a document", answer: says(http.StatusOK, jsonType, `{"points": {"balance": 1`)},
		{name: "an empty answer", answer: says(http.StatusOK, jsonType, ``)},
		{name: "an answer that is null", answer: says(http.StatusOK, jsonType, `null`)},
		{name: "a document without anything in it", answer: says(http.StatusOK, jsonType, `{}`)},
		{name: "a list", answer: says(http.StatusOK, jsonType, `[]`)},
	}
}

// throttled are answers that ask to wait. Nothing is booked then.
func throttled(now time.Time) []fault {
	date := now.UTC().Add(askedWait).Format(http.TimeFormat)
	return []fault{
		{name: "429 with seconds", answer: says(http.StatusTooManyRequests, jsonType, ``, "Retry-After", "30")},
		{name: "429 with a date", answer: says(http.StatusTooManyRequests, jsonType, ``, "Retry-After", date)},
	}
}

const askedWait = 30 * time.Second
