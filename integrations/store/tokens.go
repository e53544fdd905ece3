package store

import (
	"context"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// AddToken implements staff.Tokens.
func (s Keys) AddToken(ctx context.Context, k domain.APIKey, entry domain.AuditEntry) (domain.APIKey, error) {
	row := keyRow{Prefix: k.Prefix, Hash: k.Hash, Role: string(k.Caller.Role), Name: k.Caller.Name,
		CreatedAt: utc(k.CreatedAt), StaffID: &k.StaffID, MadeBy: k.MadeBy}
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := insertKey(tx, &row); err != nil {
			return err
		}
		owner, err := oneStaff(tx.Where("id = ?", k.StaffID))
		if err != nil {
			return err
		}
		if err := s.tell(ctx, tx, staff.NoticeOfToken(owner, entry, k.Caller.Name)); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
	return row.domain(), err
}

// StaffTokens implements staff.Tokens.
func (s Keys) StaffTokens(ctx context.Context, staffID int64) ([]domain.APIKey, error) {
	var rows []keyRow
	if err := s.db.WithContext(ctx).Omit("hash").Where("staff_id = ? AND revoked_at IS NULL",
		staffID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]domain.APIKey, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// RevokeToken implements staff.Tokens.
func (s Keys) RevokeToken(ctx context.Context, staffID, tokenID int64, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE api_keys SET revoked_at = ? WHERE id = ? AND staff_id = ? AND revoked_at IS NULL`,
			utc(entry.At), tokenID, staffID)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.Refuse(domain.CodeNotFound)
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

// ofPerson makes a person's token speak for the person as they are now. Errors: unauthenticated when they may not get
// in.
func (s Keys) ofPerson(ctx context.Context, k domain.APIKey) (domain.APIKey, error) {
	person, err := Staff(s).StaffByID(ctx, k.StaffID)
	if err != nil {
		return domain.APIKey{}, err
	}
	if !person.Enabled() {
		return domain.APIKey{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	maker := k.Caller.MakerID
	k.Caller = person.Caller()
	k.Caller.Credential, k.Caller.MakerID = k.Credential(), maker
	// Before only people could make tokens for themselves, others made them too: such a token is not its person's word.
	k.Caller.Machine = k.MadeBy != k.Caller.ID
	return k, nil
}
