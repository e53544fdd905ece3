package api

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
)

const gidPrefix = "gid://shopify/Customer/"

// linkInput is what is told of a member. An address has 254 bytes at most, which is what fits a mail server's path
// (RFC 5321, 4.5.3.1.3, without the brackets).
type linkInput struct {
	CustomerPath
	Body struct {
		ShopifyCustomerID *shopifyID `json:"shopify_customer_id,omitempty" doc:"The Shopify customer, as a gid or as its bare number"`
		Name              *string    `json:"name,omitempty" maxLength:"200"`
		NameKana          *string    `json:"name_kana,omitempty" maxLength:"200" doc:"How the name is read, in kana; people are found by it in hiragana, katakana and half width alike"`
		Email             *string    `json:"email,omitempty" maxLength:"254" doc:"A plain address; kept exactly as it is given, but for full-width characters. One that mail servers refuse is named in refused, and the rest is taken"`
		Phone             *string    `json:"phone,omitempty" maxLength:"40" doc:"As people write it"`
		Locale            *string    `json:"locale,omitempty" maxLength:"35" pattern:"^([A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*)?$" doc:"The language of the member's mails: ja or en, also as a tag such as ja-JP; empty means the shop's"`
		Rank              *string    `json:"rank,omitempty" maxLength:"64" doc:"The member rank; it may have a rate of its own"`
	} `nameHint:"CustomerLink" doc:"What is left out stays as it is; an empty text clears it"`
}

// Resolve checks what a schema cannot say. huma calls it after the input was parsed.
func (in *linkInput) Resolve(huma.Context) []error {
	var errs []error
	for location, value := range map[string]*string{"body.name": in.Body.Name,
		"body.name_kana": in.Body.NameKana, "body.phone": in.Body.Phone,
		"body.rank": in.Body.Rank} {
		if value != nil && strings.ContainsFunc(*value, unicode.IsControl) {
			errs = append(errs, wrong(location, "invalid"))
		}
	}
	if email := in.Body.Email; email != nil && *email != "" {
		address, ok := domain.ReadMailAddress(*email)
		if !ok {
			errs = append(errs, wrong("body.email", "email"))
		}
		in.Body.Email = &address
	}
	if locale := in.Body.Locale; locale != nil {
		language := languageOf(*locale)
		if !slices.Contains(memberLocales, language) {
			errs = append(errs, &fieldError{location: "body.locale", rule: "one_of", limit: strings.Join(memberLocales,
				", ")})
		}
		in.Body.Locale = &language
	}
	return errs
}

// refused takes out what is well-formed and yet of no use, so that the rest of the member is linked all the same: a
// member whose mail cannot be delivered has points and a page like any other.
func (in *linkInput) refused() []*fieldError {
	email := in.Body.Email
	if email == nil || *email == "" || domain.Deliverable(*email) {
		return nil
	}
	in.Body.Email = nil
	return []*fieldError{{location: "body.email", rule: "undeliverable"}}
}

// memberLocales are the languages that members can have; an empty one means the shop's.
var memberLocales = []string{"ja", "en", ""}

// languageOf returns the language of a tag such as ja-JP or en_US.
func languageOf(tag string) string {
	language, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(language)
}

// shopifyID reads a Shopify customer as a gid or as its bare number, text or JSON number, and is always the gid.
type shopifyID string

// UnmarshalJSON reads either form; the schema has refused every other one.
func (s *shopifyID) UnmarshalJSON(data []byte) error {
	text := string(data)
	if strings.HasPrefix(text, `"`) {
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
	}
	if text != "" {
		text = gidPrefix + strings.TrimPrefix(text, gidPrefix)
	}
	*s = shopifyID(text)
	return nil
}

// Schema tells huma both forms.
func (shopifyID) Schema(huma.Registry) *huma.Schema {
	return gidSchema(gidPrefix, "$|^$")
}

// gidSchema is that of an id as a gid or as its bare number. The pattern has no description of its own: huma would publish
// it under a word that OpenAPI does not know, and nobody would read it, because a value that fits neither form is told so.
func gidSchema(prefix, end string) *huma.Schema {
	one := 1.0
	schema := &huma.Schema{AnyOf: []*huma.Schema{
		{Type: huma.TypeString, Pattern: "^(" + prefix + ")?[1-9][0-9]{0,18}" + end},
		{Type: huma.TypeInteger, Minimum: &one},
	}}
	for _, form := range schema.AnyOf {
		form.PrecomputeMessages()
	}
	return schema
}

func (s *shopifyID) text() *string {
	if s == nil {
		return nil
	}
	text := string(*s)
	return &text
}

type customerBody struct {
	ID                string    `json:"id"`
	ShopifyCustomerID *string   `json:"shopify_customer_id" doc:"The gid; null as long as the member is not linked"`
	Name              string    `json:"name"`
	NameKana          string    `json:"name_kana" doc:"How the name is read, in kana"`
	Email             string    `json:"email"`
	Phone             string    `json:"phone"`
	Locale            string    `json:"locale" doc:"Empty means the shop's"`
	Rank              string    `json:"rank"`
	CreatedAt         time.Time `json:"created_at"`
	UpdatedAt         time.Time `json:"updated_at"`
	// Refused stands only in the answer to a change.
	Refused []FieldProblem `json:"refused,omitempty" doc:"What of a change was not taken, and why; all else was"`
}

func customerOf(c domain.Customer) customerBody {
	return customerBody{ID: c.ID, ShopifyCustomerID: given(c.ShopifyCustomerGID), Name: c.Name, NameKana: c.NameKana,
		Email: c.Email, Phone: c.Phone, Locale: c.Locale, Rank: c.Rank, CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC()}
}
