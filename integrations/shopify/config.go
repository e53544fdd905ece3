package shopify

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"pointbridge/domain"
)

// Config says which store to speak to, and as whom.
type Config struct {
	// Shop is the store's permanent host name, e.g. "example.myshopify.com".
	Shop string
	// APIURL replaces https://<Shop>: another myshopify.com host, or a loopback address (a simulated store).
	APIURL string
	// APIVersion is a quarterly version such as "2026-10".
	APIVersion string
	// ClientID and ClientSecret are exchanged for a token that is renewed before it ends.
	ClientID     string
	ClientSecret string
	// AccessToken is a fixed token; when it is set, the client credentials are not used.
	AccessToken string
	// MetafieldNamespace and MetafieldKey name the customer's metafield, e.g. "$app" and "coupons".
	MetafieldNamespace string
	MetafieldKey       string
	// DeviceAttribute is the cart attribute in which the storefront leaves its id of the buyer's device;
	// DefaultDeviceAttribute when empty.
	DeviceAttribute string
	// Timeout bounds one exchange with Shopify, waiting for the budget not included; 10 s when zero.
	Timeout time.Duration
	// Clock measures waits and the token's life; the machine's when nil.
	Clock domain.Clock
	// Circuit, when set, refuses calls while Shopify does not answer.
	Circuit Circuit
	// Logger hears of throttling and token renewals; silent when nil.
	Logger *slog.Logger
	// Heard is told of every call that the store did; nobody is when it is nil. It must not block.
	Heard func(at time.Time)
}

// Circuit keeps calls away from an upstream that does not answer. Every allowed call is reported.
type Circuit interface {
	Allow() (retryAfter time.Duration, ok bool)
	Report(err error)
}

// String hides everything but the address, so that a printed configuration gives no secret away.
func (c Config) String() string { return "shopify " + c.Shop + " " + c.APIVersion }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

var (
	shopHost = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*\.myshopify\.com$`)
	version  = regexp.MustCompile(`^20[0-9]{2}-(01|04|07|10)$`)
	// named is what names of metafields are made of. Their lengths are counted beside it: a pattern that counts to 255 is kept
	// as 255 patterns.
	named = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)
)

// NamesMetafield reports whether Shopify takes the names as those of a metafield.
func NamesMetafield(space, name string) bool { return isNamespace(space) && isKey(name) }

// isNamespace allows 3 to 255 characters, or the app's own namespace with up to 200 behind its colon.
func isNamespace(space string) bool {
	if rest, own := strings.CutPrefix(space, "$app:"); own {
		return len(rest) <= 200 && named.MatchString(rest)
	}
	return space == "$app" || len(space) >= 3 && len(space) <= 255 && named.MatchString(space)
}

func isKey(name string) bool { return len(name) >= 2 && len(name) <= 64 && named.MatchString(name) }

// endpoint checks the configuration, naming all faults together, and gives the API's base URL.
func (c Config) endpoint() (string, error) {
	var faults []error
	fault := func(bad bool, text string) {
		if bad {
			faults = append(faults, errors.New(text))
		}
	}
	fault(!shopHost.MatchString(c.Shop), "the shop must be a host name ending in .myshopify.com")
	fault(!version.MatchString(c.APIVersion),
		"the API version must be one of Shopify's quarterly versions, such as 2026-10")
	fault(!isNamespace(c.MetafieldNamespace),
		"the metafield namespace must be $app or 3 to 255 letters, digits, _ or -")
	fault(!isKey(c.MetafieldKey), "the metafield key must be 2 to 64 letters, digits, _ or -")
	fault(c.AccessToken == "" && (c.ClientID == "" || c.ClientSecret == ""),
		"an access token, or a client id and secret, is needed")
	base := c.APIURL
	if base == "" {
		base = "https://" + c.Shop
	}
	if err := checkAddress(base); err != nil {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return "", fmt.Errorf("shopify: %w", err)
	}
	return strings.TrimSuffix(base, "/"), nil
}

// checkAddress lets a token out to Shopify's own hosts over TLS and to this machine, and nowhere else.
func checkAddress(base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return errors.New("the API URL cannot be read")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return errors.New("the API URL must be a scheme and a host only")
	}
	if u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && shopHost.MatchString(u.Hostname()) {
		return nil
	}
	if (u.Scheme == "http" || u.Scheme == "https") && loopback(u.Hostname()) {
		return nil
	}
	return errors.New("the API URL must be https on a .myshopify.com host, or a loopback address")
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
