package app

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/decisions"
	"pointbridge/domain/guard"
	"pointbridge/extensions"
	"pointbridge/integrations/jobs"
	"pointbridge/integrations/metrics"
	"pointbridge/integrations/store"
	"pointbridge/templates"
)

const (
	guardLabel = "pointbridge guard marks v1"
	// guardEvery is how often the guard of the checkout is told what has changed, and guardLimit how long that may take.
	guardEvery = 30 * time.Second
	guardLimit = 2 * time.Minute
)

// guardKey is what marks are made with: derived from the newest secret of digests under a label of its own, because it
// stands in the shop as well. Nothing that is made with it says anything of the digests.
func (c Config) guardKey() (key guard.Key, version int, err error) {
	secret := c.SecretKey
	if c.IdentityKey != "" {
		secret = c.IdentityKey
	}
	derived, err := hkdf.Key(sha256.New, []byte(secret), nil, guardLabel, len(key))
	if err != nil {
		return key, 0, fmt.Errorf("derive the guard's key: %w", err)
	}
	copy(key[:], derived)
	return key, len(c.IdentityKeyOld) + 1, nil
}

// noted keeps what orders show, as marks, where the guard is on.
func (c Config) noted(db *store.Store) (func(context.Context, string, string, []string, []string) error, error) {
	if !c.Guard {
		return nil, nil
	}
	key, version, err := c.guardKey()
	if err != nil {
		return nil, err
	}
	return guard.Service{Knowledge: db.Guard, Key: key, KeyVersion: version}.Note, nil
}

// wireGuard connects what tells the Function of the checkout. It is there also where the guard is switched off: it then
// takes away what was made for it.
func (a *App) wireGuard(watch *metrics.Metrics) error {
	key, version, err := a.Config.guardKey()
	if err != nil {
		return err
	}
	words, err := templates.Texts()
	if err != nil {
		return err
	}
	texts := map[string]guard.Texts{}
	for _, lang := range []string{"en", "ja"} {
		if texts[strings.ToUpper(lang)], err = guardTexts(words, lang); err != nil {
			return err
		}
	}
	shop := a.Shop.Background()
	a.guard = guard.Service{Campaigns: a.Store.Campaigns, Knowledge: a.Store.Guard, Projections: a.Store.Guard,
		Rounds: a.Store.Guard, Switch: a.Store.Guard, Fields: shop, Admin: shop, Key: key, KeyVersion: version, Texts: texts,
		Default: strings.ToUpper(a.Config.ShopLocale), Clock: domain.SystemClock{}, Observer: watch, Logger: a.Logger}
	return nil
}

// guardTexts are the standard sentences of decisions, and one of the guard's own.
func guardTexts(words *templates.Catalogue, lang string) (t guard.Texts, err error) {
	var errs [4]error
	t.Paused, errs[0] = words.Say(lang, "decision.reason."+string(decisions.ReasonCampaignPaused))
	t.Blocked, errs[1] = words.Say(lang, "decision.reason."+string(decisions.ReasonNotEligible))
	t.Used, errs[2] = words.Say(lang, "decision.reason."+string(decisions.ReasonAlreadyUsed))
	t.One, errs[3] = words.Say(lang, "guard.one")
	return t, errors.Join(errs[:]...)
}

// SyncGuard implements jobs.Guard. Jobs of before the guard was switched off do nothing.
func (a *App) SyncGuard(ctx context.Context, id int64) error {
	if !a.Config.Guard {
		return nil
	}
	return a.guard.Sync(ctx, id)
}

// guardRounds find what the guard is to be told.
func (a *App) guardRounds() []jobs.Round {
	if !a.Config.Guard {
		return nil
	}
	return []jobs.Round{{Name: "guard", Every: guardEvery, Limit: guardLimit, Run: a.guard.Round}}
}

// setupGuard makes what the guard needs in the shop, or takes it away where it is not wanted.
func (a *App) setupGuard(ctx context.Context) error {
	if a.Config.Guard {
		return a.guard.TurnOn(ctx, extensions.GuardHandle)
	}
	return a.guard.TurnOff(ctx)
}

// guardMissing says what setupGuard has to do yet.
func (a *App) guardMissing(ctx context.Context) ([]string, error) {
	return a.guard.Missing(ctx, a.Config.Guard)
}
