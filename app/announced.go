package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/privacy"
	"pointbridge/domain/webhooks"
	"pointbridge/integrations/store"
)

const (
	// privacyEvery is how often requests to forget that wait are looked at, privacyLimit for how long one look may
	// erase.
	privacyEvery = time.Minute
	privacyLimit = 10 * time.Minute
	// heardEvery is how often it is written down that the shop did calls.
	heardEvery = 30 * time.Second
)

// Privacy makes the service that carries out what people have a right to.
func (c Config) Privacy(db *store.Store, clock domain.Clock, logger *slog.Logger) *privacy.Service {
	return &privacy.Service{Store: db.Privacy, Traces: c.Traces(db, clock), Clock: clock, Logger: logger, AtOnce: c.EraseAtOnce,
		Delay: time.Duration(c.EraseDelay), Key: []byte(c.SecretKey)}
}

func (a *App) erasureMembers(ctx context.Context) (n int64, err error) {
	list, err := a.Aside.Privacy.OpenErasures(ctx)
	for _, r := range list {
		n += int64(r.Members)
	}
	return n, err
}

// announcements say what is about to happen that cannot be undone. That the database does not answer is said elsewhere.
func (a *App) announcements(ctx context.Context) (notes []string) {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	if i, err := a.Aside.Webhooks.Installation(ctx); err == nil && i.State == webhooks.Reported {
		notes = append(notes, "the app is said to be uninstalled from the shop, which does not confirm it")
	}
	list, err := a.Aside.Privacy.OpenErasures(ctx)
	if err != nil {
		return notes
	}
	for _, r := range list {
		notes = append(notes, fmt.Sprintf("%d members are forgotten, not before %s; to stop it run: pointbridge privacy stop %d", r.Members,
			a.Privacy.NotBefore(r).Format(time.RFC3339), r.ID))
	}
	return notes
}

// hearing remembers the newest call that the store did, and is written down from time to time: no call waits for it.
type hearing struct{ newest, written atomic.Int64 }

// heard takes note of a call.
func (h *hearing) heard(at time.Time) { h.newest.Store(at.UnixNano()) }

// TellHeard writes down what was heard since the last time.
func (a *App) TellHeard(ctx context.Context) error {
	newest := a.hearing.newest.Load()
	if newest == a.hearing.written.Load() {
		return nil
	}
	err := a.Webhooks.Heard(ctx, time.Unix(0, newest))
	if err == nil {
		a.hearing.written.Store(newest)
	}
	return err
}

// listen does that for as long as the process takes requests.
func (a *App) listen(ctx context.Context) {
	ticker := time.NewTicker(heardEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := a.TellHeard(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, domain.ErrConflict) {
			a.Logger.WarnContext(ctx, "that the shop did a call was not written down", "error", err)
		}
	}
}

func (c Config) checkErasures(f *faults) {
	if c.EraseAtOnce < 1 {
		f.add("ERASE_AT_ONCE must be at least 1")
	}
	if d := time.Duration(c.EraseDelay); d < time.Hour || d > 20*24*time.Hour {
		f.add("ERASE_DELAY must be between 1h and 20d: Shopify gives 30 days")
	}
}
