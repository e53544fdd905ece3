package smaregi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

// call is one request to be made, below the contract's address.
type call struct {
	act, method string
	path        []string
	query       url.Values
	body        any
}

func (a call) kind() spend {
	if a.method == http.MethodGet {
		return read
	}
	return write
}

func failed(act string, kind domain.Kind, reason string, err error) *domain.UpstreamError {
	return &domain.UpstreamError{Kind: kind, Upstream: pos, Act: act, Reason: reason, Err: err}
}

// do makes the request and gives the body of an answer of 200; everything else is one of the outcomes. An answer of 401
// says that the token was not taken, and so that nothing was done: the call is made once more under a new token.
func (c *Client) do(ctx context.Context, a call) ([]byte, error) {
	got, token, err := c.attempt(ctx, a)
	if err == nil && got.Status == http.StatusUnauthorized {
		c.tokens.drop(token)
		got, _, err = c.attempt(ctx, a)
	}
	if err != nil {
		return nil, err
	}
	if got.Status == http.StatusOK {
		return got.Body, nil
	}
	return nil, c.classify(a, got)
}

func (c *Client) attempt(ctx context.Context, a call) (upstream.Answer, string, error) {
	token, err := c.tokens.get(ctx, a.act)
	if err != nil {
		return upstream.Answer{}, "", err
	}
	if err := c.limits.turn(ctx, a.act, a.kind()); err != nil {
		return upstream.Answer{}, "", err
	}
	req, err := c.request(ctx, a, token)
	if err != nil {
		return upstream.Answer{}, "", failed(a.act, domain.KindUnavailable, "", err)
	}
	got, err := c.http.Do(req)
	if err != nil {
		return upstream.Answer{}, "", failed(a.act, upstream.Outcome(err), "", err)
	}
	return got, token, nil
}

func (c *Client) request(ctx context.Context, a call, token string) (*http.Request, error) {
	u := c.base.JoinPath(a.path...)
	u.RawQuery = a.query.Encode()
	var payload []byte
	if a.body != nil {
		var err error
		if payload, err = json.Marshal(a.body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, a.method, u.String(), bytes.NewReader(payload))
	if err != nil {
		return nil, errors.New("the request cannot be made") // net/http's text holds the address, and that the member
	}
	if a.body == nil {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return req, nil
}

// classify turns a status that is not 200 into an outcome. What Smaregi does not document proves nothing.
func (c *Client) classify(a call, got upstream.Answer) error {
	own, status := readProblem(got)
	switch {
	case status >= 500, status < 400, status == http.StatusRequestTimeout, status == http.StatusConflict:
		e := failed(a.act, domain.KindUnknown, "", nil)
		e.RetryAfter = got.RetryAfter(c.cfg.Clock())
		return e
	case status == http.StatusTooManyRequests:
		e := failed(a.act, domain.KindThrottled, "rate_limited", nil)
		e.RetryAfter = got.RetryAfter(c.cfg.Clock())
		c.limits.pause(a.kind(), e.RetryAfter)
		return e
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return failed(a.act, domain.KindAuth, "", nil)
	case status == http.StatusNotFound && own:
		return failed(a.act, domain.KindRefused, domain.ReasonCustomerNotFound, nil)
	case status == http.StatusNotFound:
		return failed(a.act, domain.KindRefused, "route_missing", nil)
	case status == http.StatusBadRequest && own:
		return failed(a.act, domain.KindRefused, badRequest, nil)
	default:
		return failed(a.act, domain.KindRefused, fmt.Sprintf("http_%d", status), nil)
	}
}

// badRequest is the reason of a 400 in Smaregi's own words, which has no code that would say more.
const badRequest = "bad_request"

// readProblem tells an error of Smaregi's own (application/problem+json) from one of somebody on the way there. Its
// title and detail are sentences, which may name people, and are dropped. Where its status disagrees with the answer's,
// nobody knows: 0.
func readProblem(got upstream.Answer) (own bool, status int) {
	kind, _, err := mime.ParseMediaType(got.Header.Get("Content-Type"))
	if err != nil || kind != "application/problem+json" {
		return false, got.Status
	}
	var p struct {
		Status *int `json:"status"`
	}
	if json.Unmarshal(got.Body, &p) != nil {
		return false, got.Status
	}
	if p.Status != nil && *p.Status != got.Status {
		return true, 0
	}
	return true, got.Status
}

// nothingSent says of a failed call that came before another one, what it means for that one: not a byte of it was
// sent, whatever became of the first.
func nothingSent(act string, err error) error {
	e := failed(act, domain.KindUnavailable, "before_"+act, err)
	e.RetryAfter = domain.RetryAfterOf(err)
	switch kind := domain.KindOf(err); kind {
	case domain.KindThrottled, domain.KindAuth:
		e.Kind = kind
	case domain.KindRefused:
		e.Kind, e.Reason = kind, domain.ReasonOf(err)
	}
	return e
}
