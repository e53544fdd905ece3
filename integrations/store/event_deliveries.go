package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/events"
)

type eventDeliveryRow struct {
	ID         int64 `gorm:"primaryKey"`
	EndpointID int64
	EventID    string
	Kind       string
	At         time.Time
	State      string
	Attempts   int
	Status     int
	Reason     string
	TriedAt    *time.Time
	AskedAt    time.Time
}

func (eventDeliveryRow) TableName() string { return "event_deliveries" }

func (r eventDeliveryRow) domain() events.Delivery {
	return events.Delivery{ID: r.ID, EventID: r.EventID, Kind: events.Kind(r.Kind), At: r.At.UTC(),
		State: events.State(r.State), Attempts: r.Attempts, Status: r.Status, Reason: r.Reason,
		TriedAt: utcOrNil(r.TriedAt), AskedAt: r.AskedAt.UTC()}
}

// Deliveries is the log of an endpoint, newest first: those with numbers below before, 0 for all.
func (s Events) Deliveries(ctx context.Context, endpoint, before int64, limit int) ([]events.Delivery, error) {
	q := s.db.WithContext(ctx).Where("endpoint_id = ?", endpoint)
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	var rows []eventDeliveryRow
	err := q.Order("id DESC").Limit(limit).Find(&rows).Error
	list := make([]events.Delivery, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, translate(err)
}

func noteFact(tx *gorm.DB, f *events.Fact) error {
	var row noteRow
	if err := tx.Raw(selectNotes+`id = ?`, f.Ref.Number).Take(&row).Error; err != nil {
		return err
	}
	if n, ok := events.OfNotification(row.Kind); ok && row.Ref != "" {
		f.Detail = map[string]any{n.Detail: row.Ref}
	}
	return couponFact(tx, row.CouponID, f)
}

// Load implements events.Outbox.
func (s Events) Load(ctx context.Context, id int64) (d events.Delivery, e events.Endpoint, f events.Fact, err error) {
	err = s.snapshot(ctx, func(tx *gorm.DB) error {
		var row eventDeliveryRow
		var endpoint endpointRow
		if err := tx.Take(&row, id).Error; err != nil {
			return err
		}
		if err := tx.Take(&endpoint, row.EndpointID).Error; err != nil {
			return err
		}
		d, e = row.domain(), endpoint.domain()
		ref, ok := events.ReadRef(d.EventID)
		if !ok {
			return gorm.ErrRecordNotFound
		}
		f = events.Fact{Ref: ref, Kind: d.Kind, At: d.At}
		switch ref.Source {
		case events.FromReview:
			return reviewFact(tx, &f)
		case events.FromNotice:
			return noteFact(tx, &f)
		default:
			return auditFact(tx, &f)
		}
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = domain.Refuse(domain.CodeNotFound)
	}
	return d, e, f, err
}

func auditFact(tx *gorm.DB, f *events.Fact) error {
	var row auditRow
	if err := tx.Raw(`SELECT `+auditColumns+` FROM audit_seals s JOIN audit a ON a.id = s.audit_id WHERE s.seq = ?`, f.Ref.Number).
		Take(&row).Error; err != nil {
		return err
	}
	entry, err := row.domain()
	if err != nil {
		return err
	}
	f.Detail, f.Status = entry.Detail, entry.To
	if number, ok := entry.Detail["review"].(float64); ok {
		f.Review = int64(number)
	}
	return couponFact(tx, entry.CouponID, f)
}

func reviewFact(tx *gorm.DB, f *events.Fact) error {
	var row struct {
		Kind      string
		CouponID  int64
		OrderName string
	}
	if err := tx.Raw(`SELECT kind, coupon_id, order_name FROM reviews WHERE id = ?`, f.Ref.Number).Take(&row).Error; err != nil {
		return err
	}
	f.Review, f.Subject = f.Ref.Number, row.Kind
	if row.OrderName != "" {
		f.Detail = map[string]any{"order": row.OrderName}
	}
	return couponFact(tx, row.CouponID, f)
}

func couponFact(tx *gorm.DB, id int64, f *events.Fact) error {
	if id == 0 {
		return nil
	}
	var row couponRow
	if err := tx.Take(&row, id).Error; err != nil {
		return err
	}
	c, err := row.domain()
	f.Coupon = &c
	if f.Status == "" {
		f.Status = c.Status
	}
	return err
}

// Tried implements events.Outbox.
func (s Events) Tried(ctx context.Context, d events.Delivery, off bool) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`UPDATE event_deliveries SET state = ?, attempts = ?, status = ?, reason = ?, tried_at = ?
			WHERE id = ? AND state = 'waiting'`, string(d.State), d.Attempts, d.Status, d.Reason, utcOrNil(d.TriedAt),
			d.ID).Error; err != nil || !off {
			return err
		}
		var row endpointRow
		if err := tx.Raw(`UPDATE event_endpoints SET active = false, gone = true, version = version + 1
			WHERE id = (SELECT endpoint_id FROM event_deliveries WHERE id = ?) AND active RETURNING `+endpointColumns, d.ID).
			Scan(&row).Error; err != nil || row.ID == 0 {
			return err
		}
		return s.endpointAudit(tx, domain.System(), domain.ActionEventEndpointChanged, row)
	})
}

// Forget implements events.Outbox.
func (s Events) Forget(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM event_deliveries WHERE id IN (SELECT id FROM event_deliveries
		WHERE state <> 'waiting' AND asked_at < ? LIMIT ?)`, before)
}
