package domain

import "strings"

// ShopCustomerPrefix is what a Shopify customer's gid begins with; the rest is digits.
const ShopCustomerPrefix = "gid://shopify/Customer/"

// ErasedCustomer stands in place of a customer's gid where the customer has been forgotten. It is nobody's gid.
const ErasedCustomer = "erased"

const (
	// shopCaller is the id of a caller whom Shopify vouches for as long as the member they are is not known. The shop's
	// number of them is no part of it: an id stands in the audit, which is never changed.
	shopCaller = "shopify"
	// memberCallers begin the id of one whose member is known.
	memberCallers = "member:"
)

// ProxyRequest is what Shopify vouches for about a request that came through the shop's storefront.
type ProxyRequest struct {
	// CustomerGID is who is signed in at the shop; empty when nobody is.
	CustomerGID string
	// PathPrefix is where the storefront has us, e.g. /apps/pointbridge.
	PathPrefix string
	// Locale is the language that the storefront asks for; it may be empty.
	Locale string
	// Query holds the visitor's own parameters, encoded, without what Shopify added.
	Query string
	// Proof is the digest of the signature, by which one that was used is known again without being kept.
	Proof string
}

// Shopper is the caller that a Shopify customer is before it is known which member they are. channel says which way
// they came, for the audit's readers.
func Shopper(channel string) Caller {
	return Caller{ID: shopCaller, Name: channel, Role: RoleCustomer, Credential: channel}
}

// As is the caller once it is known which member they are. Whichever way they come they have one id, so that a request
// repeated another way is still the same request.
func (c Caller) As(memberID string) Caller {
	c.ID, c.CustomerID = memberCallers+memberID, memberID
	return c
}

// ByShop reports whether it is Shopify that vouches, or vouched, for whoever has this id.
func ByShop(callerID string) bool {
	return callerID == shopCaller || strings.HasPrefix(callerID, memberCallers) ||
		strings.HasPrefix(callerID, shopCaller+":") // in older lines of the audit
}

// Label is the caller's id as a log may have it: which member they are is personal, so only the kind is left.
func (c Caller) Label() string {
	if ByShop(c.ID) {
		return shopCaller
	}
	return c.ID
}
