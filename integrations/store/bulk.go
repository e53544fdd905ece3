package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/bulk"
	"pointbridge/domain/coupons"
)

// Bulk implements bulk.Store and bulk.Desk.
type Bulk struct{ *database }

type bulkRow struct {
	ID          int64
	PublicID    string
	Kind        string
	Status      string
	Reason      string
	Note        string
	Wanted      int
	Points      int64
	Done        int
	Refused     int
	Maker       string
	Approver    string
	RequestHash string
	MadeAt      time.Time
	FinishedAt  *time.Time
	LeaseUntil  time.Time
}

const selectBulk = `SELECT id, public_id, kind, status, reason, note, wanted, points, done, refused, maker, approver,
	request_hash, made_at, finished_at, lease_until FROM bulk_jobs WHERE `

func (r bulkRow) domain() (bulk.Job, error) {
	j := bulk.Job{ID: r.ID, PublicID: r.PublicID, Kind: bulk.Kind(r.Kind), Status: bulk.Status(r.Status),
		Reason: r.Reason, Note: r.Note, Wanted: r.Wanted, Points: r.Points, Done: r.Done, Refused: r.Refused,
		MadeAt: r.MadeAt.UTC(), FinishedAt: utcOrNil(r.FinishedAt), LeaseUntil: r.LeaseUntil.UTC()}
	if err := json.Unmarshal([]byte(r.Maker), &j.Maker); err != nil {
		return j, fmt.Errorf("who made the bulk job %s: %w", r.PublicID, err)
	}
	if r.Approver == "" {
		return j, nil
	}
	if err := json.Unmarshal([]byte(r.Approver), &j.Approver); err != nil {
		return j, fmt.Errorf("who approved the bulk job %s: %w", r.PublicID, err)
	}
	return j, nil
}

func bulkJobs(tx *gorm.DB, rest string, args ...any) (list []bulk.Job, err error) {
	var rows []bulkRow
	if err := tx.Raw(selectBulk+rest, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, r := range rows {
		j, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, j)
	}
	return list, nil
}

