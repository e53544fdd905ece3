package webhooks

import (
	"crypto/sha256"
	"time"

	"pointbridge/domain"
)

// Delivery is what is kept of one webhook: where it came from and the ids it is about. Its body is not kept, only the
// body's digest.
type Delivery struct {
	// WebhookID is unique per delivery and the same when it is repeated; EventID is shared by all deliveries of one
	// act.
	WebhookID, EventID string
	Topic              Topic
	Shop               string
	APIVersion         string
	TriggeredAt        time.Time // when it happened, as the body says; zero where it does not
	ReceivedAt         time.Time
	Digest             [sha256.Size]byte

	// The gids of what it is about; empty where there is none. Merged is the customer who is gone after a merge, and
	// Customer then the one who stays.
	Order, Discount, Customer, Merged string

	// Email and Phone are what a request to forget says of the customer. They stay in memory: Person, digests of them, is
	// kept until the request is carried out.
	Email, Phone string
	Person       string

	Outcome Outcome
}

// Outcome is how far a delivery has come.
type Outcome string

// The outcomes. The strings are stored.
const (
	// Queued: a job follows from it.
	Queued Outcome = "queued"
	// Done: its job has been done.
	Done Outcome = "done"
	// Ignored: the customer it is about means nothing to us.
	Ignored Outcome = "ignored"
)

// Receipt is what became of a delivery that was accepted.
type Receipt struct {
	Delivery
	// Repeated says that it had been stored before; nothing followed from it this time.
	Repeated bool
}

// jobs is what follows from a delivery. That of a customer's change is for the store to say: whose metafield it is, and
// whether it is anybody's.
func (d Delivery) jobs() []domain.Job {
	switch {
	case d.Topic == CustomersUpdate:
		return nil
	case d.Topic.ofOrder():
		return []domain.Job{{Kind: domain.JobOrder, Ref: d.Order, Hint: d.Topic.hint()}}
	default:
		return []domain.Job{{Kind: domain.JobWebhook, Ref: d.WebhookID}}
	}
}

// about returns the id without which the delivery means nothing; known is false for topics that are not worked on.
func (d Delivery) about() (id string, known bool) {
	switch d.Topic {
	case OrdersCreate, OrdersUpdated, OrdersEdited, OrdersCancelled, OrdersDelete, RefundsCreate:
		return d.Order, true
	case DiscountsUpdate, DiscountsDelete:
		return d.Discount, true
	case CustomersMerge:
		if d.Merged == "" {
			return "", true
		}
		return d.Customer, true
	case CustomersUpdate, CustomersDelete, DataRequest, CustomersRedact:
		return d.Customer, true
	case AppUninstalled, ShopRedact:
		return d.Shop, true
	default:
		return "", false
	}
}
