package shopify

import (
	"context"
	"errors"
	"strconv"

	"pointbridge/domain"
	"pointbridge/domain/metafields"
)

const jsonType = "json"

// WriteCoupons replaces customers' metafields, all or none, where their digests are still the given ones ("": there must
// be none yet), and gives the new digests. Where it is refused because of some, refused has their places and reasons:
// ReasonStale when somebody else wrote, ReasonCustomerNotFound when the customer is gone. Errors: as CreateDiscount.
// Shopify lets a wrong digest pass when the value stays the same, and takes 25 at most.
func (c *Client) WriteCoupons(ctx context.Context, entries []metafields.Entry) (digests []string, refused map[int]string,
	err error) {
	list := make([]MetafieldsSetInput, 0, len(entries))
	for _, e := range entries {
		list = append(list, MetafieldsSetInput{OwnerId: e.CustomerGID, Namespace: &c.namespace, Key: c.key,
			Value: string(e.Value), CompareDigest: optional(e.Digest)})
	}
	act := c.act("write_coupons", "metafieldsSet")
	digests, problems, err := act.setMetafields(ctx, list)
	if err != nil || len(problems) == 0 {
		return digests, nil, err
	}
	if refused = placed(problems, len(entries)); refused == nil {
		err = act.refused(problems)
	}
	return nil, refused, err
}

// placed gives the inputs that Shopify refuses, with its reasons; nil unless each of the problems names one. Only the
// path of a field has the place: elementIndex is empty.
func placed(problems []userError, inputs int) map[int]string {
	refused := map[int]string{}
	for _, p := range problems {
		field := p.GetField()
		if len(field) < 2 || codeOf(p) == internalError {
			return nil
		}
		place, err := strconv.Atoi(field[1])
		if err != nil || place < 0 || place >= inputs {
			return nil
		}
		refused[place] = word(codeOf(p), field)
	}
	return refused
}

// setMetafield writes one.
func (c *call) setMetafield(ctx context.Context, in MetafieldsSetInput) (digest string, err error) {
	digests, problems, err := c.setMetafields(ctx, []MetafieldsSetInput{in})
	if err == nil {
		err = c.refused(problems)
	}
	if err != nil {
		return "", err
	}
	return digests[0], nil
}

// setMetafields writes all or none: it gives a digest for each, or why not.
func (c *call) setMetafields(ctx context.Context, list []MetafieldsSetInput) (digests []string, problems []userError,
	err error) {
	for i := range list {
		list[i].Type = new(jsonType)
	}
	resp, err := couponsWrite(ctx, c, list)
	if err != nil {
		return nil, nil, err
	}
	payload := resp.MetafieldsSet
	if payload == nil {
		return nil, nil, c.nonsense("no payload")
	}
	if len(payload.UserErrors) > 0 {
		return nil, problemsOf(payload.UserErrors), nil
	}
	for _, m := range payload.Metafields {
		if m.CompareDigest != "" {
			digests = append(digests, m.CompareDigest)
		}
	}
	if len(digests) != len(list) {
		return nil, nil, c.nonsense("no metafield and no error")
	}
	return digests, nil, nil
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
