package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/webhooks"
)

type deliveryRow struct {
	ID          int64 `gorm:"primaryKey"`
	WebhookID   string
	EventID     string
	Topic       string
	Shop        string
	APIVersion  string `gorm:"column:api_version"`
	TriggeredAt *time.Time
	ReceivedAt  time.Time
	BodySHA256  []byte `gorm:"column:body_sha256"`
	OrderGID    string `gorm:"column:order_gid"`
	DiscountGID string `gorm:"column:discount_gid"`
	CustomerGID string `gorm:"column:customer_gid"`
	MergedGID   string `gorm:"column:merged_gid"`
	Person      string
	Outcome     string
}

func (deliveryRow) TableName() string { return "webhook_deliveries" }

func (r deliveryRow) domain() webhooks.Delivery {
	d := webhooks.Delivery{WebhookID: r.WebhookID, EventID: r.EventID, Topic: webhooks.Topic(r.Topic), Shop: r.Shop,
		APIVersion: r.APIVersion, ReceivedAt: r.ReceivedAt.UTC(), Order: r.OrderGID, Discount: r.DiscountGID,
		Customer: r.CustomerGID, Merged: r.MergedGID, Person: r.Person,
		Outcome: webhooks.Outcome(r.Outcome)}
	if r.TriggeredAt != nil {
		d.TriggeredAt = r.TriggeredAt.UTC()
	}
	copy(d.Digest[:], r.BodySHA256)
	return d
}

// Webhooks keeps what the shop told, and what follows from it for members' links.
type Webhooks struct{ *database }

// Record implements webhooks.Store.
func (s Webhooks) Record(ctx context.Context, entry domain.AuditEntry) error {
	return s.record(ctx, entry)
}

// KeepDelivery implements webhooks.Store. Of two deliveries with the same id at the same moment one waits for the
// other, and then writes nothing.
func (s Webhooks) KeepDelivery(ctx context.Context, d webhooks.Delivery, jobs []domain.Job) (fresh bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		known, err := s.saidBefore(tx, d)
		if err != nil || known {
			return err
		}
		if fresh, err = insertDelivery(tx, d); err != nil || !fresh {
			return err
		}
		return s.addJobs(ctx, tx, jobs)
	})
	return fresh && err == nil, err
}

func insertDelivery(tx *gorm.DB, d webhooks.Delivery) (fresh bool, err error) {
	var triggered *time.Time
	if !d.TriggeredAt.IsZero() {
		triggered = utcOrNil(&d.TriggeredAt)
	}
	done := tx.Exec(`INSERT INTO webhook_deliveries (webhook_id, event_id, topic, shop, api_version, triggered_at, received_at, body_sha256,
		order_gid, discount_gid, customer_gid, merged_gid, person, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (webhook_id) DO NOTHING`, d.WebhookID, d.EventID, string(d.Topic), d.Shop, d.APIVersion, triggered, utc(d.ReceivedAt),
		d.Digest[:], d.Order, d.Discount, d.Customer, d.Merged, d.Person, string(d.Outcome))
	if done.Error != nil || done.RowsAffected != 0 {
		return done.Error == nil, done.Error
	}
	return false, sameDelivery(tx, d)
}

// sameDelivery makes sure that what has this id is what came again.
func sameDelivery(tx *gorm.DB, d webhooks.Delivery) error {
	var row deliveryRow
	err := tx.Where("webhook_id = ?", d.WebhookID).Take(&row).Error
	if err == nil && (row.Topic != string(d.Topic) || !bytes.Equal(row.BodySHA256, d.Digest[:])) {
		err = webhooks.ErrOtherDelivery
	}
	return err
}

// saidBefore reports whether a body that means something once is known under another id. Two that come at the same
// moment wait for one another; on SQLite every writer does.
func (s Webhooks) saidBefore(tx *gorm.DB, d webhooks.Delivery) (known bool, err error) {
	since, once := d.Once()
	if !once {
		return false, nil
	}
	if s.dialect == "postgres" {
		name := "webhook:" + hex.EncodeToString(d.Digest[:])
		if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`, name).Error; err != nil {
			return false, err
		}
	}
	err = tx.Raw(`SELECT EXISTS (SELECT 1 FROM webhook_deliveries
		WHERE topic = ? AND body_sha256 = ? AND received_at > ? AND webhook_id <> ?)`, string(d.Topic), d.Digest[:], utc(since), d.WebhookID).Row().Scan(&known)
	return known, err
}

// Delivery implements webhooks.Store.
func (s Webhooks) Delivery(ctx context.Context, webhookID string) (webhooks.Delivery, error) {
	var row deliveryRow
	err := s.db.WithContext(ctx).Where("webhook_id = ?", webhookID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return webhooks.Delivery{}, domain.Refuse(domain.CodeNotFound)
	}
	return row.domain(), translate(err)
}

// DeliveryDone implements webhooks.Store. From then on the delivery keeps the number of a customer only where that is a
// member's.
func (s Webhooks) DeliveryDone(ctx context.Context, webhookID string) error {
	const kept = `CASE WHEN EXISTS (SELECT 1 FROM customers c WHERE c.shopify_customer_gid = webhook_deliveries.@)
		OR EXISTS (SELECT 1 FROM former_links l WHERE l.customer_gid = webhook_deliveries.@) THEN @ ELSE '' END`
	return translate(s.db.WithContext(ctx).Exec(`UPDATE webhook_deliveries SET outcome = ?, person = '', customer_gid = `+
		strings.ReplaceAll(kept, "@", "customer_gid")+`, merged_gid = `+strings.ReplaceAll(kept, "@", "merged_gid")+
		` WHERE webhook_id = ?`, string(webhooks.Done), webhookID).Error)
}

// ForgetDeliveries implements webhooks.Store.
func (s Webhooks) ForgetDeliveries(ctx context.Context, before time.Time) (int64, error) {
	return s.forget(ctx, `DELETE FROM webhook_deliveries WHERE id IN
		(SELECT id FROM webhook_deliveries WHERE received_at < ? ORDER BY received_at LIMIT ?)`, before)
}

// CouponOfDiscount implements webhooks.Store.
func (s Webhooks) CouponOfDiscount(ctx context.Context, discountGID string) (domain.Coupon, error) {
	if discountGID == "" {
		return domain.Coupon{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	var row couponRow
	err := s.db.WithContext(ctx).Where("discount_id = ? AND discount_id <> ''", discountGID).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return domain.Coupon{}, domain.Refuse(domain.CodeCouponNotFound)
	}
	if err != nil {
		return domain.Coupon{}, translate(err)
	}
	return row.domain()
}
