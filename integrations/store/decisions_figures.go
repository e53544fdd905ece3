package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// quarter is the length of a slot, in seconds.
const quarter = 900

type tallyRow struct {
	Slot     int64
	Outcome  string
	Reason   string
	Enforced bool
	Verdict  string
	Count    int64
}

// Rollups adds decisions up by the quarter of an hour; an empty campaign is all of them.
func (s Identity) Rollups(ctx context.Context, campaign string, from, to time.Time) ([]decisions.Rollup, error) {
	slot := `CAST(strftime('%s', substr(d.at, 1, 19)) AS integer) / 900`
	if s.dialect == "postgres" {
		slot = `floor(extract(epoch FROM d.at) / 900)::bigint`
	}
	text := `SELECT ` + slot + ` AS slot, d.outcome, d.reason, d.enforced, d.verdict, count(*) AS count FROM decisions d
		WHERE d.at >= ? AND d.at < ?`
	args := []any{utc(from), utc(to)}
	if campaign != "" {
		text, args = text+` AND d.campaign_id = (SELECT id FROM campaigns WHERE key = ?)`, append(args, campaign)
	}
	var rows []tallyRow
	if err := s.db.WithContext(ctx).Raw(text+` GROUP BY 1, 2, 3, 4, 5`, args...).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]decisions.Rollup, 0, len(rows))
	for _, r := range rows {
		list = append(list, decisions.Rollup{From: time.Unix(r.Slot*quarter, 0).UTC(),
			Outcome: decisions.Outcome(r.Outcome), Reason: decisions.Reason(r.Reason), Enforced: r.Enforced,
			Verdict: decisions.Judgement(r.Verdict), Count: r.Count})
	}
	return list, nil
}

// UsePrints gives what the newest uses of a campaign within a time showed, one more than are looked at where there are
// so many. What came to nothing, and tests, are no uses.
func (s Identity) UsePrints(ctx context.Context, campaignID int64, from, to time.Time) ([]identity.Print, error) {
	tx := s.db.WithContext(ctx)
	var ids []int64
	if err := tx.Raw(`SELECT id FROM identity_uses WHERE campaign_id = ? AND used_at >= ? AND used_at < ?
		AND void_at IS NULL AND test = ? ORDER BY used_at DESC, id DESC LIMIT ?`, campaignID, utc(from), utc(to), false,
		decisions.MostRepeatUses+1).Scan(&ids).Error; err != nil {
		return nil, translate(err)
	}
	prints := make([]identity.Print, 0, len(ids))
	for part := range slices.Chunk(ids, 1000) {
		found, err := printsOfSubject(tx, subjectUse, part)
		if err != nil {
			return nil, translate(err)
		}
		for _, id := range part {
			prints = append(prints, found[id])
		}
	}
	return prints, nil
}

func printsOfSubject(tx *gorm.DB, subject string, ids []int64) (map[int64]identity.Print, error) {
	if len(ids) == 0 {
		return map[int64]identity.Print{}, nil
	}
	var rows []digestRow
	err := tx.Raw(selectDigests+`= ? AND subject_id IN ?`, subject, ids).Scan(&rows).Error
	return printsOf(rows)[subject], err
}

// selectAlike is the part of the statement of Alike that finds decisions by one digest, the newest first; uses are found
// as decisions find them.
const selectAlike = `SELECT * FROM (SELECT d.subject, d.subject_id ` + ofDecisions + ` AND d.campaign_id = ?
	ORDER BY d.subject_id DESC LIMIT ?) AS of_one`

// Alike gives the uses and decisions of a campaign that showed any of these digests, with all that they showed. Of each
// digest only the newest count, so that a shared network costs no more than a person. What has a digest is found in one
// statement, however many are asked for.
func (s Identity) Alike(ctx context.Context, campaignID int64, asked identity.Print) (decisions.Alike, error) {
	digests := blobs(asked, findKinds()...)
	if len(digests) == 0 {
		return decisions.Alike{}, nil
	}
	parts, args := []string{selectTold}, []any{digests, campaignID, verdictsAtMost}
	for _, d := range digests {
		parts = append(parts, selectCandidates, selectAlike)
		args = append(args, d, campaignID, decisions.MostOfPerson, [][]byte{d}, campaignID, decisions.MostOfPerson)
	}
	var rows []struct {
		Subject   string
		SubjectID int64
	}
	tx := s.db.WithContext(ctx)
	if err := tx.Raw(withParts+`SELECT DISTINCT subject, subject_id FROM (`+strings.Join(parts, " UNION ALL ")+`)
		AS every ORDER BY subject, subject_id`, args...).Scan(&rows).Error; err != nil {
		return decisions.Alike{}, translate(err)
	}
	found := map[string][]int64{}
	for _, r := range rows {
		found[r.Subject] = append(found[r.Subject], r.SubjectID)
	}
	alike := decisions.Alike{Blocked: len(found[subjectBlocked]) > 0,
		Apart: len(found[subjectPairA])+len(found[subjectPairB]) > 0}
	var err error
	if alike.Uses, err = alikeUses(tx, found[subjectUse]); err != nil {
		return decisions.Alike{}, translate(err)
	}
	alike.Decisions, err = alikeDecisions(tx, found[subjectDecision])
	return alike, translate(err)
}

func alikeUses(tx *gorm.DB, ids []int64) ([]decisions.KnownUse, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	prints, err := printsOfSubject(tx, subjectUse, ids)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID        int64
		OrderID   string
		OrderName string
		Code      string
		UsedAt    time.Time
		VoidAt    *time.Time
		Test      bool
	}
	if err := tx.Raw(`SELECT id, order_id, order_name, code, used_at, void_at, test FROM identity_uses WHERE id IN ?
		ORDER BY used_at DESC, id DESC`, ids).Scan(&rows).Error; err != nil {
		return nil, err
	}
	uses := make([]decisions.KnownUse, 0, len(rows))
	for _, r := range rows {
		uses = append(uses, decisions.KnownUse{ID: r.ID, OrderID: r.OrderID, Order: r.OrderName, Code: r.Code,
			At: r.UsedAt.UTC(), Void: r.VoidAt != nil, Test: r.Test, Print: prints[r.ID]})
	}
	return uses, nil
}

func alikeDecisions(tx *gorm.DB, ids []int64) ([]decisions.KnownDecision, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	prints, err := printsOfSubject(tx, subjectDecision, ids)
	if err != nil {
		return nil, err
	}
	var rows []decisionRow
	if err := tx.Raw(selectDecisions+` WHERE d.id IN ? ORDER BY d.id DESC`, ids).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]decisions.KnownDecision, 0, len(rows))
	for _, r := range rows {
		d, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, decisions.KnownDecision{Decision: d, Print: prints[r.ID]})
	}
	return list, nil
}

// CampaignKeys gives those of campaigns that have begun.
func (s Identity) CampaignKeys(ctx context.Context) (keys []string, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT key FROM campaigns WHERE status <> 'draft' ORDER BY key`).Scan(&keys).Error
	return keys, translate(err)
}

// ForgetKeyChecks removes what is known of keys as long as no digest was made with them, and tells whether it did:
// nothing depends on them then.
func (s Identity) ForgetKeyChecks(ctx context.Context) (bool, error) {
	gone := s.db.WithContext(ctx).Exec(`DELETE FROM identity_keys WHERE NOT EXISTS (SELECT 1 FROM identity_digests)`)
	return gone.RowsAffected > 0, translate(gone.Error)
}
