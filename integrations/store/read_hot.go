package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// What every mail and every step reads goes to the driver itself, a coupon with its movements in one message: gorm takes
// more time for a row of forty columns than PostgreSQL does. The rows are the same.
var (
	couponByID    = "SELECT " + couponColumns + " FROM coupons WHERE id = $1"
	movementsByID = "SELECT " + movementColumns + " FROM movements m WHERE coupon_id = $1 ORDER BY id"
	customerByID  = "SELECT " + customerColumns + " FROM customers WHERE id = $1"
)

func (s Coupons) loadAtOnce(ctx context.Context, couponID int64) (coupons.State, error) {
	var (
		row  couponRow
		list []movementRow
	)
	err := s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		var b pgx.Batch
		b.Queue(couponByID, couponID).Query(func(rows pgx.Rows) (err error) {
			row, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[couponRow])
			return err
		})
		b.Queue(movementsByID, couponID).Query(func(rows pgx.Rows) (err error) {
			list, err = pgx.CollectRows(rows, pgx.RowToStructByName[movementRow])
			return err
		})
		return c.SendBatch(ctx, &b).Close()
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return coupons.State{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	if err != nil {
		return coupons.State{}, err
	}
	return stateFrom(row, list)
}

// stateFrom is a coupon and its movements as they were read.
func stateFrom(row couponRow, list []movementRow) (coupons.State, error) {
	c, err := row.domain()
	if err != nil {
		return coupons.State{}, err
	}
	return coupons.State{Coupon: c, Movements: toMovements(list)}, nil
}

func toMovements(rows []movementRow) []domain.Movement {
	list := make([]domain.Movement, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list
}

func (s Members) customerAtOnce(ctx context.Context, id string) (row customerRow, err error) {
	err = s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, customerByID, id)
		if err != nil {
			return err
		}
		row, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[customerRow])
		return err
	})
	return row, err
}
