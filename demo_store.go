package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	simshopify "pointbridge/integrations/sim/shopify"
)

// demoWebhooks tries again soon, so that somebody who looks on sees it.
func demoWebhooks(base string) simshopify.Webhooks {
	return simshopify.Webhooks{ComplianceURI: base + webhooksPath, Retries: []time.Duration{
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	}}
}

const demoSubscription = `mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri}) { userErrors { message } } }`

// subscribeDemo makes the service hear of the store's events, through the store's API. What is there already is left.
func subscribeDemo(ctx context.Context, file demoFile) error {
	for _, topic := range simshopify.Topics() {
		body, err := json.Marshal(map[string]any{"query": demoSubscription, "variables": map[string]string{"topic": topic, "uri": file.API + webhooksPath}})
		if err != nil {
			return err
		}
		if err := callStore(ctx, file, body); err != nil {
			return fmt.Errorf("subscribing to %s: %w", topic, err)
		}
	}
	return nil
}

// callStore makes one call of the store's API. It is not interested in refusals: the only one is "taken already".
func callStore(ctx context.Context, file demoFile, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, file.Shopify.URL+"/admin/api/"+demoAPIVersion+"/graphql.json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Shopify-Access-Token", file.Shopify.AccessToken)
	res, err := httpClient().Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || len(answer.Errors) > 0 {
		return errors.New("the store refused the call")
	}
	return nil
}
