package reviews

// Outcome is what a person decides.
type Outcome string

// The outcomes, by kind of review.
const (
	// For suspected fraud.
	OutcomeReturnPoints Outcome = "return_points"
	OutcomeForfeit      Outcome = "forfeit"
	// For a code that was used after its refund.
	OutcomeTakeBack   Outcome = "take_back"
	OutcomeAcceptLoss Outcome = "accept_loss"
	// For an unsettled movement: what the POS's own records say.
	OutcomeApplied    Outcome = "applied"
	OutcomeNotApplied Outcome = "not_applied"
	// For a voided order: a new code for the used one, its points, or neither. OutcomeReturnPoints is for a
	// code that is still good.
	OutcomeReissue Outcome = "reissue"
	OutcomeGrant   Outcome = "grant_points"
	OutcomeRefuse  Outcome = "refuse"
)

// NeedsNote reports whether a decision has to say why: the customer is given nothing, or loses what they paid.
func (o Outcome) NeedsNote() bool { return o == OutcomeRefuse || o == OutcomeForfeit }

// CountedOutcomes are the decisions that count towards their decider's day. A return of points counts as the
// cancellation that it becomes.
func CountedOutcomes() []Outcome {
	return []Outcome{OutcomeReissue, OutcomeGrant, OutcomeForfeit, OutcomeTakeBack, OutcomeAcceptLoss,
		OutcomeApplied, OutcomeNotApplied}
}
