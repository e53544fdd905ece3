package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/campaigns/codes"
)

// Batches implements codes.Batches, codes.Shelf and codes.Library.
type Batches struct{ *database }

type batchRow struct {
	ID            int64
	PublicID      string
	CampaignID    int64
	Kind          string
	Status        string
	Reason        string
	Wanted        int
	Value         int64
	Planned       int
	Sent          int
	Made          int
	Refused       int
	DiscountID    string
	CreatingSince *time.Time
	Shop          string
	ShopSince     *time.Time
	Terms         string
	EndsAt        *time.Time
	DeactivatedAt *time.Time
	OverAt        *time.Time
	SweepAt       *time.Time
	Removal       string
	Synced        int64
	Caller        string
	RequestKey    string
	RequestHash   string
	MadeAt        time.Time
	FinishedAt    *time.Time
	LeaseUntil    time.Time
}

func (r batchRow) domain() (codes.Batch, error) {
	b := codes.Batch{ID: r.ID, PublicID: r.PublicID, CampaignID: r.CampaignID, Kind: codes.Kind(r.Kind),
		Status: codes.Status(r.Status), Reason: r.Reason, Wanted: r.Wanted, Planned: r.Planned, Sent: r.Sent,
		Made: r.Made, Refused: r.Refused, Value: r.Value, DiscountID: r.DiscountID,
		CreatingSince: utcOrNil(r.CreatingSince), Shop: codes.Standing(r.Shop), ShopSince: utcOrNil(r.ShopSince),
		Terms: r.Terms, EndsAt: utcOrNil(r.EndsAt), DeactivatedAt: utcOrNil(r.DeactivatedAt),
		OverAt: utcOrNil(r.OverAt), SweepAt: utcOrNil(r.SweepAt), Removal: r.Removal, Synced: r.Synced,
		RequestKey: r.RequestKey, RequestHash: r.RequestHash, MadeAt: r.MadeAt.UTC(),
		FinishedAt: utcOrNil(r.FinishedAt), LeaseUntil: r.LeaseUntil.UTC()}
	if err := json.Unmarshal([]byte(r.Caller), &b.Caller); err != nil {
		return b, fmt.Errorf("the caller of the batch %s: %w", r.PublicID, err)
	}
	return b, nil
}

const (
	batchColumns = `b.id, b.public_id, b.campaign_id, b.kind, b.status, b.reason, b.wanted, b.value, b.planned, b.sent,
		b.made, b.refused, b.discount_id, b.creating_since, b.shop, b.shop_since, b.terms, b.ends_at, b.deactivated_at,
		b.over_at, b.sweep_at, b.removal, b.synced, b.caller, b.request_key, b.request_hash, b.made_at, b.finished_at,
		b.lease_until`
	selectBatches = `SELECT ` + batchColumns + ` FROM campaign_batches b`
)

func oneBatch(tx *gorm.DB, where string, args ...any) (codes.Batch, error) {
	var row batchRow
	found := tx.Raw(selectBatches+` WHERE `+where, args...).Scan(&row)
	if found.Error != nil {
		return codes.Batch{}, found.Error
	}
	if found.RowsAffected == 0 {
		return codes.Batch{}, domain.Refuse(domain.CodeBatchNotFound)
	}
	return row.domain()
}

