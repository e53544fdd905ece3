// Package httpx is what the HTTP clients of the upstreams share: reading a bounded answer, reading Retry-After, and telling
// a request that never left from one that may have arrived.
package httpx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// maxRetryAfter bounds what an upstream can ask for.
const maxRetryAfter = 24 * time.Hour

// RetryAfter reads the header in both of its forms (RFC 9110, section 10.2.3), and with decimals, as Shopify writes it.
// Zero means that there is none, or none that makes sense.
func RetryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if seconds, err := strconv.ParseFloat(value, 64); err == nil {
		if math.IsNaN(seconds) || seconds <= 0 {
			return 0
		}
		return time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(0, at.Sub(now)), maxRetryAfter)
}

// ErrTooLarge says that an answer was longer than it may be.
var ErrTooLarge = errors.New("the answer is too large")

// Do makes one attempt and reads the whole answer, at most limit bytes. sent tells whether any of the request may have
// left this machine: only when it did not is a failure proof that nothing happened. The transport is kept from sending a
// request a second time by itself, which it otherwise does for requests with an Idempotency-Key.
func Do(client *http.Client, req *http.Request, limit int64) (res *http.Response, body []byte, sent bool, err error) {
	var left atomic.Bool
	trace := &httptrace.ClientTrace{
		WroteHeaderField: func(string, []string) { left.Store(true) },
		WroteHeaders:     func() { left.Store(true) },
	}
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
	req.GetBody = nil
	res, err = client.Do(req)
	if err != nil {
		return nil, nil, left.Load(), withoutURL(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(io.LimitReader(res.Body, limit+1))
	if err != nil {
		return res, nil, true, withoutURL(err)
	}
	if int64(len(body)) > limit {
		return res, nil, true, ErrTooLarge
	}
	return res, bytes.TrimPrefix(body, byteOrderMark), true, nil
}

// byteOrderMark begins what some Windows programs write as UTF-8. JSON has no place for it, and a reader may pass over it
// (RFC 8259, section 8.1); a POS that writes it means what it says all the same.
var byteOrderMark = []byte("\xef\xbb\xbf")

// withoutURL drops the address from net/http's errors, because it can hold a customer's id or a code, and the piece of a
// malformed answer that they quote.
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
	if text := cause.Error(); strings.Contains(text, "malformed") || strings.Contains(text, `"`) { // net/http has no type for these
		return errors.New("request failed: a malformed answer")
	}
	return fmt.Errorf("request failed: %w", cause)
}

// NoRedirects makes a copy of the client that follows none: a redirected POST would lose its body or go to a stranger.
func NoRedirects(client *http.Client) *http.Client {
	copied := *client
	copied.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &copied
}
