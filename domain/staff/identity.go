package staff

import (
	"context"
	"errors"
	"strings"

	"pointbridge/domain"
)

// Why an identity was refused.
const (
	ReasonNoRole   = "no_role"   // none of its values has a role here
	ReasonEmail    = "email"     // its mail address is missing or not vouched for
	ReasonLink     = "link"      // the address belongs to an account that is somebody else's so far
	ReasonDisabled = "disabled"  // the account is disabled here
	ReasonInvalid  = "not_valid" // what the provider sent proves nobody
)

// ReasonOf returns the reason of a refused identity; empty for what is none.
func ReasonOf(err error) string {
	var refused *domain.Error
	if !errors.As(err, &refused) || refused.Code != domain.CodeIdentityRefused {
		return ""
	}
	reason, _ := refused.Params["reason"].(string)
	return reason
}

// recognise finds the person an identity is, by issuer and subject, never by the mail address alone. Whoever is not
// known yet gets an account, or the one that waits for them. What is known about the person follows the provider.
func (s *Service) recognise(ctx context.Context, i Identity) (domain.Staff, error) {
	role := s.provider.roleOf(i.Groups)
	person, err := s.store.StaffByIdentity(ctx, i.Issuer, i.Subject)
	if domain.CodeOf(err) == domain.CodeNotFound {
		return s.meet(ctx, i, role)
	}
	if err != nil {
		return domain.Staff{}, err
	}
	email, err := s.freeEmail(ctx, person, i)
	if err != nil {
		return domain.Staff{}, err
	}
	return s.follow(ctx, person.ID, role, email, func(now domain.Staff) (domain.Staff, []domain.AuditEntry, error) {
		if now.Issuer != i.Issuer || now.Subject != i.Subject {
			return now, nil, refusedFor(ReasonLink)
		}
		return now, nil, nil
	}, i)
}

// meet is for an identity that is nobody's yet.
func (s *Service) meet(ctx context.Context, i Identity, role domain.Role) (domain.Staff, error) {
	if role == "" {
		return domain.Staff{}, refusedFor(ReasonNoRole)
	}
	email, ok := domain.NormalizeEmail(i.Email)
	if !ok || !i.EmailVerified {
		return domain.Staff{}, refusedFor(ReasonEmail)
	}
	known, err := s.store.StaffByEmail(ctx, email)
	if domain.CodeOf(err) == domain.CodeNotFound {
		person := domain.Staff{Email: email, Name: nameOf(i, email), Role: role, PasswordHash: domain.NoPassword,
			Issuer: i.Issuer, Subject: i.Subject, CreatedAt: s.now()}
		detail := map[string]any{"role": string(role), "name": person.Name, "by": "identity provider"}
		return s.store.AddStaff(ctx, person, s.done(domain.System(), domain.ActionStaffAdded, detail))
	}
	if err != nil {
		return domain.Staff{}, err
	}
	return s.follow(ctx, known.ID, role, email, func(now domain.Staff) (domain.Staff, []domain.AuditEntry, error) {
		if now.Email != email || !now.MayBeLinked(s.now()) {
			return now, nil, refusedFor(ReasonLink)
		}
		now.Issuer, now.Subject, now.LinkUntil = i.Issuer, i.Subject, nil
		now.Epoch++ // what was signed in before was signed in by somebody else's word
		return now, []domain.AuditEntry{
			s.done(now.Caller(), domain.ActionIdentityLinked, map[string]any{"staff": now.Caller().ID}),
		}, nil
	}, i)
}

// follow makes a person what the provider says they are; first decides whether it is them. Nobody comes back by the
// provider's word who is disabled here. Whoever has no role there any more is suspended: sessions end, tokens rest.
func (s *Service) follow(ctx context.Context, id int64, role domain.Role, email string,
	first func(domain.Staff) (domain.Staff, []domain.AuditEntry, error), i Identity) (domain.Staff, error) {
	person, err := s.store.ChangeStaff(ctx, id, func(now domain.Staff,
		_ int) (domain.Staff, []domain.AuditEntry, error) {
		next, record, err := first(now)
		if err != nil {
			return now, nil, err
		}
		if now.DisabledAt != nil {
			return now, nil, refusedFor(ReasonDisabled)
		}
		next, more := s.becomes(next, role, email, nameOf(i, next.Name))
		return next, append(record, more...), nil
	})
	if err == nil && person.SuspendedAt != nil {
		return domain.Staff{}, refusedFor(ReasonNoRole)
	}
	return person, err
}

// becomes returns the person as the provider has them, and what is recorded of it.
func (s *Service) becomes(p domain.Staff, role domain.Role, email, name string) (domain.Staff, []domain.AuditEntry) {
	var record []domain.AuditEntry
	who := p.Caller().ID
	write := func(action string, detail map[string]any) {
		detail["staff"] = who
		record = append(record, s.done(domain.System(), action, detail))
	}
	if role == "" {
		if p.SuspendedAt == nil {
			now := s.now()
			p.SuspendedAt = &now
			p.Epoch++
			write(domain.ActionIdentitySuspended, map[string]any{})
		}
		return p, record
	}
	if p.SuspendedAt != nil {
		p.SuspendedAt = nil
		write(domain.ActionIdentityResumed, map[string]any{})
	}
	if role != p.Role {
		write(domain.ActionIdentityRoleChanged, map[string]any{"role_before": string(p.Role), "role": string(role)})
		p.Role = role
		p.Epoch++
	}
	if name != p.Name || (email != "" && email != p.Email) {
		p.Name = name
		if email != "" {
			p.Email = email
		}
		write(domain.ActionStaffChanged, map[string]any{"name": name})
	}
	return p, record
}

// freeEmail is the person's new address at the provider, if it is vouched for and nobody else's here.
func (s *Service) freeEmail(ctx context.Context, p domain.Staff, i Identity) (string, error) {
	email, ok := domain.NormalizeEmail(i.Email)
	if !ok || !i.EmailVerified || email == p.Email {
		return "", nil
	}
	_, err := s.store.StaffByEmail(ctx, email)
	switch {
	case domain.CodeOf(err) == domain.CodeNotFound:
		return email, nil
	case err != nil:
		return "", err
	default:
		return "", nil
	}
}

// nameOf is the name at the provider, if it can be one.
func nameOf(i Identity, otherwise string) string {
	if name := strings.TrimSpace(i.Name); validName(name) {
		return name
	}
	return otherwise
}

// AllowLink says that the identity with this person's mail address is theirs: the next sign-in at the provider within a
// day finds the account. Errors: not_found.
func (s *Service) AllowLink(ctx context.Context, by domain.Caller, id int64) error {
	_, err := s.store.ChangeStaff(ctx, id, func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		until := s.now().Add(linkFor)
		now.LinkUntil = &until
		return now, []domain.AuditEntry{s.done(by, domain.ActionIdentityLinkAllowed,
			map[string]any{"staff": now.Caller().ID})}, nil
	})
	return err
}
