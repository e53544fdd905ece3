package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/decisions"
)

// Campaigns implements campaigns.Repository and decisions.Campaigns.
type Campaigns struct{ *database }

type campaignRow struct {
	ID            int64
	Key           string
	Names         string
	Prefix        string
	Status        string
	PolicyVersion int
	MadeAt        time.Time
	Version       int64
	Policy        string
	Offer         string
}

const selectCampaigns = `SELECT c.id, c.key, c.names, c.prefix, c.status, c.policy_version, c.made_at, c.version,
		p.policy, p.offer
	FROM campaigns c JOIN campaign_policies p ON p.campaign_id = c.id AND p.version = c.policy_version`

func (r campaignRow) domain() (campaigns.Campaign, error) {
	c := campaigns.Campaign{ID: r.ID, Key: r.Key, Prefix: r.Prefix, Status: campaigns.Status(r.Status),
		MadeAt: r.MadeAt.UTC(), Version: r.Version}
	if err := r.rules(&c); err != nil {
		return campaigns.Campaign{}, err
	}
	if err := json.Unmarshal([]byte(r.Names), &c.Names); err != nil {
		return campaigns.Campaign{}, fmt.Errorf("the names of the campaign %s: %w", r.Key, err)
	}
	return c, nil
}

// rules reads the version of its rules.
func (r campaignRow) rules(c *campaigns.Campaign) (err error) {
	if c.Policy, err = decisions.DecodePolicy([]byte(r.Policy)); err != nil {
		return fmt.Errorf("the policy of the campaign %s: %w", r.Key, err)
	}
	if err := json.Unmarshal([]byte(r.Offer), &c.Offer); err != nil {
		return fmt.Errorf("the offer of the campaign %s: %w", r.Key, err)
	}
	c.Offer = c.Offer.Settled()
	return nil
}

// Make implements campaigns.Repository. On PostgreSQL the table is locked against other writers, so that what allow is
// given is all that there is when the campaign is made.
func (s Campaigns) Make(ctx context.Context, c campaigns.Campaign, allow func([]campaigns.Campaign) error,
	entry domain.AuditEntry) (campaigns.Campaign, error) {
	names, err := json.Marshal(c.Names)
	if err != nil {
		return campaigns.Campaign{}, err
	}
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		if s.dialect == "postgres" {
			if err := tx.Exec(`LOCK TABLE campaigns IN SHARE ROW EXCLUSIVE MODE`).Error; err != nil {
				return err
			}
		}
		others, err := readCampaigns(tx)
		if err != nil {
			return err
		}
		if err := allow(others); err != nil {
			return err
		}
		if err := tx.Raw(`INSERT INTO campaigns (key, names, prefix, status, policy_version, made_at, version)
			VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`, c.Key, string(names), c.Prefix, string(c.Status), c.Policy.Version,
			utc(c.MadeAt), c.Version).Row().Scan(&c.ID); err != nil {
			return err
		}
		if err := addPolicy(tx, c, entry.Actor, entry.At); err != nil {
			return err
		}
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
	})
	return c, err
}

