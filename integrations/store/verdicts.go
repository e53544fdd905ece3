package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// Prints implements decisions.Verdicts.
func (s Identity) Prints(ctx context.Context, d decisions.Decision, uses []decisions.PastUse) (own identity.Print,
	others []identity.Print, err error) {
	text, args := selectDigests+`= 'decision' AND subject_id = ?`, []any{d.ID}
	if len(uses) > 0 {
		orders := make([]string, 0, len(uses))
		for _, u := range uses {
			orders = append(orders, u.OrderID)
		}
		text += ` UNION ALL ` + selectDigests +
			`= 'use' AND subject_id IN (SELECT id FROM identity_uses WHERE order_id IN ? AND campaign_id = ?)`
		args = append(args, orders, d.CampaignID)
	}
	rows, err := readDigests(s.db.WithContext(ctx), text, args)
	if err != nil {
		return nil, nil, translate(err)
	}
	prints := printsOf(rows)
	for _, print := range prints[subjectUse] {
		others = append(others, print)
	}
	return prints[subjectDecision][d.ID], others, nil
}

// Judge implements decisions.Verdicts.
func (s Identity) Judge(ctx context.Context, d decisions.Decision, v decisions.Verdict, pair decisions.Pair,
	blocked identity.Print, jobs []domain.Job, entry domain.AuditEntry) (done bool, err error) {
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		named, err := s.namedBy(tx, d, v, pair, blocked)
		if err != nil {
			return err
		}
		moved := tx.Exec(`UPDATE decisions SET verdict = ?, verdict_by = ?, verdict_at = ?, verdict_note = ?
			WHERE id = ? AND verdict = '' AND (erased_at IS NOT NULL) = ?`, string(v.Is), v.By, utc(v.At), v.Note, d.ID,
			d.Erased)
		if moved.Error != nil {
			return moved.Error
		}
		if done = moved.RowsAffected == 1; !done {
			return judgedBefore(tx, d.ID, v.Is)
		}
		if v.Is != decisions.Abuse {
			if err := unblock(tx, d.CampaignID, blocked); err != nil {
				return err
			}
		}
		for subject, print := range named {
			if err := addPrint(tx, subject, d.ID, d.CampaignID, v.At, print); err != nil {
				return err
			}
		}
		if err := s.addJobs(ctx, tx, jobs); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
	return done && err == nil, err
}

// namedBy is whom a verdict names, by what they showed; nobody where one of them was forgotten meanwhile. It is asked
// before anything is locked, in the order of every writer of digests.
func (s Identity) namedBy(tx *gorm.DB, d decisions.Decision, v decisions.Verdict, pair decisions.Pair,
	blocked identity.Print) (map[string]identity.Print, error) {
	named := map[string]identity.Print{subjectPairA: pair.A, subjectPairB: pair.B}
	if v.Is == decisions.Abuse {
		named[subjectBlocked] = blocked
	}
	for _, subject := range []string{subjectPairA, subjectPairB, subjectBlocked} {
		left, wholly, err := s.forgotten(tx, named[subject], d.At)
		if err != nil {
			return nil, err
		}
		if wholly {
			return nil, nil
		}
		named[subject] = left
	}
	return named, nil
}

// unblock lifts the blocks that have a customer or an e-mail in common with a person.
func unblock(tx *gorm.DB, campaignID int64, person identity.Print) error {
	by := blobs(person, identity.Customer, identity.Email)
	if len(by) == 0 {
		return nil
	}
	var ids []int64
	if err := tx.Raw(`SELECT DISTINCT subject_id FROM identity_digests WHERE digest IN ? AND campaign_id = ?
		AND subject = 'blocked' AND `+notOfDecisions, by, campaignID).Scan(&ids).Error; err != nil {
		return err
	}
	return deleteDigests(tx, ids, subjectBlocked)
}

// judgedBefore says what stands in the way of a verdict: the same one is no obstacle.
func judgedBefore(tx *gorm.DB, id int64, is decisions.Judgement) error {
	d, err := oneDecision(tx, `d.id = ?`, id)
	switch {
	case err != nil:
		return err
	case d.Verdict.Is == is:
		return nil
	case d.Verdict.Is != "":
		return domain.Refuse(domain.CodeVerdictGiven)
	default:
		return domain.Refuse(domain.CodeDecisionErased)
	}
}

// Heard implements decisions.Hearings. It goes by the index of those that were judged, which are few.
func (s Identity) Heard(ctx context.Context, campaign string, since time.Time) ([]decisions.Heard, error) {
	text, args := `SELECT outcome, verdict AS "is", count(*) AS count FROM decisions WHERE verdict <> '' AND at >= ?`,
		[]any{utc(since)}
	if campaign != "" {
		text += ` AND campaign_id = (SELECT id FROM campaigns WHERE key = ?)`
		args = append(args, campaign)
	}
	var heard []decisions.Heard
	err := s.db.WithContext(ctx).Raw(text+` GROUP BY outcome, verdict ORDER BY outcome, verdict`, args...).Scan(&heard).Error
	return heard, translate(err)
}
