package app

import (
	"context"
	"log/slog"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/store"
)

// tellEvery is how often it is looked for numbers of entries whose minute is over.
const tellEvery = 10 * time.Second

// recording is what keeps the coupons, but that what changes nothing is recorded within bounds.
type recording struct {
	store.Coupons
	entries *audit.Bounded
}

// Record writes an entry, or counts it.
func (r recording) Record(ctx context.Context, e domain.AuditEntry) error {
	return r.entries.Record(ctx, e)
}

// tellNumbers writes, until the process begins to stop, what was only counted in minutes that are over.
func (a *App) tellNumbers() {
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if err := a.entries.Flush(a.Stopping); err != nil && a.Stopping.Err() == nil {
				a.Logger.LogAttrs(a.Stopping, slog.LevelError, "numbers of entries were not recorded",
					slog.String("error", err.Error()))
			}
		case <-a.Stopping.Done():
			return
		}
	}
}
