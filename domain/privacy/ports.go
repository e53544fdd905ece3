package privacy

import (
	"context"
	"time"

	"pointbridge/domain"
)

// Kind is what a request asks for. The strings are Shopify's topics, and are stored.
type Kind string

// The kinds.
const (
	DataRequest     Kind = "customers/data_request"
	CustomersRedact Kind = "customers/redact"
	ShopRedact      Kind = "shop/redact"
)

// Reasons why a request stays open for a person, or what it ended with.
const (
	// ReasonNobody: nothing is held about this customer.
	ReasonNobody = "nobody"
	// ReasonLinkedElsewhere: the member is another customer of the shop now, who did not ask for anything.
	ReasonLinkedElsewhere = "linked_elsewhere"
	// ReasonInstalled: the shop asks to be forgotten, and yet the app is installed.
	ReasonInstalled = "still_installed"
	// ReasonErased: what was held is erased.
	ReasonErased = "erased"
	// ReasonHandedOver: an operator closed it.
	ReasonHandedOver = "handed_over"
)

// Request is one thing that was asked for.
type Request struct {
	ID          int64     `json:"id"`
	WebhookID   string    `json:"webhook_id"`
	Kind        Kind      `json:"kind"`
	CustomerGID string    `json:"shopify_customer_id"`
	Open        bool      `json:"open"`
	Reason      string    `json:"reason"`
	RequestedAt time.Time `json:"requested_at"`
	// DueAt is the end of the time that Shopify gives.
	DueAt    time.Time  `json:"due_at"`
	ClosedAt *time.Time `json:"closed_at"`
	ClosedBy string     `json:"closed_by"`
}

// Person is a member about whom something may be held under a customer of the shop.
type Person struct {
	CustomerID string
	// CustomerGID is the customer whom the member is linked to now; empty for nobody.
	CustomerGID string
}

// Dossier is everything that is held about one member, by table.
type Dossier struct {
	CustomerID string                      `json:"customer_id"`
	Sections   map[string][]map[string]any `json:"sections"`
}

// Store keeps requests and what they are about. Every method that changes something is one transaction.
type Store interface {
	// OpenRequest stores a request; one with the same webhook id is given back as it is.
	OpenRequest(ctx context.Context, r Request) (Request, error)
	// Request reads one. Errors: not_found.
	Request(ctx context.Context, id int64) (Request, error)
	// Requests lists them, newest first, those that are open only if asked so.
	Requests(ctx context.Context, openOnly bool, limit int) ([]Request, error)
	// SetRequest changes whether it is open, why, and by whom it was closed; a closed one stays as it is.
	SetRequest(ctx context.Context, r Request) error
	// PeopleOf finds the members who are or were linked to a customer of the shop.
	PeopleOf(ctx context.Context, customerGID string) ([]Person, error)
	// PeopleAfter lists every member about whom something is held, by id.
	PeopleAfter(ctx context.Context, customerID string, limit int) ([]Person, error)
	// Dossier reads everything that is held about a member.
	Dossier(ctx context.Context, customerID string) (Dossier, error)
	// Record writes down what changes nothing.
	Record(ctx context.Context, entry domain.AuditEntry) error
	// Erase forgets who a member is: name, addresses, language, rank, link, and every free text written about the member's
	// coupons. Erasing again changes nothing and writes no entry.
	Erase(ctx context.Context, customerID string, at time.Time, entry domain.AuditEntry) error
}
