package shopify

import "context"

// CustomerExists reports whether the store has a customer. Errors as CreateDiscount.
func (c *Client) CustomerExists(ctx context.Context, gid string) (bool, error) {
	resp, err := customerExists(ctx, c.act("read_customer", "customer"), gid)
	return err == nil && resp.Customer != nil, err
}
