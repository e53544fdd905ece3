package policies

import (
	_ "embed"
	"encoding/csv"
	"strings"
	"testing"

	"pointbridge/domain"
)

// decisionsText holds each decision about every role, object and action as it was before roles inherited.
//
//go:embed testdata/decisions.csv
var decisionsText string

func TestInheritanceChangesNoDecision(t *testing.T) {
	t.Parallel()
	e := enforcerOf(t)
	lines, err := csv.NewReader(strings.NewReader(decisionsText)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[matter]bool{}
	for _, line := range lines {
		role, object, action := domain.Role(line[0]), line[1], line[2]
		if got, want := e.Allow(role, object, action), line[3] == "allowed"; got != want {
			t.Errorf("%s %s %s: %v, before it was %v", role, object, action, got, want)
		}
		seen[matter{role: role, right: right{object, action}}] = true
	}
	for _, role := range append(domain.Roles(), domain.RoleService) {
		for _, object := range e.rights {
			for _, action := range e.rights {
				if !seen[matter{role: role, right: right{object.object, action.action}}] {
					t.Errorf("nothing is written down of %s %s %s", role, object.object, action.action)
				}
			}
		}
	}
}

func TestADutyIsNobodysRole(t *testing.T) {
	t.Parallel()
	e := enforcerOf(t)
	duties := 0
	for _, line := range strings.Split(policyText, "\n") {
		s, fault := readLine(line)
		if fault != "" || !isDuty(s.role) {
			continue
		}
		duties++
		if e.Allow(s.role, s.right.object, s.right.action) || e.Roles().Knows(s.role) {
			t.Errorf("somebody can be given %s", s.role)
		}
	}
	if duties == 0 {
		t.Error("there is no duty")
	}
}
