package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// knownDevices is how many of a person's devices are remembered.
const knownDevices = 50

// OpenSession implements staff.Sessions. Sessions that are over are removed on the way.
func (s Sessions) OpenSession(ctx context.Context, o staff.Opening) error {
	row := sessionToRow(o.Session)
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := spend(tx, o.Session.StaffID, o.Spend); err != nil {
			return err
		}
		if err := tx.Exec(`DELETE FROM staff_sessions WHERE expires_at <= ? OR hash = ?`, row.CreatedAt,
			o.Replaces).Error; err != nil {
			return err
		}
		if err := takeBack(tx, o); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := s.arrive(ctx, tx, o); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{o.Entry}, 0)
	})
}

func takeBack(tx *gorm.DB, o staff.Opening) error {
	if o.HalfWay {
		return withdraw(tx, o.Attempt)
	}
	return forgive(tx, o.Attempt)
}

// arrive remembers where and in which language somebody signed in, and tells them of a device that is new among others.
func (s Sessions) arrive(ctx context.Context, tx *gorm.DB, o staff.Opening) error {
	id, now := o.Session.StaffID, utc(o.Session.CreatedAt)
	if o.Locale != "" {
		if err := tx.Exec(`UPDATE staff SET locale = ? WHERE id = ? AND locale <> ?`, o.Locale, id,
			o.Locale).Error; err != nil {
			return err
		}
	}
	if o.Device == "" {
		return nil
	}
	seen := tx.Exec(`UPDATE staff_devices SET seen_at = ? WHERE staff_id = ? AND device = ?`, now, id, o.Device)
	if seen.Error != nil || seen.RowsAffected > 0 {
		return seen.Error
	}
	var others int64
	if err := tx.Raw(`SELECT count(*) FROM staff_devices WHERE staff_id = ?`, id).Scan(&others).Error; err != nil {
		return err
	}
	if others >= knownDevices {
		if err := tx.Exec(`DELETE FROM staff_devices WHERE staff_id = ? AND device IN
			(SELECT device FROM staff_devices WHERE staff_id = ? ORDER BY seen_at LIMIT ?)`, id, id, others-knownDevices+1).Error; err != nil {
			return err
		}
	}
	err := tx.Exec(
		`INSERT INTO staff_devices (staff_id, device, seen_at) VALUES (?, ?, ?) ON CONFLICT (staff_id, device) DO NOTHING`,
		id,
		o.Device,
		now,
	).Error
	if err != nil || others == 0 {
		return err
	}
	return s.tell(ctx, tx, o.NewDevice)
}

// spend uses up what can let somebody in once only. Whoever comes second finds it gone.
func spend(tx *gorm.DB, staffID int64, what staff.Spend) error {
	var done *gorm.DB
	switch {
	case what.Step > 0:
		done = tx.Exec(
			`UPDATE staff SET totp_step = ? WHERE id = ? AND totp <> '' AND totp_step < ?`,
			what.Step,
			staffID,
			what.Step,
		)
	case what.Recovery != nil:
		done = tx.Exec(`DELETE FROM staff_recovery WHERE hash = ? AND staff_id = ?`, what.Recovery, staffID)
	case what.Passkey != nil:
		p := what.Passkey
		done = tx.Exec(
			`UPDATE staff_passkeys SET credential = ?, used_at = ?, asked_at = ? WHERE id = ? AND staff_id = ? AND asked_at < ?`,
			p.Credential,
			utcOrNil(p.UsedAt),
			utc(p.AskedAt),
			p.ID,
			staffID,
			utc(p.AskedAt),
		)
	default:
		return nil
	}
	if done.Error == nil && done.RowsAffected == 0 {
		return domain.Refuse(domain.CodeSecondFactorWrong)
	}
	return done.Error
}

