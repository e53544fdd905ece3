package shopify

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"time"

	"pointbridge/domain"
)

// Voucher checks what Shopify says, with the app's secret, about who is asking: the signed query of the app proxy, and
// the session tokens of UI extensions. It is safe for concurrent use.
type Voucher struct {
	shop, clientID string
	secrets        [][]byte
	now            func() time.Time
}

// VoucherConfig says whose word counts.
type VoucherConfig struct {
	// Shop is the store's permanent host name.
	Shop string
	// ClientID is who session tokens are for; without it none is accepted.
	ClientID string
	// Secret is the app's client secret, OldSecret the one before it while it is being replaced. Nothing is accepted
	// without a secret.
	Secret, OldSecret string
	Now               func() time.Time
}

// String hides everything but the shop.
func (c VoucherConfig) String() string { return "shopify voucher " + c.Shop }

// GoString is String, for %#v.
func (c VoucherConfig) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c VoucherConfig) LogValue() slog.Value { return slog.StringValue(c.String()) }

// LeastSecret is how many characters a secret has at least: a MAC under a shorter one proves nothing.
const LeastSecret = 8

// NewVoucher fails on a shop that is none, on a secret that anybody could guess, and on an old secret without a new
// one.
func NewVoucher(cfg VoucherConfig) (*Voucher, error) {
	if !shopHost.MatchString(cfg.Shop) {
		return nil, errors.New("shopify: the shop must be a host name ending in .myshopify.com")
	}
	if cfg.Secret == "" && cfg.OldSecret != "" {
		return nil, errors.New("shopify: there is an old client secret and no new one")
	}
	v := &Voucher{shop: cfg.Shop, clientID: cfg.ClientID, now: cfg.Now}
	for _, secret := range []string{cfg.Secret, cfg.OldSecret} {
		if secret == "" {
			continue
		}
		if len(secret) < LeastSecret {
			return nil, fmt.Errorf("shopify: a client secret must have at least %d characters", LeastSecret)
		}
		v.secrets = append(v.secrets, []byte(secret))
	}
	if v.now == nil {
		v.now = domain.SystemClock{}.Now
	}
	return v, nil
}

// customerNumber is what a Shopify customer's id looks like: ASCII digits, as many as fit 63 bits.
var customerNumber = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)

// unproved refuses without saying why; the reason is for the log and holds nothing that was sent.
func unproved(reason string) error {
	return &domain.Error{Code: domain.CodeUnauthenticated, Err: errors.New("shopify: " + reason)}
}
