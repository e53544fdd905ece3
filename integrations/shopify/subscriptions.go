package shopify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

// WebhookPath is where the store sends webhooks to, below the service's public address. A subscription whose address
// ends in it is taken for ours.
const WebhookPath = "/webhooks/shopify"

// Subscribe makes the store send the wanted topics to this address: it makes what is missing, corrects what goes
// elsewhere or carries other fields, and removes doubles. It may be repeated. One topic that is refused does not keep
// the others from being made. Errors: as CreateDiscount, one per topic.
func (c *Client) Subscribe(ctx context.Context, uri string, want []webhooks.Subscription) error {
	act := c.act("subscribe", "webhookSubscriptions")
	have, err := act.subscriptions(ctx)
	if err != nil {
		return err
	}
	p := planSubscriptions(have, uri, want)
	var faults []error
	// Removing comes first: Shopify refuses a second subscription of one topic to one address.
	for _, old := range p.remove {
		faults = append(faults, about(string(old.Topic), act.unsubscribe(ctx, old.Id)))
	}
	for _, change := range p.change {
		faults = append(faults, about(string(change.Topic), act.resubscribe(ctx, change.Id,
			inputOf(uri, change.IncludeFields))))
	}
	for _, s := range p.create {
		faults = append(faults, about(string(s.Topic), act.subscribe(ctx, topicOf(s.Topic), inputOf(uri, s.Fields))))
	}
	return errors.Join(faults...)
}

// SubscriptionsMissing says, in sentences, what Subscribe would do; nothing when the store is ready.
func (c *Client) SubscriptionsMissing(ctx context.Context, uri string, want []webhooks.Subscription) ([]string, error) {
	have, err := c.act("check_subscriptions", "webhookSubscriptions").subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	p := planSubscriptions(have, uri, want)
	var list []string
	for _, s := range p.create {
		list = append(list, "no subscription to "+string(s.Topic))
	}
	for _, s := range p.change {
		list = append(list, "the subscription to "+string(s.Topic)+" goes elsewhere or carries other fields")
	}
	for _, s := range p.remove {
		list = append(list, "a subscription to "+string(s.Topic)+" is one too many")
	}
	return list, nil
}

func about(topic string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", topic, err)
}

// topicOf writes a topic as the API's list of them does.
func topicOf(t webhooks.Topic) WebhookSubscriptionTopic {
	return WebhookSubscriptionTopic(strings.ToUpper(strings.ReplaceAll(string(t), "/", "_")))
}

func inputOf(uri string, fields []string) WebhookSubscriptionInput {
	return WebhookSubscriptionInput{Uri: &uri, IncludeFields: append([]string{}, fields...)}
}

// changes is what stands between what there is and what is wanted.
type changes struct {
	create         []webhooks.Subscription
	change, remove []subscription
}

func planSubscriptions(have []subscription, uri string, want []webhooks.Subscription) (p changes) {
	ours := map[WebhookSubscriptionTopic][]subscription{}
	for _, s := range have {
		if s.Uri == uri || strings.HasSuffix(s.Uri, WebhookPath) {
			ours[s.Topic] = append(ours[s.Topic], s)
		}
	}
	for _, w := range want {
		topic := topicOf(w.Topic)
		list := ours[topic]
		delete(ours, topic)
		if len(list) == 0 {
			p.create = append(p.create, w)
			continue
		}
		kept := max(0, slices.IndexFunc(list, func(s subscription) bool { return s.Uri == uri }))
		if s := list[kept]; s.Uri != uri || !sameFields(s.IncludeFields, w.Fields) {
			s.IncludeFields = w.Fields
			p.change = append(p.change, s)
		}
		p.remove = append(p.remove, slices.Delete(slices.Clone(list), kept, kept+1)...)
	}
	for _, s := range have { // in the order of the list, so that each run does the same
		if slices.ContainsFunc(ours[s.Topic], func(o subscription) bool { return o.Id == s.Id }) {
			p.remove = append(p.remove, s)
		}
	}
	return p
}

func sameFields(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// mostSubscriptionPages bounds a list that does not end; a store has a few dozen.
const mostSubscriptionPages = 20

func (c *call) subscriptions(ctx context.Context) ([]subscription, error) {
	var list []subscription
	after := ""
	for range mostSubscriptionPages {
		resp, err := subscriptionsList(ctx, c, optional(after))
		if err != nil {
			return nil, err
		}
		list = append(list, resp.WebhookSubscriptions.Nodes...)
		info := resp.WebhookSubscriptions.PageInfo
		if !info.HasNextPage {
			return list, nil
		}
		if info.EndCursor == nil || *info.EndCursor == after {
			break
		}
		after = *info.EndCursor
	}
	return nil, c.nonsense("a list that does not end")
}

func (c *call) subscribe(ctx context.Context, topic WebhookSubscriptionTopic, in WebhookSubscriptionInput) error {
	c.roots = []string{"webhookSubscriptionCreate"}
	resp, err := subscriptionCreate(ctx, c, topic, in)
	if err != nil {
		return err
	}
	if p := resp.WebhookSubscriptionCreate; p != nil {
		return c.subscribed(p.WebhookSubscription != nil, len(p.UserErrors))
	}
	return c.nonsense("no payload")
}

func (c *call) resubscribe(ctx context.Context, id string, in WebhookSubscriptionInput) error {
	c.roots = []string{"webhookSubscriptionUpdate"}
	resp, err := subscriptionUpdate(ctx, c, id, in)
	if err != nil {
		return err
	}
	if p := resp.WebhookSubscriptionUpdate; p != nil {
		return c.subscribed(p.WebhookSubscription != nil, len(p.UserErrors))
	}
	return c.nonsense("no payload")
}

// unsubscribe removes a subscription; one that is gone already counts as removed.
func (c *call) unsubscribe(ctx context.Context, id string) error {
	c.roots = []string{"webhookSubscriptionDelete"}
	_, err := subscriptionDelete(ctx, c, id)
	return err
}

// subscribed tells an answer without a subscription from one with: these problems have no codes, and their messages are
// not for us to repeat.
func (c *call) subscribed(done bool, problems int) error {
	switch {
	case problems > 0:
		return c.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: "subscription"})
	case !done:
		return c.nonsense("no subscription and no error")
	default:
		return nil
	}
}
