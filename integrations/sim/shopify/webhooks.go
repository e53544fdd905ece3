package shopify

import (
	"slices"
	"sort"

	graphql "github.com/graph-gophers/graphql-go"
)

// Subscription is a webhook subscription made through the API. Filters are kept and not applied.
type Subscription struct {
	ID            int64    `json:"id"`
	Topic         string   `json:"topic"`
	URI           string   `json:"uri"`
	Filter        string   `json:"filter,omitempty"`
	IncludeFields []string `json:"include_fields,omitempty"`
	Name          string   `json:"name,omitempty"`
}

// Subscriptions are all webhook subscriptions in the order in which they were made.
func (s *Server) Subscriptions() []Subscription {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	all := make([]Subscription, 0, len(s.state.subscriptions))
	for _, sub := range s.state.subscriptions {
		all = append(all, *sub)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

type subscriptionInput struct {
	URI           graphql.NullString
	Filter        graphql.NullString
	IncludeFields *[]string
	Name          graphql.NullString
}

type subscribeArgs struct {
	Topic               enum
	WebhookSubscription subscriptionInput
}

// subscribe registers a subscription; a second one for the same topic, address and filter is refused.
func (s *Server) subscribe(args subscribeArgs) (*Subscription, []userError, error) {
	in := args.WebhookSubscription
	sub := Subscription{Topic: string(args.Topic), URI: textOf(in.URI), Filter: textOf(in.Filter),
		Name: textOf(in.Name)}
	if in.IncludeFields != nil {
		sub.IncludeFields = slices.Clone(*in.IncludeFields)
	}
	if sub.URI == "" {
		return nil, []userError{refusal("", "Address can't be blank", "webhookSubscription", "callbackUrl")}, nil
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	for _, other := range s.state.subscriptions {
		if other.Topic == sub.Topic && other.URI == sub.URI && other.Filter == sub.Filter {
			return nil, []userError{refusal("", "Address for this topic has already been taken",
				"webhookSubscription", "callbackUrl")}, nil
		}
	}
	sub.ID = s.state.nextID()
	return &sub, nil, s.commit("", record{Subscription: &sub})
}
