package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"

	"github.com/Khan/genqlient/graphql"

	"pointbridge/domain"
)

// answer is an HTTP answer, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// post sends one GraphQL request. Errors: KindUnavailable when no connection was to be had, else KindUnknown.
func (c *core) post(ctx context.Context, token string, req *graphql.Request) (answer, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return answer{}, &domain.UpstreamError{Kind: domain.KindRefused, Reason: "unsendable", Err: err}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.graphql, bytes.NewReader(body))
	if err != nil {
		return answer{}, &domain.UpstreamError{Kind: domain.KindRefused, Reason: "unsendable", Err: err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("X-Shopify-Access-Token", token)
	return c.exchange(r)
}

// exchange makes one HTTP exchange within the request's context.
func (c *core) exchange(r *http.Request) (answer, error) {
	if err := r.Context().Err(); err != nil {
		return answer{}, &domain.UpstreamError{Kind: domain.KindUnavailable, Reason: "no_answer", Err: err}
	}
	var asked, connected bool
	r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GetConn: func(string) { asked = true },
		GotConn: func(httptrace.GotConnInfo) { connected = true },
	}))
	resp, err := c.http.Do(r)
	if err != nil {
		kind := domain.KindUnknown
		if asked && !connected {
			kind = domain.KindUnavailable // the request never met a connection, so not a byte of it went out
		}
		return answer{}, &domain.UpstreamError{Kind: kind, Reason: "no_answer", Err: err}
	}
	defer resp.Body.Close()
	got := answer{status: resp.StatusCode, header: resp.Header}
	got.body, err = io.ReadAll(io.LimitReader(resp.Body, answerLimit+1))
	if err == nil && len(got.body) > answerLimit {
		err = errors.New("the answer is too large")
	}
	if err != nil && resp.StatusCode == http.StatusOK {
		return got, &domain.UpstreamError{Kind: domain.KindUnknown, Reason: "broken_answer", Err: err}
	}
	return got, nil
}
