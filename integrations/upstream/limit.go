package upstream

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// ErrTooLarge says that an answer was longer than it may be.
var ErrTooLarge = errors.New("the answer is too large")

// For makes the HTTP client of a library that makes its own requests and reads their answers itself: each within the
// time, at most limit bytes long, without redirects.
func For(next http.RoundTripper, limit int64, timeout time.Duration) *http.Client {
	return noRedirects(&http.Client{Transport: bounded{next, limit}, Timeout: timeout})
}

// bounded gives every answer an end.
type bounded struct {
	next  http.RoundTripper
	limit int64
}

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = &limited{ReadCloser: res.Body, left: b.limit}
	return res, nil
}

// limited fails where io.LimitReader would end as if the answer were whole.
type limited struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.ReadCloser.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}
