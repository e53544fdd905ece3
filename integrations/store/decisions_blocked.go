package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/identity"
)

// refusalsAtOnce is how many refusals are asked about in one statement.
const refusalsAtOnce = 1000

type refusalRow struct {
	ID             int64
	CampaignID     int64
	Campaign       string
	At             time.Time
	Reason         string
	Enforced       bool
	Code           string
	Worth          int64
	WorthCurrency  string
	WorthEstimated bool
	ErasedAt       *time.Time
}

func (r refusalRow) domain(print identity.Print) decisions.Refusal {
	return decisions.Refusal{ID: r.ID, CampaignID: r.CampaignID, Campaign: r.Campaign, At: r.At.UTC(),
		Reason: decisions.Reason(r.Reason), Enforced: r.Enforced, Code: r.Code, Erased: r.ErasedAt != nil, Print: print,
		Worth: decisions.Worth{Amount: domain.Money{Minor: r.Worth, Currency: r.WorthCurrency},
			Estimated: r.WorthEstimated}}
}

// Refusals implements decisions.Refusals.
func (s Identity) Refusals(ctx context.Context, campaign string, from, to time.Time,
	limit int) ([]decisions.Refusal, error) {
	tx := s.db.WithContext(ctx)
	var rows []refusalRow
	if err := tx.Raw(`SELECT d.id, d.campaign_id, c.key AS campaign, d.at, d.reason, d.enforced, d.code, d.worth,
			d.worth_currency, d.worth_estimated, d.erased_at
		FROM decisions d JOIN campaigns c ON c.id = d.campaign_id
		WHERE d.outcome = 'refuse' AND d.stage <> 'order' AND d.at >= ? AND d.at < ? AND (? = '' OR c.key = ?)
		ORDER BY d.id DESC LIMIT ?`, utc(from), utc(to), campaign, campaign, limit).Scan(&rows).Error; err != nil {
		return nil, translate(err)
	}
	list := make([]decisions.Refusal, 0, len(rows))
	for part := range slices.Chunk(rows, refusalsAtOnce) {
		ids := make([]int64, 0, len(part))
		for _, r := range part {
			ids = append(ids, r.ID)
		}
		prints, err := printsOfSubject(tx, subjectDecision, ids)
		if err != nil {
			return nil, translate(err)
		}
		for _, r := range part {
			list = append(list, r.domain(prints[r.ID]))
		}
	}
	return list, nil
}

// UsedAfter implements decisions.Refusals.
func (s Identity) UsedAfter(ctx context.Context, list []decisions.Refusal,
	kinds []identity.Kind) (map[int64]time.Time, error) {
	var ids []int64
	at := map[int64]time.Time{}
	for _, r := range list {
		if r.Enforced {
			ids, at[r.ID] = append(ids, r.ID), r.At
		}
	}
	used := map[int64]time.Time{}
	for part := range slices.Chunk(ids, refusalsAtOnce) {
		rows, err := usesAfter(s.db.WithContext(ctx), part, at, kinds)
		if err != nil {
			return nil, translate(err)
		}
		for _, r := range rows {
			if r.UsedAt.After(at[r.ID]) && (used[r.ID].IsZero() || r.UsedAt.Before(used[r.ID])) {
				used[r.ID] = r.UsedAt.UTC()
			}
		}
	}
	return used, nil
}

type usedRow struct {
	ID     int64
	UsedAt time.Time
}

// usesAfter reads the uses by people of these decisions from the first decision on until a day after the last one.
func usesAfter(tx *gorm.DB, ids []int64, at map[int64]time.Time, kinds []identity.Kind) (rows []usedRow, err error) {
	first, last := at[ids[0]], at[ids[0]]
	for _, id := range ids {
		if at[id].Before(first) {
			first = at[id]
		}
		if at[id].After(last) {
			last = at[id]
		}
	}
	err = tx.Raw(`SELECT DISTINCT d.subject_id AS id, u.used_at FROM identity_digests d
			JOIN identity_digests o ON o.digest = d.digest AND o.campaign_id = d.campaign_id AND o.subject = 'use'
				AND o.subject <> 'decision'
			JOIN identity_uses u ON u.id = o.subject_id
		WHERE d.subject = 'decision' AND d.subject_id IN ? AND d.kind IN ? AND u.used_at >= ? AND u.used_at < ?
			AND u.void_at IS NULL AND u.test = ?`, ids, kinds, utc(first), utc(last.Add(24*time.Hour)),
		false).Scan(&rows).Error
	return rows, err
}
