package store

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type sessionRow struct {
	Hash            []byte `gorm:"primaryKey"`
	StaffID         int64
	Epoch           int64
	CreatedAt       time.Time `gorm:"autoCreateTime:false"`
	ExpiresAt       time.Time
	AuthenticatedAt time.Time
	SeenAt          time.Time
	Methods         string
	SecondFactor    bool
	Agent           string
	Address         string
}

func (sessionRow) TableName() string { return "staff_sessions" }

func sessionToRow(s domain.Session) sessionRow {
	return sessionRow{Hash: s.Hash, StaffID: s.StaffID, Epoch: s.Epoch, CreatedAt: utc(s.CreatedAt), ExpiresAt: utc(s.ExpiresAt),
		AuthenticatedAt: utc(s.AuthenticatedAt), SeenAt: utc(s.SeenAt), Methods: s.Methods, SecondFactor: s.SecondFactor, Agent: s.Agent,
		Address: s.Address}
}

func (r sessionRow) domain() domain.Session {
	return domain.Session{Hash: r.Hash, StaffID: r.StaffID, Epoch: r.Epoch, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: r.ExpiresAt.UTC(),
		AuthenticatedAt: r.AuthenticatedAt.UTC(), SeenAt: r.SeenAt.UTC(), Methods: r.Methods, SecondFactor: r.SecondFactor, Agent: r.Agent,
		Address: r.Address}
}

type failureRow struct {
	ID      int64 `gorm:"primaryKey"`
	Email   string
	Address string
	At      time.Time
}

func (failureRow) TableName() string { return "sign_in_failures" }

// TrySignIn implements staff.Store. Failures that no longer count are removed on the way.
func (s *Store) TrySignIn(ctx context.Context, a staff.Attempt) (id int64, wait time.Duration, err error) {
	since := utc(a.At.Add(-a.Window))
	row := failureRow{Email: a.Email, Address: a.Address, At: utc(a.At)}
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.oneAfterTheOther(tx, a.Email, a.Address); err != nil {
			return err
		}
		if err := tx.Exec(`DELETE FROM sign_in_failures WHERE at <= ?`, since).Error; err != nil {
			return err
		}
		byEmail, err := room(tx.Where("email = ?", a.Email), a.PerEmail, since)
		if err != nil {
			return err
		}
		byAddress, err := room(tx.Where("address = ?", a.Address), a.PerAddress, since)
		if err != nil {
			return err
		}
		if wait = max(byEmail, byAddress); wait > 0 {
			return nil
		}
		return tx.Create(&row).Error
	})
	return row.ID, wait, err
}

// oneAfterTheOther makes attempts with the same e-mail or address wait for each other. SQLite has one writer at a time by
// itself. The numbers are taken in their order, so that nobody waits in a circle.
func (s *Store) oneAfterTheOther(tx *gorm.DB, texts ...string) error {
	if s.dialect != "postgres" {
		return nil
	}
	numbers := make([]int64, 0, len(texts))
	for _, text := range texts {
		h := fnv.New64a()
		_, _ = h.Write([]byte("sign-in " + text))
		numbers = append(numbers, int64(h.Sum64())) //nolint:gosec // any number will do
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if err := tx.Exec(`SELECT pg_advisory_xact_lock(?)`, n).Error; err != nil {
			return err
		}
	}
	return nil
}

// room tells how long until fewer than limit failures count; zero when there is room for one more.
func room(query *gorm.DB, limit int, since time.Time) (time.Duration, error) {
	var last []failureRow
	err := query.Where("at > ?", since).Order("at DESC, id DESC").Offset(limit - 1).Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return last[0].At.Sub(since), nil
}

// Forgive implements staff.Store.
func (s *Store) Forgive(ctx context.Context, attempt int64) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return forgive(tx, attempt) })
}

// forgive removes an attempt, and keeps of earlier ones with the same e-mail their addresses only.
func forgive(tx *gorm.DB, attempt int64) error {
	err := tx.Exec(`UPDATE sign_in_failures SET email = '' WHERE email = (SELECT f.email FROM sign_in_failures f WHERE f.id = ?)`, attempt).Error
	if err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM sign_in_failures WHERE id = ?`, attempt).Error
}

// FindSession implements staff.Store.
func (s *Store) FindSession(ctx context.Context, hash []byte) (domain.Session, domain.Staff, error) {
	var row sessionRow
	err := s.db.WithContext(ctx).Where("hash = ?", hash).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Session{}, domain.Staff{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	if err != nil {
		return domain.Session{}, domain.Staff{}, translate(err)
	}
	person, err := s.StaffByID(ctx, row.StaffID)
	return row.domain(), person, err
}

// EndSession implements staff.Store.
func (s *Store) EndSession(ctx context.Context, hash []byte, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM staff_sessions WHERE hash = ?`, hash)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.Refuse(domain.CodeNotFound)
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
}
