package shopify

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

const (
	// proxyAge is how far the moment of signing may be from now, either way.
	proxyAge = 90 * time.Second
	// maxQuery bounds, in bytes, what is looked at.
	maxQuery = 4 << 10

	paramSignature = "signature"
	paramShop      = "shop"
	paramCustomer  = "logged_in_customer_id"
	paramPrefix    = "path_prefix"
	paramTime      = "timestamp"
	paramLocale    = "locale"
)

var (
	// added is what Shopify puts into every query; asked is what a visitor may ask of our addresses.
	added = []string{paramSignature, paramShop, paramCustomer, paramPrefix, paramTime}
	asked = []string{"cursor", "limit", paramLocale, "points", "status"}

	pathPrefix = regexp.MustCompile(`^(/[A-Za-z0-9_-]{1,60}){1,3}$`)
	wholeTime  = regexp.MustCompile(`^[0-9]{1,12}$`)
)

// Proxied checks the signed query of a request that Shopify's app proxy forwarded, and gives what it vouches for. The
// customer is empty when nobody is signed in. Errors: unauthenticated, with a reason for the log.
//
// The signature covers the pairs sorted and joined without anything between them, so one signed text can be read as
// several queries: the value of a visitor's own parameter may be written so that a customer's id seems to follow it. A
// query is therefore accepted only where its text has one reading: known names, each once, none of them the end of
// another, and no value with an equals sign.
func (v *Voucher) Proxied(query string) (domain.ProxyRequest, error) {
	values, err := readSigned(query)
	if err != nil {
		return domain.ProxyRequest{}, err
	}
	if !v.signedOne(canonicalTexts(values), values[paramSignature]) {
		return domain.ProxyRequest{}, unproved("the signature of the query is wrong")
	}
	return v.vouched(values)
}

// vouched returns what a query vouches for whose signature is right.
func (v *Voucher) vouched(values map[string]string) (domain.ProxyRequest, error) {
	if values[paramShop] != v.shop {
		return domain.ProxyRequest{}, unproved("the query is for another shop")
	}
	if !v.fresh(values[paramTime]) {
		return domain.ProxyRequest{}, unproved("the query was not signed just now")
	}
	if !pathPrefix.MatchString(values[paramPrefix]) {
		return domain.ProxyRequest{}, unproved("the path of the proxy makes no sense")
	}
	request := domain.ProxyRequest{PathPrefix: values[paramPrefix], Locale: values[paramLocale],
		Query: ownQuery(values), Proof: proofOf(values[paramSignature])}
	if number := values[paramCustomer]; number != "" {
		if !customerNumber.MatchString(number) {
			return domain.ProxyRequest{}, unproved("the customer's number is none")
		}
		request.CustomerGID = domain.ShopCustomerPrefix + number
	}
	return request, nil
}

// readSigned reads a query that has what Shopify adds, and nothing else but what a visitor may ask, each once.
func readSigned(query string) (map[string]string, error) {
	if len(query) > maxQuery {
		return nil, unproved("the query is too long")
	}
	parsed, err := url.ParseQuery(query)
	if err != nil {
		return nil, unproved("the query cannot be read")
	}
	values := make(map[string]string, len(parsed))
	for name, list := range parsed {
		switch {
		case !slices.Contains(added, name) && !slices.Contains(asked, name):
			return nil, unproved("the query has an unknown parameter")
		case len(list) != 1:
			return nil, unproved("the query has a repeated parameter")
		case strings.Contains(list[0], "="):
			return nil, unproved("the query has a value that could be read in two ways")
		}
		values[name] = list[0]
	}
	for _, name := range added {
		if _, there := values[name]; !there {
			return nil, unproved("the query lacks what Shopify adds")
		}
	}
	return values, nil
}

func (v *Voucher) fresh(text string) bool {
	if !wholeTime.MatchString(text) {
		return false
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return false
	}
	return v.now().Sub(time.Unix(seconds, 0)).Abs() <= proxyAge
}

// proofOf names a signature by its digest: whoever reads what is kept can sign nothing with it.
func proofOf(signature string) string {
	sum := sha256.Sum256([]byte(signature))
	return hex.EncodeToString(sum[:])
}

// ownQuery is what the visitor asked, for the handlers: nothing that is signed goes any further.
func ownQuery(values map[string]string) string {
	own := url.Values{}
	for name, value := range values {
		if slices.Contains(asked, name) && name != paramLocale {
			own.Set(name, value)
		}
	}
	return own.Encode()
}
