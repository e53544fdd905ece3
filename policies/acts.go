package policies

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pointbridge/domain"
)

//go:embed acts.csv
var actsText string

// ActsDigest is the SHA-256 of acts.csv, in hexadecimal.
func ActsDigest() string { return digest([]byte(actsText)) }

// needed is the right in policy.csv without which an act cannot be asked for.
func needed(act domain.Act) right {
	switch act {
	case domain.ActCancel, domain.ActSuspend:
		return right{"coupons", string(act)}
	case domain.ActRefund:
		return right{"refunds", "create"}
	default:
		return right{"reviews", "decide"}
	}
}

// Acts returns who may do which act, and how: acts.csv for the roles that come with Pointbridge. A role of the
// merchant's own has the rules of those that it inherits from, the strictest where they differ. Nobody keeps a rule
// without the right that it takes.
func (e *Enforcer) Acts() (domain.ActRules, error) {
	plain, err := readEmbedded() // acts.csv is held against policy.csv, whatever the merchant takes away
	if err != nil {
		return nil, err
	}
	rules := maps.Clone(plain.acts)
	for _, role := range e.book.Own() {
		for _, act := range domain.Acts() {
			if rule, ok := strictest(rules, act, e.book.Lineage(role)); ok {
				rules[domain.ActKey{Act: act, Role: role}] = rule
			}
		}
	}
	maps.DeleteFunc(rules, func(key domain.ActKey, _ domain.ActRule) bool {
		need := needed(key.Act)
		return key.Role != domain.RoleService && !e.Allow(key.Role, need.object, need.action)
	})
	return rules, nil
}

// strictest joins the rules of the shipped roles in a lineage.
func strictest(rules domain.ActRules, act domain.Act, lineage []domain.Role) (rule domain.ActRule, ok bool) {
	for _, role := range lineage {
		if of, has := rules[domain.ActKey{Act: act, Role: role}]; has && slices.Contains(domain.Roles(), role) {
			rule.Person, rule.Capped = rule.Person || of.Person, rule.Capped || of.Capped
			rule.SecondPerson, rule.Always = rule.SecondPerson || of.SecondPerson, rule.Always || of.Always
			ok = true
		}
	}
	return rule, ok
}

// shippedActs reads acts.csv. It names every fault there is in it: a line that silently does not count is found out too
// late.
func (e *Enforcer) shippedActs(text string) (domain.ActRules, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.TrimLeadingSpace, r.FieldsPerRecord = '#', true, -1
	lines, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read acts.csv: %w", err)
	}
	rules, faults := domain.ActRules{}, []error{}
	for _, line := range lines {
		key, rule, err := e.readAct(line)
		if err == nil {
			if _, twice := rules[key]; twice {
				err = errors.New("it is stated twice")
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("acts.csv: %s: %w", strings.Join(line, ", "), err))
			continue
		}
		rules[key] = rule
	}
	for _, act := range domain.Acts() {
		if !slices.ContainsFunc(domain.StaffRoles(), func(role domain.Role) bool { _, ok := rules[domain.ActKey{Act: act, Role: role}]; return ok }) {
			faults = append(faults, fmt.Errorf("acts.csv: nobody may %s", act))
		}
	}
	return rules, errors.Join(faults...)
}

// readAct reads one line.
func (e *Enforcer) readAct(line []string) (domain.ActKey, domain.ActRule, error) {
	if len(line) != 5 {
		return domain.ActKey{}, domain.ActRule{}, errors.New("it does not have act, role, by, cap and second")
	}
	key := domain.ActKey{Act: domain.Act(line[0]), Role: domain.Role(line[1])}
	by, capped, second := line[2], line[3], line[4]
	rule := domain.ActRule{Person: by == "person", Capped: capped == "capped", SecondPerson: second != "never",
		Always: second == "always"}
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	service := key.Role == domain.RoleService
	known := slices.Contains(domain.Acts(), key.Act)
	fault(!known, "there is no act %q", key.Act)
	fault(!service && !slices.Contains(domain.Roles(), key.Role), "there is no role %q", key.Role)
	fault(!slices.Contains([]string{"any", "person", "service"}, by), "by is any, person or service, not %q", by)
	fault(service != (by == "service"), "the service, and nobody else, acts by service")
	fault(!slices.Contains([]string{"capped", "free"}, capped), "cap is capped or free, not %q", capped)
	fault(!slices.Contains([]string{"above", "always", "never"}, second), "second is above, always or never, not %q", second)
	fault(known && key.Act.ClosesReview() && by == "any", "only a person decides a case")
	fault(known && !key.Act.ClosesReview() && rule.SecondPerson,
		"a second person needs a case on which the first one's proposal stands")
	if need := needed(key.Act); known && !service {
		fault(!e.Allow(key.Role, need.object, need.action), "policy.csv does not let the role %s %s", need.action,
			need.object)
	}
	return key, rule, errors.Join(faults...)
}
