package app

import (
	"context"

	"pointbridge/integrations/shopify"
)

// shopperPhones implements coupons.Phones.
type shopperPhones struct {
	shop *shopify.Client
	key  func(string) string
}

func (p shopperPhones) PhoneKey(ctx context.Context, gid string) (string, error) {
	number, err := p.shop.ShopperPhone(ctx, gid)
	if err != nil || number == "" {
		return "", err
	}
	return p.key(number), nil
}
