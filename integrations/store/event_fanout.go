package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/events"
)

// due is an event that endpoints are to be told of.
type due struct {
	ref  events.Ref
	kind events.Kind
	at   time.Time
}

// FanOut implements events.Outbox. It goes by the order in which the record was sealed: whatever is committed is sealed
// in the end, however late, and after what was sealed before. One process at a time does it.
func (s Events) FanOut(ctx context.Context, limit int) (more bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		told, err := s.lockTold(tx)
		if err != nil {
			return err
		}
		all, err := endpoints(tx.Where("active"))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return skipAll(tx)
		}
		sealed, last, err := sealedSince(tx, told, limit)
		if err != nil {
			return err
		}
		opened, err := untold(tx, limit)
		if err != nil {
			return err
		}
		noted, err := untoldNotes(tx, limit)
		if err != nil {
			return err
		}
		more = last-told >= int64(limit) || len(opened) >= limit || len(noted) >= limit
		if err := tx.Exec(`UPDATE events_told SET seq = ? WHERE seq < ?`, last, last).Error; err != nil {
			return err
		}
		var rows []eventDeliveryRow
		for _, d := range slices.Concat(sealed, opened, noted) {
			for _, e := range all {
				if e.Wants(d.kind) && !d.at.Before(e.CreatedAt) {
					rows = append(rows, s.asked(e, d))
				}
			}
		}
		_, err = s.ask(ctx, tx, rows, `DO NOTHING`)
		return err
	})
	return more && err == nil, err
}

func (s Events) lockTold(tx *gorm.DB) (seq int64, err error) {
	return seq, tx.Raw(`SELECT seq FROM events_told` + s.locked()).Row().Scan(&seq)
}

// skipAll passes over what nobody is to be told of.
func skipAll(tx *gorm.DB) error {
	if err := tx.Exec(`UPDATE events_told SET seq = (SELECT max(seq) FROM audit_seals)
		WHERE seq < (SELECT max(seq) FROM audit_seals)`).Error; err != nil {
		return err
	}
	if err := tx.Exec(`UPDATE notifications SET told = true WHERE NOT told`).Error; err != nil {
		return err
	}
	return tx.Exec(`UPDATE reviews SET told = true WHERE NOT told`).Error
}

// lineRow is a line of the audit that may be an event.
type lineRow struct {
	Seq                          int64
	Action, FromStatus, ToStatus string
	At                           time.Time
}

const lineColumns = `a.action, a.from_status, a.to_status, a.at`

func (r lineRow) due() (list []due) {
	line := events.Line{Seq: r.Seq, Action: r.Action, From: domain.Status(r.FromStatus), To: domain.Status(r.ToStatus)}
	for _, told := range line.Events() {
		list = append(list, due{told.Ref, told.Kind, r.At.UTC()})
	}
	return list
}

// sealedSince reads the events among the next entries of the chain, and how far it read.
func sealedSince(tx *gorm.DB, after int64, limit int) (list []due, last int64, err error) {
	var rows []lineRow
	err = tx.Raw(`SELECT s.seq, `+lineColumns+` FROM audit_seals s JOIN audit a ON a.id = s.audit_id
		WHERE s.seq > ? ORDER BY s.seq LIMIT ?`, after, limit).Scan(&rows).Error
	for _, r := range rows {
		last = r.Seq
		list = append(list, r.due()...)
	}
	return list, last, err
}

// untold takes reviews that were opened since the last look.
func untold(tx *gorm.DB, limit int) (list []due, err error) {
	var rows []struct {
		ID       int64
		OpenedAt time.Time
	}
	err = tx.Raw(`SELECT id, opened_at FROM reviews WHERE NOT told ORDER BY id LIMIT ?`, limit).Scan(&rows).Error
	ids := make([]int64, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.ID)
		list = append(list, due{events.Ref{Source: events.FromReview, Number: r.ID}, events.ReviewOpened, r.OpenedAt.UTC()})
	}
	if err != nil || len(ids) == 0 {
		return list, err
	}
	return list, tx.Exec(`UPDATE reviews SET told = true WHERE id IN ?`, ids).Error
}

// noteRow is a notification that may be an event.
type noteRow struct {
	ID        int64
	Kind, Ref string
	CouponID  int64
	At        time.Time
}

const selectNotes = `SELECT id, kind, ref, coalesce(coupon_id, 0) AS coupon_id, at FROM notifications WHERE `

func dueNotes(rows []noteRow) (list []due) {
	for _, r := range rows {
		if n, ok := events.OfNotification(r.Kind); ok {
			list = append(list, due{events.Ref{Source: events.FromNotice, Number: r.ID}, n.Kind, r.At.UTC()})
		}
	}
	return list
}

