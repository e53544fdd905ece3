package events

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"pointbridge/domain"
)

const (
	maxURL         = 500
	maxDescription = 200
	// MaxEndpoints bounds how many there can be: each event is written down once for each.
	MaxEndpoints = 20
	// OldSecretFor is how long a secret that was replaced still signs beside the new one.
	OldSecretFor = 24 * time.Hour
)

// Rules that an endpoint can break, as the caller is told of them.
const (
	RuleHTTPS   = "https"    // the address has to begin with https
	RuleOutside = "outside"  // the address leads into a network of our own
	RuleNoLogin = "no_login" // the address holds a user or a password
	RuleKind    = "one_of"
	RuleTaken   = "taken" // another endpoint has the address
	RuleTooMany = "too_many"
)

// Endpoint is an address of the merchant's own systems that is told of events.
type Endpoint struct {
	ID       int64
	PublicID string
	URL      string
	// Kinds are the events that it is told of; none means all.
	Kinds       []Kind
	Description string
	On          bool
	// Gone says that it was switched off because the address answered that it is gone.
	Gone bool
	// Secret and OldSecret are sealed. The old one is good until OldUntil.
	Secret, OldSecret string
	OldUntil          *time.Time
	CreatedAt         time.Time
	CreatedBy         string
	Version           int64
}

// Wants reports whether the endpoint is told of a kind of event.
func (e Endpoint) Wants(k Kind) bool {
	return e.On && (len(e.Kinds) == 0 || slices.Contains(e.Kinds, k))
}

// check finds what is wrong with an endpoint. plain says that addresses without TLS may be used, as they may where
// networks of the merchant's own were allowed.
func (e Endpoint) check(allowed []netip.Prefix) error {
	if rule := wrongURL(e.URL, allowed); rule != "" {
		return refuse("url", rule)
	}
	for _, k := range e.Kinds {
		if !slices.Contains(Kinds(), k) {
			return refuse("kinds", RuleKind)
		}
	}
	if utf8.RuneCountInString(e.Description) > maxDescription || !utf8.ValidString(e.Description) {
		return refuse("description", "max_length")
	}
	return nil
}

// wrongURL names the rule that an address breaks. A name may still lead inside: whoever connects looks where it leads.
func wrongURL(text string, allowed []netip.Prefix) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || len(text) > maxURL || u.Fragment != "" || strings.ContainsAny(text, " \t\r\n") {
		return "url"
	}
	if u.User != nil {
		return RuleNoLogin
	}
	if u.Scheme != "https" && (u.Scheme != "http" || len(allowed) == 0) {
		return RuleHTTPS
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if address, err := netip.ParseAddr(host); err == nil {
		if !address.IsGlobalUnicast() || address.IsPrivate() {
			return ruleUnless(within(address, allowed))
		}
		return ""
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return ruleUnless(len(allowed) > 0)
	}
	return ""
}

func ruleUnless(ok bool) string {
	if ok {
		return ""
	}
	return RuleOutside
}

func within(address netip.Addr, networks []netip.Prefix) bool {
	address = address.Unmap()
	return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(address) })
}

func refuse(field, rule string) error {
	return domain.Refuse(domain.CodeValidation, "field", "body."+field, "rule", rule)
}