func readCampaigns(tx *gorm.DB) ([]campaigns.Campaign, error) {
	var rows []campaignRow
	if err := tx.Raw(selectCampaigns + ` ORDER BY c.key`).Scan(&rows).Error; err != nil {
		return nil, err
	}
	list := make([]campaigns.Campaign, 0, len(rows))
	for _, r := range rows {
		c, err := r.domain()
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func addPolicy(tx *gorm.DB, c campaigns.Campaign, by string, at time.Time) error {
	text, err := decisions.EncodePolicy(c.Policy)
	if err != nil {
		return err
	}
	offer, err := json.Marshal(c.Offer)
	if err != nil {
		return err
	}
	return tx.Exec(`INSERT INTO campaign_policies (campaign_id, version, policy, offer, at, made_by)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (campaign_id, version) DO NOTHING`, c.ID, c.Policy.Version, string(text),
		string(offer), utc(at), by).Error
}

// List implements campaigns.Repository.
func (s Campaigns) List(ctx context.Context) ([]campaigns.Campaign, error) {
	list, err := readCampaigns(s.db.WithContext(ctx))
	return list, translate(err)
}

// ByKey implements campaigns.Repository.
func (s Campaigns) ByKey(ctx context.Context, key string) (campaigns.Campaign, error) {
	c, err := oneCampaign(s.db.WithContext(ctx), ` WHERE c.key = ?`, key)
	return c, translate(err)
}

// OfVersion implements coupons.Campaigns.
func (s Campaigns) OfVersion(ctx context.Context, key string, version int) (campaigns.Campaign, error) {
	c, err := oneCampaign(s.db.WithContext(ctx), ` WHERE c.key = ?`, key)
	if err != nil || c.Policy.Version == version {
		return c, translate(err)
	}
	var row campaignRow
	found := s.db.WithContext(ctx).Raw(`SELECT policy, offer FROM campaign_policies WHERE campaign_id = ? AND version = ?`,
		c.ID, version).Scan(&row)
	if found.Error != nil {
		return c, translate(found.Error)
	}
	if found.RowsAffected == 0 {
		return c, domain.Refuse(domain.CodeCampaignNotFound)
	}
	row.Key = key
	return c, row.rules(&c)
}

func oneCampaign(tx *gorm.DB, where string, args ...any) (campaigns.Campaign, error) {
	var row campaignRow
	found := tx.Raw(selectCampaigns+where, args...).Scan(&row)
	if found.Error != nil {
		return campaigns.Campaign{}, found.Error
	}
	if found.RowsAffected == 0 {
		return campaigns.Campaign{}, domain.Refuse(domain.CodeCampaignNotFound)
	}
	return row.domain()
}

// Change implements campaigns.Repository.
func (s Campaigns) Change(ctx context.Context, c campaigns.Campaign, by string,
	entry domain.AuditEntry) (campaigns.Campaign, error) {
	names, err := json.Marshal(c.Names)
	if err != nil {
		return campaigns.Campaign{}, err
	}
	err = s.inTx(ctx, func(tx *gorm.DB) error {
		done := tx.Exec(`UPDATE campaigns SET names = ?, status = ?, policy_version = ?, version = version + 1
			WHERE id = ? AND version = ?`, string(names), string(c.Status), c.Policy.Version, c.ID, c.Version)
		if done.Error != nil {
			return done.Error
		}
		if done.RowsAffected != 1 {
			return domain.ErrConflict
		}
		if err := addPolicy(tx, c, by, entry.At); err != nil {
			return err
		}
		if err := saveAudit(tx, []domain.AuditEntry{entry}, 0); err != nil || c.Offer.Found() {
			return err
		}
		return s.addJobs(ctx, tx, batchJob) // its discounts follow it
	})
	c.Version++
	return c, err
}

// PolicyOf implements decisions.Campaigns.
func (s Campaigns) PolicyOf(ctx context.Context, campaign string, version int) (decisions.Policy, error) {
	var text string
	found := s.db.WithContext(ctx).Raw(`SELECT p.policy FROM campaign_policies p JOIN campaigns c ON c.id = p.campaign_id
		WHERE c.key = ? AND p.version = ?`, campaign, version).Scan(&text)
	if found.Error != nil {
		return decisions.Policy{}, translate(found.Error)
	}
	if found.RowsAffected == 0 {
		return decisions.Policy{}, domain.Refuse(domain.CodeCampaignNotFound)
	}
	return decisions.DecodePolicy([]byte(text))
}

// PolicyBefore implements decisions.Campaigns.
func (s Campaigns) PolicyBefore(ctx context.Context, campaignID int64, moment time.Time) (decisions.Policy, error) {
	var text string
	found := s.db.WithContext(ctx).Raw(`SELECT policy FROM campaign_policies WHERE campaign_id = ? AND at < ?
		ORDER BY version DESC LIMIT 1`, campaignID, utc(moment)).Scan(&text)
	if found.Error != nil {
		return decisions.Policy{}, translate(found.Error)
	}
	if found.RowsAffected == 0 {
		return decisions.Policy{}, domain.Refuse(domain.CodeCampaignNotFound)
	}
	return decisions.DecodePolicy([]byte(text))
}
