package shopify

import (
	"context"
	"slices"

	"pointbridge/domain"
	"pointbridge/domain/identity"
)

// ScopeRisk is the scope that AssessRisk takes: "`write_orders` access scope. Also: This mutation is only accessible to
// apps authenticated using offline tokens" (access note of orderRiskAssessmentCreate in the schema of 2026-10).
const ScopeRisk = "write_orders"

// AssessRisk puts an assessment beside Shopify's own, for the shop's staff to read. It asks first what was said of the
// order already, and says the same only once: what a repetition finds of an attempt whose answer was lost is enough.
// Two that run at the same time can both say it. Errors: KindNotFound when the order is gone; KindAuth with
// ReasonAccessDenied without the scope; KindRefused with reason "order_already_fulfilled" for good, "invalid_level",
// "too_many_facts" or "invalid_fact" before anything was sent; else as CreateDiscount.
func (c *Client) AssessRisk(ctx context.Context, order string, level identity.RiskLevel,
	facts []identity.RiskFact) error {
	act := c.act("assess_risk", "order")
	wanted, fault := riskFacts(level, facts)
	if fault != "" {
		return act.fail(&domain.UpstreamError{Kind: domain.KindRefused, Reason: fault})
	}
	resp, err := orderRisk(ctx, act, order)
	switch {
	case err != nil:
		return err
	case resp.Order == nil:
		return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	case assessed(resp.Order, string(level), wanted):
		return nil
	}
	act = c.act("assess_risk", "orderRiskAssessmentCreate")
	made, err := riskAssess(ctx, act, OrderRiskAssessmentCreateInput{OrderId: order, RiskLevel: string(level),
		Facts: wanted})
	if err != nil {
		return err
	}
	payload := made.OrderRiskAssessmentCreate
	if payload == nil {
		return act.nonsense("no payload")
	}
	problems := problemsOf(payload.UserErrors)
	switch {
	case len(problems) == 1 && codeOf(problems[0]) == "NOT_FOUND":
		return act.fail(&domain.UpstreamError{Kind: domain.KindNotFound})
	case len(problems) > 0:
		return act.refused(problems)
	case payload.OrderRiskAssessment == nil:
		return act.nonsense("no assessment and no error")
	}
	return nil
}

// riskFacts gives the facts as Shopify takes them. Longer ones it would cut off by itself, and they would not be found
// again.
func riskFacts(level identity.RiskLevel,
	facts []identity.RiskFact) (list []OrderRiskAssessmentFactInput, fault string) {
	levels := []identity.RiskLevel{identity.RiskNone, identity.RiskLow, identity.RiskMedium, identity.RiskHigh}
	if !slices.Contains(levels, level) {
		return nil, "invalid_level"
	}
	if len(facts) > identity.MostRiskFacts {
		return nil, "too_many_facts"
	}
	sentiments := []identity.RiskSentiment{identity.RiskNegative, identity.RiskNeutral, identity.RiskPositive}
	list = []OrderRiskAssessmentFactInput{}
	for _, f := range facts {
		text := []rune(textOf(&f.Text))
		if len(text) == 0 || !slices.Contains(sentiments, f.Sentiment) {
			return nil, "invalid_fact"
		}
		if len(text) > identity.MostOfAFact {
			text = append(text[:identity.MostOfAFact-1:identity.MostOfAFact-1], '…')
		}
		list = append(list, OrderRiskAssessmentFactInput{Description: string(text), Sentiment: string(f.Sentiment)})
	}
	return list, ""
}

// assessed tells whether the same was said of the order already, in whatever order Shopify lists the facts.
func assessed(o *orderRiskOrder, level string, facts []OrderRiskAssessmentFactInput) bool {
	for _, a := range o.Risk.Assessments {
		var said []OrderRiskAssessmentFactInput
		for _, f := range a.Facts {
			said = append(said, OrderRiskAssessmentFactInput(f))
		}
		missing := func(f OrderRiskAssessmentFactInput) bool { return !slices.Contains(said, f) }
		if a.RiskLevel == level && len(said) == len(facts) && !slices.ContainsFunc(facts, missing) {
			return true
		}
	}
	return false
}
