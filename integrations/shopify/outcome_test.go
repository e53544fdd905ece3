package shopify

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pointbridge/domain"
)

// What a mutation's answer proves, for everything that is no documented answer.
// covers: H-13
func TestOutcomesOfOddAnswers(t *testing.T) {
	t.Parallel()
	node := `{"codeDiscountNode":{"id":"` + discountID + `"},"userErrors":[]}`
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   domain.Kind
		reason string
	}{
		"503":                {503, ``, domain.KindUnknown, "http_503"},
		"502 page":           {502, `<html>`, domain.KindUnknown, "http_502"},
		"408":                {408, ``, domain.KindUnknown, "http_408"},
		"redirect":           {302, ``, domain.KindUnknown, "http_302"},
		"no content":         {204, ``, domain.KindUnknown, "http_204"},
		"400":                {400, `{"errors":"bad"}`, domain.KindRefused, "http_400"},
		"frozen store":       {402, ``, domain.KindAuth, "http_402"},
		"forbidden":          {403, ``, domain.KindAuth, "http_403"},
		"no such version":    {404, `{"errors":"Not Found"}`, domain.KindAuth, "http_404"},
		"security rejection": {430, ``, domain.KindAuth, "http_430"},
		"locked store":       {423, ``, domain.KindAuth, "http_423"},
		"teapot":             {418, ``, domain.KindAuth, "http_418"},
		"too large":          {413, ``, domain.KindRefused, "http_413"},
		"inactive store": {200, `{"errors":[{"extensions":{"code":"SHOP_INACTIVE"}}]}`, domain.KindAuth,
			"shop_inactive"},
		"empty body": {200, ``, domain.KindUnknown, "broken_answer"},
		"cut off":    {200, `{"data":{"discountCodeBasicCre`, domain.KindUnknown, "broken_answer"},
		"a list":     {200, `[]`, domain.KindUnknown, "broken_answer"},
		"no data":    {200, `{}`, domain.KindUnknown, "broken_answer"},
		"null data":  {200, `{"data":null}`, domain.KindUnknown, "broken_answer"},
		"no payload": {200, `{"data":{"discountCodeBasicCreate":null}}`, domain.KindUnknown,
			"broken_answer"},
		"another operation": {200, `{"data":{"shop":{}}}`, domain.KindUnknown, "broken_answer"},
		"wrong type":        {200, `{"data":{"discountCodeBasicCreate":[]}}`, domain.KindUnknown, "broken_answer"},
		"neither node nor error": {200,
			`{"data":{"discountCodeBasicCreate":{"codeDiscountNode":null,"userErrors":[]}}}`, domain.KindUnknown,
			"broken_answer"},
		"empty id": {200, `{"data":{"discountCodeBasicCreate":{"codeDiscountNode":{"id":""},"userErrors":[]}}}`,
			domain.KindUnknown, "broken_answer"},
		"node and error": {200, `{"data":{"discountCodeBasicCreate":{"codeDiscountNode":{"id":"` + discountID +
			`"},"userErrors":[{"field":["x"],"code":"INVALID","message":""}]}}}`, domain.KindUnknown, "broken_answer"},
		"internal user error": {200, `{"data":{"discountCodeBasicCreate":{"codeDiscountNode":null,"userErrors":[{"field":[],"code":"INTERNAL_ERROR","message":""}]}}}`,
			domain.KindUnknown, "internal_error"},
		"user error without code": {200,
			`{"data":{"discountCodeBasicCreate":{"codeDiscountNode":null,"userErrors":[{"field":["id"],"message":"no"}]}}}`, domain.KindRefused, "uncoded"},
		"unknown customer": {200, `{"data":{"discountCodeBasicCreate":{"codeDiscountNode":null,"userErrors":[{"field":["basicCodeDiscount","context","customers","add"],"code":"INVALID","message":"` + customer + `"}]}}}`,
			domain.KindRefused, "invalid_customer"},
		"errors as text":     {200, `{"errors":"oops"}`, domain.KindUnknown, "broken_answer"},
		"error without code": {200, `{"errors":[{"message":"` + secretCode + `"}]}`, domain.KindUnknown, "uncoded"},
		"error of unknown code": {200, `{"errors":[{"extensions":{"code":"TIMEOUT"}}]}`, domain.KindUnknown,
			"timeout"},
		"code repeats a secret": {200, `{"errors":[{"extensions":{"code":"bad value gid://shopify/Customer/7001"}}]}`,
			domain.KindUnknown, "uncoded"},
		"refusal beside a fault": {200,
			`{"errors":[{"extensions":{"code":"ACCESS_DENIED"}},{"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`,
			domain.KindUnknown, "internal_server_error"},
		"refusal beside a result": {200,
			`{"errors":[{"extensions":{"code":"ACCESS_DENIED"}}],"data":{"discountCodeBasicCreate":` + node + `}}`,
			domain.KindUnknown, "access_denied"},
		"odd cost": {200, `{"data":{"discountCodeBasicCreate":` + node + `},"extensions":{"cost":"free"}}`, "",
			""},
		"no extensions": {200, `{"data":{"discountCodeBasicCreate":` + node + `},"errors":[]}`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := always(tc.status, tc.body)
			wantOutcome(t, create(t.Context(), newTestClient(t, testConfig(), s)), tc.kind, tc.reason)
			if n := len(s.sent()); n != 1 {
				t.Errorf("%d requests, want one attempt", n)
			}
		})
	}
}

