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
	pointsPath   = "/webhooks/square"
	// webhookTimeout is shorter than the five seconds that Shopify waits, so that the answer is still heard.
	webhookTimeout = 4 * time.Second

	alertWebhookRefused = "webhook_refused"
)

// Webhooks takes in what the shop, or a POS, tells by itself. Errors: unauthenticated and validation_failed for what did
// not come from it; anything else makes it send again.
type Webhooks interface {
	// Expect looks at the headers alone and gives how many bytes the body may have.
	Expect(in webhooks.Incoming) (mostBytes int64, err error)
	Receive(ctx context.Context, in webhooks.Incoming) (webhooks.Receipt, error)
}

// webhookRoutes are the addresses that need a signature instead of a key. Nothing is told in an answer but whether the
// delivery is safe.
func (a *API) webhookRoutes() {
	if a.deps.Webhooks != nil {
		a.engine.POST(webhooksPath, a.webhook(a.deps.Webhooks, incoming))
	}
	if a.deps.PointsWebhooks != nil {
		a.engine.POST(pointsPath, a.webhook(a.deps.PointsWebhooks, pointsIncoming))
	}
}

func (a *API) webhook(hooks Webhooks, read func(http.Header) webhooks.Incoming) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), webhookTimeout)
		defer cancel()
		receipt, err := a.takeIn(ctx, hooks, read(c.Request.Header), c.Writer, c.Request)
		if err != nil {
			a.webhookRefused(c, err)
			return
		}
		a.deps.Logger.LogAttrs(ctx, slog.LevelDebug, "webhook", slog.String("topic", string(receipt.Topic)),
			slog.String("webhook_id", receipt.WebhookID), slog.String("outcome", string(receipt.Outcome)),
			slog.Bool("repeated", receipt.Repeated))
		c.Status(http.StatusOK)
	}
}

// takeIn goes from what costs nothing to what costs most: anybody can ask these addresses, and before the last step
// nobody is known to be who may.
func (a *API) takeIn(ctx context.Context, hooks Webhooks, in webhooks.Incoming, w http.ResponseWriter,
	r *http.Request) (webhooks.Receipt, error) {
	if !isJSON(r.Header) {
		return webhooks.Receipt{}, domain.Refuse(domain.CodeUnsupportedMedia)
	}
	most, err := hooks.Expect(in)
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
	return hooks.Receive(ctx, in)
}

// once takes a header only where it came once: of two nobody can tell which one is meant.
func once(h http.Header, name string) string {
	if list := h.Values(name); len(list) == 1 {
		return list[0]
	}
	return ""
}

func incoming(h http.Header) webhooks.Incoming {
	return webhooks.Incoming{Topic: once(h, "X-Shopify-Topic"), Signature: once(h, "X-Shopify-Hmac-Sha256"),
		Shop: once(h, "X-Shopify-Shop-Domain"), APIVersion: once(h, "X-Shopify-Api-Version"),
		WebhookID: once(h, "X-Shopify-Webhook-Id"), EventID: once(h, "X-Shopify-Event-Id")}
}

// pointsIncoming has nothing but the signature: what else Square says stands in the body, and is signed.
func pointsIncoming(h http.Header) webhooks.Incoming {
	return webhooks.Incoming{Signature: once(h, "X-Square-Hmacsha256-Signature")}
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
