package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
)

const (
	// checkTimeout bounds /readyz: a check that takes longer counts as failed.
	checkTimeout = 2 * time.Second
	// readyFor is how long the checks' verdict is told again: however often somebody asks, the database is asked once.
	readyFor = time.Second
)

// operatorRoutes are the addresses that need no key. They hold nothing about customers.
func (a *API) operatorRoutes() {
	a.engine.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	a.engine.GET("/readyz", a.ready(&domain.Remembered[[]string]{Ask: a.failing, For: readyFor, Limit: checkTimeout +
		time.Second, Now: a.deps.Now}))
	// Both are written when somebody first asks for them: a start need not wait for what nobody reads.
	a.engine.GET("/openapi.json", a.written("application/openapi+json", func() (page []byte, policy string, err error) {
		page, err = a.OpenAPI()
		return page, "", err
	}))
	a.engine.GET("/docs", a.written("text/html; charset=utf-8", func() (page []byte, policy string, err error) {
		return renderDocs(a.huma.OpenAPI(), a.problemExamples())
	}))
	if a.deps.MetricsHandler != nil {
		a.engine.GET("/metrics", a.metrics)
	}
	a.engine.NoRoute(a.unmatched)
	a.engine.NoMethod(a.otherMethod)
}

// written serves a page that is made once.
func (a *API) written(contentType string, write func() (page []byte, policy string, err error)) gin.HandlerFunc {
	type result struct {
		page, packed []byte
		policy       string
	}
	once := sync.OnceValues(func() (result, error) {
		page, policy, err := write()
		if err != nil {
			return result{}, err
		}
		packed, err := pack(page)
		return result{page, packed, policy}, err
	})
	return func(c *gin.Context) {
		made, err := once()
		if err != nil {
			a.refuse(c, err)
			return
		}
		if made.policy != "" {
			c.Header("Content-Security-Policy", made.policy)
		}
		c.Header("Vary", "Accept-Encoding")
		if acceptsGzip(c.GetHeader("Accept-Encoding")) {
			c.Header("Content-Encoding", "gzip")
			c.Data(http.StatusOK, contentType, made.packed)
			return
		}
		c.Data(http.StatusOK, contentType, made.page)
	}
}

// pack compresses a page that is the same for everybody and holds nothing secret.
func pack(page []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(page); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// acceptsGzip reads the header as RFC 9110 has it; what it does not name, and what it gives no weight, is not sent.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			continue
		}
		name, value, given := strings.Cut(strings.TrimSpace(weight), "=")
		q, err := strconv.ParseFloat(value, 64)
		return !given || !strings.EqualFold(name, "q") || (err == nil && q > 0)
	}
	return false
}

// metrics serves the figures to whoever has their token, which is no key of the API.
func (a *API) metrics(c *gin.Context) {
	if !MayScrape(c.Request, a.deps.MetricsToken) {
		a.refuse(c, domain.Refuse(domain.CodeUnauthenticated))
		return
	}
	a.deps.MetricsHandler.ServeHTTP(c.Writer, c.Request)
}

// MayScrape reports whether a request brings the token of the figures. It takes as long for a token that is nearly
// right as for any other, and an empty one opens nothing.
func MayScrape(r *http.Request, token string) bool {
	got, want := sha256.Sum256([]byte(bearer(r.Header.Get("Authorization")))), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1 && token != ""
}

// ready reports whether the service can work: the answer names the checks that failed.
func (a *API) ready(verdict *domain.Remembered[[]string]) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx := c.Request.Context()
		failing, err := verdict.Get(ctx)
		if err != nil { // no check came back, not even with its time-out
			failing = []string{"checks"}
		}
		if len(failing) > 0 {
			c.JSON(http.StatusServiceUnavailable, gin.H{"status": "unavailable", "failing": failing,
				"missing": a.notes(ctx)})
			return
		}
		c.JSON(http.StatusOK, gin.H{"status": "ready", "failing": failing, "missing": a.notes(ctx)})
	}
}

// failing asks every check at once and names those that failed; why they did is for the log.
func (a *API) failing(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	results := make([]chan error, len(a.deps.Checks))
	for i, check := range a.deps.Checks {
		results[i] = make(chan error, 1)
		go func() { results[i] <- check.Run(ctx) }()
	}
	failing := []string{}
	for i, check := range a.deps.Checks {
		var err error
		select {
		case err = <-results[i]:
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err != nil {
			failing = append(failing, check.Name)
			a.deps.Logger.WarnContext(ctx, "not ready", slog.String("check", check.Name),
				slog.String("error", err.Error()))
		}
	}
	return failing, nil
}

// notes are what is missing without making the service useless; never nil.
func (a *API) notes(ctx context.Context) []string {
	list := append([]string{}, a.forwardedNotes()...)
	if a.deps.Notes == nil {
		return list
	}
	return append(list, a.deps.Notes(ctx)...)
}
