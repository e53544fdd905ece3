package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/listing"
)

type viewRow struct {
	ID        int64 `gorm:"primaryKey"`
	StaffID   int64
	Name      string
	Query     string
	CreatedAt time.Time `gorm:"autoCreateTime:false"`
}

func (viewRow) TableName() string { return "staff_views" }

// Views implements listing.Views.
func (s Listing) Views(ctx context.Context, staffID int64) ([]listing.View, error) {
	var rows []viewRow
	err := s.db.WithContext(ctx).Where("staff_id = ?", staffID).Order("name, id").Find(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	list := make([]listing.View, 0, len(rows))
	for _, r := range rows {
		list = append(list, listing.View{ID: r.ID, StaffID: r.StaffID, Name: r.Name, Query: r.Query})
	}
	return list, nil
}

// SaveView implements listing.Views. The person's row is locked, so that two views at once are counted one after the
// other.
func (s Listing) SaveView(ctx context.Context, v listing.View) (saved bool, err error) {
	lock := ""
	if s.dialect == "postgres" {
		lock = " FOR UPDATE"
	}
	return saved, s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`SELECT id FROM staff WHERE id = ?`+lock, v.StaffID).Error; err != nil {
			return err
		}
		there := tx.Model(&viewRow{}).Where("staff_id = ? AND name = ?", v.StaffID, v.Name).Update("query", v.Query)
		if saved = there.Error == nil && there.RowsAffected > 0; saved || there.Error != nil {
			return there.Error
		}
		var n int64
		if err := tx.Model(&viewRow{}).Where("staff_id = ?", v.StaffID).Count(&n).Error; err != nil {
			return err
		}
		if n >= listing.MostViews {
			return nil
		}
		saved = true
		return tx.Create(&viewRow{StaffID: v.StaffID, Name: v.Name, Query: v.Query, CreatedAt: utc(s.now())}).Error
	})
}

// RemoveView implements listing.Views.
func (s Listing) RemoveView(ctx context.Context, staffID, id int64) error {
	return translate(s.db.WithContext(ctx).Where("staff_id = ? AND id = ?", staffID, id).Delete(&viewRow{}).Error)
}
