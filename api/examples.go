package api

import (
	_ "embed"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
	"pointbridge/templates"
)

// Every body in the document has an example. Those of requests are written by hand, because a body with everything in
// it is no request that anybody makes; those of answers follow from the schema; those of problems are what the service
// says of each code, in each language.

//go:embed examples.json
var requestExamples []byte

const (
	exampleTime = "2026-04-01T03:00:00Z"
	exampleEnd  = "2027-04-01T03:00:00Z"
	exampleDay  = "2026-04-01"
	exampleRef  = "#/components/examples/"
	exampleCode = "8812370934-AB72CD-500"
	// deepest bounds an example of what contains itself.
	deepest = 6
)

// textExamples has a text of each name; one that has no name here is shown by its name.
var textExamples = map[string]string{
	"Answer.id": "dec_4f8a1c2b", "Answer.message": "This code has been used.", "Customer.id": "8812370934",
	"Customer.name": "山田太郎", "Member.name": "山田太郎", "CampaignCode.code": "WITH-MIKA", "Batch.id": "bat_4f8a1c2b",
	"BatchProgress.id": "bat_4f8a1c2b", "Endpoint.id": "whe_4f8a1c2b", "EventEndpointSecret.id": "whe_4f8a1c2b",
	"DecisionRecord.id": "dec_4f8a1c2b", "DecisionRecord.message": "This code has been used.",
	"ReplayedDecision.id": "dec_4f8a1c2b", "ReplayedDecision.message": "This code has been used.", "Token.prefix": "pb_4f8a",
	"AddedToken.prefix": "pb_4f8a", "Key.prefix": "pb_4f8a", "Session.id": "95199b546ed5", "Who.id": "staff:3",
	"Template.name": "A flash sale", "next_cursor": "eyJpZCI6MTJ9",
	"action": domain.ActionCouponCancelled, "actor": "staff:3", "actor_name": "Sato Hana", "address": "198.51.100.7",
	"admin_url": "https://admin.shopify.com/store/example/discounts/1", "agent": "Firefox on Windows",
	"apply_url": "https://shop.example/discount/" + exampleCode, "by": "Sato Hana", "campaign": "points",
	"cancelled_by": "Sato Hana", "chain": exampleCode, "code": exampleCode, "coupon_code": exampleCode,
	"coupon_status": "used", "country": "JP", "currencies": "JPY", "currency": "JPY", "customer_id": "8812370934",
	"decided_by": "Sato Hana", "description": "The books", "email": "yamada.taro@example.com", "en": "Summer sale",
	"event_id": "evt_4f8a1c2b", "former_ids": "8812370933", "from_status": "active", "hash": "9f2c41…",
	"id": "12", "ip": "198.51.100.7", "ja": "夏のセール", "key": "summer", "kind": domain.ActionCouponUsed, "kinds": domain.ActionCouponUsed,
	"locale": "ja", "location": "body.points", "made_by": "Okada Yui", "message": "This must be a whole number.",
	"methods": "password", "name": "Sato Hana", "name_kana": "ヤマダ タロウ", "note": "Asked for at the counter",
	"order": "#1001", "order_id": "gid://shopify/Order/5001000001", "outcome": "reissue", "outcomes": "reissue",
	"owner": "Mika", "password": "shown-once", "permissions": "coupons:read", "phone": "+819012345678",
	"pos_reference": "CANCEL-" + exampleCode, "prefix": "SUMMER-", "problem": "coupon_already_used",
	"product_id": "7002000001", "rank": "gold", "reason": "customer_request", "recovery_codes": "7KQ2-M9XD",
	"reference": "COUPON-" + exampleCode, "related_reference": "COUPON-" + exampleCode, "reissued_from": "8812370934-ZX34QR-500",
	"request_id": "028dead6ac716c24", "rule": "integer", "secret": "shown-once", "setup": "c2V0dXA",
	"shopify_customer_id": "7001000001", "shopify_discount_id": "gid://shopify/DiscountCodeNode/1300000001", "signals": "email",
	"superseded_by": "8812370934-ZX34QR-500", "time_zone": "Asia/Tokyo", "title": "Summer sale",
	"to_status": "cancelled", "token": "shown-once", "type": "/docs#validation_failed", "unanswered": "segment",
	"uri": "otpauth://totp/Pointbridge:sato.hana@example.com?secret=…", "url": "https://erp.example.com/pointbridge",
	"used_order": "#1001", "values": "vip", "what": "For first orders", "zip": "100-0001",
}

// problemFigures are those that only problems have.
var problemFigures = map[string]any{"from": "ended", "maximum_bytes": int64(65536), "retry_after": int64(30), "per": "day",
	"code": "WITH-MIKA", "required": int64(2000), "outcomes": "reissue, grant_points, refuse", "campaign": "summer",
	"maximum": int64(10), "minutes": int64(30)}

// showExamples gives every body of the document an example.
func (a *API) showExamples() error {
	document := a.huma.OpenAPI()
	var requests map[string]any
	if err := json.Unmarshal(requestExamples, &requests); err != nil {
		return err
	}
	all := a.problemExamples()
	document.Components.Examples = all
	for _, item := range document.Paths {
		for _, op := range operationsOf(item) {
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Content {
					name := nameOf(media.Schema)
					if value, written := requests[name]; written {
						media.Examples = shared(all, name, value)
					}
				}
			}
			for _, response := range op.Responses {
				for kind, media := range response.Content {
					showAnswer(document, kind, media)
				}
			}
		}
	}
	dropUnused(document)
	return nil
}

