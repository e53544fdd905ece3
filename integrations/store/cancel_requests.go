package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/requests"
)

// CancelRequests implements requests.Store.
type CancelRequests struct{ *database }

type cancelRequestRow struct {
	ID          int64
	CouponID    int64
	Code        string
	State       string
	Reason      string
	Note        string
	Asker       string
	RequestHash string
	AskedAt     time.Time
	Decider     string
	Answer      string
	Problem     string
	DecidedAt   *time.Time
	SeenAt      *time.Time
	CustomerID  string
	Status      string
	Points      int64
	ExpiresAt   time.Time
}

const selectCancelRequests = `SELECT r.id, r.coupon_id, c.code, r.state, r.reason, r.note, r.asker, r.request_hash,
	r.asked_at, r.decider, r.answer, r.problem, r.decided_at, r.seen_at, c.customer_id, c.status, c.points, c.expires_at
	FROM cancel_requests r JOIN coupons c ON c.id = r.coupon_id WHERE `

func (r cancelRequestRow) domain() (requests.Request, error) {
	q := requests.Request{ID: r.ID, CouponID: r.CouponID, Code: r.Code, State: requests.State(r.State),
		Reason: r.Reason, Note: r.Note, AskedAt: r.AskedAt.UTC(), Answer: r.Answer, Problem: domain.Code(r.Problem),
		DecidedAt: utcOrNil(r.DecidedAt), SeenAt: utcOrNil(r.SeenAt), Coupon: requests.Subject{CustomerID: r.CustomerID,
			Status: domain.Status(r.Status), Points: r.Points, ExpiresAt: r.ExpiresAt.UTC()}}
	if err := json.Unmarshal([]byte(r.Asker), &q.Asker); err != nil {
		return q, fmt.Errorf("who asked in request %d: %w", r.ID, err)
	}
	if r.Decider == "" {
		return q, nil
	}
	if err := json.Unmarshal([]byte(r.Decider), &q.Decider); err != nil {
		return q, fmt.Errorf("who decided request %d: %w", r.ID, err)
	}
	return q, nil
}

func cancelRequests(tx *gorm.DB, rest string, args ...any) (list []requests.Request, err error) {
	var rows []cancelRequestRow
	if err := tx.Raw(selectCancelRequests+rest, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	for _, r := range rows {
		q, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	return list, nil
}

func oneCancelRequest(tx *gorm.DB, rest string, args ...any) (requests.Request, error) {
	list, err := cancelRequests(tx, rest, args...)
	if err == nil && len(list) == 0 {
		err = domain.Refuse(domain.CodeRequestNotFound)
	}
	if err != nil {
		return requests.Request{}, err
	}
	return list[0], nil
}

// Open implements requests.Store.
func (s CancelRequests) Open(ctx context.Context, o requests.Opening) (r requests.Request, replayed bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		r, replayed, err = earlierRequest(tx, o)
		if err != nil || replayed {
			return err
		}
		if o.Refusal != nil {
			return o.Refusal
		}
		q := o.Request
		asker, err := json.Marshal(q.Asker)
		if err != nil {
			return err
		}
		made := tx.Raw(`INSERT INTO cancel_requests (coupon_id, state, reason, note, asked_by, asker, request_key,
			request_hash, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`, q.CouponID,
			string(requests.Open), q.Reason, q.Note, q.Asker.ID, string(asker), o.Key, o.Hash, utc(q.AskedAt)).Scan(&q.ID)
		if made.Error != nil {
			return made.Error
		}
		if made.RowsAffected == 0 { // another one waits, or the same one was made in this moment
			if r, replayed, err = earlierRequest(tx, o); err != nil || replayed {
				return err
			}
			return domain.Refuse(domain.CodeRequestOpen)
		}
		o.Entry.Detail["request"] = q.ID
		o.Fact.Ref = strconv.FormatInt(q.ID, 10)
		if err := saveAudit(tx, []domain.AuditEntry{o.Entry}, o.Entry.CouponID); err != nil {
			return err
		}
		if err := note(tx, o.Fact); err != nil {
			return err
		}
		r, err = oneCancelRequest(tx, `r.id = ?`, q.ID)
		return err
	})
	return r, replayed, err
}

