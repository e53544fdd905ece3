package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"pointbridge/domain"
	"pointbridge/domain/coupons"
)

// errUnusual tells that the first commit of a coupon reads or writes more than openAtOnce does: nothing was done then.
var errUnusual = errors.New("this opening is unusual")

// What openAtOnce sends, as the driver has it.
var (
	holderText = numbered(holderSQL + " FOR UPDATE")
	intakeText = numbered(intakeSQL)
	openText   = numbered(openSQL)
)

// usuallyOpened tells of what is asked whether openAtOnce may try it: points of a member, on connections whose
// transactions begin with nothing that only a message of its own can carry.
func (s Coupons) usuallyOpened(o coupons.Opening) bool {
	return s.hot() && !s.lent && o.Shopper == nil && o.Campaign == domain.CampaignPoints
}

// openAtOnce is Open in two messages to PostgreSQL instead of five. The first begins the transaction, locks the customer
// and reads what is to be known under that lock: each statement of it sees what was committed before it, as it would if
// it had been sent by itself. The second inserts and commits.
func (s Coupons) openAtOnce(ctx context.Context, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (coupons.State, error) {
	var st coupons.State
	err := s.bare(ctx, func(ctx context.Context, c *pgx.Conn) error {
		change, err := beginOpening(ctx, c, o, decide)
		switch {
		case err == nil && change.Coupon.Code == "":
			return abandon(ctx, c, nil)
		case err == nil && !s.usualOpening(change):
			err = errUnusual
		}
		if err != nil {
			return abandon(ctx, c, err)
		}
		st, err = endOpening(ctx, c, change)
		return err
	})
	return st, err
}

// abandon ends a transaction that is not to be committed. A connection that cannot do even that is closed, which ends it
// as well.
func abandon(ctx context.Context, c *pgx.Conn, why error) error {
	if c.IsClosed() {
		return why
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackLimit)
	defer cancel()
	if _, err := c.Exec(ctx, "rollback"); err != nil {
		return errors.Join(why, c.Close(ctx))
	}
	return why
}

func beginOpening(ctx context.Context, c *pgx.Conn, o coupons.Opening, decide func(coupons.Intake) (coupons.Change,
	error)) (change coupons.Change, err error) {
	var (
		row   customerRow
		found intakeRow
		b     pgx.Batch
	)
	b.Queue("begin")
	b.Queue(holderText, o.CustomerID).QueryRow(func(r pgx.Row) error { return r.Scan(row.holder()...) })
	b.Queue(intakeText, intakeArgs(o, o.CustomerID)...).QueryRow(func(r pgx.Row) error { return r.Scan(found.into()...) })
	err = c.SendBatch(ctx, &b).Close()
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return change, domain.Refuse(domain.CodeCustomerNotFound)
	case err != nil:
		return change, err
	case found.RequestID != nil:
		return change, errUnusual
	}
	return decide(found.intake(row.domain()))
}

// endOpening sends the insert together with the commit. If no answer comes, nobody knows whether both were done; only the
// database's own refusal says that neither was.
func endOpening(ctx context.Context, c *pgx.Conn, change coupons.Change) (st coupons.State, err error) {
	if c.IsClosed() {
		return st, &trouble{cause: errLost, means: errLater}
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	sent := false
	st, err = insertAtOnce(change, func(args, into []any) error {
		sent = true
		var b pgx.Batch
		b.Queue(openText, args...).QueryRow(func(r pgx.Row) error { return r.Scan(into...) })
		b.Queue("commit").Exec(func(done pgconn.CommandTag) error {
			if done.String() != "COMMIT" {
				return pgx.ErrTxCommitRollback
			}
			return nil
		})
		return c.SendBatch(limited, &b).Close()
	})
	switch {
	case err == nil:
		return st, nil
	case sent && inDoubt(err):
		// Whatever became of it, nobody may find a transaction on this connection.
		return coupons.State{}, &trouble{cause: errors.Join(err, c.Close(limited)), means: errInDoubt}
	default:
		return coupons.State{}, abandon(ctx, c, err)
	}
}
