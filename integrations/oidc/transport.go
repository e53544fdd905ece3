package oidc

import (
	"errors"
	"net"
	"net/http"
	"net/url"
)

// maxAnswer bounds each answer of the provider, in bytes. Descriptions, keys and tokens are far shorter.
const maxAnswer = 1 << 20

var errInsecure = errors.New("the address is neither https nor on this machine")

// secret lets calls through that nobody on the way can read.
type secret struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s secret) RoundTrip(req *http.Request) (*http.Response, error) {
	if !private(req.URL) {
		return nil, errInsecure
	}
	return s.next.RoundTrip(req)
}

// private reports whether an address is https, or this machine's.
func private(u *url.URL) bool {
	if u.Scheme == "https" {
		return u.Host != ""
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "http" && (u.Hostname() == "localhost" || (ip != nil && ip.IsLoopback()))
}
