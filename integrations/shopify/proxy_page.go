package shopify

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"pointbridge/domain"
)

// ProxiedPage checks the signed query of a page that is only looked at. Whatever chats, mails, advertisements and theme
// previews put behind its address passes, since no list of their names can be whole, and nothing is done with it.
//
// What Proxied says about several readings of one signed text holds here as well, and is kept out at the text itself:
// each of the names that Shopify adds stands in it exactly once with its equals sign, wherever parameters are cut. In
// every reading that has all of them, each therefore begins at the same place; a customer's number can neither lose a
// digit nor gain one, because what is sorted behind it cannot begin with a digit, and neither can what follows a
// timestamp. Errors: unauthenticated.
func (v *Voucher) ProxiedPage(query string) (domain.ProxyRequest, error) {
	if len(query) > maxQuery {
		return domain.ProxyRequest{}, unproved("the query is too long")
	}
	parsed, err := url.ParseQuery(query)
	if err != nil {
		return domain.ProxyRequest{}, unproved("the query cannot be read")
	}
	values := make(map[string]string, len(parsed))
	for name, list := range parsed {
		values[name] = strings.Join(list, ",")
	}
	texts := canonicalTexts(values)
	for _, name := range added {
		if len(parsed[name]) != 1 {
			return domain.ProxyRequest{}, unproved("the query lacks, or repeats, what Shopify adds")
		}
		if name != paramSignature && strings.Count(texts[0], name+"=") != 1 {
			return domain.ProxyRequest{}, unproved("the query could be read in two ways")
		}
	}
	if !v.signedOne(texts, values[paramSignature]) {
		return domain.ProxyRequest{}, unproved("the signature of the query is wrong")
	}
	for _, name := range asked {
		if len(parsed[name]) > 1 { // said twice is not said
			delete(values, name)
		}
	}
	return v.vouched(values)
}

// canonicalTexts are the texts that a signature can cover: parameters sorted as pairs, as Shopify's page on app proxies
// and its Ruby and Go libraries do, or by their names alone. They differ where one name begins another. Both go by
// bytes: Shopify's JavaScript library goes by a language's alphabet and refuses names in capitals.
func canonicalTexts(values map[string]string) [2]string {
	type pair struct{ name, text string }
	pairs := make([]pair, 0, len(values))
	for name, value := range values {
		if name != paramSignature {
			pairs = append(pairs, pair{name, name + "=" + value})
		}
	}
	join := func() string {
		var text strings.Builder
		for _, p := range pairs {
			text.WriteString(p.text)
		}
		return text.String()
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.text, b.text) })
	byPair := join()
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.name, b.name) })
	return [2]string{byPair, join()}
}

// signedOne compares in constant time, with every secret that counts.
func (v *Voucher) signedOne(texts [2]string, signature string) bool {
	good := 0
	for _, secret := range v.secrets {
		for _, text := range texts {
			mac := hmac.New(sha256.New, secret)
			mac.Write([]byte(text))
			good |= subtle.ConstantTimeCompare([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(signature))
		}
	}
	return good == 1
}
