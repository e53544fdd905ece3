package webhooks

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// ask asks the shop about the app. Every failed question but one is unclear, and nothing follows from it.
func (s *Service) ask(ctx context.Context) Answer {
	err := s.Shop.Ping(ctx)
	switch {
	case err == nil:
		return Accepted
	case domain.ReasonOf(err) == domain.ReasonAppRefused:
		return AppRefused
	default:
		s.Logger.WarnContext(ctx, "whether the app is installed cannot be told", "error", err)
		return Unclear
	}
}

// uninstalled is told that the app is gone. That is written down, and what the shop says to it, so that the round goes
// on.
func (s *Service) uninstalled(ctx context.Context) error {
	return s.look(ctx, true)
}

// LookForInstallation asks the shop again for as long as the app is said to be gone, and notices that it is back.
func (s *Service) LookForInstallation(ctx context.Context) error {
	err := s.look(ctx, false)
	if errors.Is(err, domain.ErrConflict) {
		return nil // somebody else has looked in the same moment; the next round goes on from there
	}
	return err
}

func (s *Service) look(ctx context.Context, told bool) error {
	was, err := s.Store.Installation(ctx)
	if err != nil || was.State == Installed && !told {
		return err
	}
	return s.move(ctx, was, was.Next(told, s.ask(ctx), s.Clock.Now()))
}

// Heard takes note of a call that the shop did, which is the surest sign that the app is there.
func (s *Service) Heard(ctx context.Context, at time.Time) error {
	was, err := s.Store.Installation(ctx)
	if err != nil {
		return err
	}
	return s.move(ctx, was, was.Heard(at))
}

// Standing tells what may follow for the people whose data are held for the shop; it asks the shop once more.
func (s *Service) Standing(ctx context.Context) (domain.Standing, error) {
	was, err := s.Store.Installation(ctx)
	if err != nil {
		return domain.StandingUnproved, err
	}
	answer := s.ask(ctx)
	next := was.Next(false, answer, s.Clock.Now())
	if err := s.move(ctx, was, next); err != nil {
		return domain.StandingUnproved, err
	}
	switch {
	case answer == Accepted:
		return domain.StandingInstalled, nil
	case answer == AppRefused && next.Proved():
		return domain.StandingGone, nil
	default:
		return domain.StandingUnproved, nil
	}
}

// move writes down what is known now. Where somebody else was faster, what they know holds.
func (s *Service) move(ctx context.Context, was, next Installation) error {
	if next == was {
		return nil
	}
	action := map[InstallState]string{Installed: domain.ActionShopInstalledAgain,
		Reported: domain.ActionShopUninstallReported, Confirmed: domain.ActionShopUninstalled}[next.State]
	entry := domain.AuditEntry{}
	if next.State != was.State {
		entry = domain.AuditEntry{At: s.Clock.Now(), Actor: domain.System().ID, ActorName: domain.System().Name,
			Action: action, Outcome: domain.OutcomeDone}
	}
	err := s.Store.SetInstallation(ctx, next, entry)
	if err != nil || entry.Action == "" {
		return err
	}
	switch next.State {
	case Installed:
		s.Logger.WarnContext(ctx, "the app is installed in the shop")
	case Reported:
		s.Logger.ErrorContext(ctx, "the app is said to be uninstalled from the shop, which does not confirm it")
		s.Observer.Alert("app_uninstall_reported")
	case Confirmed:
		s.Logger.ErrorContext(ctx, "the app was uninstalled from the shop")
		s.Observer.Alert("app_uninstalled")
	}
	return nil
}
