package domain

// Act is something by which the value of a coupon moves or comes free, or by which it is decided that it does not.
type Act string

// The acts. Those that close a review have the name of its outcome.
const (
	ActCancel       Act = "cancel"
	ActSuspend      Act = "suspend"
	ActRefund       Act = "refund"
	ActReturnPoints Act = "return_points"
	ActReissue      Act = "reissue"
	ActGrant        Act = "grant_points"
	ActRefuse       Act = "refuse"
	ActForfeit      Act = "forfeit"
	ActTakeBack     Act = "take_back"
	ActAcceptLoss   Act = "accept_loss"
	ActApplied      Act = "applied"
	ActNotApplied   Act = "not_applied"
)

// Acts lists every act.
func Acts() []Act {
	return []Act{ActCancel, ActSuspend, ActRefund, ActReturnPoints, ActReissue, ActGrant, ActRefuse, ActForfeit,
		ActTakeBack, ActAcceptLoss, ActApplied, ActNotApplied}
}

// ClosesReview reports whether the act is a person's decision of a review.
func (a Act) ClosesReview() bool { return a != ActCancel && a != ActSuspend && a != ActRefund }

// ActRule says how a role may do an act.
type ActRule struct {
	// Person asks for a person's own credential: a program's key is not enough.
	Person bool
	// Capped holds the act to what the role may move, with one act and in a day.
	Capped bool
	// SecondPerson lets two people decide together above a number of points.
	SecondPerson bool
	// Always takes two people whatever the points are, unless the merchant's settings leave it to the limit.
	Always bool
}

// ActRules says which role may do which act, and how. What is not in it is denied.
type ActRules map[ActKey]ActRule

// ActKey is an act of a role.
type ActKey struct {
	Act  Act
	Role Role
}
