package shopify

import (
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"pointbridge/domain"
)

const (
	// tokenLeeway is how far Shopify's clock and ours may differ.
	tokenLeeway = 10 * time.Second
	// maxToken bounds, in bytes, what is looked at; Shopify's have a few hundred.
	maxToken = 4 << 10
)

// sessionClaims are what Shopify says of an extension's session. Dest is the shop.
type sessionClaims struct {
	jwt.RegisteredClaims
	Dest string `json:"dest"`
}

// SessionCustomer checks the session token of a customer-account or checkout extension and gives the customer's gid; it
// is empty when the token names nobody. One secret signs the tokens of customers and of the shop's staff, so a token
// that is not plainly a customer's is refused. Errors: unauthenticated, with a reason for the log.
func (v *Voucher) SessionCustomer(token string) (customerGID string, err error) {
	if v.clientID == "" || len(v.secrets) == 0 || len(token) > maxToken {
		return "", unproved("no session token is accepted")
	}
	var claims sessionClaims
	parsed, err := jwt.ParseWithClaims(token, &claims, v.keys,
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithAudience(v.clientID),
		jwt.WithLeeway(tokenLeeway), jwt.WithTimeFunc(v.now), jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(),
		jwt.WithIssuedAt(), jwt.WithStrictDecoding())
	if err != nil || !parsed.Valid {
		// The library's own words could repeat what was sent.
		return "", unproved("the session token is wrong or not of now")
	}
	return v.customerOf(claims)
}

func (v *Voucher) keys(*jwt.Token) (any, error) {
	set := jwt.VerificationKeySet{}
	for _, secret := range v.secrets {
		set.Keys = append(set.Keys, secret)
	}
	return set, nil
}

// customerOf tells customers from staff: theirs is a token of the admin, whose subject is a bare number.
func (v *Voucher) customerOf(c sessionClaims) (string, error) {
	number, isCustomer := strings.CutPrefix(c.Subject, domain.ShopCustomerPrefix)
	switch {
	case len(c.Audience) != 1:
		return "", unproved("the session token is for several apps")
	case c.Dest != v.shop:
		return "", unproved("the session token is not an extension's of this shop")
	case strings.HasSuffix(strings.TrimRight(c.Issuer, "/"), "/admin"):
		return "", unproved("the session token is one of the shop's staff")
	case c.Subject == "":
		return "", nil
	case !isCustomer || !customerNumber.MatchString(number):
		return "", unproved("the session token is not a customer's")
	}
	return c.Subject, nil
}
