package store

import (
	"context"
	"time"

	"pointbridge/domain/campaigns/codes"
)

// NextPlanned implements codes.Shelf.
func (s Batches) NextPlanned(ctx context.Context, batchID int64, limit int) ([]string, error) {
	var list []string
	err := s.db.WithContext(ctx).Raw(`SELECT code FROM campaign_codes WHERE batch_id = ? AND state = 'planned'
		ORDER BY id LIMIT ?`, batchID, limit).Scan(&list).Error
	return list, translate(err)
}

// OpenChunks implements codes.Shelf.
func (s Batches) OpenChunks(ctx context.Context, batchID int64) ([]codes.Chunk, error) {
	var rows []struct {
		ID     int64
		State  string
		BulkID string
		At     time.Time
	}
	db := s.db.WithContext(ctx)
	if err := db.Raw(`SELECT id, state, bulk_id, at FROM campaign_batch_chunks WHERE batch_id = ? AND state <> 'done'
		ORDER BY id`, batchID).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]codes.Chunk, len(rows))
	for i, r := range rows {
		list[i] = codes.Chunk{ID: r.ID, State: codes.ChunkState(r.State), BulkID: r.BulkID, At: r.At.UTC()}
		if err := db.Raw(`SELECT code FROM campaign_codes WHERE chunk_id = ? AND state = 'sent' ORDER BY id`,
			r.ID).Scan(&list[i].Codes).Error; err != nil {
			return nil, translate(err)
		}
	}
	return list, nil
}

type recipientRow struct {
	Row       int
	Kind      string
	Recipient string
	Value     int64
	State     string
	Reason    string
	Code      string
}

func rowsOf(rows []recipientRow) []codes.Row {
	list := make([]codes.Row, len(rows))
	for i, r := range rows {
		list[i] = codes.Row{Row: r.Row, To: codes.RecipientOf(r.Kind, r.Recipient), Value: r.Value,
			State: codes.RowState(r.State), Reason: r.Reason, Code: r.Code}
	}
	return list
}

const selectRows = `SELECT row, kind, recipient, value, state, reason, code FROM campaign_batch_rows WHERE batch_id = ?`

// Waiting implements codes.Shelf.
func (s Batches) Waiting(ctx context.Context, batchID int64, limit int) ([]codes.Row, error) {
	var rows []recipientRow
	err := s.db.WithContext(ctx).Raw(selectRows+` AND state = 'waiting'
		ORDER BY CASE WHEN tried_at IS NULL THEN 0 ELSE 1 END, tried_at, row LIMIT ?`, batchID, limit).Scan(&rows).Error
	return rowsOf(rows), translate(err)
}

// BatchOf implements codes.Library.
func (s Batches) BatchOf(ctx context.Context, campaign, publicID string) (codes.Batch, error) {
	b, err := oneBatch(s.db.WithContext(ctx),
		`b.public_id = ? AND b.kind <> 'shared' AND b.campaign_id = (SELECT id FROM campaigns WHERE key = ?)`, publicID,
		campaign)
	return b, translate(err)
}

// BatchesOf implements codes.Library.
func (s Batches) BatchesOf(ctx context.Context, campaign string, before int64, limit int) ([]codes.Batch, error) {
	list, err := manyBatches(s.db.WithContext(ctx), ` WHERE b.kind <> 'shared' AND (? = 0 OR b.id < ?)
		AND b.campaign_id = (SELECT id FROM campaigns WHERE key = ?) ORDER BY b.id DESC LIMIT ?`, before, before, campaign,
		limit)
	return list, translate(err)
}

type codeRow struct {
	ID            int64
	Code          string
	BatchID       int64
	Batch         string
	Kind          string
	Owner         string
	State         string
	Reason        string
	Shop          string
	EndsAt        *time.Time
	DeactivatedAt *time.Time
	At            time.Time
	Uses          int
}

