package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"github.com/Khan/genqlient/graphql"

	"pointbridge/domain"
	"pointbridge/integrations/upstream"
)

// answer is an HTTP answer, read to its end.
type answer struct{ upstream.Answer }

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

// exchange makes one HTTP exchange within the request's context. An answer that is not 200 says all by its status.
func (c *core) exchange(r *http.Request) (answer, error) {
	got, err := c.http.Do(r)
	if err == nil || got.Status != 0 && got.Status != http.StatusOK {
		return answer{got}, nil
	}
	why := "no_answer"
	if got.Status != 0 {
		why = "broken_answer"
	}
	return answer{got}, &domain.UpstreamError{Kind: upstream.Outcome(err), Reason: why, Err: err}
}
