package store

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// shownRights is how many rights that came or went stand in the audit one by one; of more their number is told.
const shownRights = 200

// RecordPolicy writes down which rights are in force, if they are others than those that were written down last. Rights
// are "role object:action".
func (s Audit) RecordPolicy(ctx context.Context, rights []string) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.oneAfterTheOther(tx, "policy"); err != nil {
			return err
		}
		before, err := lastRights(tx)
		added, removed := without(rights, before), without(before, rights)
		if err != nil || len(added)+len(removed) == 0 {
			return err
		}
		detail := map[string]any{"rights": byRole(rights)}
		for name, list := range map[string][]string{"added": added, "removed": removed} {
			detail[name] = list[:min(len(list), shownRights)]
			if more := len(list) - shownRights; more > 0 {
				detail[name+"_more"] = more
			}
		}
		return saveAudit(tx, []domain.AuditEntry{{At: s.now(), Actor: "operator", Action: domain.ActionRightsChanged,
			Outcome: domain.OutcomeDone, Detail: detail}}, 0)
	})
}

// byRole writes the rights of a role in one text, "role object:action object:action", so that many roles fit into an
// entry.
func byRole(rights []string) []string {
	texts := map[string]string{}
	for _, right := range rights {
		role, what, _ := strings.Cut(right, " ")
		if texts[role] == "" {
			texts[role] = role
		}
		texts[role] += " " + what
	}
	return slices.Sorted(maps.Values(texts))
}

func lastRights(tx *gorm.DB) ([]string, error) {
	var row auditRow
	// The action is part of the text, so that the index of these few rows is used.
	err := tx.Where("action = 'rights.changed'").Order("id DESC").Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) { // it may have been archived
		err = tx.Raw(`SELECT detail FROM audit_carried WHERE action = 'rights.changed' ORDER BY audit_id DESC LIMIT 1`).Take(&row).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var detail struct {
		Rights []string `json:"rights"`
	}
	err = json.Unmarshal([]byte(row.Detail), &detail)
	var list []string
	for _, text := range detail.Rights { // before, each text had one right
		words := strings.Fields(text)
		for _, what := range words[min(1, len(words)):] {
			list = append(list, words[0]+" "+what)
		}
	}
	return list, err
}

// without returns what of list is not in other.
func without(list, other []string) []string {
	known := make(map[string]bool, len(other))
	for _, entry := range other {
		known[entry] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(entry string) bool { return known[entry] })
}