// CodesOf implements codes.Library.
func (s Batches) CodesOf(ctx context.Context, q codes.Query) ([]codes.Code, error) {
	text, args := `SELECT k.id, k.code, k.batch_id, b.public_id AS batch, b.kind, k.owner, k.state, k.reason, b.shop,
		b.ends_at, b.deactivated_at, k.at,
		(SELECT count(*) FROM identity_uses u WHERE u.campaign_id = k.campaign_id AND u.code = k.code AND u.void_at IS NULL
			AND NOT u.test) AS uses
		FROM campaign_codes k JOIN campaign_batches b ON b.id = k.batch_id
		WHERE b.campaign_id = (SELECT id FROM campaigns WHERE key = ?)`, []any{q.Campaign}
	add := func(asked bool, part string, value any) {
		if asked {
			text, args = text+part, append(args, value)
		}
	}
	order, behind := ` ORDER BY k.id`, ` AND k.id > ?`
	if q.Newest {
		order, behind = ` ORDER BY k.id DESC`, ` AND k.id < ?`
	}
	add(q.After != 0, behind, q.After)
	add(q.BatchID != 0, ` AND k.batch_id = ?`, q.BatchID)
	add(q.Kind != "", ` AND b.kind = ?`, string(q.Kind))
	add(q.State != "", ` AND k.state = ?`, string(q.State))
	add(q.Code != "", ` AND k.code = ?`, q.Code)
	var rows []codeRow
	if err := s.db.WithContext(ctx).Raw(text+order+` LIMIT ?`, append(args, q.Limit)...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]codes.Code, len(rows))
	for i, r := range rows {
		list[i] = codes.Code{ID: r.ID, Code: r.Code, BatchID: r.BatchID, Batch: r.Batch, Kind: codes.Kind(r.Kind),
			Owner: r.Owner, State: codes.State(r.State), Reason: r.Reason, Shop: codes.Standing(r.Shop),
			EndsAt: utcOrNil(r.EndsAt), DeactivatedAt: utcOrNil(r.DeactivatedAt), At: r.At.UTC(), Uses: r.Uses}
	}
	return list, nil
}

// RowsOf implements codes.Library.
func (s Batches) RowsOf(ctx context.Context, q codes.RowQuery) ([]codes.Row, error) {
	text, args := selectRows+` AND row > ?`, []any{q.BatchID, q.After}
	if q.State != "" {
		text, args = text+` AND state = ?`, append(args, string(q.State))
	}
	var rows []recipientRow
	err := s.db.WithContext(ctx).Raw(text+` ORDER BY row LIMIT ?`, append(args, q.Limit)...).Scan(&rows).Error
	return rowsOf(rows), translate(err)
}

// campaignCode is how a code of a batch stands, as decisions call it; known is false for a text that is none.
func (s Campaigns) campaignCode(ctx context.Context, campaignID int64, code string) (c codes.Code, known bool, err error) {
	var row codeRow
	found := s.db.WithContext(ctx).Raw(`SELECT k.id, k.code, k.state, b.shop, b.ends_at, b.deactivated_at, k.at
		FROM campaign_codes k JOIN campaign_batches b ON b.id = k.batch_id WHERE k.code = ? AND k.campaign_id = ?`, code,
		campaignID).Scan(&row)
	if found.Error != nil || found.RowsAffected == 0 {
		return codes.Code{}, false, translate(found.Error)
	}
	return codes.Code{ID: row.ID, Code: row.Code, State: codes.State(row.State), Shop: codes.Standing(row.Shop),
		EndsAt: utcOrNil(row.EndsAt), DeactivatedAt: utcOrNil(row.DeactivatedAt), At: row.At.UTC()}, true, nil
}

// Discounts implements books.CampaignBook.
func (s Books) Discounts(ctx context.Context, after int64, now time.Time, limit int) ([]codes.Batch, error) {
	list, err := manyBatches(s.db.WithContext(ctx), ` JOIN campaigns c ON c.id = b.campaign_id WHERE b.id > ?
		AND b.discount_id <> '' AND b.shop IN ('on', 'off', 'gone') AND b.synced = c.version AND b.lease_until <= ?
		ORDER BY b.id LIMIT ?`, after, utc(now), limit)
	return list, translate(err)
}
