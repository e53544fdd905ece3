package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// webhookAct is what faults call an attempt; the subject is the topic. Modes that are applied reach the address and
// count as failed all the same, as when the answer is lost; the others never leave.
const webhookAct = "shopify.webhook"

// attempt sends a delivery once. status is zero when there was no answer; fault then says why.
func (c *courier) attempt(d Delivery) (status int, fault string) {
	c.s.cfg.Faults.Begin(c.ctx, webhookAct)
	defer c.s.cfg.Faults.End(webhookAct)
	rule, faulty := c.s.cfg.Faults.Take(webhookAct, d.Topic)
	if faulty && !rule.Applied() {
		return 0, "dropped on request"
	}
	req, err := http.NewRequestWithContext(c.ctx, http.MethodPost, d.URI, strings.NewReader(d.Body))
	if err != nil {
		return 0, "the address cannot be called"
	}
	c.s.sign(req, d)
	res, err := c.client.Do(req)
	if err != nil {
		return 0, reasonOf(err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // read only so that the connection can be used again
	_ = res.Body.Close()
	if faulty {
		return 0, "the answer was lost on request"
	}
	return res.StatusCode, ""
}

// reasonOf is an error without the address, which the log has beside it.
func reasonOf(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return "no answer in time"
		}
		err = wrapped.Err
	}
	return err.Error()
}

// sign sets the vendor's headers.
func (s *Server) sign(req *http.Request, d Delivery) {
	mac := hmac.New(sha256.New, []byte(s.cfg.ClientSecret))
	_, _ = io.WriteString(mac, d.Body) // a hash takes everything
	h := req.Header
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "Shopify-Captain-Hook")
	h.Set("X-Shopify-Topic", d.Topic)
	h.Set("X-Shopify-Hmac-Sha256", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	h.Set("X-Shopify-Shop-Domain", s.cfg.Shop)
	h.Set("X-Shopify-API-Version", s.cfg.APIVersion)
	h.Set("X-Shopify-Webhook-Id", d.WebhookID)
	h.Set("X-Shopify-Event-Id", d.EventID)
	h.Set("X-Shopify-Triggered-At", d.TriggeredAt.UTC().Format(time.RFC3339Nano))
}

// delivered writes down how an attempt went. When the last one failed too, a subscription is taken away, as the vendor
// does with those made through the API.
func (s *Server) delivered(n int64, status int, fault string) error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	old := s.state.outbox.deliveries[n]
	if old == nil || !old.owed() {
		return nil
	}
	d, now := *old, s.cfg.Clock()
	d.Body, d.LastAt, d.Status, d.Fault = "", &now, status, fault
	d.Attempts++
	records := []record{{Delivery: &d}}
	retries := s.cfg.Webhooks.Retries
	switch {
	case status >= 200 && status <= 299:
		d.NotBefore = now
		if d.Copies--; d.Copies == 0 {
			d.State = Delivered
		}
	case d.Failures < len(retries):
		d.NotBefore = now.Add(retries[d.Failures])
		d.Failures++
	default:
		d.State = GivenUp
		if s.state.subscriptions[d.Subscription] != nil {
			records = append(records, record{Unsubscribed: d.Subscription})
		}
	}
	return s.commit("", records...)
}
