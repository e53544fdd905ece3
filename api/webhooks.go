package api

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

const (
	webhooksPath = "/webhooks/shopify"
	// webhookTimeout is shorter than the five seconds that Shopify waits, so that the answer is still heard.
	webhookTimeout = 4 * time.Second

	alertWebhookRefused = "webhook_refused"
)

// Webhooks takes in what the shop tells by itself. Errors: unauthenticated and validation_failed for what did not come
// from the shop; anything else makes the shop send it again.
type Webhooks interface {
	// Expect looks at the headers alone and gives how many bytes the body may have.
	Expect(in webhooks.Incoming) (mostBytes int64, err error)
	Receive(ctx context.Context, in webhooks.Incoming) (webhooks.Receipt, error)
}

// webhookRoutes is the one address that needs a signature instead of a key. Nothing is told in an answer but whether
// the delivery is safe.
func (a *API) webhookRoutes() {
	if a.deps.Webhooks != nil {
		a.engine.POST(webhooksPath, a.webhook)
	}
}

func (a *API) webhook(c *gin.Context) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), webhookTimeout)
	defer cancel()
	receipt, err := a.takeIn(ctx, c.Writer, c.Request)
	if err != nil {
		a.webhookRefused(c, err)
		return
	}
	a.deps.Logger.LogAttrs(ctx, slog.LevelDebug, "webhook", slog.String("topic", string(receipt.Topic)),
		slog.String("webhook_id", receipt.WebhookID), slog.String("outcome", string(receipt.Outcome)),
		slog.Bool("repeated", receipt.Repeated))
	c.Status(http.StatusOK)
}

// takeIn goes from what costs nothing to what costs most: anybody can ask this address, and before the last step nobody
// is known to be the shop.
func (a *API) takeIn(ctx context.Context, w http.ResponseWriter, r *http.Request) (webhooks.Receipt, error) {
	if !isJSON(r.Header) {
		return webhooks.Receipt{}, domain.Refuse(domain.CodeUnsupportedMedia)
	}
	in := incoming(r.Header)
	most, err := a.deps.Webhooks.Expect(in)
	if err != nil {
		return webhooks.Receipt{}, err
	}
	bytes, err := declared(r, most)
	if err != nil {
		return webhooks.Receipt{}, err
	}
	leave, err := a.hall.enter(bytes)
	if err != nil {
		return webhooks.Receipt{}, err
	}
	defer leave()
	if in.Body, err = webhookBody(w, r, most); err != nil {
		return webhooks.Receipt{}, err
	}
	return a.deps.Webhooks.Receive(ctx, in)
}

// incoming takes each header only where it came once: of two nobody can tell which one is meant.
func incoming(h http.Header) webhooks.Incoming {
	once := func(name string) string {
		if list := h.Values(name); len(list) == 1 {
			return list[0]
		}
		return ""
	}
	return webhooks.Incoming{Topic: once("X-Shopify-Topic"), Signature: once("X-Shopify-Hmac-Sha256"),
		Shop: once("X-Shopify-Shop-Domain"), APIVersion: once("X-Shopify-Api-Version"),
		WebhookID: once("X-Shopify-Webhook-Id"), EventID: once("X-Shopify-Event-Id")}
}

// worthTelling are refusals that an operator should hear of: not what is wrong with us, which is told as our own fault.
var worthTelling = []domain.Code{domain.CodeUnauthenticated, domain.CodeValidation, domain.CodeUnsupportedMedia,
	domain.CodeBodyTooLarge, domain.CodeBusy, domain.CodeRateLimited}

// webhookRefused tells operators of deliveries that are not the shop's once per minute, however many there are: a
// secret that was changed here and not there looks the same as somebody who tries.
func (a *API) webhookRefused(c *gin.Context, err error) {
	if code := domain.CodeOf(err); slices.Contains(worthTelling, code) {
		if _, first := a.unsigned.take("", a.deps.Now()); first {
			a.deps.Logger.LogAttrs(c.Request.Context(), slog.LevelWarn, "alert",
				slog.String("kind", alertWebhookRefused), slog.String("code", string(code)))
			a.deps.Metrics.Alert(alertWebhookRefused)
		}
	}
	a.refuse(c, err)
}
