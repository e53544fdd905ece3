package decisions

import (
	"context"
	"strconv"
	"time"

	"pointbridge/domain"
)

// Unusual watches for hours in which far more codes are refused than usual, which customers report as "the code does not
// work", and for personal codes that strangers try, which is what a leak looks like.
type Unusual struct {
	Rollups interface {
		Rollups(ctx context.Context, campaign string, from, to time.Time) ([]Rollup, error)
	}
	// Settings remembers the last hour that was told of, so that it is told once, by whichever replica looks.
	Settings interface {
		Remember(ctx context.Context, at time.Time, values map[string]string,
			compare func(have map[string]string) []domain.AuditEntry) error
	}
	Alert func(kind string)
	// Least is how many refusals of an hour are unusual at all; 0 for never.
	Least int
	Now   func() time.Time
}

const (
	// unusualTimes is how many times the usual an hour has to have; usualHours are those that are looked back on.
	unusualTimes = 3
	usualHours   = 7 * 24
	// leastLeaked is how many tries of somebody else's codes in an hour are no slip of the tongue.
	leastLeaked = 3

	alertRefusals = "refusals"
	alertLeaked   = "leaked_codes"
)

// Look judges the last whole hour.
func (u Unusual) Look(ctx context.Context) error {
	if u.Least <= 0 {
		return nil
	}
	end := u.Now().UTC().Truncate(time.Hour)
	begin := end.Add(-time.Hour)
	last, err := u.Rollups.Rollups(ctx, "", begin, end)
	if err != nil {
		return err
	}
	refused, leaked := refusalsOf(last)
	if leaked >= leastLeaked {
		if err := u.tell(ctx, alertLeaked, begin, domain.ActionAlertLeakedCodes, map[string]any{"tries": leaked}); err != nil {
			return err
		}
	}
	if refused < int64(u.Least) {
		return nil
	}
	week, err := u.Rollups.Rollups(ctx, "", begin.Add(-usualHours*time.Hour), begin)
	if err != nil {
		return err
	}
	usual, _ := refusalsOf(week)
	if refused*usualHours < unusualTimes*usual {
		return nil
	}
	return u.tell(ctx, alertRefusals, begin, domain.ActionAlertRefusals, map[string]any{"refusals": refused,
		"usual": strconv.FormatFloat(float64(usual)/usualHours, 'f', 1, 64)})
}

// tell writes of an hour once.
func (u Unusual) tell(ctx context.Context, kind string, hour time.Time, action string, detail map[string]any) error {
	name, value, fresh := "alert."+kind, hour.Format(time.RFC3339), false
	who := domain.System()
	err := u.Settings.Remember(ctx, u.Now(), map[string]string{name: value},
		func(have map[string]string) []domain.AuditEntry {
			if fresh = have[name] != value; !fresh {
				return nil
			}
			return []domain.AuditEntry{{At: u.Now(), Actor: who.ID, ActorName: who.Name, Credential: who.Credential,
				Action: action, Outcome: domain.OutcomeDone, Detail: detail}}
		})
	if err == nil && fresh {
		u.Alert(kind)
	}
	return err
}

func refusalsOf(rollups []Rollup) (refused, leaked int64) {
	for _, r := range rollups {
		if r.Outcome != Refuse {
			continue
		}
		refused += r.Count
		if r.Reason == ReasonNotYourCode {
			leaked += r.Count
		}
	}
	return refused, leaked
}
