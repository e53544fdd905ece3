package api

import (
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

const (
	// forwardedHeader is where proxies say for whom they ask.
	forwardedHeader = "X-Forwarded-For"
	// forwardedTold is how often it is told that nobody is believed, and how long /readyz goes on to say so.
	forwardedTold = time.Hour

	noteForwarded = "TRUSTED_PROXIES is empty, but requests arrive with X-Forwarded-For: behind a proxy everybody shares one address, " +
		"and its limits, until the proxy is named there"
)

// forwarded remembers when a proxy that nobody is told to believe was last seen.
type forwarded struct{ last, told atomic.Int64 }

// notice looks for a proxy that is not named in the settings: all its clients look like one. What Shopify sends bears
// such a header of Shopify's own and says nothing about a proxy of ours.
func (a *API) notice(c *gin.Context) {
	if len(a.deps.TrustedProxies) > 0 || c.GetHeader(forwardedHeader) == "" || fromShopify(c.Request.URL.Path) {
		return
	}
	now := a.deps.Now().UnixNano()
	a.forwarded.last.Store(now)
	told := a.forwarded.told.Load()
	if (told == 0 || now-told >= int64(forwardedTold)) && a.forwarded.told.CompareAndSwap(told, now) {
		a.deps.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "a proxy is not believed", slog.String("problem",
			noteForwarded))
	}
}

func fromShopify(path string) bool {
	return path == proxyPath || strings.HasPrefix(path, proxyPath+"/") || strings.HasPrefix(path, "/webhooks/")
}

// forwardedNotes is what /readyz says of it.
func (a *API) forwardedNotes() []string {
	last := a.forwarded.last.Load()
	if last == 0 || a.deps.Now().UnixNano()-last >= int64(forwardedTold) {
		return nil
	}
	return []string{noteForwarded}
}
