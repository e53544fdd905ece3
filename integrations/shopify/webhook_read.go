package shopify

import (
	"crypto/sha256"
	"log/slog"
	"regexp"
	"strings"
	"sync/atomic"

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
	idForm      = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)
	versionForm = regexp.MustCompile(`^(20[0-9]{2}-(01|04|07|10)|unstable)$`)
)

// CheckHeaders implements webhooks.Reader: what can be told before a byte of the body is read.
func (w *Webhooks) CheckHeaders(in webhooks.Incoming) error {
	if !signatureShaped(in.Signature) || !strings.EqualFold(in.Shop, w.Shop) {
		return domain.Refuse(domain.CodeUnauthenticated)
	}
	if !webhooks.Topic(in.Topic).Known() {
		return domain.Refuse(domain.CodeValidation, "field", topicHeader)
	}
	if len(in.WebhookID) > 128 || !idForm.MatchString(in.WebhookID) {
		return domain.Refuse(domain.CodeValidation, "field", idHeader)
	}
	return nil
}

// ReadWebhook implements webhooks.Reader. The signature covers the body alone, and signs other things for this app as
// well. So the body has to be of the shape that the topic's is, and where it says the same as a header, it is the body
// that is believed: whom it is about, when, and for which shop.
func (w *Webhooks) ReadWebhook(in webhooks.Incoming) (webhooks.Delivery, error) {
	if err := w.CheckHeaders(in); err != nil {
		return webhooks.Delivery{}, err
	}
	if !w.Secrets.SignedBody(in.Body, in.Signature) {
		return webhooks.Delivery{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	d := webhooks.Delivery{WebhookID: in.WebhookID, EventID: formed(idForm, in.EventID),
		Topic: webhooks.Topic(in.Topic), Shop: w.Shop, APIVersion: formed(versionForm, in.APIVersion),
		Digest: sha256.Sum256(in.Body)}
	if !fill(in.Body, &d) {
		return webhooks.Delivery{}, domain.Refuse(domain.CodeValidation, "field", "body")
	}
	w.watchVersion(d.APIVersion)
	return d, nil
}

// formed keeps a header that has its form, and drops anything else.
func formed(form *regexp.Regexp, value string) string {
	if form.MatchString(value) {
		return value
	}
	return ""
}

// watchVersion remembers that payloads come in another version. Shopify moves on to a newer one when the configured one
// has ended; what is read here is the same in all of them, so nothing is lost.
func (w *Webhooks) watchVersion(got string) {
	if got == w.APIVersion {
		w.other.Store(nil)
		return
	}
	if before := w.other.Swap(&got); before == nil || *before != got {
		w.Logger.Warn("webhooks come in another version than the configured one", "version", got, "configured",
			w.APIVersion)
	}
}

// Missing says what is wrong with how deliveries come in; nothing when all is well. Everybody can read it, so nothing
// that came with a delivery is repeated in it.
func (w *Webhooks) Missing() []string {
	var list []string
	if len(w.Secrets) == 0 || w.Secrets[0] == "" {
		list = append(list, "SHOPIFY_CLIENT_SECRET is not set, so every webhook is refused")
	}
	if w.other.Load() != nil {
		list = append(list, "webhooks come in another version than "+w.APIVersion+"; the log says in which")
	}
	return list
}
