package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/notifications"
	"pointbridge/domain/reviews"
	"pointbridge/domain/staff"
)

// Notifications implements notifications.Facts.
type Notifications struct{ *database }

// note writes facts in the commit of what they tell of.
func note(tx *gorm.DB, facts ...notifications.Fact) error {
	for _, f := range facts {
		var coupon *int64
		if f.CouponID != 0 {
			coupon = &f.CouponID
		}
		if err := tx.Exec(`INSERT INTO notifications (kind, ref, coupon_id, at) VALUES (?, ?, ?, ?)`, string(f.Kind),
			f.Ref, coupon, utc(f.At)).Error; err != nil {
			return err
		}
	}
	return nil
}

// noteReview tells of a review that was opened.
func noteReview(tx *gorm.DB, kind reviews.Kind, couponID int64, at time.Time) error {
	f := notifications.Fact{Kind: notifications.ReviewOpened, Ref: string(kind), CouponID: couponID, At: at}
	if kind == reviews.Unsettled {
		f.Kind = notifications.CouponParked
	}
	return note(tx, f)
}

// Tell implements notifications.Facts.
func (s Notifications) Tell(ctx context.Context, facts ...notifications.Fact) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return note(tx, facts...) })
}

// Digest implements notifications.Facts. The facts are marked first, so that of two processes one waits and then finds
// nothing left.
func (s Notifications) Digest(ctx context.Context, at, notSince time.Time, roles []domain.Role) error {
	var due bool
	if err := s.db.WithContext(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM notifications WHERE mailed_at IS NULL
		AND kind IN ?) AND NOT EXISTS (SELECT 1 FROM notifications WHERE mailed_at > ? AND kind IN ?)`,
		notifications.Mailed(), utc(notSince), notifications.Mailed()).Row().Scan(&due); err != nil ||
		!due {
		return translate(err)
	}
	return s.inTx(ctx, func(tx *gorm.DB) error {
		var kinds []notifications.Kind
		if err := tx.Raw(`UPDATE notifications SET mailed_at = ? WHERE mailed_at IS NULL RETURNING kind`,
			utc(at)).Scan(&kinds).Error; err != nil {
			return err
		}
		times := map[notifications.Kind]int64{}
		for _, kind := range kinds {
			times[kind]++
		}
		var counts []notifications.Count
		for kind, n := range times {
			counts = append(counts, notifications.Count{Kind: kind, Times: n})
		}
		what := notifications.Write(counts)
		if what == "" {
			return nil
		}
		var people []staffRow
		if err := tx.Where("role IN ? AND disabled_at IS NULL AND suspended_at IS NULL", roles).Order("id").
			Find(&people).Error; err != nil {
			return err
		}
		list := make([]staff.Notice, 0, len(people))
		for _, p := range people {
			list = append(list, staff.Notice{StaffID: p.ID, To: p.Email, Name: p.Name, Locale: p.Locale,
				Kind: staff.NoticeDigest, What: what, At: at})
		}
		return s.tell(ctx, tx, list...)
	})
}

// Forget implements notifications.Facts. What no event was made of yet stays, however old it is.
func (s Notifications) Forget(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM notifications WHERE id IN (SELECT id FROM notifications WHERE at < ? AND told
		ORDER BY at LIMIT ?)`, before)
}