func manyBatches(tx *gorm.DB, rest string, args ...any) ([]codes.Batch, error) {
	var rows []batchRow
	if err := tx.Raw(selectBatches+rest, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]codes.Batch, 0, len(rows))
	for _, r := range rows {
		b, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// batchJob asks for a look at the batches that are due.
var batchJob = []domain.Job{{Kind: domain.JobCampaignCodes}}

// Open implements codes.Batches.
func (s Batches) Open(ctx context.Context, o codes.Opening) (b codes.Batch, replayed bool, err error) {
	b = o.Batch
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		caller, err := json.Marshal(b.Caller)
		if err != nil {
			return err
		}
		planned, refused := 0, 0
		if o.Code != "" {
			planned = 1
		}
		for _, r := range o.Rows {
			if r.State == codes.RowRefused {
				refused++
			}
		}
		made := tx.Raw(`INSERT INTO campaign_batches (public_id, campaign_id, kind, status, wanted, value, planned, refused,
			synced, made_by, caller, request_key, request_hash, made_at, lease_until)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (made_by, request_key) DO NOTHING
			RETURNING id`, b.PublicID, b.CampaignID, string(b.Kind), string(b.Status), b.Wanted, b.Value, planned, refused,
			b.Synced, b.Caller.ID, string(caller), b.RequestKey, b.RequestHash, utc(b.MadeAt),
			utc(b.LeaseUntil)).Scan(&b.ID)
		if made.Error != nil {
			return made.Error
		}
		if made.RowsAffected == 0 {
			replayed = true
			b, err = repeated(tx, o.Batch)
			return err
		}
		b.Planned, b.Refused = planned, refused
		if err := firstCode(tx, b, o); err != nil {
			return err
		}
		if err := addRows(tx, b.ID, o.Rows); err != nil {
			return err
		}
		if err := saveAudit(tx, []domain.AuditEntry{o.Entry}, 0); err != nil {
			return err
		}
		return s.addJobs(ctx, tx, batchJob)
	})
	return b, replayed, err
}

// repeated is the batch of the same request, which has to have the same meaning.
func repeated(tx *gorm.DB, asked codes.Batch) (codes.Batch, error) {
	b, err := oneBatch(tx, `b.made_by = ? AND b.request_key = ?`, asked.Caller.ID, asked.RequestKey)
	if err == nil && b.RequestHash != asked.RequestHash {
		return codes.Batch{}, domain.Refuse(domain.CodeKeyReused)
	}
	return b, err
}

// OfRequest implements codes.Batches.
func (s Batches) OfRequest(ctx context.Context, callerID, key string) (codes.Batch, error) {
	b, err := oneBatch(s.db.WithContext(ctx), `b.made_by = ? AND b.request_key = ?`, callerID, key)
	return b, translate(err)
}

// firstCode keeps the text of a shared code, unless another code of ours has it.
func firstCode(tx *gorm.DB, b codes.Batch, o codes.Opening) error {
	if o.Code == "" {
		return nil
	}
	n, err := addCodes(tx, b, []string{o.Code}, o.Owner, b.MadeAt)
	if err == nil && n == 0 {
		return domain.Refuse(domain.CodeCodeTaken, "code", o.Code)
	}
	return err
}

// addCodes keeps texts that no code of ours has, a coupon's included, and says how many.
func addCodes(tx *gorm.DB, b codes.Batch, list []string, owner string, at time.Time) (added int, err error) {
	const most = 500 // a statement may have many more values
	for len(list) > 0 {
		n := min(most, len(list))
		args := []any{b.ID, b.CampaignID, owner, string(codes.CodePlanned), utc(at)}
		for _, code := range list[:n] {
			args = append(args, code)
		}
		done := tx.Exec(`INSERT INTO campaign_codes (batch_id, campaign_id, code, owner, state, at)
			SELECT CAST(? AS bigint), CAST(? AS bigint), v.column1, CAST(? AS text), CAST(? AS text), `+moment(tx)+`
			FROM (VALUES (?)`+strings.Repeat(`, (?)`, n-1)+`) AS v
			WHERE NOT EXISTS (SELECT 1 FROM coupons WHERE coupons.code = v.column1) ON CONFLICT (code) DO NOTHING`, args...)
		if done.Error != nil {
			return added, done.Error
		}
		added, list = added+int(done.RowsAffected), list[n:]
	}
	return added, nil
}

