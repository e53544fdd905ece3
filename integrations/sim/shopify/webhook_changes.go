package shopify

import (
	"context"
	"slices"

	graphql "github.com/graph-gophers/graphql-go"
)

type resubscribeArgs struct {
	ID                  graphql.ID
	WebhookSubscription subscriptionInput
}

// WebhookSubscriptionUpdate changes where a subscription is delivered to, and what of the body.
func (m mutations) WebhookSubscriptionUpdate(ctx context.Context, args resubscribeArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		sub, refused, err := m.s.resubscribe(args)
		p.WebhookSubscription, p.UserErrors = newSubscriptionNode(sub), refused
		return err
	})
}

// WebhookSubscriptionDelete ends a subscription.
func (m mutations) WebhookSubscriptionDelete(ctx context.Context, args struct{ ID graphql.ID }) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		refused, err := m.s.unsubscribe(string(args.ID))
		if p.UserErrors = refused; err == nil && len(refused) == 0 {
			p.DeletedWebhookSubscriptionID = &args.ID
		}
		return err
	})
}

func noSubscription() []userError {
	return []userError{refusal("", "Webhook subscription does not exist", "id")}
}

func (s *Server) resubscribe(args resubscribeArgs) (*Subscription, []userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	id, _ := parseGID("WebhookSubscription", string(args.ID))
	old, known := s.state.subscriptions[id]
	if !known {
		return nil, noSubscription(), nil
	}
	sub, in := *old, args.WebhookSubscription
	if in.URI.Set {
		sub.URI = textOf(in.URI)
	}
	if in.Filter.Set {
		sub.Filter = textOf(in.Filter)
	}
	if in.Name.Set {
		sub.Name = textOf(in.Name)
	}
	if in.IncludeFields != nil {
		sub.IncludeFields = slices.Clone(*in.IncludeFields)
	}
	if sub.URI == "" {
		return nil, []userError{refusal("", "Address can't be blank", "webhookSubscription", "callbackUrl")}, nil
	}
	for _, other := range s.state.subscriptions {
		if other.ID != sub.ID && other.Topic == sub.Topic && other.URI == sub.URI && other.Filter == sub.Filter {
			return nil, []userError{refusal("", "Address for this topic has already been taken", "webhookSubscription",
				"callbackUrl")}, nil
		}
	}
	return &sub, nil, s.commit("", record{Subscription: &sub})
}

func (s *Server) unsubscribe(gid string) ([]userError, error) {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	id, _ := parseGID("WebhookSubscription", gid)
	if _, known := s.state.subscriptions[id]; !known {
		return noSubscription(), nil
	}
	return nil, s.commit("", record{Unsubscribed: id})
}
