package webhooks

import (
	"context"
	"time"

	"pointbridge/domain"
)

// installed asks the shop whether the app is still there. Errors: a *domain.UpstreamError when that cannot be told.
func (s *Service) installed(ctx context.Context) (bool, error) {
	err := s.Shop.Ping(ctx)
	if err == nil {
		return true, nil
	}
	if kind := domain.KindOf(err); kind == domain.KindAuth || kind == domain.KindRefused {
		return false, nil
	}
	return false, err
}

// uninstalled believes the shop, not the delivery: it may be late, and the app back again.
func (s *Service) uninstalled(ctx context.Context) error {
	installed, err := s.installed(ctx)
	if err != nil || installed {
		return err
	}
	s.Logger.ErrorContext(ctx, "the app was uninstalled from the shop")
	s.Observer.Alert("app_uninstalled")
	now := s.Clock.Now()
	return s.Store.SetUninstalled(ctx, now, domain.AuditEntry{At: now, Actor: domain.System().ID, ActorName: domain.System().Name,
		Action: "shop.uninstalled", Outcome: domain.OutcomeDone})
}

// LookForInstallation notices that the app, once gone, is back: it asks the shop only then. A shop that does not answer is
// asked again in the next round.
func (s *Service) LookForInstallation(ctx context.Context) error {
	since, err := s.Store.Uninstalled(ctx)
	if err != nil || since.IsZero() {
		return err
	}
	installed, err := s.installed(ctx)
	if err != nil || !installed {
		return err
	}
	return s.Store.SetUninstalled(ctx, time.Time{}, domain.AuditEntry{At: s.Clock.Now(), Actor: domain.System().ID,
		ActorName: domain.System().Name, Action: "shop.installed_again", Outcome: domain.OutcomeDone})
}
