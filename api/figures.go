package api

import (
	"github.com/danielgtaylor/huma/v2"
)

// figureExamples has a number of each name as the document shows it, so that a mock or a generated test answers numbers
// that make sense, and not the least one that there is.
var figureExamples = map[string]float64{
	"again": 2, "amount": 500, "attempts": 1, "balance": 1250, "balance_after": 750, "balance_before": 1250,
	"balance_found": 250, "by_reason": 2, "change": 500, "codes": 1, "count": 2, "coupons": 12,
	"daily_limit": 10000, "daily_remaining": 9500, "decided": 120, "discount": 500, "done": 11, "emails_per_ip": 3,
	"enforced": 100, "estimated": 1500, "estimated_people": 2, "events": 12, "flagged": 5, "forgotten": 1, "gross": 5000,
	"id": 12, "known": 1000, "left": 99, "limit": 50, "limit_per_code": 1, "live_coupons": 5,
	"live_per_person": 1, "made": 250, "max": 5000, "min": 1000, "minimum": 100, "minimum_subtotal": 0,
	"missed": 1, "net": 4500, "number": 1, "of_code": 1, "orders": 3, "people": 4, "percent": 10, "points": 500,
	"points_outstanding": 42500, "policy_version": 2, "precision": 0.95, "product_id": 7002000001, "quantity": 1,
	"rate": 1, "recall": 0.9, "recent_cases": 1, "refused": 4, "refused_by_action": 1, "Retry-After": 30,
	"review_id": 7, "right": 19, "row": 3, "score": 3, "seen": 40, "seq": 128, "shadow": 20,
	"shopify_customer_id": 7001000001, "status": 422, "subtotal": 5000, "sweep_after": 30, "threshold": 2,
	"token": 3, "unit": 100, "usage_limit": 100, "used_after": 1, "uses": 10, "uses_in_all": 1000,
	"uses_per_code": 1, "uses_per_person": 1, "validity": 31536000, "value": 1000, "version": 2, "weight": 1,
	"within_minutes": 30, "wrong": 1,
}

// mayBeNegative are the numbers that can be below zero: what the POS itself lets a balance come to, and a sum of sales
// whose discounts were worth more than its goods. All others count something.
var mayBeNegative = map[string]bool{"balance": true, "balance_after": true, "balance_before": true,
	"balance_found": true, "change": true, "net": true}

// leastFigure is below any sum that a shop comes to.
const leastFigure = -1_000_000_000_000

// showFigures gives every number of the document that has a name here an example, and those without one a lower bound. A
// test finds the numbers that have no name here.
func showFigures(document *huma.OpenAPI) {
	for _, schema := range document.Components.Schemas.Map() {
		for name, field := range schema.Properties {
			showField(name, field)
		}
	}
	for _, item := range document.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Put, item.Post, item.Patch, item.Delete} {
			if op != nil {
				showOperation(op)
			}
		}
	}
}

func showOperation(op *huma.Operation) {
	for _, p := range op.Parameters {
		showFigure(p.Name, p.Schema)
	}
	for _, response := range op.Responses {
		for name, header := range response.Headers {
			showFigure(name, header.Schema)
		}
	}
}

func showField(name string, field *huma.Schema) {
	for _, form := range append([]*huma.Schema{field, field.Items}, field.AnyOf...) {
		showFigure(name, form)
	}
	if values, ok := field.AdditionalProperties.(*huma.Schema); ok {
		showFigure(name, values)
	}
}

func showFigure(name string, s *huma.Schema) {
	if s == nil || s.Ref != "" || (s.Type != huma.TypeInteger && s.Type != huma.TypeNumber) {
		return
	}
	example, known := figureExamples[name]
	if !known {
		return
	}
	if s.Minimum == nil {
		least := 0.0
		if mayBeNegative[name] {
			least = leastFigure
		}
		s.Minimum = &least
	}
	if len(s.Examples) == 0 {
		s.Examples = []any{min(max(example, *s.Minimum), orMore(s.Maximum, example))}
	}
	s.PrecomputeMessages()
}

// orMore is the upper bound, where there is one.
func orMore(bound *float64, example float64) float64 {
	if bound == nil {
		return example
	}
	return *bound
}
