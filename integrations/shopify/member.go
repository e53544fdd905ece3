package shopify

import (
	"context"
	"errors"
	"strings"

	"pointbridge/domain"
)

// MemberField reads the customer metafield in which the shop keeps a customer's member id. Whoever can write that field
// decides whose points are spent, so it is believed only as long as customers themselves cannot.
type MemberField struct {
	client         *Client
	namespace, key string
}

// MemberField returns the field of this name. It fails on a name that Shopify would not take.
func (c *Client) MemberField(space, name string) (*MemberField, error) {
	if !NamesMetafield(space, name) {
		return nil, errors.New("shopify: the member's metafield needs a namespace of $app or 3 to 255 letters, digits, _ or -, and a key of 2 to 64")
	}
	return &MemberField{client: c, namespace: space, key: name}, nil
}

// MemberID reads the member's id; "" when the customer has none. Errors: KindNotFound with ReasonCustomerNotFound;
// KindRefused with reason "member_field_writable" when customers may write the field; else as CreateDiscount.
func (f *MemberField) MemberID(ctx context.Context, customer string) (string, error) {
	act := f.client.act("read_member", "customer")
	resp, err := couponsRead(ctx, act, customer, f.namespace, f.key)
	if err != nil {
		return "", err
	}
	if resp.Customer == nil {
		return "", act.fail(&domain.UpstreamError{
			Kind: domain.KindNotFound, Reason: domain.ReasonCustomerNotFound, Err: errors.New("no such customer"),
		})
	}
	if resp.Customer.Metafield == nil {
		return "", nil
	}
	return strings.TrimSpace(resp.Customer.Metafield.Value), f.guarded(ctx)
}

// guarded makes sure that customers cannot write the field. Without a definition they cannot: it takes one to let them.
func (f *MemberField) guarded(ctx context.Context) error {
	act := f.client.act("check_member_field", "metafieldDefinitions")
	resp, err := couponsDefinition(ctx, act, f.namespace, f.key)
	if err != nil {
		return err
	}
	for _, d := range resp.MetafieldDefinitions.Nodes {
		switch d.Access.CustomerAccount {
		case MetafieldCustomerAccountAccessNone, MetafieldCustomerAccountAccessRead:
		default:
			return act.fail(&domain.UpstreamError{
				Kind: domain.KindRefused, Reason: "member_field_writable",
				Err: errors.New("customers may write the member's metafield"),
			})
		}
	}
	return nil
}
