package couponstest

import (
	"slices"

	"pointbridge/domain"
)

// Acts lets everybody do everything, callers without a role too, with the caps and the second person that the service
// asks for: which role may do what is the business of the real table, and of its tests.
func Acts() domain.ActRules {
	rules := domain.ActRules{}
	alone := []domain.Act{domain.ActCancel, domain.ActSuspend, domain.ActRefund, domain.ActReturnPoints,
		domain.ActRefuse}
	for _, act := range domain.Acts() {
		for _, role := range append(domain.Roles(), domain.RoleService, "") {
			rules[domain.ActKey{Act: act, Role: role}] = domain.ActRule{Person: act.ClosesReview(),
				Capped: act != domain.ActRefuse, SecondPerson: !slices.Contains(alone, act)}
		}
	}
	return rules
}
