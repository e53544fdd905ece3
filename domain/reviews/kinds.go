package reviews

// Kind says why a person has to look.
type Kind string

// The kinds of review.
const (
	// Unsettled: the POS can neither replay nor be asked whether a movement was applied.
	Unsettled Kind = "unsettled"
	// SuspectedFraud: somebody suspended a code until the review is decided.
	SuspectedFraud Kind = "suspected_fraud"
	// UsedAfterRefund: an order holds a code whose points are back.
	UsedAfterRefund Kind = "used_after_refund"
	// OrderCancelled and OrderRefunded: nothing, or less, is left of the order that holds a code.
	OrderCancelled Kind = "order_cancelled"
	OrderRefunded  Kind = "order_refunded"
	// OrderUnpaid: the order that used a code stands, and its payment came to nothing.
	OrderUnpaid Kind = "order_unpaid"
	// CodeElsewhere: an order carries a code which it did not use up, so that its value may have been given
	// twice.
	CodeElsewhere Kind = "code_elsewhere"
)

// Kinds lists the kinds of review, the most usual ones first.
func Kinds() []Kind {
	return []Kind{OrderCancelled, OrderRefunded, OrderUnpaid, CodeElsewhere,
		SuspectedFraud, UsedAfterRefund, Unsettled}
}

// OfOrder reports whether the review is about an order: a voided one, or one that carries a code it did not use up.
func (k Kind) OfOrder() bool {
	return k == OrderCancelled || k == OrderRefunded || k == OrderUnpaid || k == CodeElsewhere
}

// Outcomes lists what can be decided in a kind of review; Review.Outcomes says what can be decided in one as it stands.
func (k Kind) Outcomes() []Outcome {
	switch k {
	case SuspectedFraud:
		return []Outcome{OutcomeReturnPoints, OutcomeForfeit}
	case UsedAfterRefund:
		return []Outcome{OutcomeTakeBack, OutcomeAcceptLoss}
	case Unsettled:
		return []Outcome{OutcomeApplied, OutcomeNotApplied}
	case OrderCancelled, OrderRefunded, OrderUnpaid, CodeElsewhere:
		return []Outcome{OutcomeReissue, OutcomeGrant, OutcomeReturnPoints, OutcomeRefuse}
	default:
		return nil
	}
}