func addRows(tx *gorm.DB, batchID int64, rows []codes.Row) error {
	const most = 500
	for len(rows) > 0 {
		n := min(most, len(rows))
		text, args := `INSERT INTO campaign_batch_rows (batch_id, row, kind, recipient, value, state, reason) VALUES `, []any{}
		for i, r := range rows[:n] {
			if i > 0 {
				text += `, `
			}
			text += `(?, ?, ?, ?, ?, ?, ?)`
			args = append(args, batchID, r.Row, r.To.Kind(), r.To.Text(), r.Value, string(r.State), r.Reason)
		}
		if err := tx.Exec(text, args...).Error; err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Claim implements codes.Batches. The campaign is read in the same transaction.
func (s Batches) Claim(ctx context.Context, id int64, now, until time.Time) (b codes.Batch, c campaigns.Campaign,
	err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE campaign_batches SET lease_until = ? WHERE id = ? AND lease_until <= ?`, utc(until), id,
			utc(now))
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		if b, err = oneBatch(tx, `b.id = ?`, id); err != nil {
			return err
		}
		var row campaignRow
		if err := tx.Raw(selectCampaigns+` WHERE c.id = ?`, b.CampaignID).Scan(&row).Error; err != nil {
			return err
		}
		c, err = row.domain()
		return err
	})
	return b, c, err
}

// Due implements codes.Batches.
func (s Batches) Due(ctx context.Context, now time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := s.db.WithContext(ctx).Raw(`SELECT b.id FROM campaign_batches b JOIN campaigns c ON c.id = b.campaign_id
		WHERE b.lease_until <= ? AND b.shop NOT IN ('removing', 'removed') AND (b.status = 'running' OR b.synced <> c.version
			OR b.shop = 'asking' OR b.creating_since IS NOT NULL OR b.sent > 0)
		ORDER BY b.lease_until, b.id LIMIT ?`, utc(now), limit).Scan(&ids).Error
	return ids, translate(err)
}

// Stale implements codes.Batches.
func (s Batches) Stale(ctx context.Context, now, before time.Time, limit int) ([]int64, error) {
	var ids []int64
	err := s.db.WithContext(ctx).Raw(`SELECT id FROM campaign_batches WHERE kind = 'bound' AND status = 'paused'
		AND made_at < ? AND lease_until <= ? ORDER BY made_at, id LIMIT ?`, utc(before), utc(now), limit).Scan(&ids).Error
	return ids, translate(err)
}

// UsesOf implements codes.Shelf.
func (s Batches) UsesOf(ctx context.Context, batchID int64) (n int, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT count(*) FROM campaign_codes k JOIN identity_uses u
		ON u.campaign_id = k.campaign_id AND u.code = k.code WHERE k.batch_id = ?`, batchID).Row().Scan(&n)
	return n, translate(err)
}

// Sweepable implements codes.Shelf. What the campaign was changed for since is looked at first.
func (s Batches) Sweepable(ctx context.Context, now, until time.Time, limit int) (list []codes.Batch, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		text := `SELECT b.id FROM campaign_batches b JOIN campaigns c ON c.id = b.campaign_id
			WHERE b.sweep_at <= ? AND b.lease_until <= ? AND b.discount_id <> '' AND b.shop IN ('on', 'off', 'gone', 'removing')
			AND b.synced = c.version AND b.sent = 0 ORDER BY b.sweep_at, b.id LIMIT ?`
		if s.dialect == "postgres" {
			text += ` FOR UPDATE OF b SKIP LOCKED`
		}
		var ids []int64
		if err := tx.Raw(text, utc(now), utc(now), limit).Scan(&ids).Error; err != nil || len(ids) == 0 {
			return err
		}
		if err := tx.Exec(`UPDATE campaign_batches SET lease_until = ? WHERE id IN ?`, utc(until), ids).Error; err != nil {
			return err
		}
		list, err = manyBatches(tx, ` WHERE b.id IN ? ORDER BY b.id`, ids)
		return err
	})
	return list, err
}
