package app

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"time"

	"pointbridge/domain"
	"pointbridge/domain/events"
	"pointbridge/domain/vault"
	"pointbridge/integrations/hooks"
)

// eventNetworks are the merchant's own that events may be sent into; a single address is a network of one.
func (c Config) eventNetworks() ([]netip.Prefix, error) {
	list := make([]netip.Prefix, 0, len(c.EventNetworks))
	for _, text := range c.EventNetworks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, err
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		list = append(list, network.Masked())
	}
	return list, nil
}

// wireEvents connects what tells the merchant's own systems.
func (a *App) wireEvents() error {
	allowed, err := a.Config.eventNetworks()
	if err != nil {
		return err
	}
	clock := domain.SystemClock{}
	a.Events = &events.Service{Endpoints: a.Store.Events, Outbox: a.Store.Events,
		Sender: hooks.New(allowed, clock.Now), Clock: clock, Logger: a.Logger, Allowed: allowed,
		Keep:  time.Duration(a.Config.EventRetention),
		Vault: vault.Vault{Secret: []byte(a.Config.SecretKey), Label: "pointbridge events", Random: rand.Reader}}
	return nil
}

// sealAndTell seals what happened, and has it told in the order of the seals.
func (a *App) sealAndTell(ctx context.Context) error {
	return errors.Join(a.Sealer.Seal(ctx), a.Events.Round(ctx))
}

// forgetDeliveries forgets what came in, and what went out, long ago.
func (a *App) forgetDeliveries(ctx context.Context) error {
	return errors.Join(a.Webhooks.Forget(ctx), a.Events.Sweep(ctx))
}
