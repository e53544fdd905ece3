package shopify

import (
	"cmp"
	"net"
	"net/http"
	"strings"
)

// mostOfAField bounds one field of the address form, in characters.
const mostOfAField = 255

// deviceAttribute is where a storefront of Pointbridge's leaves the id of the buyer's device.
const deviceAttribute = "_pointbridge_device"

// buyerOf reads what the buyer typed beside paying: all of it may be left out. The address in the network is the
// browser's own unless another one was typed, which is there to try things out.
func buyerOf(r *http.Request) Buyer {
	field := func(name string) string {
		text := strings.TrimSpace(r.PostForm.Get(name))
		if len([]rune(text)) > mostOfAField {
			return ""
		}
		return text
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	b := Buyer{Email: field("email"), Phone: field("phone"), ClientIP: cmp.Or(field("ip"), host)}
	a := Address{Name: field("name"), Company: field("company"), Address1: field("address1"),
		Address2: field("address2"), City: field("city"), Province: field("province"), Zip: field("zip")}
	if a != (Address{}) {
		a.Country, a.Phone = cmp.Or(field("country"), "JP"), b.Phone
		b.Shipping = &a
	}
	if device := field("device"); device != "" {
		b.Attributes = []Attribute{{deviceAttribute, device}}
	}
	return b
}
