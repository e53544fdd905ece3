package privacy

import (
	"context"
	"errors"
	"time"

	"pointbridge/domain"
)

// page is how many members are erased between two looks at the list and at what speaks against it.
const page = 200

// Erase has an open request to forget carried out for an operator who has looked at it: at once where it is about few,
// else it is announced, and waits like any other. Errors: not_found; validation_failed when it does not ask for that,
// or is closed.
func (s *Service) Erase(ctx context.Context, id int64, by domain.Caller) (Request, error) {
	r, err := s.openErasure(ctx, id)
	if err != nil {
		return r, err
	}
	if r.ApprovedBy == "" {
		r.ApprovedBy, r.StoppedAt, r.StoppedBy = by.ID, nil, ""
		if err := s.Store.SetRequest(ctx, r, s.entry(by, domain.ActionErasureApproved, r, nil)); err != nil {
			return r, err
		}
		if r, err = s.Store.Request(ctx, id); err != nil {
			return r, err
		}
	}
	if err := s.goOn(ctx, r); err != nil {
		return r, err
	}
	return s.Store.Request(ctx, id)
}

// stopTries is how often a stop is tried anew because the service touched the request in the same moment.
const stopTries = 5

// Stop keeps an erasure from being carried out, also half-way: only an operator can begin it again. Errors: as Erase.
func (s *Service) Stop(ctx context.Context, id int64, by domain.Caller) (err error) {
	for range stopTries {
		if err = s.stop(ctx, id, by); !errors.Is(err, domain.ErrConflict) {
			return err
		}
	}
	return err
}

func (s *Service) stop(ctx context.Context, id int64, by domain.Caller) error {
	r, err := s.openErasure(ctx, id)
	if err != nil || r.StoppedAt != nil {
		return err
	}
	now := s.Clock.Now()
	r.StoppedAt, r.StoppedBy, r.ApprovedBy, r.AnnouncedAt, r.Reason = &now, by.ID, "", nil, ReasonStopped
	return s.Store.SetRequest(ctx, r, s.entry(by, domain.ActionErasureStopped, r, nil))
}

func (s *Service) openErasure(ctx context.Context, id int64) (Request, error) {
	r, err := s.Store.Request(ctx, id)
	if err == nil && (!r.Open || !r.erases()) {
		err = domain.Refuse(domain.CodeValidation, "field", "id")
	}
	return r, err
}

// goOn takes a request to forget as far as it may go now.
func (s *Service) goOn(ctx context.Context, r Request) error {
	if !r.Open || r.StoppedAt != nil || !r.erases() {
		return nil
	}
	if why, err := s.unproved(ctx, r); err != nil || why != "" {
		if err != nil {
			return err
		}
		return s.notYet(ctx, r, why)
	}
	size, err := s.size(ctx, r)
	switch {
	case err != nil:
		return err
	case size > s.AtOnce && r.AnnouncedAt == nil:
		return s.announce(ctx, r, size)
	case size > s.AtOnce:
		now := s.Clock.Now()
		r.Watched += domain.Watched(*r.WatchedAt, now)
		r.WatchedAt = &now
		if r.Watched < s.Delay {
			return s.Store.SetRequest(ctx, r, domain.AuditEntry{})
		}
	}
	return s.carryOut(ctx, r)
}

// unproved tells why nobody may be forgotten yet; "" when somebody may. What one customer asks for is theirs to ask;
// what a shop asks for, which takes everybody, needs proof, or an operator.
func (s *Service) unproved(ctx context.Context, r Request) (why string, err error) {
	if r.Kind != ShopRedact || r.ApprovedBy != "" {
		return "", nil
	}
	standing, err := s.Shop.Standing(ctx)
	switch {
	case err != nil:
		return "", err
	case standing == domain.StandingGone:
		return "", nil
	case standing == domain.StandingInstalled:
		return ReasonInstalled, nil
	default:
		return ReasonUnproved, nil
	}
}

// notYet leaves a request to a person or to a later proof, and withdraws what was announced.
func (s *Service) notYet(ctx context.Context, r Request, why string) error {
	entry := domain.AuditEntry{}
	if r.AnnouncedAt != nil {
		entry = s.entry(domain.System(), domain.ActionErasureWithdrawn, r, map[string]any{"reason": why})
		r.AnnouncedAt, r.WatchedAt, r.Watched = nil, nil, 0
	}
	return s.leave(ctx, r, why, entry)
}

