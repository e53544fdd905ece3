// Package setup compares what the settings say of the shop with what the shop says of itself. A difference that changes
// what a code is worth, or that leaves codes nobody can end or follow, stops new ones until it is gone.
package setup

import (
	"slices"
	"strings"

	"pointbridge/domain"
)

// Shop is what the shop says of itself, and of what the app may do there.
type Shop struct {
	Currency string // ISO 4217
	Timezone string // IANA
	Plan     string
	// Scopes are the rights that the app was granted; one to write includes the one to read.
	Scopes []string
}

// Wanted is what the settings say.
type Wanted struct {
	Currency, Timezone string
	Scopes             []Scope
}

// Scope is a right that something which is switched on needs, or another one that does as well. Without one that is
// Vital no new code is made.
type Scope struct {
	Name, Or string
	Vital    bool
}

// String names the scope, or both.
func (s Scope) String() string {
	if s.Or == "" {
		return s.Name
	}
	return s.Name + " or " + s.Or
}

// Difference is one thing that is not as the settings say.
type Difference struct {
	// What is "currency", "timezone" or "scope".
	What string
	// Wanted and Found are the two values; Found is empty for a scope that is missing.
	Wanted, Found string
	// Stops says that no new code is made because of it.
	Stops bool
}

// String names the difference for operators.
func (d Difference) String() string {
	if d.What == "scope" {
		return "the scope " + d.Wanted + " is not granted"
	}
	return "the shop's " + d.What + " is " + d.Found + ", the settings say " + d.Wanted
}

// Differences compares, what stops first.
func (w Wanted) Differences(s Shop) []Difference {
	var list []Difference
	if s.Currency != w.Currency {
		list = append(list, Difference{What: "currency", Wanted: w.Currency, Found: s.Currency, Stops: true})
	}
	for _, scope := range w.Scopes {
		if !s.granted(scope.Name) && (scope.Or == "" || !s.granted(scope.Or)) {
			list = append(list, Difference{What: "scope", Wanted: scope.String(), Stops: scope.Vital})
		}
	}
	if s.Timezone != w.Timezone {
		list = append(list, Difference{What: "timezone", Wanted: w.Timezone, Found: s.Timezone})
	}
	slices.SortStableFunc(list, func(a, b Difference) int {
		switch {
		case a.Stops == b.Stops:
			return 0
		case a.Stops:
			return -1
		}
		return 1
	})
	return list
}

func (s Shop) granted(scope string) bool {
	if slices.Contains(s.Scopes, scope) {
		return true
	}
	what, reads := strings.CutPrefix(scope, "read_")
	return reads && slices.Contains(s.Scopes, "write_"+what)
}

// known is Shop as it is remembered: by name, so that each change is in the audit with what it was.
func (s Shop) known() map[string]string {
	scopes := slices.Sorted(slices.Values(s.Scopes))
	return map[string]string{"shop.currency": s.Currency, "shop.timezone": s.Timezone, "shop.plan": s.Plan,
		"shop.scopes": strings.Join(scopes, ",")}
}

// names are those under which a Shop is remembered.
func names() []string { return []string{"shop.currency", "shop.timezone", "shop.plan", "shop.scopes"} }

func remembered(values map[string]string) (Shop, bool) {
	s := Shop{Currency: values["shop.currency"], Timezone: values["shop.timezone"], Plan: values["shop.plan"]}
	if list := values["shop.scopes"]; list != "" {
		s.Scopes = strings.Split(list, ",")
	}
	return s, s.Currency != ""
}

// changes makes the audit entry about what is new; none the first time.
func changes(before map[string]string, now map[string]string) (detail map[string]any) {
	for _, name := range names() {
		was, known := before[name]
		if !known || was == now[name] {
			continue
		}
		if detail == nil {
			detail = map[string]any{}
		}
		short := strings.TrimPrefix(name, "shop.")
		detail[short], detail[short+"_before"] = now[name], was
	}
	return detail
}

// refusal is what a conversion is told while something stops it.
func refusal(list []Difference) error {
	for _, d := range list {
		if d.Stops {
			return &domain.Error{Code: domain.CodeShopSettings, RetryAfter: lookAgain}
		}
	}
	return nil
}
