package store

import (
	"context"
	"time"

	"gorm.io/gorm"
)

// forgetAtOnce bounds how many rows one statement removes, so that it locks nothing for long.
const forgetAtOnce = 5000

// forget removes what is older than a moment, all of it, so many rows at once: a table that more is written to in an
// hour than one statement takes would grow without end otherwise. The statement takes the moment and how many. What was
// removed stays removed where a later statement fails.
func (s *database) forget(ctx context.Context, statement string, before time.Time) (total int64, err error) {
	for {
		var n int64
		err := s.inTx(ctx, func(tx *gorm.DB) error {
			done := tx.Exec(statement, utc(before), forgetAtOnce)
			n = done.RowsAffected
			return done.Error
		})
		if err != nil {
			return total, err
		}
		if total += n; n < forgetAtOnce || ctx.Err() != nil {
			return total, ctx.Err()
		}
	}
}
