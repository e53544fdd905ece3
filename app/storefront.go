package app

import (
	"fmt"
	"net/url"
	"strings"

	"pointbridge/domain"
	"pointbridge/domain/members"
	"pointbridge/integrations/shopify"
)

// voucher is who proves customers that come from the storefront.
func (c Config) voucher() (*shopify.Voucher, error) {
	return shopify.NewVoucher(shopify.VoucherConfig{Shop: c.ShopifyShop, ClientID: c.ShopifyClientID,
		Secret: string(c.ShopifyClientSecret), OldSecret: string(c.ShopifyClientSecretOld),
		Now: domain.SystemClock{}.Now})
}

// memberField is where the shop says which member a customer is; nil when it does not.
func (c Config) memberField(shop *shopify.Client) (members.Field, error) {
	if c.MemberKey == "" {
		return nil, nil
	}
	field, err := shop.MemberField(c.MemberNamespace, c.MemberKey)
	if err != nil {
		return nil, fmt.Errorf("MEMBER_NAMESPACE, MEMBER_KEY: %w", err)
	}
	return field, nil
}

// storefrontOrigins are the addresses under which the shop's customers see it.
func (c Config) storefrontOrigins() []string {
	list := append([]string{"https://" + c.ShopifyShop}, c.StorefrontOrigins...)
	if c.StorefrontURL != "" {
		list = append(list, c.StorefrontURL)
	}
	return list
}

// checkStorefront finds settings by which customers could not come, or could come too easily.
func (c Config) checkStorefront(f *faults) {
	if c.ShopifyClientSecretOld != "" && c.ShopifyClientSecret == "" {
		f.add("SHOPIFY_CLIENT_SECRET_OLD is set without SHOPIFY_CLIENT_SECRET")
	}
	for name, secret := range map[string]Secret{"SHOPIFY_CLIENT_SECRET": c.ShopifyClientSecret,
		"SHOPIFY_CLIENT_SECRET_OLD": c.ShopifyClientSecretOld} {
		if secret != "" && len(secret) < shopify.LeastSecret {
			f.add("%s must have at least %d characters", name, shopify.LeastSecret)
		}
	}
	if (c.MemberNamespace == "") != (c.MemberKey == "") {
		f.add("MEMBER_NAMESPACE and MEMBER_KEY must be set together")
	}
	checkMetafield(f, "SHOPIFY_METAFIELD", c.ShopifyNamespace, c.ShopifyKey)
	if c.MemberNamespace != "" && c.MemberKey != "" {
		checkMetafield(f, "MEMBER", c.MemberNamespace, c.MemberKey)
	}
	for _, origin := range c.StorefrontOrigins {
		checkURL(f, "STOREFRONT_ORIGINS", origin)
	}
	for _, origin := range c.ExtensionOrigins {
		if origin != "*" && origin != "null" && !isOrigin(origin) {
			f.add("EXTENSION_ORIGINS must be origins such as https://extensions.shopifycdn.com, * or null")
		}
	}
}

// isOrigin accepts a scheme and a host, as browsers write them, and nothing behind.
func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || loopback(u.Hostname())) &&
		text == strings.ToLower(u.Scheme+"://"+u.Host)
}

func checkMetafield(f *faults, prefix, namespace, key string) {
	if !shopify.NamesMetafield(namespace, key) {
		f.add("%s_NAMESPACE must be $app or 3 to 255, and %s_KEY 2 to 64, letters, digits, - and _", prefix, prefix)
	}
}
