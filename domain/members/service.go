// Package members knows who a member is: who they are in the shop, which members are one person, and which of them must
// wait because too many of their attempts were refused.
package members

import (
	"context"
	"log/slog"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
	"pointbridge/domain/turns"
)

// Members keeps members.
type Members interface {
	// Customer reads a member. Errors: customer_not_found.
	Customer(ctx context.Context, id string) (domain.Customer, error)
	// WhichAreMembers lists those of the ids that members have.
	WhichAreMembers(ctx context.Context, ids []string) ([]string, error)
	// CustomerByGID reads the member whom a customer of the shop is. Errors: customer_not_found.
	CustomerByGID(ctx context.Context, shopCustomerGID string) (domain.Customer, error)
	// LinkCustomer links a member, known or not, who is linked to nobody, and writes the audit entry with it. Errors:
	// customer_already_linked when the member, or the shop's customer, is linked already, customer_renumbered as below.
	LinkCustomer(ctx context.Context, id, shopCustomerGID string, entry domain.AuditEntry) (domain.Customer, error)
	// SaveCustomer inserts or updates a member and writes the audit entry with it; created tells which. Errors:
	// customer_already_linked when another member has this Shopify customer, customer_renumbered when the id is a
	// number that a member had before.
	SaveCustomer(ctx context.Context, c domain.Customer, entry domain.AuditEntry) (saved domain.Customer, created bool,
		err error)
}

// Staff knows which members are people who work here.
type Staff interface {
	// OwnMember reports whether a member, with the keys of mail address and phone number, is one of the people behind a
	// credential.
	OwnMember(ctx context.Context, who domain.Caller, member domain.Customer) (bool, error)
}

// Recorder keeps what happened and changed nothing.
type Recorder interface {
	Record(ctx context.Context, entry domain.AuditEntry) error
}

// POS knows members: it has a balance for each. Errors: a *domain.UpstreamError.
type POS interface {
	Balance(ctx context.Context, customerID string) (coupons.Balance, error)
}

// Service answers who a member is, and changes what is known about them. Its fields are set once, before the first
// call.
type Service struct {
	Members Members
	Numbers Numbers
	Locks   Locks
	// File keeps notes about members, and is not needed for anything else.
	File File
	// Refusals bounds how many refusals are written; without it all are.
	Refusals Refusals
	// Staff knows who works here.
	Staff    Staff
	Recorder Recorder
	POS      POS
	// Field links customers of the shop on their first visit; without it only the POS and staff link them.
	Field Field
	// Lock locks conversions of a member whose attempts are refused again and again.
	Lock LockRule
	// Phone gives a phone number in its one spelling, "" for what is none; without it nobody is the same person by
	// phone.
	Phone    func(text string) string
	Clock    domain.Clock
	Observer domain.StepObserver
	Logger   *slog.Logger

	turns     turns.Turns
	strangers strangers
}
