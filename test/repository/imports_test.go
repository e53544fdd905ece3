package repository

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// owners says which folders alone may import a library.
var owners = map[string]string{
	"gorm.io/":                                 "integrations/store",
	"github.com/riverqueue/":                   "integrations/jobs",
	"github.com/wneessen/go-mail":              "integrations/mail",
	"github.com/gin-gonic/":                    "api",
	"github.com/danielgtaylor/huma":            "api",
	"github.com/casbin/":                       "policies",
	"riverqueue.com/riverui":                   "integrations/jobs",
	"github.com/pressly/goose":                 "migrations",
	"github.com/prometheus/":                   "integrations/metrics",
	"github.com/graph-gophers/graphql-go":      "integrations/sim/shopify",
	"github.com/tetratelabs/wazero":            "integrations/sim/functions",
	"github.com/Khan/genqlient":                "integrations/shopify",
	"github.com/golang-jwt/":                   "integrations/shopify",
	"github.com/coreos/go-oidc/":               "integrations/oidc",
	"golang.org/x/oauth2":                      "integrations/oidc",
	"github.com/nyaruka/phonenumbers":          "integrations/phones",
	"golang.org/x/net/idna":                    "integrations/idn",
	"golang.org/x/time":                        "integrations/pos/smaregi",
	"github.com/emersion/go-smtp":              "integrations/sim/mailbox",
	"golang.org/x/crypto/":                     "integrations/passwords",
	"github.com/alexedwards/argon2id":          "integrations/passwords",
	"github.com/pquerna/otp":                   "integrations/totp",
	"github.com/boombuler/barcode":             "integrations/totp",
	"github.com/go-webauthn/webauthn":          "integrations/passkeys",
	"github.com/trustelem/zxcvbn":              "integrations/strength",
	"github.com/nicksnyder/go-i18n/":           "templates",
	"github.com/xuri/excelize/":                "api/sheet",
	"github.com/caarlos0/env":                  "app",
	"github.com/standard-webhooks/":            "integrations/hooks",
	"code.dny.dev/ssrf":                        "integrations/hooks",
	"github.com/oapi-codegen/":                 "integrations/pos/square/wire",
	"github.com/spf13/cobra":                   "commands demo tools/bench",
	"github.com/spf13/pflag":                   "commands",
	"github.com/schollz/progressbar/":          "commands",
	"golang.org/x/term":                        "commands",
	"github.com/getkin/kin-openapi/":           "test",
	"pointbridge/integrations/store/storetest": "test",
}