// dropUnused leaves out the problems that no operation names: pages alone can meet them.
func dropUnused(document *huma.OpenAPI) {
	used := map[string]bool{}
	for _, item := range document.Paths {
		for _, op := range operationsOf(item) {
			if op.RequestBody != nil {
				noteExamples(used, op.RequestBody.Content)
			}
			for _, response := range op.Responses {
				noteExamples(used, response.Content)
			}
		}
	}
	maps.DeleteFunc(document.Components.Examples, func(name string, _ *huma.Example) bool { return !used[name] })
}

func noteExamples(used map[string]bool, content map[string]*huma.MediaType) {
	for _, media := range content {
		for name := range media.Examples {
			used[name] = true
		}
	}
}

// shared keeps an example once, for every operation that has the same body.
func shared(all map[string]*huma.Example, name string, value any) map[string]*huma.Example {
	all[name] = &huma.Example{Value: value}
	return map[string]*huma.Example{name: {Ref: exampleRef + name}}
}

// operationsOf are the operations at an address, in the order in which they are shown.
func operationsOf(item *huma.PathItem) []*huma.Operation {
	return slices.DeleteFunc([]*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete},
		func(op *huma.Operation) bool { return op == nil })
}

func showAnswer(document *huma.OpenAPI, kind string, media *huma.MediaType) {
	all, name := document.Components.Examples, nameOf(media.Schema)
	switch {
	case len(media.Examples) > 0: // a problem
	case kind == "text/csv":
		media.Examples = shared(all, "Table", "\uFEFFdate,count,points\r\n"+exampleDay+",12,6000\r\n")
	default:
		media.Examples = shared(all, name, exampleOf(document.Components.Schemas, "", media.Schema, 0))
	}
}

func nameOf(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
}

// exampleOf is what a schema describes, made of the figures and texts that there are for its names: name is a field's,
// with the body's before it where that is known. What can be null is null, so that nothing is used and cancelled at once.
func exampleOf(schemas huma.Registry, name string, s *huma.Schema, depth int) any {
	body := ""
	if s.Ref != "" {
		body, s = nameOf(s), schemas.SchemaFromRef(s.Ref)
	}
	switch {
	case s.Nullable && s.Type != huma.TypeArray && len(s.Enum) == 0: // a value of the list says more
		return nil
	case len(s.Examples) > 0:
		return s.Examples[0]
	case slices.Contains(s.Enum, any("active")):
		return "active"
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.AnyOf) > 0:
		return exampleOf(schemas, name, s.AnyOf[0], depth)
	}
	switch s.Type {
	case huma.TypeObject:
		return objectOf(schemas, body, s, depth)
	case huma.TypeArray:
		if depth >= deepest {
			return []any{}
		}
		return []any{exampleOf(schemas, name, s.Items, depth+1)}
	case huma.TypeBoolean:
		return true
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	}
	return sampleText(name, s)
}

func objectOf(schemas huma.Registry, body string, s *huma.Schema, depth int) any {
	all := map[string]any{}
	for _, field := range slices.Sorted(maps.Keys(s.Properties)) {
		if depth < deepest || slices.Contains(s.Required, field) {
			all[field] = exampleOf(schemas, body+"."+field, s.Properties[field], depth+1)
		}
	}
	if values, ok := s.AdditionalProperties.(*huma.Schema); ok && len(s.Properties) == 0 {
		all["reissue"] = exampleOf(schemas, ".count", values, depth+1)
	}
	return all
}

func sampleText(name string, s *huma.Schema) any {
	field := name[strings.LastIndex(name, ".")+1:]
	text, known := textExamples[name]
	if !known {
		text, known = textExamples[field]
	}
	switch {
	case s.Format == "date-time" && (strings.HasPrefix(field, "e") || strings.HasPrefix(field, "to")):
		text = exampleEnd
	case s.Format == "date-time":
		text = exampleTime
	case s.Format == "date":
		text = exampleDay
	case !known:
		text = field
	}
	if s.MaxLength != nil {
		runes := []rune(text)
		text = string(runes[:min(len(runes), *s.MaxLength)])
	}
	return text
}

// exampleName names what is said of a code in a language.
func exampleName(code domain.Code, locale string) string { return string(code) + "." + locale }

// problemRefs are what is said of codes, in each language, for an answer of an operation.
func problemRefs(all map[string]*huma.Example, code domain.Code) {
	for _, locale := range templates.Locales() {
		name := exampleName(code, locale)
		all[name] = &huma.Example{Ref: exampleRef + name}
	}
}

// problemExamples is every problem there is, as the service writes it.
func (a *API) problemExamples() map[string]*huma.Example {
	all := map[string]*huma.Example{}
	for _, code := range domain.Codes() {
		for _, locale := range templates.Locales() {
			all[exampleName(code, locale)] = &huma.Example{Summary: locale, Value: a.problemExample(code, locale)}
		}
	}
	return all
}

func (a *API) problemExample(code domain.Code, locale string) map[string]any {
	w := a.texts.in(locale)
	figures := map[string]any{}
	if keys := a.texts.detailKeys(code); len(keys) > 0 { // the text with the most figures is the first
		for _, place := range a.texts.words.Places(keys[0]) {
			if n, known := figureExamples[place]; known {
				figures[place] = int64(n)
			} else if value, known := problemFigures[place]; known {
				figures[place] = value
			}
		}
	}
	title, detail := a.texts.say(w, code, figures)
	status := statusOf(code)
	p := map[string]any{"type": "/docs#" + string(code), "title": title, "status": status, "detail": detail,
		"code": string(code), "request_id": textExamples["request_id"]}
	for name, value := range figures {
		if _, taken := p[name]; !taken {
			p[name] = value
		}
	}
	if code == domain.CodeValidation && status == http.StatusUnprocessableEntity {
		p["errors"] = []any{map[string]any{"location": "body.points", "rule": "integer",
			"message": a.texts.rule(w, "integer", "")}}
	}
	return p
}
