// Package upstream is what the clients of the POS, of Shopify, of the identity provider and of whoever else is called
// share: one client with limits, one reader of Retry-After, and one answer to "was a byte sent?".
package upstream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Transport keeps connections to the few hosts there are, and bounds how long one may take to make.
func Transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		ForceAttemptHTTP2:     true,
	}
}

// Client makes single attempts at one upstream and reads their answers to the end.
type Client struct {
	http  *http.Client
	limit int64
}

// New makes a client over the given one. It follows no redirects and reads at most limit bytes of an answer.
func New(client *http.Client, limit int64) *Client {
	return &Client{http: noRedirects(client), limit: limit}
}

// Answer is an answer, read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// RetryAfter says how long the upstream asks to stay away.
func (a Answer) RetryAfter(now time.Time) time.Duration {
	return RetryAfter(a.Header.Get("Retry-After"), now)
}

// Do makes one attempt within the request's context and reads the whole answer. Outcome says what an error means. Where
// only the body is missing or too long, the answer has its status and header beside the error.
func (c *Client) Do(req *http.Request) (Answer, error) {
	if err := req.Context().Err(); err != nil {
		return Answer{}, &notSent{err}
	}
	once := watched(req)
	res, err := c.http.Do(once.request)
	if err != nil {
		return Answer{}, once.failed(withoutURL(err))
	}
	defer func() { _ = res.Body.Close() }()
	answer := Answer{Status: res.StatusCode, Header: res.Header}
	body, err := io.ReadAll(&limited{ReadCloser: res.Body, left: c.limit})
	if errors.Is(err, ErrTooLarge) {
		return answer, ErrTooLarge
	}
	if err != nil {
		return answer, withoutURL(err)
	}
	answer.Body = bytes.TrimPrefix(body, byteOrderMark)
	return answer, nil
}

// byteOrderMark begins what some Windows programs write as UTF-8. JSON has no place for it, and a reader may pass over
// it (RFC 8259, section 8.1); a POS that writes it means what it says all the same.
var byteOrderMark = []byte("\xef\xbb\xbf")

// withoutURL drops the address from net/http's errors, because it can hold a customer's id or a code, and the piece of
// a malformed answer that they quote.
func withoutURL(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errors.New("time-out")
	}
	cause := errors.Unwrap(err)
	if cause == nil {
		return err
	}
	if text := cause.Error(); strings.Contains(text, "malformed") || strings.Contains(text,
		`"`) { // net/http has no type for these
		return errors.New("request failed: a malformed answer")
	}
	return fmt.Errorf("request failed: %w", cause)
}

// noRedirects makes a copy of the client that follows none: a redirected POST would lose its body or go to a stranger.
func noRedirects(client *http.Client) *http.Client {
	copied := *client
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}
