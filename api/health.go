package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// checkTimeout bounds /readyz: a check that takes longer counts as failed.
const checkTimeout = 2 * time.Second

// operatorRoutes are the addresses that need no key. They hold nothing about customers.
func (a *API) operatorRoutes() error {
	document, err := a.OpenAPI()
	if err != nil {
		return err
	}
	docs, policy, err := renderDocs(a.huma.OpenAPI(), a.texts)
	if err != nil {
		return err
	}
	static := func(contentType, policy string, content []byte) gin.HandlerFunc {
		return func(c *gin.Context) {
			if policy != "" {
				c.Header("Content-Security-Policy", policy)
			}
			c.Data(http.StatusOK, contentType, content)
		}
	}
	a.engine.GET("/healthz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "ok"}) })
	a.engine.GET("/readyz", a.ready)
	a.engine.GET("/openapi.json", static("application/openapi+json", "", document))
	a.engine.GET("/docs", static("text/html; charset=utf-8", policy, docs))
	if a.deps.MetricsHandler != nil {
		a.engine.GET("/metrics", gin.WrapH(a.deps.MetricsHandler))
	}
	a.engine.NoRoute(a.unmatched)
	a.engine.NoMethod(a.otherMethod)
	return nil
}

// ready asks every check at once. The answer names those that failed; why they did is for the log.
func (a *API) ready(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), checkTimeout)
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
			a.deps.Logger.WarnContext(ctx, "not ready", slog.String("check", check.Name), slog.String("error", err.Error()))
		}
	}
	if len(failing) > 0 {
		c.JSON(http.StatusServiceUnavailable, gin.H{"status": "unavailable", "failing": failing})
		return
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready", "failing": failing, "missing": a.notes(ctx)})
}

// notes are what is missing without making the service useless; never nil.
func (a *API) notes(ctx context.Context) []string {
	list := append([]string{}, a.forwardedNotes()...)
	if a.deps.Notes == nil {
		return list
	}
	return append(list, a.deps.Notes(ctx)...)
}