// earlierRequest is the one that the same key made, which has to have the same meaning.
func earlierRequest(tx *gorm.DB, o requests.Opening) (requests.Request, bool, error) {
	var row struct {
		ID          int64
		RequestHash string
	}
	found := tx.Raw(`SELECT id, request_hash FROM cancel_requests WHERE asked_by = ? AND request_key = ?`,
		o.Request.Asker.ID, o.Key).Scan(&row)
	switch {
	case found.Error != nil || found.RowsAffected == 0:
		return requests.Request{}, false, found.Error
	case row.RequestHash != o.Hash:
		return requests.Request{}, false, domain.Refuse(domain.CodeKeyReused)
	}
	r, err := oneCancelRequest(tx, `r.id = ?`, row.ID)
	return r, err == nil, err
}

// Request implements requests.Store.
func (s CancelRequests) Request(ctx context.Context, id int64) (requests.Request, error) {
	r, err := oneCancelRequest(s.db.WithContext(ctx), `r.id = ?`, id)
	return r, translate(err)
}

// Requests implements requests.Store.
func (s CancelRequests) Requests(ctx context.Context, f requests.Filter) ([]requests.Request, error) {
	where, args := `1 = 1`, []any{}
	if len(f.States) > 0 {
		where, args = where+` AND r.state IN ?`, append(args, f.States)
	}
	if f.AskedBy != "" {
		where, args = where+` AND r.asked_by = ?`, append(args, f.AskedBy)
	}
	if f.CouponID != 0 {
		where, args = where+` AND r.coupon_id = ?`, append(args, f.CouponID)
	}
	if f.Before != 0 {
		where, args = where+` AND r.id < ?`, append(args, f.Before)
	}
	list, err := cancelRequests(s.db.WithContext(ctx), where+` ORDER BY r.id DESC LIMIT ?`, append(args, f.Limit)...)
	return list, translate(err)
}

// Move implements requests.Store.
func (s CancelRequests) Move(ctx context.Context, m requests.Move) error {
	if !m.From.CanBecome(m.To) {
		return fmt.Errorf("a request cannot become %s from %s", m.To, m.From)
	}
	set, args := `state = ?, problem = ?`, []any{string(m.To), string(m.Problem)}
	switch {
	case m.Decider != nil:
		decider, err := json.Marshal(m.Decider)
		if err != nil {
			return err
		}
		set += `, decided_by = ?, decider = ?, answer = ?, decided_at = ?`
		args = append(args, m.Decider.ID, string(decider), m.Answer, utc(m.At))
	case m.To == requests.Open:
		set += `, decided_by = '', decider = '', answer = '', decided_at = NULL`
	case m.To != requests.Done:
		set, args = set+`, decided_at = ?`, append(args, utc(m.At))
	}
	return s.inTx(ctx, func(tx *gorm.DB) error {
		where := ` WHERE id = ? AND state = ?`
		if args = append(args, m.ID, string(m.From)); m.From == requests.Approved {
			where, args = where+` AND decided_by = ?`, append(args, m.Of)
		}
		done := tx.Exec(`UPDATE cancel_requests SET `+set+where, args...)
		switch {
		case done.Error != nil:
			return done.Error
		case done.RowsAffected != 1:
			return domain.ErrConflict
		}
		if m.Entry != nil {
			if err := saveAudit(tx, []domain.AuditEntry{*m.Entry}, m.Entry.CouponID); err != nil {
				return err
			}
		}
		if m.Fact == nil {
			return nil
		}
		return note(tx, *m.Fact)
	})
}

// ToDo implements requests.Store.
func (s CancelRequests) ToDo(ctx context.Context, now time.Time, limit int) ([]requests.Request, error) {
	list, err := cancelRequests(s.db.WithContext(ctx), `r.state IN ('open', 'approved') AND (r.state = 'approved'
		OR c.status <> 'active' OR c.expires_at <= ?) ORDER BY r.id LIMIT ?`, utc(now), limit)
	return list, translate(err)
}

// Waiting counts the requests that wait for a decision, and the answers that somebody has not seen.
func (s CancelRequests) Waiting(ctx context.Context, askedBy string) (open, answers int64, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT (SELECT count(*) FROM cancel_requests WHERE state = 'open'),
		(SELECT count(*) FROM cancel_requests WHERE asked_by = ? AND seen_at IS NULL
			AND state IN ('done', 'refused', 'lapsed'))`, askedBy).Row().Scan(&open, &answers)
	return open, answers, translate(err)
}

// Seen notes that whoever asked has seen what became of their requests.
func (s CancelRequests) Seen(ctx context.Context, askedBy string, upTo int64, at time.Time) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE cancel_requests SET seen_at = ? WHERE asked_by = ? AND id <= ?
		AND seen_at IS NULL AND state IN ('done', 'refused', 'lapsed')`, utc(at), askedBy, upTo).Error)
}
