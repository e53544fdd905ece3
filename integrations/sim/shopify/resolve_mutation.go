package shopify

import (
	"context"

	graphql "github.com/graph-gophers/graphql-go"
)

// mutations are the root fields that write.
type mutations struct{ s *Server }

// payload serves the payload of every mutation: each has some of the fields, and all have the user errors.
type payload struct {
	CodeDiscountNode      *discountNode
	DeletedCodeDiscountID *graphql.ID
	Metafields            *[]*metafieldNode
	CreatedDefinition     *definitionNode
	UpdatedDefinition     *definitionNode
	WebhookSubscription   *subscriptionNode
	OrderRiskAssessment   *assessmentNode
	FulfillmentHold       *holdNode
	FulfillmentOrder      *fulfilmentNode
	AutomaticAppDiscount  *automaticNode
	UserErrors            []userError

	DeletedWebhookSubscriptionID *graphql.ID
	DeletedAutomaticDiscountID   *graphql.ID
	DeletedDefinitionID          *graphql.ID
}

type refusalKey struct{}

// run does the act, unless a test ordered a refusal for this request. It keeps what an act returns beside an error out
// of the answer.
func (m mutations) run(ctx context.Context, act func(*payload) error) (*payload, error) {
	if refused, ok := ctx.Value(refusalKey{}).([]userError); ok {
		return &payload{UserErrors: refused}, nil
	}
	var p payload
	if err := act(&p); err != nil {
		return nil, err
	}
	return &p, nil
}

func (m mutations) discount(ctx context.Context, act func() (*Discount, []userError, error)) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		d, refused, err := act()
		m.s.state.mu.RLock()
		defer m.s.state.mu.RUnlock()
		p.CodeDiscountNode, p.UserErrors = m.s.discountNode(d), refused
		return err
	})
}

// DiscountCodeBasicCreate makes a code.
func (m mutations) DiscountCodeBasicCreate(ctx context.Context,
	args struct{ BasicCodeDiscount discountInput }) (*payload, error) {
	return m.discount(ctx, func() (*Discount, []userError, error) { return m.s.createDiscount(args.BasicCodeDiscount) })
}

type basicUpdateArgs struct {
	ID                graphql.ID
	BasicCodeDiscount discountInput
}

// DiscountCodeBasicUpdate changes what the input names.
func (m mutations) DiscountCodeBasicUpdate(ctx context.Context, args basicUpdateArgs) (*payload, error) {
	return m.discount(ctx, func() (*Discount, []userError, error) {
		return m.s.updateDiscount(string(args.ID), args.BasicCodeDiscount)
	})
}

type idArgs struct{ ID graphql.ID }

// DiscountCodeActivate makes a code usable from now on, without an end.
func (m mutations) DiscountCodeActivate(ctx context.Context, args idArgs) (*payload, error) {
	return m.discount(ctx, func() (*Discount, []userError, error) { return m.s.activateDiscount(string(args.ID)) })
}

// DiscountCodeDeactivate ends a code now.
func (m mutations) DiscountCodeDeactivate(ctx context.Context, args idArgs) (*payload, error) {
	return m.discount(ctx, func() (*Discount, []userError, error) { return m.s.deactivateDiscount(string(args.ID)) })
}

// DiscountCodeDelete removes a code for good.
func (m mutations) DiscountCodeDelete(ctx context.Context, args idArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) (err error) {
		if p.UserErrors, err = m.s.deleteDiscount(string(args.ID)); p.UserErrors == nil {
			p.DeletedCodeDiscountID = &args.ID
		}
		return err
	})
}

// MetafieldsSet writes all of the values or none. The list is empty after a refusal, and null when it was too long.
func (m mutations) MetafieldsSet(ctx context.Context, args struct{ Metafields []metafieldInput }) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		written, refused, err := m.s.setMetafields(args.Metafields)
		p.UserErrors = refused
		if written != nil {
			nodes := make([]*metafieldNode, len(written))
			for i, w := range written {
				nodes[i] = newMetafieldNode(w)
			}
			p.Metafields = &nodes
		}
		return err
	})
}

// MetafieldDefinitionCreate registers a definition.
func (m mutations) MetafieldDefinitionCreate(ctx context.Context,
	args struct{ Definition definitionInput }) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		d, refused, err := m.s.createDefinition(args.Definition)
		p.CreatedDefinition, p.UserErrors = newDefinitionNode(d), refused
		return err
	})
}

// MetafieldDefinitionUpdate changes a definition's name and access.
func (m mutations) MetafieldDefinitionUpdate(ctx context.Context,
	args struct{ Definition definitionUpdateInput }) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		d, refused, err := m.s.updateDefinition(args.Definition)
		p.UpdatedDefinition, p.UserErrors = newDefinitionNode(d), refused
		return err
	})
}

// MetafieldDefinitionDelete removes a definition and, where it is asked to, every value.
func (m mutations) MetafieldDefinitionDelete(ctx context.Context, args undefineArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		id, refused, err := m.s.deleteDefinition(args)
		if p.UserErrors = refused; refused == nil {
			p.DeletedDefinitionID = &id
		}
		return err
	})
}

// WebhookSubscriptionCreate registers a subscription.
func (m mutations) WebhookSubscriptionCreate(ctx context.Context, args subscribeArgs) (*payload, error) {
	return m.run(ctx, func(p *payload) error {
		sub, refused, err := m.s.subscribe(args)
		p.WebhookSubscription, p.UserErrors = newSubscriptionNode(sub), refused
		return err
	})
}
