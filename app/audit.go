package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"

	"pointbridge/domain"
	"pointbridge/domain/audit"
	"pointbridge/integrations/heads"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/store"
)

// AuditKeys are the keys that the audit is and was sealed with. The derived key of SECRET_KEY stays good for what was
// sealed before there was an AUDIT_KEY.
func (c Config) AuditKeys() *audit.Keys {
	if c.AuditKey == "" && c.SecretKey == "" {
		return nil
	}
	before := make([]string, 0, len(c.AuditKeyOld)+1)
	for _, old := range c.AuditKeyOld {
		before = append(before, string(old))
	}
	if c.AuditKey == "" {
		return audit.NewKeys(string(c.SecretKey), before...)
	}
	return audit.NewKeys(string(c.AuditKey), append(before, string(c.SecretKey))...)
}

// checkAudit finds what is wrong with the keys and with the ways that heads go.
func (c Config) checkAudit(f *faults) {
	if c.AuditKey != "" {
		checkSecret(f, "AUDIT_KEY", string(c.AuditKey), 32)
	}
	for _, old := range c.AuditKeyOld {
		if len(old) < 32 {
			f.add("AUDIT_KEY_OLD must hold keys of at least 32 characters")
		}
	}
	if folder := filepath.Dir(c.AuditHeadsFile); c.AuditHeadsFile != "" {
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			f.add("AUDIT_HEADS_FILE: the folder that it is to be in is not there")
		} else if info, err := os.Stat(c.AuditHeadsFile); err == nil && info.IsDir() {
			f.add("AUDIT_HEADS_FILE is a folder; it must name a file")
		}
	}
	if c.AuditHeadsURL == "" {
		if c.AuditHeadsSecret != "" {
			f.add("AUDIT_HEADS_SECRET is set, but AUDIT_HEADS_URL is not: no head would be posted")
		}
		return
	}
	checkURL(f, "AUDIT_HEADS_URL", c.AuditHeadsURL)
	if f.require("AUDIT_HEADS_SECRET", string(c.AuditHeadsSecret)) {
		checkSecret(f, "AUDIT_HEADS_SECRET", string(c.AuditHeadsSecret), 32)
	}
}

// wireAudit makes the sealer, and the ways that heads go: into a file at once, to an address by the queue.
func (a *App) wireAudit() {
	clock := domain.SystemClock{}
	a.Sealer = a.Config.sealer(a.Store, a.Logger)
	a.hook = heads.NewHook(a.Config.AuditHeadsURL, string(a.Config.AuditHeadsSecret), clock.Now, HTTPClient())
}

// sealer has the audit of a database sealed with the keys of the settings.
func (c Config) sealer(db *store.Store, logger *slog.Logger) *audit.Sealer {
	clock := domain.SystemClock{}
	db.SetSealing(c.AuditKeys(), c.AuditHeadsURL != "")
	s := &audit.Sealer{Store: db.Audit, Clock: clock, Logger: logger}
	if c.AuditHeadsFile != "" {
		s.Outlets = append(s.Outlets, heads.File{Path: c.AuditHeadsFile, Now: clock.Now})
	}
	return s
}

// ShipHead implements jobs.Heads.
func (a *App) ShipHead(ctx context.Context, ref string) error {
	seq, err := strconv.ParseInt(ref, 10, 64)
	if err != nil || a.Config.AuditHeadsURL == "" {
		return nil // asked for by a process that was set otherwise
	}
	tip, err := a.Store.Audit.TipAt(ctx, seq)
	if err != nil {
		return err
	}
	return a.hook.Ship(ctx, tip)
}

// turnKey lets the chain end with a seal of the key in use, if there is a chain at all: after an update the first keyed
// one, and after each change of the key. From then on a chain that ends otherwise was tampered with.
func (c Config) turnKey(ctx context.Context, db *store.Store, sealer *audit.Sealer) error {
	tip, err := db.Audit.Tip(ctx)
	key := c.AuditKeys().Current.ID
	if err != nil || tip.Seq == 0 || tip.Key == key {
		return err
	}
	db.ReplaceKey(tip.Key)
	entry := domain.AuditEntry{At: domain.SystemClock{}.Now(), Actor: domain.System().ID,
		ActorName: domain.System().Name, Action: domain.ActionAuditKeyChanged, Outcome: domain.OutcomeDone,
		Detail: map[string]any{"from": tip.Key, "to": key}}
	if err := db.Audit.Record(ctx, entry); err != nil {
		return fmt.Errorf("the change of the audit's key cannot be recorded: %w", err)
	}
	return sealer.Seal(ctx)
}

// warnOfOwner says loudly that what refuses changes of the audit is in the service's own hands.
func (a *App) warnOfOwner(ctx context.Context) {
	if a.Owned && a.Store.Dialect() == jobs.Postgres {
		a.Logger.WarnContext(ctx, "the service's database user owns the audit and can switch off what protects it; "+
			"give it a user of its own: pointbridge migrate --service-user NAME (docs/operations.md, Two database users)")
	}
}
