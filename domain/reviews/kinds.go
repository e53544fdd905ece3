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
	// TooManyInOrder: an order used more coupons than the shop lets stand in one. The shop cannot hold anybody to that
	// between codes of different discounts.
	TooManyInOrder Kind = "too_many_in_order"
	// Restored: the coupon was restored from what stands outside, which did not agree.
	Restored Kind = "restored"
)

// Kinds lists the kinds of review, the most usual ones first.
func Kinds() []Kind {
	return []Kind{OrderCancelled, OrderRefunded, OrderUnpaid, CodeElsewhere, TooManyInOrder,
		SuspectedFraud, UsedAfterRefund, Unsettled, Restored}
}

// OfOrder reports whether the review is about an order: a voided one, one that carries a code it did not use up, or one
// that used too many.
func (k Kind) OfOrder() bool { return k.OfVoided() || k == CodeElsewhere || k == TooManyInOrder }

// OfVoided reports whether the review is about an order that came to nothing, or of which less is left.
func (k Kind) OfVoided() bool { return k == OrderCancelled || k == OrderRefunded || k == OrderUnpaid }

// Outcomes lists what can be decided in a kind of review; Review.Outcomes says what can be decided in one as it stands.
func (k Kind) Outcomes() []Outcome {
	switch k {
	case SuspectedFraud:
		return []Outcome{OutcomeReturnPoints, OutcomeForfeit}
	case Restored:
		return []Outcome{OutcomeReturnPoints, OutcomeForfeit, OutcomeRefuse}
	case UsedAfterRefund:
		return []Outcome{OutcomeTakeBack, OutcomeAcceptLoss}
	case Unsettled:
		return []Outcome{OutcomeApplied, OutcomeNotApplied}
	case OrderCancelled, OrderRefunded, OrderUnpaid, CodeElsewhere, TooManyInOrder:
		return []Outcome{OutcomeReissue, OutcomeGrant, OutcomeReturnPoints, OutcomeRefuse}
	default:
		return nil
	}
}
