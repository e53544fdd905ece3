package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
)

// Uses implements pages.CampaignFigures. A campaign that there is not has no uses.
func (s Campaigns) Uses(ctx context.Context, campaign string, from, to time.Time,
	zone *time.Location) (campaigns.Uses, error) {
	tx := s.db.WithContext(ctx)
	var u campaigns.Uses
	var id int64
	if err := tx.Raw(`SELECT id FROM campaigns WHERE key = ?`, campaign).Scan(&id).Error; err != nil {
		return u, translate(err)
	}
	if err := usesInAll(tx, id, &u); err != nil {
		return u, translate(err)
	}
	if err := usesByCode(tx, id, &u); err != nil {
		return u, translate(err)
	}
	return u, translate(s.usesByDay(tx, id, &u, from, to, zone))
}

// countedUse are uses that count.
const countedUse = ` AND void_at IS NULL AND NOT test`

func usesInAll(tx *gorm.DB, id int64, u *campaigns.Uses) error {
	var rows []struct {
		Currency     string
		Count, Given int64
	}
	if err := tx.Raw(`SELECT currency, count(*) AS count, sum(discount) AS given FROM identity_uses
		WHERE campaign_id = ?`+countedUse+` GROUP BY currency ORDER BY currency`, id).Scan(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		u.Total += r.Count
		if r.Currency != "" {
			u.Given = append(u.Given, domain.Money{Minor: r.Given, Currency: r.Currency})
		}
	}
	return tx.Raw(`SELECT count(DISTINCT code) FROM identity_uses WHERE campaign_id = ?`+countedUse, id).
		Scan(&u.AllCodes).Error
}

func usesByCode(tx *gorm.DB, id int64, u *campaigns.Uses) error {
	var most []struct {
		Code  string
		Count int64
	}
	if err := tx.Raw(`SELECT code, count(*) AS count FROM identity_uses WHERE campaign_id = ?`+countedUse+`
		GROUP BY code ORDER BY count(*) DESC, code LIMIT ?`, id, campaigns.MostCodes).Scan(&most).Error; err != nil {
		return err
	}
	at, names := map[string]int{}, make([]string, 0, len(most))
	for i, m := range most {
		at[m.Code], names = i, append(names, m.Code)
		u.Codes = append(u.Codes, campaigns.CodeUses{Code: m.Code, Count: m.Count})
	}
	if len(names) == 0 {
		return nil
	}
	var rows []struct {
		Code, Currency string
		Given          int64
	}
	if err := tx.Raw(`SELECT code, currency, sum(discount) AS given FROM identity_uses WHERE campaign_id = ?
		AND code IN ?`+countedUse+` GROUP BY code, currency ORDER BY currency`, id, names).Scan(&rows).
		Error; err != nil {
		return err
	}
	for _, r := range rows {
		if c := &u.Codes[at[r.Code]]; r.Currency != "" {
			c.Given = append(c.Given, domain.Money{Minor: r.Given, Currency: r.Currency})
		}
	}
	var last []struct {
		Code   string
		UsedAt time.Time
	}
	if err := tx.Raw(`SELECT code, used_at FROM (SELECT code, used_at, row_number() OVER (PARTITION BY code
			ORDER BY used_at DESC, id DESC) AS place FROM identity_uses WHERE campaign_id = ? AND code IN ?`+countedUse+`
		) AS placed WHERE place = 1`, id, names).Scan(&last).Error; err != nil {
		return err
	}
	for _, l := range last {
		u.Codes[at[l.Code]].Last = l.UsedAt.UTC()
	}
	return nil
}

func (s Campaigns) usesByDay(tx *gorm.DB, id int64, u *campaigns.Uses, from, to time.Time, zone *time.Location) error {
	at := map[string]int{}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		at[day.Format(time.DateOnly)] = len(u.Days)
		u.Days = append(u.Days, campaigns.DayUses{Date: day})
	}
	slot := `CAST(strftime('%s', substr(used_at, 1, 19)) AS integer) / 900`
	if s.dialect == "postgres" {
		slot = `floor(extract(epoch FROM used_at) / 900)::bigint`
	}
	begin, end := domain.StartOfDay(from, zone), domain.StartOfDay(to.AddDate(0, 0, 1), zone)
	var rows []struct{ Slot, Count int64 }
	if err := tx.Raw(`SELECT `+slot+` AS slot, count(*) AS count FROM identity_uses WHERE campaign_id = ?`+countedUse+`
		AND used_at >= ? AND used_at < ? GROUP BY 1`, id, utc(begin), utc(end)).Scan(&rows).Error; err != nil {
		return err
	}
	for _, r := range rows {
		day := time.Unix(r.Slot*quarter, 0).In(zone).Format(time.DateOnly)
		if i, inside := at[day]; inside {
			u.Days[i].Count += r.Count
		}
	}
	return tx.Raw(`SELECT count(*) FROM identity_uses WHERE campaign_id = ? AND void_at IS NOT NULL AND NOT test
		AND used_at >= ? AND used_at < ?`, id, utc(begin), utc(end)).Scan(&u.Void).Error
}

// Counts implements pages.CampaignFigures.
func (s Campaigns) Counts(ctx context.Context, since time.Time) (map[string]campaigns.Counts, error) {
	var rows []struct {
		Key                    string
		Uses, Refused, Flagged int64
	}
	err := s.db.WithContext(ctx).Raw(`SELECT c.key, coalesce(u.uses, 0) AS uses, coalesce(d.refused, 0) AS refused,
			coalesce(d.flagged, 0) AS flagged
		FROM campaigns c
		LEFT JOIN (SELECT campaign_id, count(*) AS uses FROM identity_uses WHERE used_at >= ?`+countedUse+`
			GROUP BY campaign_id) u ON u.campaign_id = c.id
		LEFT JOIN (SELECT campaign_id, sum(CASE WHEN outcome = 'refuse' THEN 1 ELSE 0 END) AS refused,
				sum(CASE WHEN outcome = 'allow_flagged' THEN 1 ELSE 0 END) AS flagged
			FROM decisions WHERE at >= ? AND outcome <> 'allow' GROUP BY campaign_id) d ON d.campaign_id = c.id`,
		utc(since), utc(since)).Scan(&rows).Error
	counts := make(map[string]campaigns.Counts, len(rows))
	for _, r := range rows {
		counts[r.Key] = campaigns.Counts{Uses: r.Uses, Refused: r.Refused, Flagged: r.Flagged}
	}
	return counts, translate(err)
}
