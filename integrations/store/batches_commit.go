package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns/codes"
)

// Commit implements codes.Batches. The lease that the actor holds is what it is known by.
func (s Batches) Commit(ctx context.Context, c codes.Change) (b codes.Batch, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		if err := writeBatch(tx, c); err != nil {
			return err
		}
		if err := s.writeCodes(tx, c); err != nil {
			return err
		}
		if err := writeRows(tx, c); err != nil {
			return err
		}
		if c.Entry != nil {
			if err := saveAudit(tx, []domain.AuditEntry{*c.Entry}, 0); err != nil {
				return err
			}
		}
		b, err = oneBatch(tx, `b.id = ?`, c.Batch.ID)
		return err
	})
	return b, err
}

func writeBatch(tx *gorm.DB, c codes.Change) error {
	b, was := c.Batch, c.Was
	done := tx.Exec(`UPDATE campaign_batches SET lease_until = ?, discount_id = ?, creating_since = ?, shop = ?,
		shop_since = ?, terms = ?, ends_at = ?, over_at = ?, sweep_at = ?, removal = ?,
		synced = CASE WHEN synced = ? THEN CAST(? AS bigint) ELSE synced END,
		reason = CASE WHEN status = ? THEN CAST(? AS text) ELSE reason END,
		finished_at = CASE WHEN status = ? THEN `+moment(tx)+` ELSE finished_at END,
		status = CASE WHEN status = ? THEN CAST(? AS text) ELSE status END
		WHERE id = ? AND lease_until = ?`, utc(b.LeaseUntil), b.DiscountID, utcOrNil(b.CreatingSince), string(b.Shop),
		utcOrNil(b.ShopSince), b.Terms, utcOrNil(b.EndsAt), utcOrNil(b.OverAt), utcOrNil(b.SweepAt), b.Removal,
		was.Synced, b.Synced, string(was.Status), b.Reason, string(was.Status), utcOrNil(b.FinishedAt),
		string(was.Status), string(b.Status), b.ID, utc(was.LeaseUntil))
	if done.Error != nil {
		return done.Error
	}
	if done.RowsAffected != 1 {
		return domain.ErrConflict
	}
	return nil
}

// moment is a place for a time within an expression, whose type PostgreSQL cannot tell by itself.
func moment(tx *gorm.DB) string {
	if tx.Name() == "postgres" {
		return `CAST(? AS timestamptz)`
	}
	return `?`
}

// Codes are found by their text. The sums keep databases from going by batch and state: while nobody has made
// statistics of a new table that looks like one row, and is all that are planned, each compared with all of the chunk's.
const (
	ofBatch     = ` WHERE batch_id + 0 = ? AND state || '' = ? AND code IN ?`
	updateFates = `UPDATE campaign_codes SET state = ?, reason = ?, at = ?, chunk_id = NULL` + ofBatch
	updateSent  = `UPDATE campaign_codes SET state = 'sent', chunk_id = ?` + ofBatch
)

// writeCodes writes what becomes of codes, and keeps the batch's figures with it.
func (s Batches) writeCodes(tx *gorm.DB, c codes.Change) error {
	figures := map[codes.State]int{}
	if len(c.Plan) > 0 {
		n, err := addCodes(tx, c.Batch, c.Plan, "", s.now())
		if err != nil {
			return err
		}
		figures[codes.CodePlanned] += n
	}
	for _, group := range grouped(c.Fates) {
		done := tx.Exec(updateFates, string(group.To), group.Reason, utc(s.now()), c.Batch.ID, string(group.From),
			group.codes)
		if done.Error != nil {
			return done.Error
		}
		if int(done.RowsAffected) != len(group.codes) {
			return domain.ErrConflict
		}
		figures[group.From] -= len(group.codes)
		figures[group.To] += len(group.codes)
	}
	if c.Chunk != nil {
		if err := s.writeChunk(tx, c, figures); err != nil {
			return err
		}
	}
	if len(figures) == 0 {
		return nil
	}
	return tx.Exec(`UPDATE campaign_batches SET planned = planned + ?, sent = sent + ?, made = made + ?,
		refused = refused + ? WHERE id = ?`, figures[codes.CodePlanned], figures[codes.CodeSent], figures[codes.CodeMade],
		figures[codes.CodeRefused], c.Batch.ID).Error
}

