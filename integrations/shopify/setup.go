package shopify

import (
	"context"
	"errors"

	"pointbridge/domain"
)

// definitionName is what a merchant reads in the store's settings.
const definitionName = "Loyalty coupons"

// Setup makes the definition of the customer's metafield, or puts its access right: the customer may read it and never
// write it, and the storefront does not see it. It may be repeated. Errors: KindRefused with reason "definition_type"
// when there is one of another type; else as CreateDiscount.
func (c *Client) Setup(ctx context.Context) error {
	act := c.act("setup", "metafieldDefinitions")
	found, err := act.definition(ctx)
	switch {
	case err != nil:
		return err
	case found == nil:
		return act.define(ctx)
	case found.Type.Name != jsonType:
		return act.fail(&domain.UpstreamError{
			Kind: domain.KindRefused, Reason: "definition_type",
			Err: errors.New("the metafield is defined with another type than json"),
		})
	case accessRight(found):
		return nil
	}
	return act.redefine(ctx)
}

// SetupMissing says, in sentences, what Setup has not done yet; nothing when the store is ready.
func (c *Client) SetupMissing(ctx context.Context) ([]string, error) {
	act := c.act("check_setup", "metafieldDefinitions")
	found, err := act.definition(ctx)
	if err != nil {
		return nil, err
	}
	name := c.namespace + "." + c.key
	switch {
	case found == nil:
		return []string{"the customer metafield " + name + " is not defined"}, nil
	case found.Type.Name != jsonType:
		return []string{"the customer metafield " + name + " is not of type json"}, nil
	case !accessRight(found):
		return []string{"the customer metafield " + name +
			" must be READ for the customer and hidden from the storefront"}, nil
	}
	return nil, nil
}

func (c *call) definition(ctx context.Context) (*definition, error) {
	resp, err := couponsDefinition(ctx, c, c.namespace, c.key)
	if err != nil {
		return nil, err
	}
	if nodes := resp.MetafieldDefinitions.Nodes; len(nodes) > 0 {
		return &nodes[0], nil
	}
	return nil, nil
}

func accessRight(d *definition) bool {
	hidden := d.Access.Storefront == nil || *d.Access.Storefront == MetafieldStorefrontAccessNone
	return d.Access.CustomerAccount == MetafieldCustomerAccountAccessRead && hidden
}

func (c *call) define(ctx context.Context) error {
	c.roots = []string{"metafieldDefinitionCreate"}
	resp, err := couponsDefine(ctx, c, MetafieldDefinitionInput{
		Name: definitionName, Namespace: &c.namespace, Key: c.key, OwnerType: MetafieldOwnerTypeCustomer,
		Type: jsonType,
		Access: &MetafieldAccessInput{
			CustomerAccount: new(MetafieldCustomerAccountAccessInputRead),
			Storefront:      new(MetafieldStorefrontAccessInputNone),
		},
	})
	if err != nil {
		return err
	}
	payload := resp.MetafieldDefinitionCreate
	if payload == nil {
		return c.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	if len(problems) == 1 && codeOf(problems[0]) == "TAKEN" { // another replica was first
		return nil
	}
	return c.defined(payload.CreatedDefinition != nil, problems)
}

func (c *call) redefine(ctx context.Context) error {
	c.roots = []string{"metafieldDefinitionUpdate"}
	resp, err := couponsRedefine(ctx, c, MetafieldDefinitionUpdateInput{
		Namespace: &c.namespace, Key: c.key, OwnerType: MetafieldOwnerTypeCustomer,
		Access: &MetafieldAccessUpdateInput{
			CustomerAccount: new(MetafieldCustomerAccountAccessInputRead),
			Storefront:      new(MetafieldStorefrontAccessInputNone),
		},
	})
	if err != nil {
		return err
	}
	payload := resp.MetafieldDefinitionUpdate
	if payload == nil {
		return c.nonsense("no payload")
	}
	return c.defined(payload.UpdatedDefinition != nil, problemsOf(payload.UserErrors))
}

func (c *call) defined(done bool, problems []userError) error {
	if len(problems) > 0 {
		return c.refused(problems)
	}
	if !done {
		return c.nonsense("no definition and no error")
	}
	return nil
}