// Open implements bulk.Store.
func (s Bulk) Open(ctx context.Context, o bulk.Opening) (j bulk.Job, replayed bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		var earlier bulkRow
		found := tx.Raw(selectBulk+`made_by = ? AND request_key = ?`, o.Job.Maker.ID, o.Key).Scan(&earlier)
		if found.Error != nil {
			return found.Error
		}
		if replayed = found.RowsAffected > 0; replayed {
			if earlier.RequestHash != o.Hash {
				return domain.Refuse(domain.CodeKeyReused)
			}
			j, err = earlier.domain()
			return err
		}
		if o.Refusal != nil {
			return o.Refusal
		}
		if o.Job.Left() == 0 {
			return domain.Refuse(domain.CodeValidation, "field", "codes")
		}
		maker, err := json.Marshal(o.Job.Maker)
		if err != nil {
			return err
		}
		n := o.Job
		if err := tx.Raw(`INSERT INTO bulk_jobs (public_id, kind, status, reason, note, wanted, refused, points, made_by, maker,
			request_key, request_hash, made_at, lease_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			n.PublicID, string(n.Kind), string(n.Status), n.Reason, n.Note, n.Wanted, n.Refused, n.Points, n.Maker.ID,
			string(maker), o.Key, o.Hash, utc(n.MadeAt), utc(n.LeaseUntil)).Row().Scan(&n.ID); err != nil {
			return err
		}
		rows := make([]map[string]any, 0, len(o.Rows))
		for _, r := range o.Rows {
			rows = append(rows, map[string]any{"bulk_id": n.ID, "row": r.Row, "coupon_id": r.CouponID,
				"state": string(r.State), "reason": r.Reason})
		}
		if err := tx.Table("bulk_rows").Create(rows).Error; err != nil {
			return err
		}
		if err := saveAudit(tx, []domain.AuditEntry{o.Entry}, 0); err != nil {
			return err
		}
		if o.Fact != nil {
			if err := note(tx, *o.Fact); err != nil {
				return err
			}
		}
		j = n
		return s.bulkDue(ctx, tx, n.Status)
	})
	return j, replayed, err
}

// bulkDue asks the queue to look at a job that runs.
func (s Bulk) bulkDue(ctx context.Context, tx *gorm.DB, status bulk.Status) error {
	if status != bulk.Running {
		return nil
	}
	return s.addJobs(ctx, tx, []domain.Job{{Kind: domain.JobBulk}})
}

// Job implements bulk.Store.
func (s Bulk) Job(ctx context.Context, publicID string) (bulk.Job, error) {
	list, err := bulkJobs(s.db.WithContext(ctx), `public_id = ?`, publicID)
	if err == nil && len(list) == 0 {
		err = domain.Refuse(domain.CodeBulkNotFound)
	}
	if err != nil {
		return bulk.Job{}, translate(err)
	}
	return list[0], nil
}

// Jobs lists jobs, newest first.
func (s Bulk) Jobs(ctx context.Context, before int64, limit int) ([]bulk.Job, error) {
	where, args := `1 = 1`, []any{}
	if before > 0 {
		where, args = `id < ?`, append(args, before)
	}
	list, err := bulkJobs(s.db.WithContext(ctx), where+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	return list, translate(err)
}

// Rows lists every row of a job.
func (s Bulk) Rows(ctx context.Context, id int64) ([]bulk.Row, error) {
	return s.rows(ctx, `r.bulk_id = ? ORDER BY r.row`, id)
}

func (s Bulk) rows(ctx context.Context, rest string, args ...any) ([]bulk.Row, error) {
	var rows []struct {
		Row      int
		CouponID int64
		Code     string
		Points   int64
		State    string
		Reason   string
	}
	err := s.db.WithContext(ctx).Raw(`SELECT r.row, r.coupon_id, c.code, c.points, r.state, r.reason FROM bulk_rows r
		JOIN coupons c ON c.id = r.coupon_id WHERE `+rest, args...).Scan(&rows).Error
	list := make([]bulk.Row, 0, len(rows))
	for _, r := range rows {
		list = append(list, bulk.Row{Row: r.Row, CouponID: r.CouponID, Code: r.Code, Points: r.Points,
			State: bulk.RowState(r.State), Reason: r.Reason})
	}
	return list, translate(err)
}

// Move implements bulk.Store.
func (s Bulk) Move(ctx context.Context, m bulk.Move) error {
	if !m.From.CanBecome(m.To) {
		return fmt.Errorf("a bulk job cannot become %s from %s", m.To, m.From)
	}
	return s.inTx(ctx, func(tx *gorm.DB) error {
		set, args := `status = ?, lease_until = ?`, []any{string(m.To), utc(m.At)}
		if m.From == bulk.Running { // whoever works on it keeps the lease that it is known by
			set, args = `status = ?`, args[:1]
		}
		if m.To == bulk.Stopped {
			set, args = set+`, finished_at = ?`, append(args, utc(m.At))
		}
		if m.Approver != nil {
			if err := noPartner(tx, m.Approver.PersonID, m.Behind); err != nil {
				return err
			}
			approver, err := json.Marshal(m.Approver)
			if err != nil {
				return err
			}
			set, args = set+`, approver = ?`, append(args, string(approver))
		}
		done := tx.Exec(`UPDATE bulk_jobs SET `+set+` WHERE id = ? AND status = ?`, append(args, m.ID, string(m.From))...)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		if err := saveAudit(tx, []domain.AuditEntry{m.Entry}, 0); err != nil {
			return err
		}
		return s.bulkDue(ctx, tx, m.To)
	})
}

// Due implements bulk.Desk.
func (s Bulk) Due(ctx context.Context, now time.Time) ([]bulk.Job, error) {
	list, err := bulkJobs(s.db.WithContext(ctx), `status = 'running' AND lease_until <= ? ORDER BY id LIMIT 20`, utc(now))
	return list, translate(err)
}

// Claim implements bulk.Desk.
func (s Bulk) Claim(ctx context.Context, id int64, now, until time.Time) error {
	return s.one(s.db.WithContext(ctx).Exec(`UPDATE bulk_jobs SET lease_until = ? WHERE id = ? AND status = 'running'
		AND lease_until <= ?`, utc(until), id, utc(now)))
}

func (s Bulk) one(done *gorm.DB) error {
	if done.Error == nil && done.RowsAffected != 1 {
		return domain.ErrConflict
	}
	return translate(done.Error)
}

// Waiting implements bulk.Desk.
func (s Bulk) Waiting(ctx context.Context, id int64, after, limit int) ([]bulk.Row, error) {
	return s.rows(ctx, `r.bulk_id = ? AND r.state = 'waiting' AND r.row > ? ORDER BY r.row LIMIT ?`, id, after, limit)
}

// Settle implements bulk.Desk. A row that is done is written although the job was stopped meanwhile: it did happen.
func (s Bulk) Settle(ctx context.Context, w bulk.Settled) error {
	stopped := false
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		done, refused := 0, 1
		if w.Row.State == bulk.RowDone {
			done, refused = 1, 0
		}
		var status string
		found := tx.Raw(`UPDATE bulk_jobs SET lease_until = ?, done = done + ?, refused = refused + ?
			WHERE id = ? AND lease_until = ? RETURNING status`, utc(w.New), done, refused, w.JobID,
			utc(w.Lease)).Scan(&status)
		if found.Error != nil {
			return found.Error
		}
		if found.RowsAffected != 1 {
			return domain.ErrConflict
		}
		row := tx.Exec(`UPDATE bulk_rows SET state = ?, reason = ? WHERE bulk_id = ? AND row = ? AND state = 'waiting'`,
			string(w.Row.State), w.Row.Reason, w.JobID, w.Row.Row)
		if row.Error == nil && row.RowsAffected != 1 {
			return domain.ErrConflict
		}
		stopped = status != string(bulk.Running)
		return row.Error
	})
	if err == nil && stopped {
		return domain.ErrConflict
	}
	return err
}

// Finish implements bulk.Desk.
func (s Bulk) Finish(ctx context.Context, f bulk.Finished) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		set, args := `lease_until = ?`, []any{utc(f.New)}
		if f.Done {
			set, args = set+`, status = 'done', finished_at = ?`, append(args, utc(f.New))
		}
		done := tx.Exec(`UPDATE bulk_jobs SET `+set+` WHERE id = ? AND lease_until = ? AND status = 'running'`,
			append(args, f.JobID, utc(f.Lease))...)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		if f.Entry == nil {
			return nil
		}
		return saveAudit(tx, []domain.AuditEntry{*f.Entry}, 0)
	})
}

// MovedToday implements bulk.Coupons.
func (s Coupons) MovedToday(ctx context.Context, who domain.Caller, since time.Time) (int64, error) {
	points, err := movedToday(s.db.WithContext(ctx), coupons.Question{Actor: who.ID, PersonID: who.PersonID,
		MakerID: who.MakerID, DayStart: since})
	return points, translate(err)
}
