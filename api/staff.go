package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

// StaffBody is a person who works here.
type StaffBody struct {
	ID         int64       `json:"id"`
	Email      string      `json:"email"`
	Name       string      `json:"name"`
	Role       domain.Role `json:"role" enum:"staff,store_manager,ec_admin,system_admin"`
	CustomerID *string     `json:"customer_id" doc:"The person's own membership"`
	CreatedAt  time.Time   `json:"created_at"`
	DisabledAt *time.Time  `json:"disabled_at" doc:"Since when the person may not get in; null for those who may"`
	// SuspendedAt is the identity provider's doing.
	SuspendedAt *time.Time `json:"suspended_at" doc:"Since when the identity provider gives the person no role, so that they may not get in either; null for those to whom it does"`
}

func staffOf(s domain.Staff) StaffBody {
	body := StaffBody{ID: s.ID, Email: s.Email, Name: s.Name, Role: s.Role, CustomerID: given(s.CustomerID),
		CreatedAt: s.CreatedAt.UTC()}
	if s.DisabledAt != nil {
		at := s.DisabledAt.UTC()
		body.DisabledAt = &at
	}
	if s.SuspendedAt != nil {
		at := s.SuspendedAt.UTC()
		body.SuspendedAt = &at
	}
	return body
}

// StaffPath documents the person in the path.
type StaffPath struct {
	ID int64 `path:"id" minimum:"1" doc:"The person's number"`
}

type staffListOutput struct {
	Body struct {
		Items      []StaffBody `json:"items" nullable:"false"`
		NextCursor *string     `json:"next_cursor" doc:"Always null: the list comes whole"`
	} `nameHint:"StaffList"`
}

func (a *API) staffList(ctx context.Context, _ *struct{}) (*staffListOutput, error) {
	list, err := a.deps.Staff.List(ctx)
	if err != nil {
		return nil, err
	}
	out := &staffListOutput{}
	out.Body.Items = make([]StaffBody, 0, len(list))
	for _, s := range list {
		out.Body.Items = append(out.Body.Items, staffOf(s))
	}
	return out, nil
}

type addStaffInput struct {
	Body struct {
		Email      string      `json:"email" minLength:"1" maxLength:"254" doc:"A plain address; kept in lower case"`
		Name       string      `json:"name" minLength:"1" maxLength:"200" doc:"As the record shows it"`
		Role       domain.Role `json:"role" enum:"staff,store_manager,ec_admin,system_admin"`
		CustomerID string      `json:"customer_id,omitempty" maxLength:"64" doc:"The person's own membership, if they are a member"`
	} `nameHint:"NewStaff"`
}

// Resolve checks what a schema cannot say.
func (in *addStaffInput) Resolve(huma.Context) []error {
	var errs []error
	if _, ok := domain.NormalizeEmail(in.Body.Email); !ok {
		errs = append(errs, wrong("body.email", "email"))
	}
	return append(errs, ownMembership(&in.Body.CustomerID)...)
}

func ownMembership(id *string) []error {
	if id != nil && *id != "" && !domain.ValidCustomerID(*id) {
		return []error{wrong("body.customer_id", "customer_id")}
	}
	return nil
}

type addStaffOutput struct {
	Body struct {
		StaffBody
		Password string `json:"password" doc:"Drawn for the person; it is shown this once. Empty where people sign in by an identity provider alone"`
	} `nameHint:"AddedStaff"`
}

func (a *API) addStaff(ctx context.Context, in *addStaffInput) (*addStaffOutput, error) {
	if err := a.deciders(ctx, in.Body.Role); err != nil {
		return nil, err
	}
	person, password, err := a.deps.Staff.Add(ctx, exchangeOf(ctx).caller,
		staff.Person{Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role, CustomerID: in.Body.CustomerID})
	if err != nil {
		return nil, err
	}
	out := &addStaffOutput{}
	out.Body.StaffBody, out.Body.Password = staffOf(person), password
	return out, nil
}

// deciders refuses to make somebody who decides for whoever is not a person that showed a moment ago who they are.
func (a *API) deciders(ctx context.Context, role domain.Role) error {
	if !a.deps.Policy.Roles().Decides(role) {
		return nil
	}
	return a.fresh(exchangeOf(ctx))
}

type changeStaffInput struct {
	StaffPath
	Body struct {
		Email      *string      `json:"email,omitempty" minLength:"1" maxLength:"254" doc:"Where the person signs in with and is written to; both the old and the new one are told"`
		Name       *string      `json:"name,omitempty" minLength:"1" maxLength:"200"`
		Role       *domain.Role `json:"role,omitempty" enum:"staff,store_manager,ec_admin,system_admin" doc:"Another role ends the person's sessions"`
		CustomerID *string      `json:"customer_id,omitempty" maxLength:"64" doc:"An empty text clears it"`
		Disabled   *bool        `json:"disabled,omitempty" doc:"true ends the person's sessions and tokens at once"`
	} `nameHint:"StaffChange" doc:"What is left out stays as it is"`
}

// Resolve checks what a schema cannot say.
func (in *changeStaffInput) Resolve(huma.Context) []error {
	errs := ownMembership(in.Body.CustomerID)
	if in.Body.Email != nil {
		if _, ok := domain.NormalizeEmail(*in.Body.Email); !ok {
			errs = append(errs, wrong("body.email", "email"))
		}
	}
	return errs
}

type staffOutput struct {
	Body StaffBody
}

func (a *API) changeStaff(ctx context.Context, in *changeStaffInput) (*staffOutput, error) {
	if in.Body.Email != nil || (in.Body.Disabled != nil && !*in.Body.Disabled) {
		if err := a.fresh(exchangeOf(ctx)); err != nil {
			return nil, err
		}
	}
	if in.Body.Role != nil {
		if err := a.deciders(ctx, *in.Body.Role); err != nil {
			return nil, err
		}
	}
	person, err := a.deps.Staff.Change(ctx, exchangeOf(ctx).caller, in.ID,
		staff.Edit{Email: in.Body.Email, Name: in.Body.Name, Role: in.Body.Role, CustomerID: in.Body.CustomerID,
			Disabled: in.Body.Disabled})
	if err != nil {
		return nil, err
	}
	return &staffOutput{staffOf(person)}, nil
}

type passwordOutput struct {
	Body struct {
		Password string `json:"password" doc:"Drawn for the person; it is shown this once"`
	} `nameHint:"NewPassword"`
}

// resetPassword draws a new password. The request has no body: a password that somebody else chose is no secret.
func (a *API) resetPassword(ctx context.Context, in *StaffPath) (*passwordOutput, error) {
	password, err := a.deps.Staff.SetPassword(ctx, exchangeOf(ctx).caller, in.ID, "")
	if err != nil {
		return nil, err
	}
	out := &passwordOutput{}
	out.Body.Password = password
	return out, nil
}

// resetSecondFactor is for somebody who lost theirs; it ends their sessions.
func (a *API) resetSecondFactor(ctx context.Context, in *StaffPath) (*struct{}, error) {
	return nil, a.deps.Staff.ResetSecondFactor(ctx, exchangeOf(ctx).caller, in.ID)
}
