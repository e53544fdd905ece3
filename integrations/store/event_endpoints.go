package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/events"
)

// Events implements events.Endpoints and events.Outbox, and reads the log of deliveries.
type Events struct{ *database }

type endpointRow struct {
	ID          int64 `gorm:"primaryKey"`
	PublicID    string
	URL         string
	Kinds       string
	Description string
	Active      bool
	Gone        bool
	Secret      string
	OldSecret   string
	OldUntil    *time.Time
	CreatedAt   time.Time `gorm:"autoCreateTime:false"`
	CreatedBy   string
	Version     int64
}

func (endpointRow) TableName() string { return "event_endpoints" }

func endpointToRow(e events.Endpoint) endpointRow {
	kinds := make([]string, 0, len(e.Kinds))
	for _, k := range e.Kinds {
		kinds = append(kinds, string(k))
	}
	return endpointRow{ID: e.ID, PublicID: e.PublicID, URL: e.URL, Kinds: strings.Join(kinds, " "),
		Description: e.Description, Active: e.On, Gone: e.Gone, Secret: e.Secret, OldSecret: e.OldSecret,
		OldUntil: utcOrNil(e.OldUntil), CreatedAt: utc(e.CreatedAt), CreatedBy: e.CreatedBy, Version: e.Version}
}

func (r endpointRow) domain() events.Endpoint {
	e := events.Endpoint{ID: r.ID, PublicID: r.PublicID, URL: r.URL, Description: r.Description, On: r.Active,
		Gone: r.Gone, Secret: r.Secret, OldSecret: r.OldSecret, OldUntil: utcOrNil(r.OldUntil),
		CreatedAt: r.CreatedAt.UTC(), CreatedBy: r.CreatedBy, Version: r.Version}
	for k := range strings.FieldsSeq(r.Kinds) {
		e.Kinds = append(e.Kinds, events.Kind(k))
	}
	return e
}

// Endpoints implements events.Endpoints.
func (s Events) Endpoints(ctx context.Context) ([]events.Endpoint, error) {
	list, err := endpoints(s.db.WithContext(ctx))
	return list, translate(err)
}

func endpoints(tx *gorm.DB) ([]events.Endpoint, error) {
	var rows []endpointRow
	err := tx.Order("id").Find(&rows).Error
	list := make([]events.Endpoint, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, err
}

// Endpoint implements events.Endpoints.
func (s Events) Endpoint(ctx context.Context, publicID string) (events.Endpoint, error) {
	var row endpointRow
	err := s.db.WithContext(ctx).Where("public_id = ?", publicID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return events.Endpoint{}, domain.Refuse(domain.CodeNotFound)
	}
	return row.domain(), translate(err)
}

// AddEndpoint implements events.Endpoints. Two at once may come to one more than the most; nothing rests on that.
func (s Events) AddEndpoint(ctx context.Context, by domain.Caller, e events.Endpoint,
	seal func(id int64) (string, error)) (events.Endpoint, error) {
	row := endpointToRow(e)
	row.Version = 1
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		var n int64
		if err := tx.Model(&endpointRow{}).Count(&n).Error; err != nil {
			return err
		}
		if n >= events.MaxEndpoints {
			return domain.Refuse(domain.CodeValidation, "field", "body.url", "rule", events.RuleTooMany)
		}
		if err := taken(tx.Create(&row).Error, "event_endpoints_url"); err != nil {
			return err
		}
		var err error
		if row.Secret, err = seal(row.ID); err != nil {
			return err
		}
		if err := tx.Model(&row).Update("secret", row.Secret).Error; err != nil {
			return err
		}
		return s.endpointAudit(tx, by, domain.ActionEventEndpointAdded, row)
	})
	return row.domain(), err
}

// taken words the refusal of an address that another endpoint has.
func taken(err error, index string) error {
	if violates(err, index) {
		return domain.Refuse(domain.CodeValidation, "field", "body.url", "rule", events.RuleTaken)
	}
	return err
}

// ChangeEndpoint implements events.Endpoints.
func (s Events) ChangeEndpoint(ctx context.Context, by domain.Caller, e events.Endpoint,
	action string) (events.Endpoint, error) {
	row := endpointToRow(e)
	row.Version++
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Model(&endpointRow{}).Where("id = ? AND version = ?", e.ID, e.Version).
			Select("URL", "Kinds", "Description", "Active", "Gone", "Secret", "OldSecret", "OldUntil", "Version").Updates(&row)
		if err := taken(done.Error, "event_endpoints_url"); err != nil {
			return err
		}
		if done.RowsAffected == 0 {
			return domain.ErrConflict
		}
		return s.endpointAudit(tx, by, action, row)
	})
	return row.domain(), err
}

// RemoveEndpoint implements events.Endpoints. The log goes with it.
func (s Events) RemoveEndpoint(ctx context.Context, by domain.Caller, e events.Endpoint) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`DELETE FROM event_endpoints WHERE id = ?`, e.ID)
		if done.Error != nil || done.RowsAffected == 0 { // somebody else was first
			return done.Error
		}
		return s.endpointAudit(tx, by, domain.ActionEventEndpointRemoved, endpointToRow(e))
	})
}

// endpointAudit names the endpoint without its address, which may hold a secret of the merchant's.
func (s Events) endpointAudit(tx *gorm.DB, by domain.Caller, action string, r endpointRow) error {
	return s.eventAudit(tx, by, action, map[string]any{"endpoint": r.PublicID, "kinds": r.Kinds, "active": r.Active,
		"gone": r.Gone})
}

func (s Events) eventAudit(tx *gorm.DB, by domain.Caller, action string, detail map[string]any) error {
	return saveAudit(tx, []domain.AuditEntry{{At: s.now(), Actor: by.ID, ActorName: by.Name,
		Credential: by.Credential, Action: action, Outcome: domain.OutcomeDone, Detail: detail}}, 0)
}
