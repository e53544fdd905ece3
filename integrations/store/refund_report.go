package store

import (
	"context"

	"gorm.io/gorm"

	"pointbridge/domain/reports"
)

// Refunded implements reports.RefundStore. A stretch has one offset of the clocks, so a day is a number of slots.
func (s Reports) Refunded(ctx context.Context, within []reports.Stretch) (list []reports.Refunded, err error) {
	slot := `CAST(strftime('%s', substr(cancelled_at, 1, 19)) AS integer) / 900`
	if s.dialect == "postgres" {
		slot = `floor(extract(epoch FROM cancelled_at) / 900)::bigint`
	}
	return list, s.snapshot(ctx, func(tx *gorm.DB) error {
		for _, w := range within {
			var rows []struct {
				Day                              int64
				CancelActor, CancelledBy, Reason string
				Coupons, Points                  int64
			}
			err := tx.Raw(`SELECT (`+slot+` + ?) / 96 AS day, cancel_actor, max(cancelled_by) AS cancelled_by, reason,
				count(*) AS coupons, sum(points) AS points FROM coupons WHERE cancelled_at >= ? AND cancelled_at < ?
				GROUP BY 1, 2, 4`, w.Shift, utc(w.From.Begins()), utc(w.To.Begins())).Scan(&rows).Error
			if err != nil {
				return err
			}
			for _, r := range rows {
				list = append(list, reports.Refunded{Day: r.Day, Actor: r.CancelActor, Name: r.CancelledBy,
					Reason: r.Reason, Count: reports.Count{Coupons: r.Coupons, Points: r.Points}})
			}
		}
		return nil
	})
}