// untoldNotes takes notifications that were written since the last look.
func untoldNotes(tx *gorm.DB, limit int) ([]due, error) {
	var rows []noteRow
	if err := tx.Raw(selectNotes+`NOT told ORDER BY id LIMIT ?`, limit).Scan(&rows).Error; err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, 0, len(rows))
	for _, r := range rows {
		ids = append(ids, r.ID)
	}
	return dueNotes(rows), tx.Exec(`UPDATE notifications SET told = true WHERE id IN ?`, ids).Error
}

func (s Events) asked(e events.Endpoint, d due) eventDeliveryRow {
	return eventDeliveryRow{EndpointID: e.ID, EventID: d.ref.ID(), Kind: string(d.kind), At: utc(d.at),
		State: string(events.Waiting), AskedAt: utc(s.now())}
}

// askAtOnce is how many deliveries one statement writes.
const askAtOnce = 100

// ask writes deliveries down, with a job for each that is new, or is to be made again; conflict says what becomes of
// those that are there.
func (s Events) ask(ctx context.Context, tx *gorm.DB, rows []eventDeliveryRow, conflict string) (asked int, err error) {
	for len(rows) > 0 {
		some := rows[:min(askAtOnce, len(rows))]
		rows = rows[len(some):]
		values := make([]any, 0, 6*len(some))
		for _, r := range some {
			values = append(values, r.EndpointID, r.EventID, r.Kind, r.At, r.State, r.AskedAt)
		}
		var ids []int64
		if err := tx.Raw(`INSERT INTO event_deliveries (endpoint_id, event_id, kind, at, state, asked_at) VALUES `+
			strings.TrimSuffix(strings.Repeat(`(?, ?, ?, ?, ?, ?), `, len(some)), ", ")+
			` ON CONFLICT (endpoint_id, event_id) `+conflict+` RETURNING id`, values...).Scan(&ids).Error; err != nil {
			return asked, err
		}
		list := make([]domain.Job, 0, len(ids))
		for _, id := range ids {
			list = append(list, domain.Job{Kind: domain.JobEvent, Ref: strconv.FormatInt(id, 10)})
		}
		if err := s.addJobs(ctx, tx, list); err != nil {
			return asked, err
		}
		asked += len(ids)
	}
	return asked, nil
}

// Replay implements events.Outbox. What waits already is left as it is.
func (s Events) Replay(ctx context.Context, by domain.Caller, e events.Endpoint, from, to time.Time,
	limit int) (asked int, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		list, err := between(tx, from, to, limit)
		if err != nil {
			return err
		}
		var rows []eventDeliveryRow
		for _, d := range list {
			if e.Wants(d.kind) {
				rows = append(rows, s.asked(e, d))
			}
		}
		if len(rows) > limit {
			return domain.Refuse(domain.CodeValidation, "field", "body.to", "rule", events.RuleTooMany)
		}
		asked, err = s.ask(ctx, tx, rows, `DO UPDATE SET state = 'waiting', asked_at = excluded.asked_at, attempts = 0,
			status = 0, reason = '', tried_at = NULL WHERE event_deliveries.state <> 'waiting'`)
		if err != nil {
			return err
		}
		return s.eventAudit(tx, by, domain.ActionEventsReplayed, map[string]any{"endpoint": e.PublicID,
			"from": from.UTC().Format(time.RFC3339), "to": to.UTC().Format(time.RFC3339), "events": asked})
	})
	return asked, err
}

// between reads the events of a time that were passed on, or could have been: one more than the limit of each source at
// most.
func between(tx *gorm.DB, from, to time.Time, limit int) ([]due, error) {
	var rows []lineRow
	if err := tx.Raw(`SELECT s.seq, `+lineColumns+` FROM audit a JOIN audit_seals s ON s.audit_id = a.id
		WHERE a.at >= ? AND a.at < ? AND (a.from_status <> a.to_status OR a.action IN ?)
		AND s.seq <= (SELECT seq FROM events_told) ORDER BY a.at, a.id LIMIT ?`, utc(from), utc(to), events.DoneActions(),
		limit+1).Scan(&rows).Error; err != nil {
		return nil, err
	}
	var opened []struct {
		ID       int64
		OpenedAt time.Time
	}
	if err := tx.Raw(`SELECT id, opened_at FROM reviews WHERE opened_at >= ? AND opened_at < ? AND told ORDER BY id LIMIT ?`,
		utc(from), utc(to), limit+1).Scan(&opened).Error; err != nil {
		return nil, err
	}
	var notes []noteRow
	if err := tx.Raw(selectNotes+`at >= ? AND at < ? AND told ORDER BY id LIMIT ?`, utc(from), utc(to),
		limit+1).Scan(&notes).Error; err != nil {
		return nil, err
	}
	list := dueNotes(notes)
	for _, r := range rows {
		list = append(list, r.due()...)
	}
	for _, r := range opened {
		list = append(list, due{events.Ref{Source: events.FromReview, Number: r.ID}, events.ReviewOpened, r.OpenedAt.UTC()})
	}
	return list, nil
}