// may says which of our own packages a folder may import; "integrations/..." is everything below it. What is not listed
// may import nothing of ours.
var may = map[string][]string{
	"domain":         {},
	"domain/audit":   {"domain"},
	"domain/coupons": {"domain", "domain/campaigns", "domain/orders", "domain/reviews", "domain/turns"},
	"domain/coupons/couponstest": {"domain", "domain/campaigns", "domain/coupons", "domain/members", "domain/metafields",
		"domain/notices", "domain/orders", "domain/reviews"},
	"domain/orders":          {"domain", "domain/reviews"},
	"domain/reviews":         {"domain"},
	"domain/bulk":            {"domain", "domain/coupons", "domain/notices", "domain/notifications"},
	"domain/notifications":   {"domain"},
	"domain/requests":        {"domain", "domain/coupons", "domain/notifications"},
	"domain/beside":          {},
	"domain/cursor":          {},
	"domain/books":           {"domain", "domain/beside", "domain/campaigns", "domain/campaigns/codes", "domain/coupons", "domain/metafields", "domain/orders", "domain/reviews"},
	"domain/campaigns":       {"domain", "domain/decisions"},
	"domain/campaigns/codes": {"domain", "domain/beside", "domain/campaigns", "domain/decisions"},
	"domain/decisions":       {"domain", "domain/identity"},
	"domain/identity":        {"domain"},
	"domain/guard":           {"domain", "domain/campaigns", "domain/decisions", "domain/identity", "domain/metafields"},
	"domain/identity/scan":   {"domain", "domain/decisions", "domain/identity", "domain/spreadsheet"},
	"domain/identity/learn":  {"domain", "domain/campaigns", "domain/decisions", "domain/identity"},
	"domain/listing":         {"domain"},
	"domain/notices":         {"domain", "domain/coupons"},
	"domain/members":         {"domain", "domain/coupons", "domain/identity", "domain/turns"},
	"domain/metafields":      {"domain", "domain/beside"},
	"domain/poscheck":        {"domain", "domain/coupons"},
	"domain/privacy":         {"domain"},
	"domain/spreadsheet":     {},
	"domain/turns":           {},
	"domain/webhooks":        {"domain", "domain/coupons"},
	"integrations/store": {"domain", "domain/audit", "domain/books", "domain/bulk", "domain/campaigns", "domain/campaigns/codes",
		"domain/coupons",
		"domain/decisions", "domain/events", "domain/guard", "domain/identity", "domain/identity/learn", "domain/listing", "domain/members",
		"domain/metafields", "domain/notices", "domain/notifications",
		"domain/privacy", "domain/reports", "domain/requests", "domain/reviews", "domain/sales", "domain/staff",
		"domain/webhooks", "integrations/private", "migrations"},
	"domain/reports":                       {"domain"},
	"domain/openings":                      {},
	"domain/sales":                         {"domain"},
	"domain/setup":                         {"domain"},
	"domain/doctor":                        {"domain"},
	"domain/vault":                         {},
	"domain/events":                        {"domain", "domain/vault"},
	"integrations/hooks":                   {"domain", "domain/events", "integrations/upstream"},
	"domain/staff":                         {"domain", "domain/vault"},
	"domain/staff/stafftest":               {"domain", "domain/staff"},
	"integrations/passwords":               {},
	"integrations/store/storetest":         {"domain", "integrations/store"},
	"integrations/jobs":                    {"domain", "domain/beside"},
	"integrations/metrics":                 {"domain", "domain/decisions"},
	"integrations/mail":                    {"domain", "domain/notices", "domain/notifications", "domain/staff", "templates"},
	"integrations/passwords/passwordstest": {"integrations/passwords"},
	"integrations/passkeys":                {"domain/staff"},
	"integrations/strength":                {},
	"integrations/totp":                    {},
	"integrations/phones":                  {},
	"integrations/memberfile":              {"domain", "domain/members", "domain/spreadsheet"},
	"integrations/idn":                     {},
	"integrations/zones":                   {},
	"integrations/pos/generic":             {"domain", "domain/books", "domain/coupons", "integrations/upstream"},
	"integrations/pos/square":              {"domain", "domain/books", "domain/coupons", "domain/webhooks", "integrations/pos/square/wire", "integrations/upstream"},
	"integrations/pos/square/wire":         {},
	"integrations/pos/postest":             {"domain", "domain/coupons", "domain/poscheck"},
	"integrations/pos/smaregi":             {"domain", "domain/coupons", "integrations/upstream"},
	"integrations/upstream":                {"domain"},
	"integrations/heads":                   {"domain", "domain/audit", "integrations/private", "integrations/upstream"},
	"integrations/private":                 {},
	"integrations/oidc":                    {"domain", "domain/staff", "integrations/upstream"},
	"tools/floor":                          {"domain"},
	"integrations/shopify": {"domain", "domain/campaigns", "domain/campaigns/codes", "domain/coupons", "domain/decisions", "domain/metafields",
		"domain/identity", "domain/members", "domain/openings", "domain/orders", "domain/setup",
		"domain/webhooks",
		"integrations/upstream"},
	"integrations/shopify/schema": {},
	"integrations/sim":            {},
	"integrations/sim/pos":        {"integrations/sim"},
	"integrations/sim/square":     {"integrations/sim"},
	"integrations/sim/smaregi":    {"integrations/sim"},
	"integrations/sim/mailbox":    {"integrations/sim"},
	"integrations/sim/functions":  {},
	"integrations/sim/shopify": {"extensions", "integrations/sim", "integrations/sim/functions",
		"integrations/shopify/schema", "integrations/zones"},
	"extensions": {},
	"api/access": {"domain"},
	"api": {"api/access", "api/console", "api/pages", "api/sheet", "api/wallet", "domain/cursor", "domain",
		"domain/audit", "domain/campaigns", "domain/campaigns/codes", "domain/coupons", "domain/decisions", "domain/identity",
		"domain/identity/scan", "domain/listing", "domain/members", "domain/reports", "domain/reviews", "domain/sales", "domain/spreadsheet", "domain/staff",
		"domain/webhooks", "policies", "templates", "templates/problems", "domain/events", "domain/bulk",
		"domain/requests"},
	"api/console": {"api/access", "api/pages", "domain", "domain/audit", "domain/books", "domain/campaigns", "domain/campaigns/codes",
		"domain/coupons", "domain/cursor", "domain/decisions", "domain/identity", "domain/identity/scan", "domain/listing", "domain/members", "domain/reports", "domain/reviews", "domain/spreadsheet", "domain/staff", "templates", "domain/events", "api/sheet", "domain/notices", "domain/bulk",
		"domain/requests"},
	"api/sheet": {"api/pages", "domain/spreadsheet"},
	"api/wallet": {"api/access", "api/pages", "domain", "domain/campaigns", "domain/coupons", "domain/cursor", "domain/listing",
		"templates"},
	"api/pages": {"api/access", "domain", "domain/audit", "domain/books", "domain/doctor", "domain/campaigns",
		"domain/campaigns/codes", "domain/coupons",
		"domain/decisions", "domain/identity", "domain/identity/scan", "domain/listing", "domain/members",
		"domain/openings", "domain/reports", "domain/reviews", "domain/sales", "domain/setup", "domain/spreadsheet", "domain/staff", "templates", "domain/events", "domain/notices",
		"domain/bulk", "domain/requests"},
	"policies":         {"domain"},
	"templates":        {"domain"},
	"migrations":       {},
	"tools/testreport": {},
	"tools/subprocess": {"app", "integrations/private"},
	"tools/bench": {"app", "demo", "domain/...", "integrations/jobs", "integrations/store", "tools/floor",
		"tools/subprocess"},
	".":        {"commands"},
	"commands": {"app", "demo", "domain/...", "integrations/...", "templates", "tools/bench"},
	"app": {"api/...", "domain/...", "extensions", "integrations/...", "policies",
		"templates"}, // never the demo: it stays out of what serves
	"demo":                 {"app", "domain/...", "integrations/...", "templates"},
	"test/expect":          {},
	"test/openapi":         {},
	"test/world":           {"..."},
	"tools/coverage":       {},
	"tools/functionschema": {},
}

