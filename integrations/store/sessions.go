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
	Provider        string
}

func (sessionRow) TableName() string { return "staff_sessions" }

func sessionToRow(s domain.Session) sessionRow {
	return sessionRow{Hash: s.Hash, StaffID: s.StaffID, Epoch: s.Epoch, CreatedAt: utc(s.CreatedAt),
		ExpiresAt: utc(s.ExpiresAt), AuthenticatedAt: utc(s.AuthenticatedAt), SeenAt: utc(s.SeenAt), Methods: s.Methods,
		SecondFactor: s.SecondFactor, Agent: s.Agent, Address: s.Address, Provider: s.Provider}
}

func (r sessionRow) domain() domain.Session {
	return domain.Session{Hash: r.Hash, StaffID: r.StaffID, Epoch: r.Epoch, CreatedAt: r.CreatedAt.UTC(),
		ExpiresAt: r.ExpiresAt.UTC(), AuthenticatedAt: r.AuthenticatedAt.UTC(), SeenAt: r.SeenAt.UTC(),
		Methods: r.Methods, SecondFactor: r.SecondFactor, Agent: r.Agent, Address: r.Address, Provider: r.Provider}
}

type failureRow struct {
	ID      int64 `gorm:"primaryKey"`
	Email   string
	Address string
	At      time.Time
}

func (failureRow) TableName() string { return "sign_in_failures" }

// TrySignIn implements staff.Attempts. Failures that no longer count are removed on the way. The column address holds
// sources: digests of addresses, and of known devices.
func (s SignIns) TrySignIn(ctx context.Context, a staff.Attempt) (id int64, wait time.Duration, err error) {
	row := failureRow{Email: a.Email, Address: a.Source, At: utc(a.At)}
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		if err := s.oneAfterTheOther(tx, a.Email, a.Source); err != nil {
			return err
		}
		if err := tx.Exec(`DELETE FROM sign_in_failures WHERE at <= ?`, utc(a.At.Add(-a.Window))).Error; err != nil {
			return err
		}
		pair, err := waitBy(tx.Where("email = ? AND address = ?", a.Email, a.Source), &a.PerPair, a)
		if err != nil {
			return err
		}
		source, err := waitBy(tx.Where("address = ?", a.Source), a.PerSource, a)
		if err != nil {
			return err
		}
		email, err := waitBy(tx.Where("email = ?", a.Email), a.PerEmail, a)
		if err != nil {
			return err
		}
		if wait = max(pair, source, email); wait > 0 {
			return nil
		}
		return tx.Create(&row).Error
	})
	return row.ID, wait, err
}

// oneAfterTheOther makes attempts with the same e-mail or address wait for each other. SQLite has one writer at a time
// by itself. The numbers are taken in their order, so that nobody waits in a circle.
func (s *database) oneAfterTheOther(tx *gorm.DB, texts ...string) error {
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

// waitBy tells how long one bound makes an attempt wait.
func waitBy(query *gorm.DB, b *staff.Bound, a staff.Attempt) (time.Duration, error) {
	if b == nil {
		return 0, nil
	}
	var last []failureRow
	err := query.Where("at > ?", utc(a.At.Add(-a.Window))).Order("at DESC, id DESC").Limit(b.Counted()).Find(&last).Error
	if err != nil || len(last) == 0 {
		return 0, err
	}
	return b.Wait(len(last), last[0].At, a.At), nil
}

// Forgive implements staff.Attempts.
func (s SignIns) Forgive(ctx context.Context, attempt int64) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return forgive(tx, attempt) })
}

// forgive removes an attempt, and keeps of earlier ones with the same e-mail from the same source their source only.
func forgive(tx *gorm.DB, attempt int64) error {
	err := tx.Exec(`UPDATE sign_in_failures SET email = '' WHERE (email, address) = (SELECT f.email, f.address FROM sign_in_failures f WHERE f.id = ?)`,
		attempt).Error
	if err != nil {
		return err
	}
	return tx.Exec(`DELETE FROM sign_in_failures WHERE id = ?`, attempt).Error
}

// FindSession implements staff.Sessions.
func (s Sessions) FindSession(ctx context.Context, hash []byte) (domain.Session, domain.Staff, error) {
	var row sessionRow
	err := s.db.WithContext(ctx).Where("hash = ?", hash).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Session{}, domain.Staff{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	if err != nil {
		return domain.Session{}, domain.Staff{}, translate(err)
	}
	person, err := Staff(s).StaffByID(ctx, row.StaffID)
	return row.domain(), person, err
}

// EndSession implements staff.SessionEnds.
func (s Sessions) EndSession(ctx context.Context, hash []byte, entry domain.AuditEntry) error {
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
