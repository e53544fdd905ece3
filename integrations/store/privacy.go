package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/privacy"
)

type privacyRow struct {
	ID             int64 `gorm:"primaryKey"`
	WebhookID      string
	Kind           string
	CustomerGID    string `gorm:"column:customer_gid"`
	CustomerDigest string
	Person         string
	Open           bool
	Reason         string
	RequestedAt    time.Time
	DueAt          time.Time
	ClosedAt       *time.Time
	ClosedBy       string
	Members        int
	AnnouncedAt    *time.Time
	WatchedAt      *time.Time
	WatchedS       int64
	ApprovedBy     string
	StoppedAt      *time.Time
	StoppedBy      string
	Version        int64
}

func (privacyRow) TableName() string { return "privacy_requests" }

func (r privacyRow) domain() privacy.Request {
	return privacy.Request{ID: r.ID, WebhookID: r.WebhookID, Kind: privacy.Kind(r.Kind), CustomerGID: r.CustomerGID,
		Digest: r.CustomerDigest, Person: r.Person, Open: r.Open, Reason: r.Reason, RequestedAt: r.RequestedAt.UTC(),
		DueAt: r.DueAt.UTC(), ClosedAt: utcOrNil(r.ClosedAt), ClosedBy: r.ClosedBy, Members: r.Members,
		AnnouncedAt: utcOrNil(r.AnnouncedAt), WatchedAt: utcOrNil(r.WatchedAt),
		Watched: time.Duration(r.WatchedS) * time.Second, ApprovedBy: r.ApprovedBy, StoppedAt: utcOrNil(r.StoppedAt),
		StoppedBy: r.StoppedBy, Version: r.Version}
}

// Privacy keeps what people asked for about their data, and reads and erases that.
type Privacy struct{ *database }

// Record implements privacy.Store.
func (s Privacy) Record(ctx context.Context, entry domain.AuditEntry) error {
	return s.record(ctx, entry)
}

// OpenRequest implements privacy.Store.
func (s Privacy) OpenRequest(ctx context.Context, r privacy.Request) (privacy.Request, error) {
	var row privacyRow
	err := s.inTx(ctx, func(tx *gorm.DB) error {
		if err := tx.Exec(`INSERT INTO privacy_requests (webhook_id, kind, customer_gid, person, open, requested_at, due_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (webhook_id) DO NOTHING`, r.WebhookID, string(r.Kind), r.CustomerGID, r.Person, r.Open,
			utc(r.RequestedAt), utc(r.DueAt)).Error; err != nil {
			return err
		}
		return tx.Where("webhook_id = ?", r.WebhookID).Take(&row).Error
	})
	return row.domain(), err
}

// Request implements privacy.Store.
func (s Privacy) Request(ctx context.Context, id int64) (privacy.Request, error) {
	var row privacyRow
	err := s.db.WithContext(ctx).Where("id = ?", id).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return privacy.Request{}, domain.Refuse(domain.CodeNotFound)
	}
	return row.domain(), translate(err)
}

// Requests implements privacy.Store.
func (s Privacy) Requests(ctx context.Context, openOnly bool, limit int) ([]privacy.Request, error) {
	q := s.db.WithContext(ctx).Order("id DESC").Limit(limit)
	if openOnly {
		q = q.Where("open")
	}
	var rows []privacyRow
	if err := q.Find(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]privacy.Request, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, nil
}

// SetRequest implements privacy.Store.
func (s Privacy) SetRequest(ctx context.Context, r privacy.Request, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return setRequest(tx, r, entry) })
}

func setRequest(tx *gorm.DB, r privacy.Request, entry domain.AuditEntry) error {
	done := tx.Exec(`UPDATE privacy_requests SET open = ?, reason = ?, closed_at = ?, closed_by = ?, members = ?, announced_at = ?, watched_at = ?,
		watched_s = ?, person = CASE WHEN ? THEN person ELSE '' END, approved_by = ?, stopped_at = ?, stopped_by = ?, version = version + 1 WHERE id = ? AND open AND version = ?`,
		r.Open, r.Reason, utcOrNil(r.ClosedAt), r.ClosedBy, r.Members, utcOrNil(r.AnnouncedAt), utcOrNil(r.WatchedAt),
		int64(r.Watched/time.Second), r.Open, r.ApprovedBy, utcOrNil(r.StoppedAt), r.StoppedBy, r.ID, r.Version)
	switch {
	case done.Error != nil:
		return done.Error
	case done.RowsAffected == 0:
		return domain.ErrConflict
	case entry.Action == "":
		return nil
	}
	return saveAudit(tx, []domain.AuditEntry{entry}, 0)
}

// CloseRequest implements privacy.Store.
func (s Privacy) CloseRequest(ctx context.Context, r privacy.Request, entry domain.AuditEntry) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if err := setRequest(tx, r, entry); err != nil || r.CustomerGID == "" {
			return err
		}
		return forgetNumber(tx, r.CustomerGID, r.Digest)
	})
}

// ForgetNumber implements privacy.Store.
func (s Privacy) ForgetNumber(ctx context.Context, customerGID, digest string) error {
	return s.inTx(ctx, func(tx *gorm.DB) error { return forgetNumber(tx, customerGID, digest) })
}

// OpenRequests counts what waits, for the metrics.
func (s Privacy) OpenRequests(ctx context.Context) (n int64, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM privacy_requests WHERE open`).Row().Scan(&n)
	return n, translate(err)
}

// PeopleOf implements privacy.Store.
func (s Privacy) PeopleOf(ctx context.Context, customerGID string) ([]privacy.Person, error) {
	return s.people(ctx, `SELECT id, shopify_customer_gid FROM customers WHERE (shopify_customer_gid = ? AND shopify_customer_gid <> '')
		OR id IN (SELECT customer_id FROM former_links WHERE customer_gid = ?) ORDER BY id`, customerGID, customerGID)
}

// PeopleForgotten implements privacy.Store.
func (s Privacy) PeopleForgotten(ctx context.Context, digest string) ([]privacy.Person, error) {
	return s.people(ctx, `SELECT id, shopify_customer_gid FROM customers WHERE id IN (SELECT customer_id FROM forgotten WHERE customer_digest = ?)
		ORDER BY id`, digest)
}

// PeopleAfter implements privacy.Store.
func (s Privacy) PeopleAfter(ctx context.Context, customerID string, limit int) ([]privacy.Person, error) {
	return s.people(ctx, `SELECT id, shopify_customer_gid FROM customers c WHERE id > ? AND (`+somebody+
		`) ORDER BY id LIMIT ?`, customerID, limit)
}

// CountPeople implements privacy.Store.
func (s Privacy) CountPeople(ctx context.Context) (n int, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM customers c WHERE ` + somebody).Row().Scan(&n)
	return n, translate(err)
}

// OpenErasures lists the erasures that are announced, for those who can still stop them.
func (s Privacy) OpenErasures(ctx context.Context) ([]privacy.Request, error) {
	var rows []privacyRow
	err := s.db.WithContext(ctx).Where("open AND announced_at IS NOT NULL").Order("id").Find(&rows).Error
	list := make([]privacy.Request, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.domain())
	}
	return list, translate(err)
}

func (s Privacy) people(ctx context.Context, query string, args ...any) ([]privacy.Person, error) {
	var rows []customerRow
	if err := s.db.WithContext(ctx).Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]privacy.Person, 0, len(rows))
	for _, r := range rows {
		list = append(list, privacy.Person{CustomerID: r.ID, CustomerGID: r.ShopifyCustomerGID})
	}
	return list, nil
}
