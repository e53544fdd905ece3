package store

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type keyRow struct {
	ID         int64 `gorm:"primaryKey"`
	Prefix     string
	Hash       []byte
	Role       string
	Name       string
	CustomerID string
	CreatedAt  time.Time `gorm:"autoCreateTime:false"`
	RevokedAt  *time.Time
	StaffID    *int64
	OwnerID    *int64
	MadeBy     string
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
}

func (keyRow) TableName() string { return "api_keys" }

func (r keyRow) domain() domain.APIKey {
	k := domain.APIKey{ID: r.ID, Prefix: r.Prefix, Hash: r.Hash, CreatedAt: r.CreatedAt.UTC(),
		RevokedAt: utcOrNil(r.RevokedAt), ExpiresAt: utcOrNil(r.ExpiresAt), LastUsedAt: utcOrNil(r.LastUsedAt),
		MadeBy: r.MadeBy, Caller: domain.Caller{ID: domain.KeyMark + r.Prefix, Name: r.Name, Role: domain.Role(r.Role),
			CustomerID: r.CustomerID, Machine: true}}
	if r.StaffID != nil {
		k.StaffID = *r.StaffID
	}
	if r.OwnerID != nil {
		k.OwnerID = *r.OwnerID
	}
	k.Caller.PersonID, k.Caller.Credential = k.OwnerID, k.Credential()
	if maker, ok := strings.CutPrefix(r.MadeBy, domain.StaffMark); ok {
		k.Caller.MakerID, _ = strconv.ParseInt(maker, 10, 64) // what is no number is nobody
	}
	return k
}

// CreateKey implements staff.Keys.
func (s Keys) CreateKey(ctx context.Context, by domain.Caller, k domain.APIKey) (domain.APIKey, error) {
	row := keyRow{Prefix: k.Prefix, Hash: k.Hash, Role: string(k.Caller.Role), Name: k.Caller.Name,
		CustomerID: k.Caller.CustomerID, CreatedAt: utc(s.now()), MadeBy: by.ID, ExpiresAt: utcOrNil(k.ExpiresAt)}
	if k.OwnerID != 0 {
		row.OwnerID = &k.OwnerID
	}
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := insertKey(tx, &row); err != nil {
			return err
		}
		if err := s.tellMaker(ctx, tx, by, row); err != nil {
			return err
		}
		return keyAudit(tx, by, domain.ActionKeyCreated, row)
	})
	return row.domain(), err
}

// tellMaker tells the person who made a program's key, in case it was not them.
func (s Keys) tellMaker(ctx context.Context, tx *gorm.DB, by domain.Caller, row keyRow) error {
	id, ok := staff.StaffIDOf(by)
	if !ok {
		return nil
	}
	maker, err := oneStaff(tx.Where("id = ?", id))
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, staff.NoticeOfKey(maker, row.Name, row.CreatedAt))
}

// insertKey stores a key or a token. Errors: key_already_made when there ever was one with its public part.
func insertKey(tx *gorm.DB, row *keyRow) error {
	err := tx.Create(row).Error
	if violates(err, "api_keys_prefix") {
		return domain.Refuse(domain.CodeKeyExists)
	}
	return err
}

// RevokeKey implements staff.Keys.
func (s Keys) RevokeKey(ctx context.Context, by domain.Caller, prefix string) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE api_keys SET revoked_at = ? WHERE prefix = ? AND staff_id IS NULL AND revoked_at IS NULL`, utc(s.now()), prefix)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected == 0 {
			return domain.Refuse(domain.CodeNotFound)
		}
		return keyAudit(tx, by, domain.ActionKeyRevoked, keyRow{Prefix: prefix, CreatedAt: utc(s.now())})
	})
}

// keyAudit names the key, but for a customer's: the audit outlives a customer's wish to be forgotten.
func keyAudit(tx *gorm.DB, by domain.Caller, action string, k keyRow) error {
	if k.Role == string(domain.RoleCustomer) {
		k.Name = ""
	}
	detail := map[string]any{"prefix": k.Prefix, "role": k.Role, "name": k.Name}
	if k.OwnerID != nil {
		detail["owner"] = domain.Staff{ID: *k.OwnerID}.Caller().ID
	}
	if k.ExpiresAt != nil {
		detail["expires_at"] = k.ExpiresAt.Format(time.RFC3339)
	}
	return saveAudit(tx, []domain.AuditEntry{{At: k.CreatedAt, Actor: by.ID, ActorName: by.Name,
		Credential: by.Credential, Action: action, CustomerID: k.CustomerID, Outcome: domain.OutcomeDone,
		Detail: detail}}, 0)
}

// ListKeys implements staff.Keys.
func (s Keys) ListKeys(ctx context.Context) ([]domain.APIKey, error) {
	var rows []struct {
		Key     keyRow `gorm:"embedded"`
		Owner   string
		Stopped bool
	}
	err := s.db.WithContext(ctx).Raw(`SELECT k.id, k.prefix, k.role, k.name, k.customer_id, k.created_at, k.revoked_at, k.staff_id, k.owner_id, k.made_by,
		k.expires_at, k.last_used_at, coalesce(o.email, '') AS owner, o.disabled_at IS NOT NULL AS stopped FROM api_keys k LEFT JOIN staff o ON o.id = k.owner_id ORDER BY k.id`).Scan(&rows).Error
	if err != nil {
		return nil, translate(err)
	}
	list := make([]domain.APIKey, 0, len(rows))
	for _, r := range rows {
		k := r.Key.domain()
		k.Owner, k.Stopped = r.Owner, r.Stopped
		list = append(list, k)
	}
	return list, nil
}

// KeyUsed implements api.Keys. Processes that are told of the same minute write it down once.
func (s Keys) KeyUsed(ctx context.Context, prefix string, at time.Time) error {
	return translate(s.db.WithContext(ctx).Exec(`UPDATE api_keys SET last_used_at = ? WHERE prefix = ? AND (last_used_at IS NULL OR last_used_at <= ?)`,
		utc(at), prefix, utc(at.Add(-domain.LastUseEvery))).Error)
}

// FindKey reads a key by its public part; a person's token speaks for that person as they are now. Errors:
// unauthenticated when there is none, it was revoked, or the person it belongs to may not get in.
func (s Keys) FindKey(ctx context.Context, prefix string) (domain.APIKey, error) {
	var row keyRow
	err := s.db.WithContext(ctx).Where("prefix = ? AND revoked_at IS NULL", prefix).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.APIKey{}, domain.Refuse(domain.CodeUnauthenticated)
	}
	if err != nil {
		return domain.APIKey{}, translate(err)
	}
	key := row.domain()
	if key.StaffID != 0 {
		return s.ofPerson(ctx, key)
	}
	if err := s.ownerIsIn(ctx, key); err != nil {
		return domain.APIKey{}, err
	}
	if key.Caller.Role == domain.RoleCustomer {
		key.Caller.Name = "" // the audit, where it would stand, holds nobody's name but the staff's
	}
	return key, nil
}

// ownerIsIn refuses the key of a program whose owner may not get in.
func (s Keys) ownerIsIn(ctx context.Context, k domain.APIKey) error {
	if k.OwnerID == 0 {
		return nil
	}
	owner, err := Staff(s).StaffByID(ctx, k.OwnerID)
	if err == nil && !owner.Enabled() {
		err = domain.Refuse(domain.CodeUnauthenticated)
	}
	return err
}
