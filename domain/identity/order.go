package identity

import (
	"time"

	"pointbridge/domain"
)

// Order is an order of the shop with what it shows of the person who placed it.
type Order struct {
	ID   string // the shop's gid
	Name string // e.g. "#1001"
	// Source is the shop's word for where the order was placed: "web", "pos", "shopify_draft_order", or the number of an
	// app. Only in an order of the web is the address it came from the buyer's own; Shown.IPs is empty for all others.
	Source    string
	CreatedAt time.Time
	Codes     []string // all discount codes, as they were typed
	// Gross is what the goods cost before discounts, Discount what was taken off; both are of the order as it was
	// placed, in the shop's currency. Their currency is empty where the shop does not say the amounts.
	Gross, Discount domain.Money
	// Parts is what each code took off, where more than one discount took part; the codes are in the form in which they
	// are compared.
	Parts map[string]domain.Money
	// BuyerCurrency is the currency that the buyer paid in; empty where the shop does not say.
	BuyerCurrency string
	Test          bool
	// Void tells that nothing is left of the order, and VoidReason why: cancelled, refunded or voided.
	Void       bool
	VoidReason string
	// CustomerGID is empty for a guest. OrdersBefore is how many orders the customer had placed before this one, or of
	// many some; nil where the shop does not say. Of an order in a list it is known only of a customer's only order.
	CustomerGID  string
	OrdersBefore *int
	Shown        Shown
	// Withheld are the kinds that the shop has not granted to the app. What it grants but answers with nothing looks
	// like an order that shows nothing.
	Withheld []Kind
}

// OrderPage is a part of a list of orders; Next is empty at its end.
type OrderPage struct {
	Orders []Order
	Next   string
	// Withheld are the kinds that were withheld in any of them.
	Withheld []Kind
}

// RiskLevel is how likely it is that an order is not what it seems, in the shop's words.
type RiskLevel string

// The levels that can be given.
const (
	RiskNone   RiskLevel = "NONE" // says nothing, and leaves the shop's own recommendation alone
	RiskLow    RiskLevel = "LOW"
	RiskMedium RiskLevel = "MEDIUM"
	RiskHigh   RiskLevel = "HIGH"
)

// RiskSentiment says in which direction a fact points.
type RiskSentiment string

// The directions.
const (
	RiskNegative RiskSentiment = "NEGATIVE" // raises the risk
	RiskNeutral  RiskSentiment = "NEUTRAL"
	RiskPositive RiskSentiment = "POSITIVE"
)

// A risk assessment has at most MostRiskFacts facts, each of at most MostOfAFact characters.
const (
	MostRiskFacts = 20
	MostOfAFact   = 256
)

// RiskFact is a sentence of an assessment. The shop's staff read it beside the order: it says what was seen, and
// accuses nobody.
type RiskFact struct {
	Text      string
	Sentiment RiskSentiment
}
