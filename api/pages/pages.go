// Package pages is what the staff's console and the customer's page share: what they work with, how a request is read
// and answered, the texts and figures of a template, the files that pages load, and the form of a route. It knows
// neither of the two.
package pages

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/openings"
	"pointbridge/domain/sales"
	"pointbridge/templates"
)

// Shared is what the pages and the JSON API work with alike: one set that both are given.
type Shared struct {
	Service Service
	// Codes gives personal codes of campaigns out.
	Codes Codes
	// ShopperID is who a customer of the shop is here as long as they are no member.
	ShopperID func(shopCustomerGID string) string
	Coupons   Coupons
	Reviews   Reviews
	Listing   Listing
	Members   Members
	Directory Directory
	Lists     Lists
	Mails     Mails
	Audit     Audit
	// Sealed is the audit as an export takes it.
	Sealed audit.Source
	Staff  Staff
	// Machines hands out the keys of programs.
	Machines Machines
	// Identity is campaigns and decisions about their codes.
	Identity Identity
	Policy   access.Policy
	Recorder Recorder
	// Reports has the figures of the dashboard, Condition how the service is at the moment.
	Reports Reports
	// Sales adds up the orders that used codes.
	Sales sales.Desk
	// ScanDiscounts looks through the store's active codes, for as long as a page can wait.
	ScanDiscounts func(ctx context.Context) (openings.Report, error)
	Condition     func(ctx context.Context) (Condition, error)
	Now           func() time.Time
	// Zone is the shop's time zone, in which every time on a page is written.
	Zone     *time.Location
	ShopName string
	// Locale is the language of those who ask for none: "ja" or "en".
	Locale string
	// Secret signs what forms carry; at least 32 bytes. Without one there are no pages.
	Secret []byte
	// PublicURL is where clients reach this service; https makes cookies travel over nothing else, and switches strict
	// transport security on. It may be empty.
	PublicURL string
	// ApplyURL is the address before the code that applies it to a cart: https://shop.example/discount/.
	ApplyURL string
	// AdminURL is the address of the store's own admin, without a slash at its end; orders are linked to it.
	AdminURL string
}

// Hooks are what the surrounding requests offer to every page.
type Hooks struct {
	// Refused tells how a request was refused, for its line in the log.
	Refused func(c *gin.Context, err error)
	// Say words a refusal, with the status that belongs to it.
	Say func(locale string, err error) Told
}

// Told is a refusal in words.
type Told struct {
	Status int
	Code   domain.Code
	Title  string
	Detail string
	// RetryAfter is in seconds; 0 when waiting does not help.
	RetryAfter int64
}

// Base is what both kinds of page stand on.
type Base struct {
	Shared
	Hooks  Hooks
	Words  *templates.Catalogue
	Access access.Check
	assets assets
}

// Access is the check that every request is held against, the API's and a page's alike.
func (s Shared) Access() access.Check {
	return access.Check{Policy: s.Policy, Recorder: s.Recorder, Now: s.Now}
}

// New reads the words and the files that pages load. It fails on what is missing in them.
func New(s Shared, h Hooks) (*Base, error) {
	if len(s.Secret) < 32 {
		return nil, fmt.Errorf("the secret of the pages has %d bytes, at least 32 are needed", len(s.Secret))
	}
	b := &Base{Shared: s, Hooks: h, Access: access.Check{Policy: s.Policy, Recorder: s.Recorder, Now: s.Now}}
	var err error
	if b.Words, err = templates.Texts(); err != nil {
		return nil, err
	}
	b.assets, err = loadAssets()
	return b, err
}

// Secure says that clients reach this service by https alone.
func (b *Base) Secure() bool { return strings.HasPrefix(b.PublicURL, "https://") }
