package campaigns

import (
	"context"
	"time"
)

// EndingSoon is a campaign that people are to be told of before it ends.
type EndingSoon struct {
	Key    string
	EndsAt time.Time
	// Until writes the same moment as people do in a language, in the shop's time.
	Until func(language string) string
	Names []Name
}

// NameIn is its name in a language.
func (e EndingSoon) NameIn(language string) string {
	return Campaign{Key: e.Key, Names: e.Names}.NameIn(language)
}

// Digest tells the staff which campaigns end soon, instead of a note in somebody's calendar.
type Digest struct {
	Campaigns Repository
	Teller    interface {
		// TellEnding tells those who answer for the online shop of the campaigns among these of which nobody was told with
		// this end, in one commit with the note that they were.
		TellEnding(ctx context.Context, at time.Time, list []EndingSoon) error
	}
	// Days is how long before its end; 0 for never.
	Days int
	// Write writes a moment as people do in a language.
	Write func(language string, at time.Time) string
	Now   func() time.Time
}

// Look tells of what ends within the time. It can be called as often as one likes.
func (d Digest) Look(ctx context.Context) error {
	if d.Days <= 0 {
		return nil
	}
	all, err := d.Campaigns.List(ctx)
	if err != nil {
		return err
	}
	now := d.Now()
	var list []EndingSoon
	for _, c := range all {
		running := c.Status == Live || c.Status == Paused
		left := c.Offer.EndsAt.Sub(now)
		if running && !c.Offer.Found() && left > 0 && left <= time.Duration(d.Days)*24*time.Hour {
			until := func(language string) string { return d.Write(language, c.Offer.EndsAt) }
			list = append(list, EndingSoon{c.Key, c.Offer.EndsAt, until, c.Names})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return d.Teller.TellEnding(ctx, now, list)
}
