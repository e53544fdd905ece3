package app

import (
	"fmt"
	"reflect"
	"strings"
)

type variable struct {
	Field, Name, preset, Doc string
	Needed                   bool
}

// Variables lists the environment variables in the order of the struct.
func Variables() []variable {
	t := reflect.TypeFor[Config]()
	list := make([]variable, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		list = append(list, variable{f.Name, f.Tag.Get("env"), f.Tag.Get("envDefault"), f.Tag.Get("doc"),
			f.Tag.Get("needed") != ""})
	}
	return list
}

// parts are the headings of .env.example, each before the setting with which it begins.
var parts = map[string]string{
	"DB_MAX_CONNS":        "The service: database, addresses, keys",
	"IDENTITY_KEY":        "Who used a code before, and the checkout",
	"DATABASE_POOL":       "A pooler before the database",
	"SHOP_CONTACT":        "The shop",
	"SHOPIFY_API_URL":     "Shopify and the storefront",
	"POS_KIND":            "The POS",
	"SMTP_PORT":           "Mail. To look at mails in Mailpit instead: SMTP_HOST=mailpit, SMTP_PORT=1025, SMTP_TLS=opportunistic",
	"POINT_RATE":          "What points are worth, and what coupons are",
	"CANCEL_GRACE":        "Cancellations, and what people decide",
	"CONVERT_WAIT":        "Times and limits",
	"WEBHOOKS_PER_MINUTE": "Webhooks and events",
	"TRUSTED_PROXIES":     "People and their sign-in",
	"OIDC_ISSUER":         "Sign-in with an identity provider",
}

// EnvExample is the text of .env.example. What is needed comes first and waits for a value; everything else is commented
// out, with its default where it has one, so that no empty line stands in the way of one.
func EnvExample() string {
	var needed, optional strings.Builder
	for _, v := range Variables() {
		if v.Needed {
			fmt.Fprintf(&needed, "\n# %s\n%s=\n", v.Doc, v.Name)
			continue
		}
		if heading := parts[v.Name]; heading != "" {
			fmt.Fprintf(&optional, "\n\n## %s\n", heading)
		}
		fmt.Fprintf(&optional, "\n# %s\n#%s=%s\n", v.Doc, v.Name, v.preset)
	}
	return "# Every setting of Pointbridge. Lines that are commented out are optional, and show the default.\n" +
		"# A value with a space or another sign that a shell reads stands in single quotes: SHOP_NAME='My Shop'\n" +
		"\n\n## Needed. A POS of another kind than generic needs others than POS_URL and POS_TOKEN; a fixed\n" +
		"## SHOPIFY_ACCESS_TOKEN can stand for the client id and secret.\n" + needed.String() + optional.String()
}
