// Package pages is what the staff's console and the customer's page share: what they work with, how a request is read
// and answered, the texts and figures of a template, the files that pages load, and the form of a route. It knows
// neither of the two.
package pages

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/domain/listing"
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
	// Views keeps what lists people come back to.
	Views     listing.Views
	Members   Members
	Directory Directory
	// Finder finds members, File reads what a member's page shows beside coupons.
	Finder Finder
	File   File
	Lists  Lists
	Mails  Mails
	// Proofs shows mails with sample data.
	Proofs Proofs
	// Requests takes requests to cancel, RequestBook reads them.
	Requests    Requests
	RequestBook RequestBook
	// Bulk does one thing to many coupons, BulkBook reads such jobs.
	Bulk     Bulk
	BulkBook BulkBook
	Audit    Audit
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
	// Events tells the merchant's own systems, EventLog reads how that went.
	Events   Events
	EventLog EventLog
	// ScanDiscounts looks through the store's active codes, for as long as a page can wait.
	ScanDiscounts func(ctx context.Context) (openings.Report, error)
	Condition     func(ctx context.Context) (Condition, error)
	// QueuePages are the queue's own, which are not made here; nil where they are not switched on.
	QueuePages http.Handler
	Now        func() time.Time
	// Zone is the shop's time zone, in which every time on a page is written.
	Zone     *time.Location
	ShopName string
	// Contact is how customers reach the shop; the zero value where the shop does not say.
	Contact domain.Contact
	// ConfirmAbove is the number of points above which a conversion is asked about once more; zero for never.
	ConfirmAbove int64
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
	// POSMemberURL is where the POS shows a member, with {number} for the member's number; empty for nowhere.
	POSMemberURL string
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
