package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
)

type settingRow struct {
	Name      string `gorm:"primaryKey"`
	Value     string
	ChangedAt time.Time
}

func (settingRow) TableName() string { return "settings" }

// Settings gives what is remembered under these names; those that are not are left out.
func (s Settings) Settings(ctx context.Context, names ...string) (map[string]string, error) {
	var rows []settingRow
	if err := s.db.WithContext(ctx).Where("name IN ?", names).Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	values := make(map[string]string, len(rows))
	for _, r := range rows {
		values[r.Name] = r.Value
	}
	return values, nil
}

// Remember implements coupons.Settings. On PostgreSQL the table is locked against other writers, because a row that is
// not there yet cannot be; on SQLite the transaction has the write lock from its beginning.
func (s Settings) Remember(ctx context.Context, at time.Time, values map[string]string,
	compare func(map[string]string) []domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`LOCK TABLE settings IN SHARE ROW EXCLUSIVE MODE`).Error; err != nil {
				return err
			}
		}
		names := slices.Sorted(maps.Keys(values))
		var rows []settingRow
		if err := tx.Where("name IN ?", names).Find(&rows).Error; err != nil {
			return err
		}
		have := make(map[string]string, len(rows))
		for _, r := range rows {
			have[r.Name] = r.Value
		}
		record := compare(maps.Clone(have))
		for _, name := range names {
			if before, known := have[name]; known && before == values[name] {
				continue
			}
			if err := tx.Exec(`INSERT INTO settings (name, value, changed_at) VALUES (?, ?, ?)
				ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at`, name, values[name], utc(at)).Error; err != nil {
				return err
			}
		}
		return saveAudit(tx, record, 0)
	})
}
