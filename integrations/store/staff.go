package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type staffRow struct {
	ID           int64 `gorm:"primaryKey"`
	Email        string
	Name         string
	Role         string
	CustomerID   string
	PasswordHash string
	CreatedAt    time.Time `gorm:"autoCreateTime:false"`
	DisabledAt   *time.Time
	Epoch        int64
	Issuer       string
	Subject      string
	LinkUntil    *time.Time
	SuspendedAt  *time.Time

	MustChangePassword bool
	Totp               string
	TotpStep           int64
	Passkeys           int
	Locale             string
}

func (staffRow) TableName() string { return "staff" }

func staffToRow(s domain.Staff) staffRow {
	return staffRow{ID: s.ID, Email: s.Email, Name: s.Name, Role: string(s.Role), CustomerID: s.CustomerID,
		PasswordHash: s.PasswordHash, CreatedAt: utc(s.CreatedAt), DisabledAt: utcOrNil(s.DisabledAt), Epoch: s.Epoch,
		Issuer: s.Issuer, Subject: s.Subject, LinkUntil: utcOrNil(s.LinkUntil), SuspendedAt: utcOrNil(s.SuspendedAt),
		MustChangePassword: s.MustChangePassword, Totp: s.TOTP, TotpStep: s.TOTPStep, Passkeys: s.Passkeys,
		Locale: s.Locale}
}

func (r staffRow) domain() domain.Staff {
	return domain.Staff{ID: r.ID, Email: r.Email, Name: r.Name, Role: domain.Role(r.Role), CustomerID: r.CustomerID,
		PasswordHash: r.PasswordHash, CreatedAt: r.CreatedAt.UTC(), DisabledAt: utcOrNil(r.DisabledAt), Epoch: r.Epoch,
		Issuer: r.Issuer, Subject: r.Subject, LinkUntil: utcOrNil(r.LinkUntil), SuspendedAt: utcOrNil(r.SuspendedAt),
		MustChangePassword: r.MustChangePassword, TOTP: r.Totp, TOTPStep: r.TotpStep, Passkeys: r.Passkeys,
		Locale: r.Locale}
}

// StaffByEmail implements staff.Directory.
func (s Staff) StaffByEmail(ctx context.Context, email string) (domain.Staff, error) {
	return oneStaff(s.db.WithContext(ctx).Where("email = ?", email))
}

// StaffByID implements staff.Directory.
func (s Staff) StaffByID(ctx context.Context, id int64) (domain.Staff, error) {
	return oneStaff(s.db.WithContext(ctx).Where("id = ?", id))
}

// StaffByIdentity implements staff.Directory.
func (s Staff) StaffByIdentity(ctx context.Context, issuer, subject string) (domain.Staff, error) {
	return oneStaff(s.db.WithContext(ctx).Where("issuer = ? AND subject = ? AND subject <> ''", issuer, subject))
}

func oneStaff(query *gorm.DB) (domain.Staff, error) {
	var row staffRow
	err := query.Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Staff{}, domain.Refuse(domain.CodeNotFound)
	}
	return row.domain(), translate(err)
}

// ListStaff implements staff.Directory.
func (s Staff) ListStaff(ctx context.Context) ([]domain.Staff, error) {
	var rows []staffRow
	if err := s.db.WithContext(ctx).Order("id").Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]domain.Staff, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// AddStaff implements staff.People.
func (s Staff) AddStaff(ctx context.Context, p domain.Staff, entry domain.AuditEntry) (domain.Staff, error) {
	row := staffToRow(p)
	err := s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if entry.Detail == nil {
			entry.Detail = map[string]any{}
		}
		entry.Detail["staff"] = row.domain().Caller().ID
		if err := rememberCredential(tx, row.ID, []domain.AuditEntry{entry}); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
	if err = somebodyElse(err); err != nil {
		return domain.Staff{}, err
	}
	return row.domain(), nil
}

// somebodyElse words what the database says of an address or an identity that another person has.
func somebodyElse(err error) error {
	if violates(err, "staff_email") || violates(err, "staff_identity") {
		return domain.Refuse(domain.CodeStaffExists) // its cause would read as a conflict, which is tried again
	}
	return translate(err)
}

// ChangeStaff implements staff.People. Those who run the system are locked first, always in the same order: two of them
// who disable each other at the same moment are looked at one after the other.
func (s Staff) ChangeStaff(ctx context.Context, id int64, decide staff.Decide) (domain.Staff, error) {
	return s.changeStaff(ctx, id, decide, func(*gorm.DB) error { return nil })
}

// changeStaff changes a person, and what goes with it; the person is told of what concerns them, whoever did it.
func (s Staff) changeStaff(ctx context.Context, id int64, decide staff.Decide,
	also func(*gorm.DB) error) (domain.Staff, error) {
	var next domain.Staff
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		others, err := s.otherAdmins(tx, id)
		if err != nil {
			return err
		}
		now, err := oneStaff(tx.Where("id = ?", id))
		if err != nil {
			return err
		}
		var record []domain.AuditEntry
		if next, record, err = decide(now, others); err != nil || len(record) == 0 {
			return err
		}
		for _, save := range []func() error{
			func() error { return saveStaff(tx, now, next) },
			func() error { return also(tx) },
			func() error { return rememberCredential(tx, id, record) },
			func() error { return saveAudit(tx, record, 0) },
		} {
			if err := save(); err != nil {
				return err
			}
		}
		return s.tell(ctx, tx, staff.NoticesOf(now, next, record[0])...)
	})
	return next, err
}

// otherAdmins locks those who run the system, and the person who is to be changed, and counts the others.
func (s Staff) otherAdmins(tx *gorm.DB, id int64) (others int, err error) {
	query := `SELECT id FROM staff WHERE (role = ? AND disabled_at IS NULL AND suspended_at IS NULL) OR id = ? ORDER BY id` + s.locked()
	var ids []int64
	err = tx.Raw(query, string(domain.RoleSystemAdmin), id).Scan(&ids).Error
	for _, one := range ids {
		if one != id {
			others++
		}
	}
	return others, err
}

// saveStaff writes a person and ends what the change ends.
func saveStaff(tx *gorm.DB, now, next domain.Staff) error {
	r := staffToRow(next)
	err := tx.Exec(`UPDATE staff SET email = ?, name = ?, role = ?, customer_id = ?, password_hash = ?, disabled_at = ?, epoch = ?,
		issuer = ?, subject = ?, link_until = ?, suspended_at = ?, must_change_password = ?, totp = ?, totp_step = ?, passkeys = ? WHERE id = ?`,
		r.Email, r.Name, r.Role, r.CustomerID, r.PasswordHash, r.DisabledAt, r.Epoch, r.Issuer, r.Subject, r.LinkUntil,
		r.SuspendedAt, r.MustChangePassword, r.Totp, r.TotpStep, r.Passkeys, r.ID).Error
	if err != nil {
		return somebodyElse(err)
	}
	if next.Epoch != now.Epoch {
		err = tx.Exec(`DELETE FROM staff_sessions WHERE staff_id = ? AND epoch < ?`, r.ID, r.Epoch).Error
	}
	if err == nil && now.DisabledAt == nil && next.DisabledAt != nil {
		err = tx.Exec(`UPDATE api_keys SET revoked_at = ? WHERE staff_id = ? AND revoked_at IS NULL`, r.DisabledAt,
			r.ID).Error
	}
	return err
}
