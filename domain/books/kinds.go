// Package books compares four books that should say the same: the POS's history, our movements and coupons, Shopify's
// discounts and orders, and the metafield that a customer sees. It says what differs, and repairs what is safe to
// repeat.
package books

import "slices"

// Kind names a way in which the books can differ. The strings stand in metrics, logs and the audit, and never change.
type Kind string

// The kinds of difference.
const (
	MovementMissing             Kind = "movement_missing"
	MovementDoubled             Kind = "movement_doubled"
	MovementAmount              Kind = "movement_amount"
	MovementUnknown             Kind = "movement_unknown"
	RefundWithoutConversion     Kind = "refund_without_conversion"
	CodeAliveThoughEnded        Kind = "code_alive_though_cancelled"
	CodeAliveThoughExpired      Kind = "code_alive_though_expired"
	CodeDeactivatedThoughActive Kind = "code_dead_though_active"
	CodeRenamed                 Kind = "code_renamed"
	CodeWrongCustomer           Kind = "code_wrong_customer"
	CodeWrongAmount             Kind = "code_wrong_amount"
	CodeWrongTerms              Kind = "code_wrong_terms"
	UsedButActive               Kind = "used_in_shopify_active_here"
	UsedAfterRefund             Kind = "used_after_refund"
	UsedWithoutOrder            Kind = "used_without_order"
	MetafieldStale              Kind = "metafield_stale"
	MetafieldEdited             Kind = "metafield_edited"
	CustomerGone                Kind = "customer_gone"
	Stuck                       Kind = "stuck"
	Parked                      Kind = "parked"
	SumMismatch                 Kind = "sum_mismatch"
	CampaignCodesMissing        Kind = "campaign_codes_missing"
	CampaignCodesChanged        Kind = "campaign_codes_changed"
	CampaignCodesUnlimited      Kind = "campaign_codes_unlimited"
	CampaignCodesAlive          Kind = "campaign_codes_alive"
)

// words is what people read about a kind. A repair that is not safe is a person's, and says so.
type words struct {
	sentence string
	repair   string
	safe     bool
}

func (k Kind) words() words {
	switch k {
	case MovementMissing:
		return words{"The POS has no entry for a movement that our books hold as made.",
			"None by itself: correct the points in the POS, after asking its operator.", false}
	case MovementDoubled:
		return words{"The POS has more than one entry for one movement.",
			"None by itself: take the surplus entry back in the POS.", false}
	case MovementAmount:
		return words{"The POS moved other points than our books say.",
			"None by itself: find out which figure is right, and correct the points in the POS.", false}
	case MovementUnknown:
		return words{"The POS has an entry under a name of ours that our books do not hold as made.",
			"None by itself: find out who booked it, and take it back in the POS.", false}
	case RefundWithoutConversion:
		return words{"Points came back for a coupon for which none were taken.",
			"None by itself: take the points back in the POS.", false}
	case CodeAliveThoughEnded:
		return words{"The coupon has ended here, but its code can be spent in Shopify.", "End the code in Shopify.",
			true}
	case CodeAliveThoughExpired:
		return words{"The coupon's end has passed, but its code can be spent in Shopify.", "End the code in Shopify.",
			true}
	case CodeDeactivatedThoughActive:
		return words{"The coupon is active here, but its code cannot be spent in Shopify.",
			"None by itself: cancel the coupon, so that its points go back.", false}
	case CodeWrongCustomer:
		return words{"The code in Shopify is not bound to the coupon's customer alone.",
			"None by itself: bind the discount to the customer in Shopify, or cancel the coupon.", false}
	case CodeWrongAmount:
		return words{"The code in Shopify is worth another amount than the coupon.",
			"None by itself: correct the discount in Shopify, or cancel the coupon.", false}
	case CodeWrongTerms:
		return words{"The code in Shopify ends at another time, is not good for one use, or has another minimum or combination.",
			"None by itself: correct the discount in Shopify, or cancel the coupon.", false}
	default:
		return k.moreWords()
	}
}

