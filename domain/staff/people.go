package staff

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"pointbridge/domain"
)

const maxName = 200

// Person is somebody to add. Without a password one is drawn, which the person has to change: whoever added them knows
// it.
type Person struct {
	Email, Name string
	Role        domain.Role
	CustomerID  string
	Password    string
}

// Edit is what changes about a person; nil leaves things as they are.
type Edit struct {
	Email      *string
	Name       *string
	Role       *domain.Role
	CustomerID *string
	Disabled   *bool
}

// Add adds a person and gives their password, which nobody can read again. Where no password lets anybody in there is
// none: the person's first sign-in at the identity provider finds the account by its mail address. Errors:
// validation_failed with the field, password_guessable, staff_already_exists.
func (s *Service) Add(ctx context.Context, by domain.Caller, p Person) (domain.Staff, string, error) {
	email, ok := domain.NormalizeEmail(p.Email)
	if !ok {
		return domain.Staff{}, "", wrong("email")
	}
	person := domain.Staff{Email: email, Name: strings.TrimSpace(p.Name), Role: p.Role, CustomerID: p.CustomerID,
		CreatedAt: s.now()}
	if err := check(person); err != nil {
		return domain.Staff{}, "", err
	}
	if !s.roles.OfStaff(person.Role) {
		return domain.Staff{}, "", wrong("role")
	}
	password, hash, err := s.firstPassword(ctx, person, p.Password)
	if err != nil {
		return domain.Staff{}, "", err
	}
	person.PasswordHash, person.MustChangePassword = hash, password != "" && p.Password == ""
	person, err = s.store.AddStaff(ctx, person, s.done(by, domain.ActionStaffAdded,
		map[string]any{"role": string(p.Role), "name": person.Name}))
	return person, password, err
}

// Change changes a person. Another role, and being disabled, end every session. Errors: not_found, validation_failed
// with the field, own_membership when somebody says of themselves which member they are, last_system_admin when nobody
// could let others in any more, staff_already_exists for another's address.
func (s *Service) Change(ctx context.Context, by domain.Caller, id int64, e Edit) (domain.Staff, error) {
	if e.Email != nil {
		email, ok := domain.NormalizeEmail(*e.Email)
		if !ok {
			return domain.Staff{}, wrong("email")
		}
		e.Email = &email
	}
	return s.store.ChangeStaff(ctx, id, func(now domain.Staff, others int) (domain.Staff, []domain.AuditEntry, error) {
		next, detail := s.apply(now, e)
		if by.PersonID == id && (next.CustomerID != now.CustomerID || next.Email != now.Email) {
			return now, nil, domain.Refuse(domain.CodeOwnMembership)
		}
		if err := check(next); err != nil {
			return now, nil, err
		}
		if next.Role != now.Role && !s.roles.OfStaff(next.Role) { // one that is gone can stay, and be changed for another
			return now, nil, wrong("role")
		}
		if now.RunsTheSystem() && !next.RunsTheSystem() && others == 0 {
			return now, nil, domain.Refuse(domain.CodeLastSystemAdmin)
		}
		if len(detail) == 0 {
			return now, nil, nil
		}
		if next.Role != now.Role || next.Enabled() != now.Enabled() {
			next.Epoch++
		}
		detail["staff"] = now.Caller().ID
		record := []domain.AuditEntry{s.done(by, domain.ActionStaffChanged, detail)}
		if next.Email != now.Email && !now.HasPassword() && !now.Federated() {
			// Whoever has the new address at the identity provider becomes this person: somebody may have made it for that.
			record = append(record, s.done(by, domain.ActionIdentityLinkAllowed, map[string]any{"staff": now.Caller().ID}))
		}
		return next, record, nil
	})
}

