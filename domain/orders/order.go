package orders

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"pointbridge/domain"
)

// Order is what decides about coupons in an order of the shop.
type Order struct {
	ID          string
	Name        string // e.g. "#1001"
	CreatedAt   time.Time
	UpdatedAt   time.Time
	CancelledAt time.Time // zero when it is not cancelled
	CustomerGID string    // "" for a guest
	Codes       []string  // all discount codes, as they were typed
	// Applied are the codes that were entered as codes. Named are the texts of discounts that somebody, or a script,
	// put into the order by hand.
	Applied []string
	Named   []string
	Test    bool
	// CancelReason is one of the shop's words for why it was cancelled: customer, declined, fraud, inventory, staff,
	// other.
	CancelReason string
	// Payment is how the order's money stands; Refunds is what went back of it, the oldest first.
	Payment domain.Payment
	Refunds []domain.OrderRefund
	// Edited says that the order was changed after it was placed.
	Edited bool
}

// Voided says that nothing is left of the order: it was cancelled, or everything paid for it went back.
func (o Order) Voided() bool { return !o.CancelledAt.IsZero() || o.Payment == domain.PaymentRefunded }

// Unpaid says that the order stands although its payment came to nothing.
func (o Order) Unpaid() bool {
	return !o.Voided() && (o.Payment == domain.PaymentExpired || o.Payment == domain.PaymentVoided)
}

// MoneyBack says that nothing of the order is left and that the shop let go of the buyer's money: everything was
// refunded, or the hold on it was released. Only then is there nothing more to find out about the order.
func (o Order) MoneyBack() bool {
	return o.Voided() && (o.Payment == domain.PaymentRefunded || o.Payment == domain.PaymentVoided)
}

// Parts lists the refunds of less than the order, the oldest first: not the one with which nothing was left of it, nor
// those that followed from its cancellation.
func (o Order) Parts() []domain.OrderRefund {
	parts := slices.DeleteFunc(slices.Clone(o.Refunds), func(r domain.OrderRefund) bool { return r.Amount.Minor <= 0 })
	slices.SortFunc(parts, func(a, b domain.OrderRefund) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
	})
	if n := len(parts); n > 0 && o.Payment == domain.PaymentRefunded {
		parts = parts[:n-1]
	}
	return slices.DeleteFunc(parts, func(r domain.OrderRefund) bool {
		return !o.CancelledAt.IsZero() && r.At.After(o.CancelledAt)
	})
}

// Evidence is how an order carries a code.
type Evidence int

// How an order can carry a code.
const (
	EvidenceNone Evidence = iota
	// EvidenceText: the text of the code stands in it. Whoever makes an order can write that.
	EvidenceText
	// EvidenceCode: it was entered as a code.
	EvidenceCode
)

// Evidence tells how the order carries a code, in whatever case it was typed.
func (o Order) Evidence(code string) Evidence {
	switch is := func(c string) bool { return strings.EqualFold(strings.TrimSpace(c), code) }; {
	case slices.ContainsFunc(o.Applied, is):
		return EvidenceCode
	case slices.ContainsFunc(o.Codes, is), slices.ContainsFunc(o.Named, is):
		return EvidenceText
	default:
		return EvidenceNone
	}
}

// Holds reports whether the order carries the code in one way or another.
func (o Order) Holds(code string) bool { return o.Evidence(code) != EvidenceNone }

// carried lists the codes of ours that the order carries, in their one spelling.
func (o Order) carried() (list []string) {
	for _, text := range slices.Concat(o.Applied, o.Codes, o.Named) {
		if code, ours := domain.NormalizeCode(text); ours && !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	return list
}
