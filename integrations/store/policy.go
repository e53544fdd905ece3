package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"gorm.io/gorm"

	"pointbridge/domain"
)

// RecordPolicy writes down which rights are in force, if they are others than those that were written down last. Rights
// are "role object:action".
func (s *Store) RecordPolicy(ctx context.Context, rights []string) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.oneAfterTheOther(tx, "policy"); err != nil {
			return err
		}
		before, err := lastRights(tx)
		added, removed := without(rights, before), without(before, rights)
		if err != nil || len(added)+len(removed) == 0 {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{{At: s.now(), Actor: "operator", Action: domain.ActionRightsChanged, Outcome: domain.OutcomeDone,
			Detail: map[string]any{"rights": rights, "added": added, "removed": removed}}}, 0)
	})
}

func lastRights(tx *gorm.DB) ([]string, error) {
	var row auditRow
	// The action is part of the text, so that the index of these few rows is used.
	err := tx.Where("action = 'rights.changed'").Order("id DESC").Take(&row).Error
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
	return detail.Rights, err
}

// without gives what of list is not in other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(entry string) bool { return slices.Contains(other, entry) })
}
