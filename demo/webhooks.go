package demo

import (
	"time"

	"pointbridge/integrations/shopify"
	simshopify "pointbridge/integrations/sim/shopify"
)

// demoWebhooks tries again soon, so that somebody who looks on sees it.
func demoWebhooks(base string) simshopify.Webhooks {
	return simshopify.Webhooks{ComplianceURI: base + shopify.WebhookPath, Retries: []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
		5 * time.Minute,
	}}
}
