package shopify

import (
	"context"

	"pointbridge/domain"
)

// AddTag implements coupons.Tagger. An order takes the scope write_orders, a customer write_customers. A problem that
// Shopify names in its answer can only be the id: the tag's form is checked before the service starts.
func (c *Client) AddTag(ctx context.Context, gid, tag string) error {
	act := c.act("add_tag", "tagsAdd")
	resp, err := tagAdd(ctx, act, gid, []string{tag})
	if err != nil {
		return err
	}
	switch p := resp.TagsAdd; {
	case p == nil:
		return act.nonsense("no payload")
	case len(p.UserErrors) > 0:
		return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound, Reason: "tag"})
	}
	return nil
}
