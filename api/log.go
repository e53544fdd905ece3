package api

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

// requestIDPattern is what an id must look like to be taken over from a client: it stands in logs and headers.
var requestIDPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// observe is around everything: it names the request, survives its panics, and writes its one line.
func (a *API) observe(c *gin.Context) {
	began := a.deps.Now()
	x := &exchange{api: a, id: c.GetHeader("X-Request-Id"), words: a.texts.pick(c.GetHeader("Accept-Language"))}
	if !requestIDPattern.MatchString(x.id) {
		x.id = a.deps.NewID()
	}
	x.address = c.ClientIP()
	ctx := domain.WithClient(x.in(c.Request.Context()), x.recordedAddress)
	c.Request = c.Request.WithContext(domain.WithOrigin(ctx, func() string { return x.address }))
	// There is one format of answer, whatever a client says it accepts; but for an address that is nobody's.
	x.reader = acceptsPages(c)
	c.Request.Header.Del("Accept")
	a.secure(c.Writer.Header(), x.id)
	a.notice(c)
	defer func() {
		fault := recover()
		if fault != nil {
			x.code, x.cause = domain.CodeInternal, faultOf(fault)
		}
		begun := c.Writer.Written()
		if fault != nil && !begun {
			a.fail(c, &domain.Error{Code: domain.CodeInternal, Err: x.cause})
		}
		a.record(c, x, a.deps.Now().Sub(began))
		if fault != nil && begun {
			// What was sent is no whole answer: the connection breaks off, so that nobody takes it for one.
			panic(http.ErrAbortHandler)
		}
	}()
	c.Next()
}

// faultOf keeps an error inside a panic: a client that went away in the middle of a long answer is found out by it.
func faultOf(fault any) error {
	if err, ok := fault.(error); ok {
		return fmt.Errorf("panic: %w\n%s", err, debug.Stack())
	}
	return fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
}

// recordedAddress is the client's address where the audit may hold it: not a customer's, because the audit outlives
// their wish to be forgotten.
func (x *exchange) recordedAddress() string {
	if !x.api.deps.KeepAddresses || x.caller.Role == domain.RoleCustomer {
		return ""
	}
	return x.address
}

// record writes the line and tells the metrics. Neither holds the path as sent, the query, a code, or personal data
// but for the client's address, where that may be kept.
func (a *API) record(c *gin.Context, x *exchange, took time.Duration) {
	route, method, status := c.FullPath(), method(c.Request.Method), c.Writer.Status()
	if route == "" {
		route = "unmatched"
	}
	fields := []slog.Attr{
		slog.String("request_id", x.id), slog.String("method", method), slog.String("route", route),
		slog.Int("status", status), slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.Int("bytes", max(0, c.Writer.Size())),
	}
	if x.caller.ID != "" {
		fields = append(fields, slog.String("caller", x.caller.Label()), slog.String("role", string(x.caller.Role)))
	}
	if x.address != "" && a.deps.KeepAddresses {
		fields = append(fields, slog.String("client", x.address))
	}
	if x.code != "" {
		fields = append(fields, slog.String("code", string(x.code)))
	}
	if x.cause != nil {
		fields = append(fields, slog.String("error", x.cause.Error()))
	}
	a.deps.Logger.LogAttrs(c.Request.Context(), a.level(c, x, status), "request", fields...)
	a.deps.Metrics.Request(method, route, status, took)
}

// level is an error for our own faults only: a client that went away is none.
func (a *API) level(c *gin.Context, x *exchange, status int) slog.Level {
	switch {
	case c.Request.Context().Err() != nil && errors.Is(x.cause, c.Request.Context().Err()):
		return slog.LevelInfo
	case x.code == domain.CodeInternal:
		return slog.LevelError
	case status >= http.StatusInternalServerError:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// method keeps words that clients make up out of labels.
func method(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return name
	default:
		return "OTHER"
	}
}
