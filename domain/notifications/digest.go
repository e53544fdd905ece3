package notifications

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"pointbridge/domain"
)

// Count is how often something happened since the last mail.
type Count struct {
	Kind  Kind
	Times int64
}

// Facts keeps what happened.
type Facts interface {
	// Tell writes facts that belong to no other commit.
	Tell(ctx context.Context, facts ...Fact) error
	// Digest gathers what no mail told of yet into one to each person of the roles, unless one was written after
	// notSince. It is one commit: of two processes one finds nothing left.
	Digest(ctx context.Context, at, notSince time.Time, roles []domain.Role) error
	// Forget removes facts from before a moment that everybody was told of, a bounded number at a time.
	Forget(ctx context.Context, before time.Time) (int64, error)
}

// Desk sends the mails.
type Desk struct {
	Facts Facts
	// Every is the shortest time from one mail to the next; zero sends none.
	Every time.Duration
	// Roles are those whose people may decide.
	Roles []domain.Role
	// Keep is how long facts are kept.
	Keep  time.Duration
	Clock domain.Clock
}

// Work sends a mail when one is due and there is something to tell.
func (d Desk) Work(ctx context.Context) error {
	if d.Every <= 0 || len(d.Roles) == 0 {
		return nil
	}
	now := d.Clock.Now()
	return d.Facts.Digest(ctx, now, now.Add(-d.Every), d.Roles)
}

// Forget removes what was kept for long enough.
func (d Desk) Forget(ctx context.Context) error {
	_, err := d.Facts.Forget(ctx, d.Clock.Now().Add(-d.Keep))
	return err
}

// Write puts counts into the one text that a notice keeps.
func Write(counts []Count) string {
	parts := make([]string, 0, len(counts))
	for _, kind := range Mailed() {
		for _, c := range counts {
			if c.Kind == kind && c.Times > 0 {
				parts = append(parts, string(kind)+"="+strconv.FormatInt(c.Times, 10))
			}
		}
	}
	return strings.Join(parts, " ")
}

// Read is the other way round. What it does not know is left out.
func Read(text string) []Count {
	var counts []Count
	for part := range strings.FieldsSeq(text) {
		kind, number, _ := strings.Cut(part, "=")
		n, err := strconv.ParseInt(number, 10, 64)
		if err == nil && n > 0 && slices.Contains(Mailed(), Kind(kind)) {
			counts = append(counts, Count{Kind(kind), n})
		}
	}
	return counts
}
