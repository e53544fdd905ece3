package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
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
}

const selectCampaigns = `SELECT c.id, c.key, c.names, c.prefix, c.status, c.policy_version, c.made_at, c.version,
		p.policy
	FROM campaigns c JOIN campaign_policies p ON p.campaign_id = c.id AND p.version = c.policy_version`

func (r campaignRow) domain() (campaigns.Campaign, error) {
	c := campaigns.Campaign{ID: r.ID, Key: r.Key, Prefix: r.Prefix, Status: campaigns.Status(r.Status),
		MadeAt: r.MadeAt.UTC(), Version: r.Version}
	var err error
	if c.Policy, err = decisions.DecodePolicy([]byte(r.Policy)); err != nil {
		return campaigns.Campaign{}, fmt.Errorf("the policy of the campaign %s: %w", r.Key, err)
	}
	if err := json.Unmarshal([]byte(r.Names), &c.Names); err != nil {
		return campaigns.Campaign{}, fmt.Errorf("the names of the campaign %s: %w", r.Key, err)
	}
	return c, nil
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
	return tx.Exec(`INSERT INTO campaign_policies (campaign_id, version, policy, at, made_by) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (campaign_id, version) DO NOTHING`, c.ID, c.Policy.Version, string(text), utc(at), by).Error
}

// List implements campaigns.Repository.
func (s Campaigns) List(ctx context.Context) ([]campaigns.Campaign, error) {
	list, err := readCampaigns(s.db.WithContext(ctx))
	return list, translate(err)
}

// ByKey implements campaigns.Repository.
func (s Campaigns) ByKey(ctx context.Context, key string) (campaigns.Campaign, error) {
	return s.one(ctx, `c.key = ?`, key)
}

func (s Campaigns) one(ctx context.Context, where string, args ...any) (campaigns.Campaign, error) {
	var row campaignRow
	found := s.db.WithContext(ctx).Raw(selectCampaigns+` WHERE `+where, args...).Scan(&row)
	if found.Error != nil {
		return campaigns.Campaign{}, translate(found.Error)
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
		return saveAudit(tx, []domain.AuditEntry{entry}, 0)
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

// Find implements decisions.Campaigns. A code that we made is of Points, whatever campaign has a prefix like it.
func (s Campaigns) Find(ctx context.Context, key, code string) (decisions.Found, error) {
	code = decisions.CodeKey(code)
	points, ours := domain.NormalizeCode(code)
	var coupon *couponRow
	if ours && (key == "" || key == campaigns.Points) {
		row := couponRow{}
		err := s.db.WithContext(ctx).Where("code = ?", points).Take(&row).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return decisions.Found{}, translate(err)
		}
		if err == nil {
			coupon, key = &row, campaigns.Points
		}
	}
	c, err := s.find(ctx, key, code)
	if domain.CodeOf(err) == domain.CodeCampaignNotFound && key == "" && ours {
		c, err = s.find(ctx, campaigns.Points, "")
	}
	if err != nil {
		return decisions.Found{}, err
	}
	found := decisions.Found{CampaignID: c.ID, Campaign: c.Key, Status: c.Status, Policy: c.Policy,
		Code: stateOf(c, code)}
	if coupon != nil {
		found.Code, found.OwnerGID = couponState(domain.Status(coupon.Status)), coupon.ShopifyCustomerGID
		found.UsedOrderID, found.EndsAt = coupon.UsedOrderID, coupon.ExpiresAt.UTC()
	}
	return found, nil
}

// find reads of a campaign what a decision needs: hundreds of times a second.
func (s Campaigns) find(ctx context.Context, key, code string) (c campaigns.Campaign, err error) {
	const selectRules = `SELECT c.id, c.key, c.prefix, c.status, p.policy
		FROM campaigns c JOIN campaign_policies p ON p.campaign_id = c.id AND p.version = c.policy_version WHERE `
	where, value := `c.prefix <> '' AND substr(?, 1, length(c.prefix)) = c.prefix`, code
	if key != "" {
		where, value = `c.key = ?`, key
	}
	var policy string
	found, err := s.bareRow(ctx, []any{&c.ID, &c.Key, &c.Prefix, &c.Status, &policy}, selectRules+where, value)
	if err != nil {
		return c, err
	}
	if !found {
		return c, domain.Refuse(domain.CodeCampaignNotFound)
	}
	if c.Policy, err = decisions.DecodePolicy([]byte(policy)); err != nil {
		return c, fmt.Errorf("the policy of the campaign %s: %w", c.Key, err)
	}
	return c, nil
}

// stateOf is how a code stands that is no coupon: one of the family is good as far as we know, the shop has its limits.
func stateOf(c campaigns.Campaign, code string) decisions.CodeState {
	switch {
	case code == "":
		return decisions.CodeAbsent
	case c.BuiltIn(), !strings.HasPrefix(code, c.Prefix):
		return decisions.CodeUnknown
	default:
		return decisions.CodeValid
	}
}

func couponState(status domain.Status) decisions.CodeState {
	switch status {
	case domain.Active:
		return decisions.CodeValid
	case domain.Used:
		return decisions.CodeUsed
	case domain.Expired:
		return decisions.CodeExpired
	case domain.Pending:
		return decisions.CodeUnknown
	default:
		return decisions.CodeCancelled
	}
}
