package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

type installationRow struct {
	State       string
	ReportedAt  *time.Time
	ConfirmedAt *time.Time
	AskedAt     *time.Time
	RefusedS    int64
	Version     int64
}

func (installationRow) TableName() string { return "installation" }

// Installation implements webhooks.Store.
func (s Webhooks) Installation(ctx context.Context) (webhooks.Installation, error) {
	var r installationRow
	if err := s.db.WithContext(ctx).Take(&r).Error; err != nil {
		return webhooks.Installation{}, translate(err)
	}
	return webhooks.Installation{State: webhooks.InstallState(r.State), ReportedAt: timeOrZero(r.ReportedAt),
		ConfirmedAt: timeOrZero(r.ConfirmedAt), AskedAt: timeOrZero(r.AskedAt), Refused: time.Duration(r.RefusedS) * time.Second, Version: r.Version}, nil
}

// SetInstallation implements webhooks.Store.
func (s Webhooks) SetInstallation(ctx context.Context, next webhooks.Installation, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE installation SET state = ?, reported_at = ?, confirmed_at = ?, asked_at = ?, refused_s = ?, version = version + 1
			WHERE id = 1 AND version = ?`, string(next.State), zeroAsNil(next.ReportedAt), zeroAsNil(next.ConfirmedAt), zeroAsNil(next.AskedAt),
			int64(next.Refused/time.Second), next.Version)
		switch {
		case done.Error != nil:
			return done.Error
		case done.RowsAffected == 0:
			return domain.ErrConflict
		case entry.Action == "":
			return nil
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

func timeOrZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func zeroAsNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return utcOrNil(&t)
}
