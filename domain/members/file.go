package members

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"pointbridge/domain"
)

// Move is points of a member that moved, or are meant to, with the code of their coupon.
type Move struct {
	domain.Movement
	Code string
}

// OrderUse is an order that used a code of ours.
type OrderUse struct {
	// Name is what the shop calls the order, OrderID its gid; Name is empty where the shop did not say.
	Name, OrderID string
	Code          string
	// CustomerID is whose it is here; empty where nobody is known who is them.
	CustomerID string
	UsedAt     time.Time
	// Coupon says that the code is a coupon's, with a page of its own.
	Coupon bool
}

// Note is what somebody of the staff wrote about a member. Notes are never changed nor taken away; the text goes when
// the member asks to be forgotten.
type Note struct {
	ID         int64
	CustomerID string
	At         time.Time
	// Actor is Caller.ID of who wrote it, Author their name then.
	Actor, Author string
	Text          string
	// Key makes the same form one note.
	Key string
}

// MaxMemberNote is how many characters a note about a member has at most.
const MaxMemberNote = 1000

// File reads and writes what a member's page shows beside their coupons.
type File interface {
	// Moves lists a member's points, the newest first.
	Moves(ctx context.Context, customerID string, limit int) ([]Move, error)
	// OrdersOf lists the orders of a member that used a code of ours, the newest first.
	OrdersOf(ctx context.Context, customerID string, limit int) ([]OrderUse, error)
	// Notes lists what was written about a member, the newest first.
	Notes(ctx context.Context, customerID string, limit int) ([]Note, error)
	// AddNote keeps a note and writes the entry with it. One whose key is known already is not kept again. Errors:
	// customer_not_found.
	AddNote(ctx context.Context, n Note, entry domain.AuditEntry) error
}

// AddNote writes a note about a member. Errors: validation_failed, customer_not_found.
func (s *Service) AddNote(ctx context.Context, by domain.Caller, customerID, text, key string) error {
	text = strings.TrimSpace(text)
	if text == "" || utf8.RuneCountInString(text) > MaxMemberNote || !domain.NoteFits(text) {
		return domain.Refuse(domain.CodeValidation, "field", "note")
	}
	now := s.Clock.Now()
	// The audit says that there is a note and not what it says: it outlives a customer's wish to be forgotten.
	return s.File.AddNote(ctx, Note{CustomerID: customerID, At: now, Actor: by.ID, Author: by.Name, Text: text, Key: key},
		domain.AuditEntry{At: now, Actor: by.ID, ActorName: by.Name, Credential: by.Credential,
			Action: domain.ActionCustomerNoted, CustomerID: customerID, Outcome: domain.OutcomeDone})
}
