package coupons

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// Settings remembers what the service was last started with.
type Settings interface {
	// Remember calls compare once with what is remembered under the names of values, and commits the values that differ
	// together with the audit entries that compare gives. Two callers at once go one after the other. compare must be
	// pure.
	Remember(ctx context.Context, at time.Time, values map[string]string,
		compare func(have map[string]string) []domain.AuditEntry) error
}

// Rules returns the rules that decide what a conversion is worth and whether it may be, and how orders that came to
// nothing are made good, by name. Equal rules read alike,
// however they were written in the configuration.
func (p Policy) Rules() map[string]string {
	ranks := make([]string, 0, len(p.RankRates))
	for rank, rate := range p.RankRates {
		ranks = append(ranks, rank+"="+rate.String())
	}
	slices.Sort(ranks)
	campaigns := make([]string, 0, len(p.Campaigns))
	for _, c := range p.Campaigns {
		campaigns = append(campaigns, fmt.Sprintf("%s/%s=%s", c.From.UTC().Format(time.RFC3339),
			c.To.UTC().Format(time.RFC3339), c.Rate))
	}
	slices.Sort(campaigns)
	return map[string]string{
		"rate": p.Rate.String(), "rank_rates": strings.Join(ranks, ","), "campaigns": strings.Join(campaigns, ","),
		"unit": strconv.FormatInt(p.Unit, 10), "minimum": strconv.FormatInt(p.Minimum, 10),
		"daily_limit": strconv.FormatInt(p.DailyLimit, 10), "validity": p.Validity.String(),
		"minimum_subtotal": p.MinimumSubtotal.Decimal(), "currency": p.Currency,
		"coupons_per_order": strconv.Itoa(p.CouponsPerOrder),
		"partial_refunds":   strconv.FormatBool(p.PartialRefunds), "test_orders": strconv.FormatBool(p.TestOrders),
		"reissue_validity": p.ReissueValidity.String(), "four_eyes_points": strconv.FormatInt(p.FourEyes, 10),
		"auto_reissue_below": strconv.FormatInt(p.Auto.ReissueBelow, 10),
		"self_cancel_within": p.SelfCancel.String(),
		"auto_grant_below":   strconv.FormatInt(p.Auto.GrantBelow, 10), "auto_cases": strconv.Itoa(p.Auto.Reviews),
	}
}

// RecordRules compares the rules that hold from now on with those that are remembered, and records what changed: all of
// them as policy.recorded when none is remembered yet, else each difference with what it was and what it is.
func RecordRules(ctx context.Context, settings Settings, now time.Time, rules map[string]string) error {
	err := settings.Remember(ctx, now, rules, func(have map[string]string) []domain.AuditEntry {
		who := domain.System()
		e := domain.AuditEntry{At: now, Actor: who.ID, ActorName: who.Name, Credential: who.Credential,
			Action: domain.ActionPolicyRecorded, Outcome: domain.OutcomeDone, Detail: map[string]any{}}
		for name, value := range rules {
			before, known := have[name]
			switch {
			case len(have) == 0:
				e.Detail[name] = value
			case !known:
				e.Detail[name] = map[string]any{"from": nil, "to": value}
			case before != value:
				e.Detail[name] = map[string]any{"from": before, "to": value}
			}
		}
		if len(have) > 0 {
			e.Action = domain.ActionPolicyChanged
		}
		if len(e.Detail) == 0 {
			return nil
		}
		return []domain.AuditEntry{e}
	})
	if err != nil {
		return fmt.Errorf("record the rules: %w", err)
	}
	return nil
}
