package oidc

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
)

// maxAnswer bounds each answer of the provider, in bytes. Descriptions, keys and tokens are far shorter.
const maxAnswer = 1 << 20

var (
	errTooLarge = errors.New("the answer is too large")
	errInsecure = errors.New("the address is neither https nor on this machine")
)

// bounded lets calls through that nobody on the way can read, and answers that have an end.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	if !private(req.URL) {
		return nil, errInsecure
	}
	res, err := b.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	res.Body = &limited{ReadCloser: res.Body, left: maxAnswer}
	return res, nil
}

// private tells whether an address is https, or this machine's.
func private(u *url.URL) bool {
	if u.Scheme == "https" {
		return u.Host != ""
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()))
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
		return 0, errTooLarge
	}
	return n, err
}