func (k Kind) moreWords() words {
	switch k {
	case CodeRenamed:
		return words{"The coupon's discount has another code in Shopify, so the customer cannot spend the one that we show.",
			"None by itself: give the discount its code again in Shopify, or cancel the coupon.", false}
	case UsedButActive:
		return words{"Shopify has seen the code used, but the coupon is not used here.", "Record the use.", true}
	case UsedAfterRefund:
		return words{"Shopify has seen the code used, but the points are back.",
			"Record the order and open a case for a person.", true}
	case UsedWithoutOrder:
		return words{"The coupon is used here, but Shopify has not seen its code used and would still take it.",
			"None by itself: find the order; if there is none, end the code in Shopify.", false}
	case MetafieldStale:
		return words{"The customer's metafield is behind.", "Write the metafield.", true}
	case MetafieldEdited:
		return words{"The customer's metafield does not say what our books say.", "Write the metafield anew.", true}
	case CustomerGone:
		return words{"Shopify no longer has the customer whom this member is linked to.",
			"None by itself: link the member to a customer of the store.", false}
	case Stuck:
		return words{"This coupon has been on its way for a long time, and nothing comes of it.",
			"Let the queue finish it.", true}
	case Parked:
		return words{"Only a person can tell what happened to this coupon's points.",
			"None by itself: decide the coupon's case.", false}
	case SumMismatch:
		return words{"Points taken are not the points in coupons and those given back.",
			"None by itself: compare the customer's coupons with their record.", false}
	default:
		return k.campaignWords()
	}
}

func (k Kind) campaignWords() words {
	switch k {
	case CampaignCodesMissing:
		return words{"Codes of a campaign are missing in Shopify.",
			"None by itself: somebody deleted them there; make others.", false}
	case CampaignCodesChanged:
		return words{"The discount of a campaign's codes has other terms in Shopify than it was made with.",
			"None by itself: correct the discount in Shopify, or deactivate the code.", false}
	case CampaignCodesUnlimited:
		return words{"The discount of a campaign's codes has lost its end or its limit of uses in Shopify.",
			"None by itself: give the discount its end and its limit again in Shopify, or deactivate the code.", false}
	case CampaignCodesAlive:
		return words{"The codes of a campaign are over here, but can be spent in Shopify.",
			"End their discount in Shopify.", true}
	default:
		return words{}
	}
}

// Sentence says in one line what is wrong.
func (k Kind) Sentence() string { return k.words().sentence }

// Repair proposes in one line what to do about it.
func (k Kind) Repair() string { return k.words().repair }

// Safe reports whether the repair can be made, and repeated, without a person.
func (k Kind) Safe() bool { return k.words().safe }

// ofPoints tells the kinds that by themselves explain a wrong sum.
func (k Kind) ofPoints() bool {
	return slices.Contains([]Kind{MovementMissing, MovementDoubled, MovementAmount, MovementUnknown,
		RefundWithoutConversion}, k)
}

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{MovementMissing, MovementDoubled, MovementAmount, MovementUnknown, RefundWithoutConversion,
		CodeAliveThoughEnded, CodeAliveThoughExpired, CodeDeactivatedThoughActive, CodeRenamed, CodeWrongCustomer,
		CodeWrongAmount, CodeWrongTerms, UsedButActive, UsedAfterRefund, UsedWithoutOrder, MetafieldStale,
		MetafieldEdited, CustomerGone, Stuck, Parked, SumMismatch, CampaignCodesMissing, CampaignCodesChanged,
		CampaignCodesUnlimited, CampaignCodesAlive}
}

// OfCampaigns tells the kinds that are about discounts of campaigns, and about no customer.
func (k Kind) OfCampaigns() bool {
	return slices.Contains([]Kind{CampaignCodesMissing, CampaignCodesChanged, CampaignCodesUnlimited, CampaignCodesAlive}, k)
}
