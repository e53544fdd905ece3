package shopify

import (
	"context"
	"errors"

	"pointbridge/domain"
)

const jsonType = "json"

// WriteCoupons replaces the customer's metafield if its digest is still the given one ("": there must be none yet) and
// gives the new digest. Errors: KindRefused with ReasonStale when somebody else wrote, with ReasonCustomerNotFound when
// the customer is gone; else as CreateDiscount. Shopify lets a wrong digest pass when the value stays the same.
func (c *Client) WriteCoupons(ctx context.Context, customer string, entries []byte, digest string) (newDigest string,
	err error) {
	act := c.act("write_coupons", "metafieldsSet")
	return act.setMetafield(ctx, MetafieldsSetInput{
		OwnerId: customer, Namespace: &c.namespace, Key: c.key, Value: string(entries), CompareDigest: optional(digest),
	})
}

func (c *call) setMetafield(ctx context.Context, in MetafieldsSetInput) (digest string, err error) {
	in.Type = new(jsonType)
	resp, err := couponsWrite(ctx, c, []MetafieldsSetInput{in})
	if err != nil {
		return "", err
	}
	payload := resp.MetafieldsSet
	if payload == nil {
		return "", c.nonsense("no payload")
	}
	if len(payload.UserErrors) > 0 {
		return "", c.refused(problemsOf(payload.UserErrors))
	}
	if len(payload.Metafields) != 1 || payload.Metafields[0].CompareDigest == "" {
		return "", c.nonsense("no metafield and no error")
	}
	return payload.Metafields[0].CompareDigest, nil
}

// ReadCoupons reads the customer's metafield and its digest; both are empty when there is none. Errors: KindNotFound
// with ReasonCustomerNotFound; else as CreateDiscount.
func (c *Client) ReadCoupons(ctx context.Context, customer string) (entries []byte, digest string, err error) {
	act := c.act("read_coupons", "customer")
	resp, err := couponsRead(ctx, act, customer, c.namespace, c.key)
	if err != nil {
		return nil, "", err
	}
	if resp.Customer == nil {
		return nil, "", act.fail(&domain.UpstreamError{
			Kind: domain.KindNotFound, Reason: domain.ReasonCustomerNotFound, Err: errors.New("no such customer"),
		})
	}
	field := resp.Customer.Metafield
	if field == nil {
		return nil, "", nil
	}
	return []byte(field.Value), field.CompareDigest, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
