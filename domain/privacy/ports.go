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

// Reasons why a request stays open, or what it ended with.
const (
	// ReasonNobody: nothing is held about this customer.
	ReasonNobody = "nobody"
	// ReasonLinkedElsewhere: the member is another customer of the shop now, who did not ask for anything.
	ReasonLinkedElsewhere = "linked_elsewhere"
	// ReasonInstalled: the shop asks to be forgotten, and yet the app is installed.
	ReasonInstalled = "still_installed"
	// ReasonUnproved: the shop asks to be forgotten, and that it has let the app go is not proved, or not for long
	// enough.
	ReasonUnproved = "uninstall_unproved"
	// ReasonAnnounced: the erasure is announced and waits for its time.
	ReasonAnnounced = "announced"
	// ReasonStopped: an operator stopped the erasure; only an operator can begin it again.
	ReasonStopped = "stopped"
	// ReasonErased: what was held is erased.
	ReasonErased = "erased"
	// ReasonHandedOver: an operator closed it.
	ReasonHandedOver = "handed_over"
)

// Request is one thing that was asked for.
type Request struct {
	ID        int64  `json:"id"`
	WebhookID string `json:"webhook_id"`
	Kind      Kind   `json:"kind"`
	// CustomerGID is empty once that customer has been forgotten; Digest stands for it then.
	CustomerGID string `json:"shopify_customer_id"`
	Digest      string `json:"-"`
	// Person are digests of the e-mail and phone that a request to forget came with (Traces.MarkOf), until it is closed.
	Person      string    `json:"-"`
	Open        bool      `json:"open"`
	Reason      string    `json:"reason"`
	RequestedAt time.Time `json:"requested_at"`
	// DueAt is the end of the time that Shopify gives.
	DueAt    time.Time  `json:"due_at"`
	ClosedAt *time.Time `json:"closed_at"`
	ClosedBy string     `json:"closed_by"`

	// AnnouncedAt is when it was announced how many Members would be forgotten, and Watched for how long that has stood
	// since, up to WatchedAt.
	AnnouncedAt *time.Time    `json:"announced_at"`
	Members     int           `json:"members"`
	WatchedAt   *time.Time    `json:"-"`
	Watched     time.Duration `json:"-"`
	// ApprovedBy is the operator who wants it carried out, whatever can be proved; StoppedBy the one who does not.
	ApprovedBy string     `json:"approved_by"`
	StoppedAt  *time.Time `json:"stopped_at"`
	StoppedBy  string     `json:"stopped_by"`
	// Version moves with every change.
	Version int64 `json:"-"`
}

// erases reports whether the request asks to forget.
func (r Request) erases() bool { return r.Kind == CustomersRedact || r.Kind == ShopRedact }

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
	// Forgotten says that the person was erased under this customer of the shop before; Left then says what is left,
	// and why.
	Forgotten bool   `json:"forgotten,omitempty"`
	Left      []Left `json:"left,omitempty"`
}

// Left is what an erasure leaves of one table.
type Left struct {
	Table string `json:"table"`
	Rows  int    `json:"rows"`
	Why   string `json:"why"`
}

// Shop tells how the app stands in the shop.
type Shop interface {
	Standing(ctx context.Context) (domain.Standing, error)
}

// Observer is told of what a person should hear about. It must not block.
type Observer interface {
	Alert(kind string)
}

// Traces forgets what was learned of people from the shop's orders. Each may be repeated.
type Traces interface {
	// MarkOf makes digests of an e-mail and a phone, which stand for them in Forget.
	MarkOf(email, phone string) (mark string, err error)
	// Forget removes what was learned of a person, by the member they are and by a mark, "" for none, and by the shop's
	// customers that they are. found tells whether there was anything.
	Forget(ctx context.Context, memberID, mark string, customerGIDs ...string) (found bool, err error)
	ForgetEverybody(ctx context.Context) error
}

// Store keeps requests and what they are about. Every method that changes something is one transaction.
type Store interface {
	Requests
	People
	Personal
	Recorder
}

// Requests keeps what was asked for.
type Requests interface {
	// OpenRequest stores a request; one with the same webhook id is given back as it is.
	OpenRequest(ctx context.Context, r Request) (Request, error)
	// Request reads one. Errors: not_found.
	Request(ctx context.Context, id int64) (Request, error)
	// Requests lists them, newest first, those that are open only if asked so.
	Requests(ctx context.Context, openOnly bool, limit int) ([]Request, error)
	// SetRequest changes an open request and writes the entry with it, if it has an action. A closed one stays as it
	// is. Errors: domain.ErrConflict when it was changed since it was read.
	SetRequest(ctx context.Context, r Request, entry domain.AuditEntry) error
	// CloseRequest is SetRequest for one that is over, with ForgetNumber.
	CloseRequest(ctx context.Context, r Request, entry domain.AuditEntry) error
}

// People finds the members whom a request can be about.
type People interface {
	// PeopleOf finds the members who are or were linked to a customer of the shop.
	PeopleOf(ctx context.Context, customerGID string) ([]Person, error)
	// PeopleForgotten finds the members who were erased under the customer whom a digest stands for.
	PeopleForgotten(ctx context.Context, digest string) ([]Person, error)
	// PeopleAfter lists every member about whom something personal is held, by id.
	PeopleAfter(ctx context.Context, customerID string, limit int) ([]Person, error)
	// CountPeople counts them.
	CountPeople(ctx context.Context) (int, error)
}

// Personal reads and forgets what is held about somebody.
type Personal interface {
	// Dossier reads everything that is held about a member.
	Dossier(ctx context.Context, customerID string) (Dossier, error)
	// Erase forgets who a member is: name, addresses, language, rank, links, the shop's number of the customer wherever
	// it stands, and every free text written about the member's coupons. digest gives what takes the place of a number
	// in the list of who was forgotten. Erasing again changes nothing and writes no entry.
	Erase(ctx context.Context, customerID string, at time.Time, digest func(customerGID string) string,
		entry domain.AuditEntry) error
	// ForgetNumber removes a customer's number from requests and deliveries, and puts the digest in its place, if the
	// customer is, and was, nobody's member: never, or not any more.
	ForgetNumber(ctx context.Context, customerGID, digest string) error
}

// Recorder writes audit entries of what changes nothing.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}