// apply returns the person after the edit, and what is different.
func (s *Service) apply(p domain.Staff, e Edit) (domain.Staff, map[string]any) {
	detail := map[string]any{}
	if e.Email != nil && *e.Email != p.Email {
		detail["email"] = "changed"          // the audit holds nobody's address
		p.Email, p.LinkUntil = *e.Email, nil // what an admin said was said of the address of before
	}
	if e.Name != nil && strings.TrimSpace(*e.Name) != p.Name {
		p.Name = strings.TrimSpace(*e.Name)
		detail["name"] = p.Name
	}
	if e.Role != nil && *e.Role != p.Role {
		detail["role_before"], detail["role"] = string(p.Role), string(*e.Role)
		p.Role = *e.Role
	}
	if e.CustomerID != nil && *e.CustomerID != p.CustomerID {
		p.CustomerID = *e.CustomerID
		detail["customer_id"] = p.CustomerID
	}
	if e.Disabled != nil && *e.Disabled == (p.DisabledAt == nil) {
		p.DisabledAt = nil
		if *e.Disabled {
			now := s.now()
			p.DisabledAt = &now
		}
		detail["disabled"] = *e.Disabled
	}
	return p, detail
}

// SetPassword gives a person another password, the chosen one or one that is drawn and that they have to change, and
// ends every session. Errors: not_found, validation_failed with the field, password_guessable, password_sign_in_off.
func (s *Service) SetPassword(ctx context.Context, by domain.Caller, id int64, chosen string) (string, error) {
	if s.provider.Only {
		return "", domain.Refuse(domain.CodePasswordsOff)
	}
	person, err := s.store.StaffByID(ctx, id)
	if err != nil {
		return "", err
	}
	password, hash, err := s.password(ctx, person, chosen)
	if err != nil {
		return "", err
	}
	_, err = s.store.ChangeStaff(ctx, id, func(now domain.Staff, _ int) (domain.Staff, []domain.AuditEntry, error) {
		now.PasswordHash, now.MustChangePassword = hash, chosen == ""
		now.Epoch++
		return now, []domain.AuditEntry{s.done(by, domain.ActionStaffPasswordSet,
			map[string]any{"staff": now.Caller().ID})}, nil
	})
	return password, err
}

// firstPassword is a new person's password, and none where none lets anybody in.
func (s *Service) firstPassword(ctx context.Context, of domain.Staff, chosen string) (password, hash string,
	err error) {
	if !s.provider.Only {
		return s.password(ctx, of, chosen)
	}
	if chosen != "" {
		return "", "", domain.Refuse(domain.CodePasswordsOff)
	}
	return "", domain.NoPassword, nil
}

// password checks the chosen password, or draws one, and hashes it.
func (s *Service) password(ctx context.Context, of domain.Staff, chosen string) (password, hash string, err error) {
	if chosen == "" {
		if chosen, err = domain.DrawPassword(s.random); err != nil {
			return "", "", err
		}
	}
	if !domain.GoodPassword(chosen) {
		return "", "", wrong("password")
	}
	if err := s.strong(of.Email, of.Name, chosen); err != nil {
		return "", "", err
	}
	hash, err = s.hash(ctx, chosen)
	return chosen, hash, err
}

// List lists everybody there ever was.
func (s *Service) List(ctx context.Context) ([]domain.Staff, error) { return s.store.ListStaff(ctx) }

// ByID finds a person. Errors: not_found.
func (s *Service) ByID(ctx context.Context, id int64) (domain.Staff, error) {
	return s.store.StaffByID(ctx, id)
}

// ByEmail finds a person. Errors: not_found.
func (s *Service) ByEmail(ctx context.Context, email string) (domain.Staff, error) {
	email, _ = domain.NormalizeEmail(email)
	return s.store.StaffByEmail(ctx, email)
}

func check(p domain.Staff) error {
	switch {
	case !validName(p.Name):
		return wrong("name")
	case p.CustomerID != "" && !domain.ValidCustomerID(p.CustomerID):
		return wrong("customer_id")
	}
	return nil
}

func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && utf8.RuneCountInString(name) <= maxName &&
		!strings.ContainsFunc(name, unicode.IsControl)
}

func wrong(field string) error {
	return domain.Refuse(domain.CodeValidation, "field", "body."+field)
}