func (s Batches) writeChunk(tx *gorm.DB, c codes.Change, figures map[codes.State]int) error {
	if c.Chunk.ID == 0 {
		if err := tx.Raw(`INSERT INTO campaign_batch_chunks (batch_id, state, at) VALUES (?, ?, ?) RETURNING id`,
			c.Batch.ID, string(c.Chunk.State), utc(c.Chunk.At)).Row().Scan(&c.Chunk.ID); err != nil {
			return err
		}
		done := tx.Exec(updateSent, c.Chunk.ID, c.Batch.ID, string(codes.CodePlanned), c.Chunk.Codes)
		if done.Error == nil && int(done.RowsAffected) != len(c.Chunk.Codes) {
			return domain.ErrConflict
		}
		figures[codes.CodePlanned] -= len(c.Chunk.Codes)
		figures[codes.CodeSent] += len(c.Chunk.Codes)
		return done.Error
	}
	if err := tx.Exec(`UPDATE campaign_batch_chunks SET state = ?, bulk_id = ? WHERE id = ? AND batch_id = ?`,
		string(c.Chunk.State), c.Chunk.BulkID, c.Chunk.ID, c.Batch.ID).Error; err != nil {
		return err
	}
	if c.Chunk.State != codes.ChunkDone {
		return nil
	}
	done := tx.Exec(`UPDATE campaign_codes SET state = 'made', at = ? WHERE chunk_id = ? AND state = 'sent'`,
		utc(s.now()), c.Chunk.ID)
	figures[codes.CodeSent] -= int(done.RowsAffected)
	figures[codes.CodeMade] += int(done.RowsAffected)
	return done.Error
}

// fateGroup is what codes have in common that end alike.
type fateGroup struct {
	From, To codes.State
	Reason   string
	codes    []string
}

func grouped(fates []codes.Fate) (list []fateGroup) {
next:
	for _, f := range fates {
		for i := range list {
			if g := &list[i]; g.From == f.From && g.To == f.To && g.Reason == f.Reason {
				g.codes = append(g.codes, f.Code)
				continue next
			}
		}
		list = append(list, fateGroup{f.From, f.To, f.Reason, []string{f.Code}})
	}
	return list
}

// forgotten is why a row is refused that a batch did not come to.
const forgotten = "stopped"

func forgetRows(tx *gorm.DB, batchID int64) error {
	return tx.Exec(`UPDATE campaign_batch_rows SET state = 'refused', reason = ?, recipient = '', kind = ''
		WHERE batch_id = ? AND state = 'waiting'`, forgotten, batchID).Error
}

// writeRows writes what became of rows. A code that was given out stands, even if somebody stopped the batch meanwhile.
func writeRows(tx *gorm.DB, c codes.Change) error {
	if len(c.Rows) == 0 && !c.Forget {
		return nil
	}
	for _, r := range c.Rows {
		if err := tx.Exec(`UPDATE campaign_batch_rows SET state = ?, reason = ?, code = ?, recipient = ?, kind = ?,
			tried_at = ? WHERE batch_id = ? AND row = ? AND (state = 'waiting' OR ? = 'issued')`, string(r.State), r.Reason,
			r.Code, r.To.Text(), r.To.Kind(), utc(tx.NowFunc()), c.Batch.ID, r.Row, string(r.State)).Error; err != nil {
			return err
		}
	}
	if c.Forget {
		if err := forgetRows(tx, c.Batch.ID); err != nil {
			return err
		}
	}
	return countRows(tx, c.Batch.ID)
}

func countRows(tx *gorm.DB, batchID int64) error {
	return tx.Exec(`UPDATE campaign_batches SET
		made = (SELECT count(*) FROM campaign_batch_rows r WHERE r.batch_id = campaign_batches.id AND r.state = 'issued'),
		refused = (SELECT count(*) FROM campaign_batch_rows r WHERE r.batch_id = campaign_batches.id AND r.state = 'refused')
		WHERE id = ?`, batchID).Error
}

// unseen is no campaign's version, and never twice the same: whoever was looking at the campaign meanwhile, even for a
// decision of before, finds that this one was not there yet, and looks once more.
const unseen = `CASE WHEN synced > 0 THEN 0 ELSE synced - 1 END`

// errNothing ends a transaction that has nothing to write.
var errNothing = errors.New("nothing was decided")

// Decide implements codes.Batches. The row is locked between the look and the decision.
func (s Batches) Decide(ctx context.Context, campaign, publicID string,
	decide func(codes.Batch) (*codes.Decision, error)) (b codes.Batch, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		where := `b.public_id = ? AND b.campaign_id = (SELECT id FROM campaigns WHERE key = ?)`
		if b, err = oneBatch(tx, where+s.locked(), publicID, campaign); err != nil {
			return err
		}
		d, err := decide(b)
		if err != nil {
			return err
		}
		if d == nil {
			return errNothing
		}
		if err := tx.Exec(`UPDATE campaign_batches SET status = ?, reason = ?, finished_at = ?,
			deactivated_at = COALESCE(deactivated_at, `+moment(tx)+`), synced = `+unseen+` WHERE id = ?`, string(d.Status),
			d.Reason, utcOrNil(d.FinishedAt), utcOrNil(d.Deactivated), b.ID).Error; err != nil {
			return err
		}
		if d.Forget {
			if err := errors.Join(forgetRows(tx, b.ID), countRows(tx, b.ID)); err != nil {
				return err
			}
		}
		if err := saveAudit(tx, []domain.AuditEntry{d.Entry}, 0); err != nil {
			return err
		}
		if b, err = oneBatch(tx, `b.id = ?`, b.ID); err != nil {
			return err
		}
		return s.addJobs(ctx, tx, batchJob)
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return b, err
}
