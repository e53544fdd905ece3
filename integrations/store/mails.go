package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/notices"
)

// Mails implements notices.Log, and reads it.
type Mails struct{ *database }

// mailsShown bounds how many mails are told of at once.
const mailsShown = 50

type mailRow struct {
	ID        int64 `gorm:"primaryKey"`
	Event     string
	CouponID  int64
	Code      string
	Kind      string
	Step      int
	Again     string
	AskedBy   string
	Address   string
	State     string
	Reason    string
	Reply     int
	QueueID   string
	Attempts  int
	CreatedAt time.Time
	ChangedAt time.Time
}

func (r mailRow) domain() notices.Entry {
	return notices.Entry{ID: r.ID, Event: r.Event, CouponID: r.CouponID, Code: r.Code, Kind: domain.MailKind(r.Kind),
		Step: r.Step, Again: r.Again, AskedBy: r.AskedBy, Address: r.Address, State: notices.State(r.State), Reason: r.Reason,
		Reply: r.Reply, QueueID: r.QueueID, Attempts: r.Attempts, CreatedAt: r.CreatedAt.UTC(), ChangedAt: r.ChangedAt.UTC()}
}

// Note implements notices.Log.
func (s Mails) Note(ctx context.Context, e notices.Entry) (sent bool, err error) {
	attempts := 0
	if e.State == notices.Sending {
		attempts = 1
	}
	args := []any{e.Event, e.CouponID, string(e.Kind), e.Step, e.Again, e.Address, string(e.State), e.Reason, e.Reply,
		e.QueueID, attempts, utc(e.ChangedAt), utc(e.ChangedAt)}
	var noted bool
	if s.hot() {
		noted, err = s.noteTogether(ctx, e, args)
	} else {
		var id int64
		noted, err = s.bareRow(ctx, []any{&id}, insertMail+` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`+noteMail+` RETURNING id`, args...)
	}
	return err == nil && !noted, err
}

const (
	insertMail = `INSERT INTO mails (event, coupon_id, kind, step, again, address, state, reason, reply, queue_id, attempts, created_at, changed_at)`
	noteMail   = ` ON CONFLICT (event) DO UPDATE SET address = excluded.address, state = excluded.state, reason = excluded.reason, reply = excluded.reply,
		queue_id = excluded.queue_id, attempts = mails.attempts + excluded.attempts, changed_at = excluded.changed_at
	WHERE mails.state <> 'sent'`
)

// noteTogether notes several at once. That a mail was begun need not be on the disk: its job, which would begin it again,
// is not waited for either.
func (s Mails) noteTogether(ctx context.Context, e notices.Entry, args []any) (noted bool, err error) {
	with, durable := s.ended, "0"
	if e.State == notices.Sending {
		with, durable = s.begun, "length(set_config('synchronous_commit', 'off', true))"
	}
	row := &entry{key: e.Event, wrote: func(int64, int64) { noted = true }}
	if err = row.add("v", `, m AS (`+insertMail+` SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM v`+noteMail+` RETURNING event)
		SELECT v.turn, 0, `+durable+` FROM v JOIN m ON m.event = v.p1`, args...); err != nil {
		return false, err
	}
	err = s.share(ctx, with, row)
	return noted, err
}

// Ask implements notices.Log. The coupon's row is locked, so that two who ask at once are counted one after the other.
func (s Mails) Ask(ctx context.Context, e notices.Entry, since time.Time, most int, job domain.Job,
	audit domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT id FROM coupons WHERE id = ? FOR UPDATE`, e.CouponID).Error; err != nil {
				return err
			}
		}
		var before, asked int
		if err := tx.Raw(`SELECT count(*) FROM mails WHERE event = ?`, e.Event).Row().Scan(&before); err != nil || before > 0 {
			return err // the same form again
		}
		if err := tx.Raw(`SELECT count(*) FROM mails WHERE coupon_id = ? AND again <> '' AND created_at > ?`, e.CouponID,
			utc(since)).Row().Scan(&asked); err != nil {
			return err
		}
		if asked >= most {
			return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: e.ChangedAt.Sub(since)}
		}
		if err := tx.Exec(`INSERT INTO mails (event, coupon_id, kind, step, again, asked_by, address, state, created_at, changed_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Event, e.CouponID, string(e.Kind), e.Step, e.Again, e.AskedBy, e.Address,
			string(e.State), utc(e.ChangedAt), utc(e.ChangedAt)).Error; err != nil {
			return err
		}
		if err := saveAudit(tx, []domain.AuditEntry{audit}, 0); err != nil {
			return err
		}
		return s.addJobs(ctx, tx, []domain.Job{job})
	})
}

// AskProof implements notices.ProofLog. A person's requests are counted one after the other.
func (s Mails) AskProof(ctx context.Context, entry domain.AuditEntry, since time.Time, most int) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, "proofs:"+entry.Actor).Error; err != nil {
				return err
			}
		}
		var asked int
		err := tx.Raw(`SELECT count(*) FROM audit WHERE actor = ? AND at > ? AND action = ?`, entry.Actor, utc(since),
			entry.Action).Row().Scan(&asked)
		switch {
		case err != nil:
			return err
		case asked >= most:
			return &domain.Error{Code: domain.CodeRateLimited, RetryAfter: entry.At.Sub(since)}
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

// Forget implements notices.Log.
func (s Mails) Forget(ctx context.Context, before time.Time) (n int64, err error) {
	return s.forget(ctx, `DELETE FROM mails WHERE id IN (SELECT id FROM mails WHERE created_at < ? ORDER BY created_at
		LIMIT ?)`, before)
}

// OfCoupon reads what is known of a coupon's mails, oldest first.
func (s Mails) OfCoupon(ctx context.Context, couponID int64) ([]notices.Entry, error) {
	return s.read(ctx, `m.coupon_id = ?`, couponID)
}

// OfCustomer reads what is known of a member's mails, oldest first.
func (s Mails) OfCustomer(ctx context.Context, customerID string) ([]notices.Entry, error) {
	return s.read(ctx, `k.customer_id = ?`, customerID)
}

var mailColumns = columnsOf(&mailRow{}, "m", "code")

func (s Mails) read(ctx context.Context, which string, arg any) ([]notices.Entry, error) {
	var rows []mailRow
	err := s.db.WithContext(ctx).Raw(`SELECT `+mailColumns+`, k.code FROM mails m JOIN coupons k ON k.id = m.coupon_id
		WHERE `+which+` ORDER BY m.id DESC LIMIT ?`, arg, mailsShown).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	list := make([]notices.Entry, 0, len(rows))
	for i := range rows {
		list = append(list, rows[len(rows)-1-i].domain())
	}
	return list, nil
}
