package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type passkeyRow struct {
	ID           int64 `gorm:"primaryKey"`
	StaffID      int64
	Name         string
	CredentialID []byte
	Credential   []byte
	CreatedAt    time.Time `gorm:"autoCreateTime:false"`
	UsedAt       *time.Time
	AskedAt      time.Time
}

func (passkeyRow) TableName() string { return "staff_passkeys" }

type recoveryRow struct {
	Hash    []byte `gorm:"primaryKey"`
	StaffID int64
}

func (recoveryRow) TableName() string { return "staff_recovery" }

// ChangeFactors implements staff.SecondFactors.
func (s Staff) ChangeFactors(
	ctx context.Context,
	id int64,
	f staff.Factors,
	decide staff.Decide,
) (domain.Staff, error) {
	return s.changeStaff(ctx, id, decide, func(tx *gorm.DB) error { return saveFactors(tx, id, f) })
}

func saveFactors(tx *gorm.DB, id int64, f staff.Factors) error {
	if f.Add != nil {
		if err := addPasskey(tx, *f.Add); err != nil {
			return err
		}
	}
	if f.Remove != 0 {
		done := tx.Exec(`DELETE FROM staff_passkeys WHERE id = ? AND staff_id = ?`, f.Remove, id)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.Refuse(domain.CodeNotFound)
		}
	}
	if f.RemoveAll {
		if err := tx.Exec(`DELETE FROM staff_passkeys WHERE staff_id = ?`, id).Error; err != nil {
			return err
		}
	}
	if f.Recovery != nil {
		if err := replaceRecovery(tx, id, f.Recovery); err != nil {
			return err
		}
	}
	if f.Keep == nil {
		return nil
	}
	return tx.Exec(
		`UPDATE staff_sessions SET second_factor = ? WHERE hash = ? AND staff_id = ?`,
		true,
		f.Keep,
		id,
	).Error
}

// addPasskey stores a passkey. One that the browser made twice is stored once.
func addPasskey(tx *gorm.DB, p staff.Passkey) error {
	row := passkeyRow{
		StaffID:      p.StaffID,
		Name:         p.Name,
		CredentialID: p.CredentialID,
		Credential:   p.Credential,
		CreatedAt:    utc(p.CreatedAt),
		AskedAt:      utc(p.AskedAt),
	}
	err := tx.Create(&row).Error
	if violates(err, "staff_passkeys_credential") {
		return domain.Refuse(domain.CodeSecondFactorExists)
	}
	return err
}

func replaceRecovery(tx *gorm.DB, id int64, hashes [][]byte) error {
	if err := tx.Exec(`DELETE FROM staff_recovery WHERE staff_id = ?`, id).Error; err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := tx.Create(&recoveryRow{Hash: hash, StaffID: id}).Error; err != nil {
			return err
		}
	}
	return nil
}

// Passkeys implements staff.SecondFactors.
func (s Staff) Passkeys(ctx context.Context, staffID int64) ([]staff.Passkey, error) {
	var rows []passkeyRow
	if err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]staff.Passkey, 0, len(rows))
	for _, r := range rows {
		list = append(
			list,
			staff.Passkey{
				ID:           r.ID,
				StaffID:      r.StaffID,
				Name:         r.Name,
				CredentialID: r.CredentialID,
				Credential:   r.Credential,
				CreatedAt:    r.CreatedAt.UTC(),
				UsedAt:       utcOrNil(r.UsedAt),
				AskedAt:      r.AskedAt.UTC(),
			},
		)
	}
	return list, nil
}

// RecoveryCodes implements staff.SecondFactors.
func (s Staff) RecoveryCodes(ctx context.Context, staffID int64) (n int, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM staff_recovery WHERE staff_id = ?`, staffID).Scan(&n).Error
	return n, translate(err)
}
