package shopify

import (
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

// Webhooks reads what the store sends. It implements webhooks.Reader.
type Webhooks struct {
	// Shop is the permanent host name that every delivery has to come from.
	Shop string
	// APIVersion is the version that payloads are expected in; another one is accepted and told.
	APIVersion string
	Secrets    Secrets
	Logger     *slog.Logger

	other atomic.Pointer[string]
}

// header names as problem documents tell them.
const (
	topicHeader = "header.X-Shopify-Topic"
	idHeader    = "header.X-Shopify-Webhook-Id"
)

var (
	topicForm = regexp.MustCompile(`^[a-z_]{1,64}/[a-z_]{1,64}$`)
	idForm    = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)
)

// ReadWebhook implements webhooks.Reader. The signature covers the body alone: what the headers say is believed because the
// connection is the shop's, and the topics that cannot be asked back must also look like what they say they are.
func (w *Webhooks) ReadWebhook(in webhooks.Incoming) (webhooks.Delivery, error) {
	if !w.Secrets.SignedBody(in.Body, in.Signature) || !strings.EqualFold(in.Shop, w.Shop) {
		return webhooks.Delivery{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	if !topicForm.MatchString(in.Topic) {
		return webhooks.Delivery{}, domain.Refuse(domain.CodeValidation, "field", topicHeader)
	}
	if !idForm.MatchString(in.WebhookID) {
		return webhooks.Delivery{}, domain.Refuse(domain.CodeValidation, "field", idHeader)
	}
	d := webhooks.Delivery{WebhookID: in.WebhookID, EventID: tame(in.EventID), Topic: webhooks.Topic(in.Topic), Shop: w.Shop,
		APIVersion: tame(in.APIVersion), Digest: sha256.Sum256(in.Body)}
	if at, err := time.Parse(time.RFC3339, in.TriggeredAt); err == nil {
		d.TriggeredAt = at.UTC()
	}
	w.watchVersion(d.APIVersion)
	var body payload
	if json.Unmarshal(in.Body, &body) == nil {
		body.fill(&d, w.Shop)
	}
	return d, nil
}

// tame keeps a header that looks like an id or a version, and drops anything else.
func tame(value string) string {
	if idForm.MatchString(value) {
		return value
	}
	return ""
}

// watchVersion remembers that payloads come in another version. Shopify moves on to a newer one when the configured one has
// ended; what is read here is the same in all of them, so nothing is lost.
func (w *Webhooks) watchVersion(got string) {
	if got == w.APIVersion {
		w.other.Store(nil)
		return
	}
	if before := w.other.Swap(&got); before == nil || *before != got {
		w.Logger.Warn("webhooks come in another version than the configured one", "version", got, "configured", w.APIVersion)
	}
}

// Missing says what is wrong with how deliveries come in; nothing when all is well.
func (w *Webhooks) Missing() []string {
	var list []string
	if len(w.Secrets) == 0 || w.Secrets[0] == "" {
		list = append(list, "SHOPIFY_CLIENT_SECRET is not set, so every webhook is refused")
	}
	if other := w.other.Load(); other != nil {
		list = append(list, "webhooks come in version "+orUnnamed(*other)+" instead of "+w.APIVersion)
	}
	return list
}

func orUnnamed(version string) string {
	if version == "" {
		return "(none)"
	}
	return version
}