func TestImports(t *testing.T) {
	t.Parallel()
	seen := 0
	sources(t, func(path, _ string) {
		if !strings.HasSuffix(path, "_test.go") {
			seen++
			checkFile(t, path)
		}
	})
	if seen < 100 {
		t.Fatalf("%d files were looked at", seen)
	}
}

func checkFile(t *testing.T, path string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.ToSlash(filepath.Dir(path))
	allowed, listed := may[folder]
	if !listed {
		t.Errorf("%s is a room that the table does not know", folder)
	}
	for _, spec := range file.Imports {
		name := strings.Trim(spec.Path.Value, `"`)
		if own, ok := strings.CutPrefix(name, "pointbridge/"); ok && !contains(allowed, own) {
			t.Errorf("%s imports %s", path, own)
		}
		if strings.HasPrefix(folder, "domain") && strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
			t.Errorf("%s imports %s: the domain knows the standard library only", path, name)
		}
		for library, owner := range owners {
			if strings.HasPrefix(name, library) && !owned(folder, owner+" test") {
				t.Errorf("%s imports %s, which is %s's", path, name, owner)
			}
		}
	}
}

func contains(list []string, name string) bool {
	for _, entry := range list {
		if below, all := strings.CutSuffix(entry, "..."); entry == name || all && strings.HasPrefix(name+"/", below) {
			return true
		}
	}
	return false
}

// owned reports whether a folder is one of the owners, or below one.
func owned(folder, owners string) bool {
	for owner := range strings.FieldsSeq(owners) {
		if folder == owner || strings.HasPrefix(folder, owner+"/") {
			return true
		}
	}
	return false
}

func TestOneRiverVersion(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	versions := regexp.MustCompile(`(?m)github\.com/riverqueue/river\S* (v\S+)`).FindAllStringSubmatch(string(raw), -1)
	for _, v := range versions {
		if v[1] != versions[0][1] {
			t.Errorf("River's modules have versions %s and %s", versions[0][1], v[1])
		}
	}
	if len(versions) < 5 {
		t.Fatalf("%d modules were found", len(versions))
	}
}
