package decisions

import "pointbridge/domain/identity"

// Stage is where a decision is asked for. The strings are stored and never change, as are those of all types here.
type Stage string

// The stages: before a code is given out, in the cart, at the checkout, and once an order has used a code.
const (
	StageIssue    Stage = "issue"
	StageCart     Stage = "cart"
	StageCheckout Stage = "checkout"
	StageOrder    Stage = "order"
)

// Stages lists them in the order in which a buyer meets them.
func Stages() []Stage { return []Stage{StageIssue, StageCart, StageCheckout, StageOrder} }

// Outcome is what a decision comes to. A refusal takes the discount away; the order may go on at full price.
type Outcome string

// The outcomes. AllowFlagged lets pass, and shows a person what was in doubt.
const (
	Allow        Outcome = "allow"
	AllowFlagged Outcome = "allow_flagged"
	Refuse       Outcome = "refuse"
)

// Outcomes lists them from the mildest.
func Outcomes() []Outcome { return []Outcome{Allow, AllowFlagged, Refuse} }

// Reason says why a decision refuses.
type Reason string

// The reasons, in the order in which they are looked for: the first that holds is the reason. What could not be checked
// is said last: whoever breaks a rule hears of that one.
const (
	ReasonCampaignPaused   Reason = "campaign_paused"
	ReasonCampaignEnded    Reason = "campaign_ended"
	ReasonNotStarted       Reason = "not_started"
	ReasonCodeNotValid     Reason = "code_not_valid"
	ReasonNotYourCode      Reason = "not_your_code"
	ReasonWrongCurrency    Reason = "wrong_currency"
	ReasonNewCustomersOnly Reason = "new_customers_only"
	ReasonAccountRequired  Reason = "account_required"
	ReasonAudienceNotMet   Reason = "audience_not_met"
	ReasonBoughtRecently   Reason = "bought_recently"
	ReasonMinimumNotMet    Reason = "minimum_not_met"
	ReasonWrongMarket      Reason = "wrong_market"
	ReasonCartNotEligible  Reason = "cart_not_eligible"
	ReasonNotEligible      Reason = "not_eligible"
	ReasonUsageLimit       Reason = "usage_limit_reached"
	ReasonCodeLimit        Reason = "code_limit_reached"
	ReasonAlreadyUsed      Reason = "already_used"
	ReasonCouldNotCheck    Reason = "could_not_check"
)

// Reasons lists every reason; each has its text in each language.
func Reasons() []Reason {
	return []Reason{ReasonCampaignPaused, ReasonCampaignEnded, ReasonNotStarted, ReasonCodeNotValid, ReasonNotYourCode,
		ReasonWrongCurrency, ReasonNewCustomersOnly, ReasonAccountRequired, ReasonAudienceNotMet, ReasonBoughtRecently,
		ReasonMinimumNotMet, ReasonWrongMarket, ReasonCartNotEligible, ReasonNotEligible, ReasonUsageLimit,
		ReasonCodeLimit, ReasonAlreadyUsed, ReasonCouldNotCheck}
}

// Mode says what becomes of decisions: none is made, they are made and recorded, or they are acted on.
type Mode string

// The modes.
const (
	Off     Mode = "off"
	Shadow  Mode = "shadow"
	Enforce Mode = "enforce"
)

// CampaignStatus is how a campaign stands; domain/campaigns has the moves between them.
type CampaignStatus string

// The statuses of a campaign. Codes of one that is not live are refused. CampaignNotStarted is no move's end: it is how
// a live campaign stands before its offer begins.
const (
	CampaignDraft      CampaignStatus = "draft"
	CampaignNotStarted CampaignStatus = "not_started"
	CampaignLive       CampaignStatus = "live"
	CampaignPaused     CampaignStatus = "paused"
	CampaignEnded      CampaignStatus = "ended"
)

// CodeState is how the code stands that a decision is about.
type CodeState string

// The states of a code. CodeAbsent is a request that names a campaign and no code.
const (
	CodeAbsent    CodeState = "absent"
	CodeValid     CodeState = "valid"
	CodeUnknown   CodeState = "unknown"
	CodeExpired   CodeState = "expired"
	CodeCancelled CodeState = "cancelled"
	CodeUsed      CodeState = "used"
)

// Owner says whose code it is, seen from the customer who was shown.
type Owner string

// The owners: a code for anybody, the customer's own, somebody else's, and one of a person that the request does not
// tell from its customer, because nobody has signed in yet.
const (
	OwnerAnybody Owner = "anybody"
	OwnerSame    Owner = "same"
	OwnerOther   Owner = "other"
	OwnerUnknown Owner = "unknown"
)

// SignalKind is what a signal of an answer is about: a kind by which people are told, or one of the weak signals.
type SignalKind string

// The weak signals that are no kind of digest. They raise the score and flag at most.
const (
	SignalDisposable SignalKind = "disposable_domain"
	SignalCloseBy    SignalKind = "close_in_time"
	SignalManyEmails SignalKind = "many_emails_per_ip"
)

// Strength says what a signal can do: Decisive ones decide alone, Counted ones together, Weak ones never refuse.
type Strength string

// The strengths.
const (
	Decisive Strength = "decisive"
	Counted  Strength = "counted"
	Weak     Strength = "weak"
)

// reported lists the kinds of digest in the order in which an answer names them.
func reported() []identity.Kind { return inReports }

var inReports = append(append([]identity.Kind{identity.Customer}, identity.Counted()...), identity.Name)
