package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"pointbridge/domain"
	"pointbridge/domain/campaigns"
	"pointbridge/domain/staff"
)

// endingSetting is under which it is remembered with which end a campaign was told of.
const endingSetting = "campaign.ending."

// TellEnding implements campaigns.Digest.
func (s Campaigns) TellEnding(ctx context.Context, at time.Time, list []campaigns.EndingSoon) error {
	return s.inTx(ctx, func(tx *gorm.DB) error {
		fresh, err := notTold(tx, at, list)
		if err != nil || len(fresh) == 0 {
			return err
		}
		var people []staffRow
		if err := tx.Where("role IN ? AND disabled_at IS NULL AND suspended_at IS NULL",
			[]string{string(domain.RoleECAdmin), string(domain.RoleSystemAdmin)}).Order("id").Find(&people).Error; err != nil {
			return err
		}
		notices := make([]staff.Notice, 0, len(people))
		for _, p := range people {
			notices = append(notices, staff.Notice{StaffID: p.ID, To: p.Email, Name: p.Name, Locale: p.Locale,
				Kind: staff.NoticeCampaigns, What: endings(fresh, p.Locale), At: at})
		}
		return s.tell(ctx, tx, notices...)
	})
}

// notTold leaves out what was told with the same end, and remembers the others. The row of each is written first, so
// that of two replicas one waits and then finds it written.
func notTold(tx *gorm.DB, at time.Time, list []campaigns.EndingSoon) (fresh []campaigns.EndingSoon, err error) {
	for _, e := range list {
		end := e.EndsAt.UTC().Format(time.RFC3339)
		done := tx.Exec(`INSERT INTO settings (name, value, changed_at) VALUES (?, ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = excluded.changed_at
			WHERE settings.value <> excluded.value`, endingSetting+e.Key, end, utc(at))
		if done.Error != nil {
			return nil, done.Error
		}
		if done.RowsAffected > 0 {
			fresh = append(fresh, e)
		}
	}
	return fresh, nil
}

// endings names the campaigns in a language, each with its end.
func endings(list []campaigns.EndingSoon, locale string) string {
	parts := make([]string, 0, len(list))
	for _, e := range list {
		parts = append(parts, e.NameIn(locale)+" ("+e.Until(locale)+")")
	}
	return strings.Join(parts, ", ")
}
