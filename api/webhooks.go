package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

const (
	webhooksPath = "/webhooks/shopify"
	// maxWebhook is more than an order with thousands of lines takes.
	maxWebhook = 2 << 20
	// webhookTimeout is shorter than the five seconds that Shopify waits, so that the answer is still heard.
	webhookTimeout = 4 * time.Second

	alertWebhookRefused = "webhook_refused"
)

// Webhooks takes in what the shop tells by itself. Errors: unauthenticated and validation_failed for what did not come from
// the shop; anything else makes the shop send it again.
type Webhooks interface {
	Receive(ctx context.Context, in webhooks.Incoming) (webhooks.Receipt, error)
}

// webhookRoutes is the one address that needs a signature instead of a key. Nothing is told in an answer but whether the
// delivery is safe.
func (a *API) webhookRoutes() {
	if a.deps.Webhooks != nil {
		a.engine.POST(webhooksPath, a.webhook)
	}
}

func (a *API) webhook(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), webhookTimeout)
	defer cancel()
	body, err := webhookBody(c.Writer, c.Request)
	if err != nil {
		a.refuse(c, err)
		return
	}
	receipt, err := a.deps.Webhooks.Receive(ctx, incoming(c.Request.Header, body))
	if err != nil {
		a.webhookRefused(c, err)
		return
	}
	a.deps.Logger.LogAttrs(ctx, slog.LevelDebug, "webhook", slog.String("topic", string(receipt.Topic)), slog.String("webhook_id", receipt.WebhookID),
		slog.String("outcome", string(receipt.Outcome)), slog.Bool("repeated", receipt.Repeated))
	c.Status(http.StatusOK)
}

func webhookBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, domain.Refuse(domain.CodeBodyTooLarge, "maximum_bytes", maxWebhook)
	case err != nil:
		return nil, wrong("body", "body")
	default:
		return body, nil
	}
}

// incoming takes each header only where it came once: of two nobody can tell which one is meant.
func incoming(h http.Header, body []byte) webhooks.Incoming {
	once := func(name string) string {
		if list := h.Values(name); len(list) == 1 {
			return list[0]
		}
		return ""
	}
	return webhooks.Incoming{Topic: once("X-Shopify-Topic"), Signature: once("X-Shopify-Hmac-Sha256"), Shop: once("X-Shopify-Shop-Domain"),
		APIVersion: once("X-Shopify-Api-Version"), WebhookID: once("X-Shopify-Webhook-Id"), EventID: once("X-Shopify-Event-Id"), Body: body}
}

// webhookRefused tells operators of deliveries that are not the shop's once per minute, however many there are: a secret that
// was changed here and not there looks the same as somebody who tries.
func (a *API) webhookRefused(c *gin.Context, err error) {
	if code := domain.CodeOf(err); code == domain.CodeUnauthenticated || code == domain.CodeValidation {
		if _, first := a.unsigned.take("", a.deps.Now()); first {
			a.deps.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "alert", slog.String("kind", alertWebhookRefused), slog.String("code", string(code)))
			a.deps.Metrics.Alert(alertWebhookRefused)
		}
	}
	a.refuse(c, err)
}