// announce tells everybody who can still stop it.
func (s *Service) announce(ctx context.Context, r Request, size int) error {
	now := s.Clock.Now()
	r.AnnouncedAt, r.WatchedAt, r.Watched, r.Members, r.Reason = &now, &now, 0, size, ReasonAnnounced
	entry := s.entry(domain.System(), domain.ActionErasureAnnounced, r, map[string]any{"members": size,
		"hours": int(s.Delay / time.Hour)})
	if err := s.Store.SetRequest(ctx, r, entry); err != nil {
		return err
	}
	s.Logger.ErrorContext(ctx, "many members are about to be forgotten; stop it with: pointbridge privacy stop",
		"request", r.ID, "kind", string(r.Kind), "members", size, "not_before", now.Add(s.Delay))
	if s.Observer != nil {
		s.Observer.Alert("erasure_announced")
	}
	return nil
}

// NotBefore is the earliest moment at which an announced erasure is carried out.
func (s *Service) NotBefore(r Request) time.Time {
	if r.WatchedAt == nil {
		return time.Time{}
	}
	return r.WatchedAt.Add(max(s.Delay-r.Watched, 0))
}

// targets finds whom a customer's request is about. A member who is linked to another customer by now is erased only
// for an operator; elsewhere tells that there is one.
func (s *Service) targets(ctx context.Context, r Request) (list []Person, elsewhere bool, err error) {
	people, err := s.Store.PeopleOf(ctx, r.CustomerGID)
	for _, p := range people {
		if r.ApprovedBy == "" && p.CustomerGID != "" && p.CustomerGID != r.CustomerGID {
			elsewhere = true
			continue
		}
		list = append(list, p)
	}
	return list, elsewhere, err
}

func (s *Service) size(ctx context.Context, r Request) (int, error) {
	if r.Kind == ShopRedact {
		return s.Store.CountPeople(ctx)
	}
	list, _, err := s.targets(ctx, r)
	return len(list), err
}

// by is who carries a request out: the operator who wants it, or nobody but the service.
func by(r Request) domain.Caller {
	if r.ApprovedBy == "" {
		return domain.System()
	}
	return domain.Caller{ID: r.ApprovedBy, Name: r.ApprovedBy}
}

func (s *Service) carryOut(ctx context.Context, r Request) error {
	if r.Kind == ShopRedact {
		return s.eraseAll(ctx, r)
	}
	list, elsewhere, err := s.targets(ctx, r)
	if err != nil {
		return err
	}
	traced, err := s.forgetTraces(ctx, "", r.Person, r.CustomerGID)
	if err != nil {
		return err
	}
	for _, p := range list {
		if err := s.erase(ctx, p, r); err != nil {
			return err
		}
	}
	switch {
	case elsewhere:
		return s.leave(ctx, r, ReasonLinkedElsewhere, domain.AuditEntry{})
	case len(list) == 0 && !traced:
		return s.close(ctx, r, by(r).ID, ReasonNobody)
	default:
		return s.close(ctx, r, by(r).ID, ReasonErased)
	}
}

// eraseAll forgets everybody, page by page, and looks before each whether it was stopped or the app is back.
func (s *Service) eraseAll(ctx context.Context, r Request) error {
	for after := ""; ; {
		people, err := s.Store.PeopleAfter(ctx, after, page)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			if s.Traces != nil {
				if err := s.Traces.ForgetEverybody(ctx); err != nil {
					return err
				}
			}
			return s.close(ctx, r, by(r).ID, ReasonErased)
		}
		if err := s.still(ctx, r); err != nil {
			return err
		}
		for _, p := range people {
			if err := s.erase(ctx, p, r); err != nil {
				return err
			}
			after = p.CustomerID
		}
	}
}

// still makes sure that nothing speaks against going on. Errors: domain.ErrConflict when something does, or may.
func (s *Service) still(ctx context.Context, r Request) error {
	now, err := s.Store.Request(ctx, r.ID)
	if err != nil {
		return err
	}
	if now.Version != r.Version || !now.Open {
		return domain.ErrConflict
	}
	why, err := s.unproved(ctx, r)
	if err == nil && why != "" {
		err = domain.ErrConflict
	}
	return err
}

func (s *Service) forgetTraces(ctx context.Context, memberID, mark, customerGID string) (found bool, err error) {
	if s.Traces == nil {
		return false, nil
	}
	return s.Traces.Forget(ctx, memberID, mark, customerGID)
}

func (s *Service) erase(ctx context.Context, p Person, r Request) error {
	if _, err := s.forgetTraces(ctx, p.CustomerID, "", p.CustomerGID); err != nil {
		return err
	}
	now, who := s.Clock.Now(), by(r)
	return s.Store.Erase(ctx, p.CustomerID, now, s.digest, domain.AuditEntry{At: now, Actor: who.ID,
		ActorName: who.Name, Credential: who.Credential, Action: domain.ActionCustomerErased, CustomerID: p.CustomerID,
		Outcome: domain.OutcomeDone, Detail: map[string]any{"request": r.ID, "kind": string(r.Kind)}})
}
