package store

import (
	"context"

	"gorm.io/gorm"

	"pointbridge/domain/decisions"
)

// The conditions of a use that counts for a limit, beside its campaign and that it is not the request's own order.
const (
	usesThatStand = `u.campaign_id = ? AND u.void_at IS NULL AND NOT u.test AND u.order_id <> ?`
	// usesBefore are of orders before the request's, and of later ones that passed when they came to light first.
	usesBefore = ` AND (u.used_at < ? OR (u.used_at = ? AND u.order_id < ?) OR EXISTS (SELECT 1 FROM decisions d
		WHERE d.stage = 'order' AND d.order_id = u.order_id AND d.code = u.code AND d.campaign_id = u.campaign_id
		AND d.outcome <> 'refuse'))`
)

// CountUses implements decisions.Uses and decisions.Turn. Uses whose persons were forgotten still count.
func (s Identity) CountUses(ctx context.Context, campaignID int64, r decisions.Request) (decisions.Counts, error) {
	where, args := usesThatStand, []any{r.Code, campaignID, r.OrderID}
	if r.Stage == decisions.StageOrder {
		where += usesBefore
		args = append(args, utc(r.At), utc(r.At), r.OrderID)
	}
	var row struct{ InAll, OfCode int }
	err := s.db.WithContext(ctx).Raw(`SELECT count(DISTINCT u.order_id) AS in_all,
		coalesce(sum(CASE WHEN u.code = ? THEN 1 ELSE 0 END), 0) AS of_code
		FROM identity_uses u WHERE `+where, args...).Scan(&row).Error
	return decisions.Counts{InAll: row.InAll, OfCode: row.OfCode}, translate(err)
}

// InTurn implements decisions.Uses. On PostgreSQL the campaign's row is not locked, so that a change of its rules waits
// for no order; SQLite has one writer at a time by itself.
func (s Identity) InTurn(ctx context.Context, campaignID int64, do func(decisions.Turn) error) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended('uses of campaign', ?))`,
				campaignID).Error; err != nil {
				return err
			}
		}
		turn := *s.database
		turn.db, turn.within = tx, true
		return do(Identity{&turn})
	})
}

// Passed implements decisions.Turn.
func (s Identity) Passed(ctx context.Context, campaignID int64, orderIDs []string) (map[string][]string, error) {
	var rows []struct{ OrderID, Code string }
	err := s.db.WithContext(ctx).Raw(`SELECT order_id, code FROM decisions WHERE stage = 'order' AND campaign_id = ?
		AND order_id IN ? AND outcome <> 'refuse'`, campaignID, orderIDs).Scan(&rows).Error
	passed := map[string][]string{}
	for _, r := range rows {
		passed[r.OrderID] = append(passed[r.OrderID], r.Code)
	}
	return passed, translate(err)
}

// UsesOf counts what a campaign was used for; of one code as well where it is not empty.
func (s Identity) UsesOf(ctx context.Context, campaignID int64, code string) (decisions.Tally, error) {
	counts, err := s.CountUses(ctx, campaignID, decisions.Request{Code: decisions.CodeKey(code)})
	if err != nil {
		return decisions.Tally{}, err
	}
	t := decisions.Tally{Counts: counts}
	err = s.db.WithContext(ctx).Raw(`SELECT count(DISTINCT u.order_id) FROM identity_uses u JOIN decisions d
		ON d.stage = 'order' AND d.order_id = u.order_id AND d.code = u.code AND d.campaign_id = u.campaign_id
		WHERE u.campaign_id = ? AND u.void_at IS NULL AND NOT u.test AND d.outcome = 'refuse'`,
		campaignID).Row().Scan(&t.Refused)
	return t, translate(err)
}