// Withdraw implements staff.Attempts.
func (s SignIns) Withdraw(ctx context.Context, attempt int64, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := withdraw(tx, attempt); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

func withdraw(tx *gorm.DB, attempt int64) error {
	return tx.Exec(`DELETE FROM sign_in_failures WHERE id = ?`, attempt).Error
}

// SessionsOf implements staff.Sessions.
func (s Sessions) SessionsOf(ctx context.Context, staffID int64, now time.Time) ([]domain.Session, error) {
	var rows []sessionRow
	err := s.db.WithContext(ctx).
		Where("staff_id = ? AND expires_at > ?", staffID, utc(now)).
		Order("created_at DESC, hash").
		Find(&rows).
		Error
	if err != nil {
		return nil, translate(err)
	}
	list := make([]domain.Session, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// EndSessions implements staff.SessionEnds.
func (s Sessions) EndSessions(ctx context.Context, staffID int64, keep []byte, entry domain.AuditEntry) error {
	if keep == nil {
		keep = []byte{} // no session has it
	}
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`DELETE FROM staff_sessions WHERE staff_id = ? AND hash <> ?`, staffID,
			keep).Error; err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

// SeeSession implements staff.Sessions. Of many requests at once the first writes.
func (s Sessions) SeeSession(ctx context.Context, hash []byte, at time.Time) error {
	return translate(
		s.db.WithContext(ctx).
			Exec(`UPDATE staff_sessions SET seen_at = ? WHERE hash = ? AND seen_at < ?`, utc(at), hash, utc(at)).
			Error,
	)
}

// ConfirmSession implements staff.Sessions.
func (s Sessions) ConfirmSession(
	ctx context.Context,
	session domain.Session,
	what staff.Spend,
	attempt int64,
	entry domain.AuditEntry,
) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := spend(tx, session.StaffID, what); err != nil {
			return err
		}
		if err := forgive(tx, attempt); err != nil {
			return err
		}
		done := tx.Exec(
			`UPDATE staff_sessions SET authenticated_at = ? WHERE hash = ?`,
			utc(session.AuthenticatedAt),
			session.Hash,
		)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.Refuse(domain.CodeNotFound)
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}

type noticeRow struct {
	ID      int64 `gorm:"primaryKey"`
	StaffID int64
	Address string
	Name    string
	Locale  string
	Kind    string
	ByName  string
	What    string
	Network string
	At      time.Time
}

func (noticeRow) TableName() string { return "staff_notices" }

// tell keeps notices and asks the queue for their mails, in the commit of what they tell of.
func (s *database) tell(ctx context.Context, tx *gorm.DB, notices ...staff.Notice) error {
	for _, n := range notices {
		row := noticeRow{
			StaffID: n.StaffID,
			Address: n.To,
			Name:    n.Name,
			Locale:  n.Locale,
			Kind:    string(n.Kind),
			ByName:  n.By,
			What:    n.What,
			Network: n.Address,
			At:      utc(n.At),
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		job := domain.Job{Kind: domain.JobNotice, Ref: strconv.FormatInt(row.ID, 10)}
		if err := s.addJobs(ctx, tx, []domain.Job{job}); err != nil {
			return err
		}
	}
	return nil
}

// Notice implements staff.Notices.
func (s Notices) Notice(ctx context.Context, id int64) (staff.Notice, error) {
	var r noticeRow
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return staff.Notice{}, domain.Refuse(domain.CodeNotFound)
	}
	return staff.Notice{
			ID:      r.ID,
			StaffID: r.StaffID,
			To:      r.Address,
			Name:    r.Name,
			Locale:  r.Locale,
			Kind:    staff.NoticeKind(r.Kind),
			By:      r.ByName,
			What:    r.What,
			Address: r.Network,
			At:      r.At.UTC(),
		}, translate(
			err,
		)
}

// ForgetNotice implements staff.Notices.
func (s Notices) ForgetNotice(ctx context.Context, id int64) error {
	return translate(s.db.WithContext(ctx).Exec(`DELETE FROM staff_notices WHERE id = ?`, id).Error)
}
