package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// group is a part of the API as the document shows it: OpenAPI calls it a tag.
type group struct {
	name, what string
	// under are the beginnings of its addresses. The longest that fits counts.
	under []string
}

// groups are in the order in which somebody reads them who begins.
var groups = []group{
	{"Points and conversions", "What the POS, an extension or a colleague does for one customer: points, conversions, their coupons and offers.",
		[]string{customerPath + "/"}},
	{"Storefront", "The same for the customer in the theme, through Shopify's app proxy, which signs each request.", []string{proxyPath + "/"}},
	{"Customers", "Who a member is in the shop: links, numbers, locks.", []string{customerPath, customerPath + "/lock", customerPath + "/renumbering"}},
	{"Coupons", "Every coupon there is, and how staff end one.", []string{"/v1/coupons"}},
	{"Requests and bulk jobs", "Staff who may not cancel ask for it; one thing is done to many coupons.",
		[]string{"/v1/cancel-requests", "/v1/bulk-jobs"}},
	{"Refunds", "The POS undoes a sale in which points became a coupon.", []string{"/v1/refunds"}},
	{"Reviews", "What a person has to decide.", []string{"/v1/reviews"}},
	{"Campaigns", "Families of codes, their rules, and the codes themselves.", []string{"/v1/campaigns", "/v1/campaign-templates", "/v1/discounts"}},
	{"Decisions", "Whether somebody may use a code, and why.", []string{"/v1/decisions"}},
	{"Reports", "Sums by day, as JSON or as a table.", []string{"/v1/reports"}},
	{"Audit", "Who did what.", []string{"/v1/audit"}},
	{"Events", "Which systems are told what happens.", []string{"/v1/event-endpoints"}},
	{"Sign-in", "One's own sign-in, second factor and tokens.", []string{"/v1/session"}},
	{"Staff and keys", "People, their roles, and the keys of programs.", []string{"/v1/staff", "/v1/keys"}},
}

// customerPath is where everything about one customer is.
const customerPath = "/v1/customers/{id}"

// groupOf is the group of an address. An address without one is a mistake in the program: it stops at the start.
func groupOf(path string) string {
	found, length := "", 0
	for _, g := range groups {
		for _, under := range g.under {
			if strings.HasPrefix(path, under) && len(under) > length {
				found, length = g.name, len(under)
			}
		}
	}
	if found == "" {
		panic("no group for " + path)
	}
	return found
}

// showGroups writes the groups into the document, with what each is about.
func showGroups(document *huma.OpenAPI) {
	for _, g := range groups {
		document.Tags = append(document.Tags, &huma.Tag{Name: g.name, Description: g.what})
	}
}