func TestFindDiscountOfAnotherKind(t *testing.T) {
	t.Parallel()
	body := `{"data":{"codeDiscountNodeByCode":{"id":"` + discountID +
		`","codeDiscount":{"__typename":"DiscountCodeBxgy"}}}}`
	got, err := newTestClient(t, testConfig(), always(200, body)).FindDiscount(t.Context(), secretCode)
	if err != nil || got.ID != discountID || got.CustomerGID != "" || got.Amount.Minor != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFindDiscountNeverTakesAFaultForAbsence(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*stub{
		"404":           always(404, `{"errors":"Not Found"}`),
		"missing field": always(200, `{"data":{}}`),
		"another field": always(200, `{"data":{"shop":null}}`),
		"unreadable amount": always(200, strings.Replace(string(readGolden(t, "discount_find_ok").Body), `"500.0"`,
			`"500.5"`, 1)),
		"unknown kind": always(200, strings.Replace(string(readGolden(t, "discount_find_ok").Body), "DiscountCodeBasic",
			"DiscountCodeNew", 1)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newTestClient(t, testConfig(), s).FindDiscount(t.Context(), secretCode)
			if err == nil || domain.KindOf(err) == domain.KindNotFound {
				t.Errorf("got %v", err)
			}
		})
	}
}

func loopbackClient(t *testing.T, h http.Handler, change func(*Config)) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg := testConfig()
	cfg.APIURL, cfg.Timeout = server.URL, 5*time.Minute
	if change != nil {
		change(&cfg)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return newTestClient(t, cfg, transport)
}

func TestLostAnswersAreUnknown(t *testing.T) {
	t.Parallel()
	t.Run("connection closed after the request", func(t *testing.T) {
		t.Parallel()
		c := loopbackClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			panic(http.ErrAbortHandler)
		}), nil)
		wantOutcome(t, create(t.Context(), c), domain.KindUnknown, "no_answer")
	})
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		hold := make(chan struct{})
		defer close(hold)
		c := loopbackClient(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-hold
		}), func(cfg *Config) { cfg.Timeout = 3 * time.Second }) // long enough to have sent it
		wantOutcome(t, create(t.Context(), c), domain.KindUnknown, "no_answer")
	})
	t.Run("the body breaks off", func(t *testing.T) {
		t.Parallel()
		c := loopbackClient(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"data":`)
		}), nil)
		wantOutcome(t, create(t.Context(), c), domain.KindUnknown, "broken_answer")
	})
	t.Run("the body never ends", func(t *testing.T) {
		t.Parallel()
		c := loopbackClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			chunk := []byte(strings.Repeat(" ", 1<<16))
			for r.Context().Err() == nil {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}), nil)
		wantOutcome(t, create(t.Context(), c), domain.KindUnknown, "broken_answer")
	})
}

func TestUnsentCallsAreUnavailable(t *testing.T) {
	t.Parallel()
	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		cfg := testConfig()
		cfg.APIURL = "http://" + l.Addr().String()
		l.Close()
		wantOutcome(t, create(t.Context(), newTestClient(t, cfg, &http.Transport{})), domain.KindUnavailable,
			"no_answer")
	})
	t.Run("the caller is gone already", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := always(200, `{}`)
		wantOutcome(t, create(ctx, newTestClient(t, testConfig(), s)), domain.KindUnavailable, "no_answer")
		if len(s.sent()) != 0 {
			t.Error("something was sent")
		}
	})
	t.Run("the circuit is open", func(t *testing.T) {
		t.Parallel()
		cfg := testConfig()
		cfg.Circuit = openCircuit{}
		s := always(200, `{}`)
		err := create(t.Context(), newTestClient(t, cfg, s))
		wantOutcome(t, err, domain.KindUnavailable, "circuit_open")
		if len(s.sent()) != 0 || domain.RetryAfterOf(err) != time.Minute {
			t.Errorf("sent %d, wait %v", len(s.sent()), domain.RetryAfterOf(err))
		}
	})
	t.Run("a transport that tells nothing of its connections proves nothing", func(t *testing.T) {
		t.Parallel()
		s := &stub{answer: func(*http.Request, string) (*http.Response, error) { return nil, errors.New("lost") }}
		wantOutcome(t, create(t.Context(), newTestClient(t, testConfig(), s)), domain.KindUnknown, "no_answer")
	})
}

type openCircuit struct{}

func (openCircuit) Allow() (time.Duration, bool) { return time.Minute, false }
func (openCircuit) Report(error)                 {}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 4)
	c := loopbackClient(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}), nil)
	wantOutcome(t, create(t.Context(), c), domain.KindUnknown, "http_307")
	if len(asked) != 1 {
		t.Errorf("%d requests, want 1", len(asked))
	}
}
