package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain/guard"
	"pointbridge/domain/identity"
)

// countingUses are the marks of uses that count.
const countingUses = ` FROM guard_marks m JOIN identity_uses u ON u.id = m.use_id AND u.void_at IS NULL AND NOT u.test
		AND u.erased_at IS NULL`

// toldApart are uses of somebody whom a verdict told from somebody else: the two may share a phone, never an e-mail.
const toldApart = ` AND (m.kind <> 'phone' OR NOT EXISTS (SELECT 1 FROM identity_digests d JOIN identity_digests p
		ON p.digest = d.digest AND p.campaign_id = d.campaign_id AND p.subject IN ('pair_a', 'pair_b')
			AND p.subject <> 'decision'
		WHERE d.subject = 'use' AND d.subject_id = m.use_id))`

// newestUses is how many marks are looked at for each that may be told of: an office that uses codes all day does not
// make a round long.
const newestUses = 4

// selectUsedUp takes the newest marks, and of those the ones that enough uses show; each may be there more than once.
const selectUsedUp = `SELECT n.kind, n.mark, n.at FROM (SELECT m.kind, m.mark, m.at, m.use_id` + countingUses +
	` WHERE m.campaign_id = ? AND m.key_version = ? AND m.kind IN ?` + toldApart +
	` ORDER BY m.at DESC, m.use_id DESC LIMIT ?) AS n
	WHERE ? = 1 OR (SELECT count(*)` + countingUses + ` WHERE m.campaign_id = ? AND m.kind = n.kind
		AND m.mark = n.mark AND m.key_version = ?` + toldApart + `) >= ? ORDER BY n.at DESC, n.mark`

// selectBlocked goes from the blocks, which are few, to uses of any campaign that show the same customer or e-mail, and
// from there to what else they show.
const selectBlocked = `SELECT m.kind, m.mark, b.at FROM identity_digests b
	JOIN identity_digests d ON d.digest = b.digest AND d.subject = 'use' AND d.subject <> 'decision'
	JOIN guard_marks m ON m.use_id = d.subject_id
	WHERE b.subject = 'blocked' AND b.campaign_id = ? AND m.key_version = ? AND m.kind IN ?
	ORDER BY b.at DESC, m.mark LIMIT ?`

type markRow struct {
	Kind string
	Mark int64
	At   time.Time
}

// seenOf keeps each mark once, as it was seen last, and no more than there may be.
func seenOf(rows []markRow, limit int) []guard.Seen {
	seen, known := []guard.Seen{}, map[int64]bool{}
	for _, r := range rows {
		if !known[r.Mark] && len(seen) < limit {
			seen, known[r.Mark] = append(seen, guard.Seen{Mark: guard.Mark(r.Mark), At: r.At.UTC()}), true
		}
	}
	return seen
}

// UsedUp implements guard.Knowledge.
func (s Guard) UsedUp(ctx context.Context, campaignID int64, q guard.Query, uses int) ([]guard.Seen, error) {
	var rows []markRow
	err := s.db.WithContext(ctx).Raw(selectUsedUp, campaignID, q.KeyVersion, kindTexts(q.Kinds), newestUses*q.Limit,
		uses, campaignID, q.KeyVersion, uses).Scan(&rows).Error
	return seenOf(rows, q.Limit), translate(err)
}

// Blocked implements guard.Knowledge.
func (s Guard) Blocked(ctx context.Context, campaignID int64, q guard.Query) ([]guard.Seen, error) {
	var rows []markRow
	err := s.db.WithContext(ctx).Raw(selectBlocked, campaignID, q.KeyVersion, kindTexts(q.Kinds),
		newestUses*q.Limit).Scan(&rows).Error
	return seenOf(rows, q.Limit), translate(err)
}

// OfCustomer implements guard.Knowledge.
func (s Guard) OfCustomer(ctx context.Context, gid string) (uses map[int64]int, blocked []int64, err error) {
	var rows []struct {
		CampaignID int64
		Uses       int
	}
	tx := s.db.WithContext(ctx)
	if err := tx.Raw(`SELECT campaign_id, count(*) AS uses FROM identity_uses WHERE customer_gid = ? AND customer_gid <> ''
		AND void_at IS NULL AND NOT test AND erased_at IS NULL GROUP BY campaign_id`, gid).Scan(&rows).Error; err != nil {
		return nil, nil, translate(err)
	}
	uses = map[int64]int{}
	for _, r := range rows {
		uses[r.CampaignID] = r.Uses
	}
	err = tx.Raw(`SELECT DISTINCT b.campaign_id FROM identity_uses u
		JOIN identity_digests d ON d.subject = 'use' AND d.subject_id = u.id
		JOIN identity_digests b ON b.digest = d.digest AND b.subject = 'blocked' AND b.subject <> 'decision'
		WHERE u.customer_gid = ? AND u.customer_gid <> ''`, gid).Scan(&blocked).Error
	return uses, blocked, translate(err)
}

// Behind implements guard.Knowledge.
func (s Guard) Behind(ctx context.Context, keyVersion int) (behind bool, err error) {
	err = s.db.WithContext(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM identity_digests WHERE key_version < ?)`,
		keyVersion).Row().Scan(&behind)
	return behind, translate(err)
}

// Keep implements guard.Knowledge. The use is locked, so that one that is erased meanwhile keeps no marks. While the
// guard is off nothing is kept.
func (s Guard) Keep(ctx context.Context, orderID, code string, keyVersion int,
	marks map[identity.Kind][]guard.Mark) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		text := `SELECT id, campaign_id, used_at FROM identity_uses WHERE order_id = ? AND code = ? AND erased_at IS NULL
			AND EXISTS (SELECT 1 FROM guard_fields WHERE owner = 'shop')` + s.locked()
		var use struct {
			ID, CampaignID int64
			UsedAt         time.Time
		}
		if found := tx.Raw(text, orderID, code).Scan(&use); found.Error != nil || found.RowsAffected == 0 {
			return found.Error
		}
		if err := tx.Exec(`DELETE FROM guard_marks WHERE use_id = ?`, use.ID).Error; err != nil {
			return err
		}
		for kind, list := range marks {
			for _, mark := range list {
				if err := tx.Exec(`INSERT INTO guard_marks (use_id, kind, mark, key_version, campaign_id, at)
					VALUES (?, ?, ?, ?, ?, ?)`, use.ID, string(kind), int64(mark), keyVersion, use.CampaignID,
					utc(use.UsedAt)).Error; err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func kindTexts(kinds []identity.Kind) []string {
	texts := make([]string, 0, len(kinds))
	for _, k := range kinds {
		texts = append(texts, string(k))
	}
	return texts
}
