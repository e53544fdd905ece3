package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
)

// envelope is a GraphQL answer. Its parts are read one by one, so that an oddity in one does not hide another.
type envelope struct {
	Data       json.RawMessage `json:"data"`
	Errors     json.RawMessage `json:"errors"`
	Extensions json.RawMessage `json:"extensions"`
}

// graphQLError is one entry of "errors". The message is not kept: it can repeat what was sent.
type graphQLError struct {
	Extensions struct {
		Code           string `json:"code"`
		RequiredAccess string `json:"requiredAccess"`
	} `json:"extensions"`
}

// classify turns an answer into data or into an error of one of the outcomes, and says what it cost. Each root
// field has to be there: a null in it can mean that something does not exist, its absence means nothing.
func (a answer) classify(roots []string, data any, now time.Time) (spending, error) {
	var spent spending
	if a.Status != http.StatusOK {
		err := a.refusal(now)
		if err.Kind == domain.KindThrottled {
			spent = spending{throttled: true, pause: err.RetryAfter}
		}
		return spent, a.identify(err)
	}
	var env envelope
	if err := json.Unmarshal(a.Body, &env); err != nil {
		return spent, a.identify(broken(errors.New("the answer is not JSON")))
	}
	spent = readCost(env.Extensions)
	if err := env.problem(); err != nil {
		if err.Kind == domain.KindThrottled {
			spent.throttled = true
			err.RetryAfter = max(spent.wait(), retryAfter(a.Header.Get("Retry-After"), now))
		}
		return spent, a.identify(err)
	}
	fields := rootsOf(env.Data)
	for _, root := range roots {
		if _, ok := fields[root]; !ok {
			return spent, a.identify(broken(errors.New("the answer lacks its field")))
		}
	}
	if err := json.Unmarshal(env.Data, data); err != nil {
		return spent, a.identify(broken(errors.New("the data has another shape")))
	}
	return spent, nil
}

// refusal reads an answer that is not 200. Everything that is not a clear refusal may have been done.
func (a answer) refusal(now time.Time) *domain.UpstreamError {
	err := &domain.UpstreamError{
		Kind:       domain.KindUnknown,
		Reason:     fmt.Sprintf("http_%d", a.Status),
		RetryAfter: retryAfter(a.Header.Get("Retry-After"), now),
	}
	switch {
	case a.Status == http.StatusTooManyRequests:
		err.Kind = domain.KindThrottled
	case a.Status == http.StatusRequestTimeout:
	case ofRequest(a.Status):
		err.Kind = domain.KindRefused
	case a.Status >= 400 && a.Status < 500:
		err.Kind = domain.KindAuth
	}
	return err
}

// ofRequest tells the refusals that are about what was sent. All others are about the store, the app or the way there,
// and say nothing about what was asked for: 401 and 403 the credentials, 402 a frozen store, 404 no such store or
// version, 423 a locked one, 430 a security rejection.
func ofRequest(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusRequestHeaderFieldsTooLarge:
		return true
	default:
		return false
	}
}

// problem reads "errors". An error is a refusal only if its code is known as one and no part of the operation has a
// result.
func (e envelope) problem() *domain.UpstreamError {
	if empty(e.Errors) {
		return nil
	}
	var list []graphQLError
	if err := json.Unmarshal(e.Errors, &list); err != nil {
		return broken(errors.New("the errors cannot be read"))
	}
	if len(list) == 0 {
		return nil
	}
	worst := &domain.UpstreamError{Kind: domain.KindRefused}
	for _, one := range list {
		kind := kindOf(one.Extensions.Code, e.Data == nil)
		if worst.Reason != "" && rank(kind) <= rank(worst.Kind) {
			continue
		}
		worst.Kind, worst.Reason, worst.Err = kind, reason(one.Extensions.Code), nil
		if need := one.Extensions.RequiredAccess; need != "" {
			worst.Err = errors.New("required access: " + clip(need, 200))
		}
	}
	if hasResult(e.Data) {
		worst.Kind = domain.KindUnknown
	}
	return worst
}

// staticCheck is how the codes of Shopify's validation before execution look, e.g. "undefinedField".
var staticCheck = regexp.MustCompile(`^[a-z]+([A-Z][a-z]+)+$`)

func kindOf(code string, noData bool) domain.Kind {
	switch code {
	case "THROTTLED":
		return domain.KindThrottled
	case "ACCESS_DENIED", "SHOP_INACTIVE":
		return domain.KindAuth
	case "RESOURCE_NOT_FOUND", "MAX_COST_EXCEEDED", "INVALID_VARIABLE":
		return domain.KindRefused
	}
	if noData && staticCheck.MatchString(code) {
		return domain.KindRefused
	}
	return domain.KindUnknown
}

// rank orders outcomes by how little they promise.
func rank(k domain.Kind) int {
	switch k {
	case domain.KindUnknown:
		return 3
	case domain.KindAuth:
		return 2
	case domain.KindThrottled:
		return 1
	default:
		return 0
	}
}

// hasResult reports whether any root field of the operation came back with something in it.
func hasResult(data json.RawMessage) bool {
	fields := rootsOf(data)
	if fields == nil {
		return !empty(data)
	}
	for _, root := range fields {
		if !empty(root) {
			return true
		}
	}
	return false
}

// rootsOf splits the data of an operation; nil when there is none.
func rootsOf(data json.RawMessage) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return nil
	}
	return fields
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9-]{1,80}$`)

// identify adds the id that Shopify's support asks for.
func (a answer) identify(err *domain.UpstreamError) error {
	id := a.Header.Get("X-Request-Id")
	if !requestID.MatchString(id) {
		return err
	}
	if err.Err == nil {
		err.Err = errors.New("request " + id)
	} else {
		err.Err = fmt.Errorf("%w (request %s)", err.Err, id)
	}
	return err
}

func broken(err error) *domain.UpstreamError {
	return &domain.UpstreamError{Kind: domain.KindUnknown, Reason: "broken_answer", Err: err}
}

func empty(raw json.RawMessage) bool { return len(raw) == 0 || bytes.Equal(raw, []byte("null")) }

// reason makes a vendor's code a machine word; one that is none is not repeated.
func reason(code string) string {
	if !requestID.MatchString(strings.ReplaceAll(code, "_", "-")) {
		return "uncoded"
	}
	return strings.ToLower(code)
}

func clip(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}
