package domain

import "strings"

// ShopCustomerPrefix is what a Shopify customer's gid begins with; the rest is digits.
const ShopCustomerPrefix = "gid://shopify/Customer/"

// shopCallers begin the caller's id of customers whom Shopify vouches for.
const shopCallers = "shopify:"

// Visit is what Shopify vouches for about a request that came through the shop's storefront.
type Visit struct {
	// CustomerGID is who is signed in at the shop; empty when nobody is.
	CustomerGID string
	// PathPrefix is where the storefront has us, e.g. /apps/pointbridge.
	PathPrefix string
	// Locale is the language that the storefront asks for; it may be empty.
	Locale string
	// Query holds the visitor's own parameters, encoded, without what Shopify added.
	Query string
}

// Shopper is the caller that a Shopify customer is, whichever way they come, so that a request repeated another way is
// still the same request. channel says the way for the record's readers. The member they are is not known yet.
func Shopper(gid, channel string) Caller {
	return Caller{ID: shopCallers + strings.TrimPrefix(gid, ShopCustomerPrefix), Name: channel, Role: RoleCustomer, Credential: channel}
}

// Label is the caller's id as a log may have it: a shop customer's number is personal, so only the kind is left.
func (c Caller) Label() string {
	if strings.HasPrefix(c.ID, shopCallers) {
		return strings.TrimSuffix(shopCallers, ":")
	}
	return c.ID
}
