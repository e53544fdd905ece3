package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/domain"
	"pointbridge/domain/staff"
)

type signInInput struct {
	Body struct {
		Email    string `json:"email" minLength:"1" maxLength:"254" doc:"In either case"`
		Password string `json:"password" minLength:"1" maxLength:"256"`
		Code     string `json:"code,omitempty" maxLength:"40" doc:"The authenticator app's, or a recovery code; needed by people who have a second factor"`
	} `nameHint:"SignIn"`
}

type signInOutput struct {
	Body struct {
		Token     string    `json:"token" doc:"Goes into the Authorization header, as Bearer; it is shown this once"`
		ExpiresAt time.Time `json:"expires_at" doc:"From this moment on it is worth nothing"`
		Staff     StaffBody `json:"staff"`
		Due       string    `json:"due,omitempty" enum:"password,set_up" doc:"What has to be done before anything else: password, to choose another one; set_up, to set up a second factor. Absent when nothing is"`
	} `nameHint:"SignedIn"`
}

// signInStaff opens a session for a person who knows their password, and has their second factor at hand if they have
// one.
func (a *API) signInStaff(ctx context.Context, in *signInInput) (*signInOutput, error) {
	x := exchangeOf(ctx)
	signed, err := a.deps.Staff.Enter(ctx, staff.Entry{Email: in.Body.Email, Password: in.Body.Password,
		Code: in.Body.Code, From: staff.From{Address: network(x.address), Agent: x.agent}})
	if err != nil {
		return nil, err
	}
	x.caller = signed.Staff.Caller()
	out := &signInOutput{}
	out.Body.Token, out.Body.ExpiresAt, out.Body.Staff = signed.Token, signed.ExpiresAt.UTC(), staffOf(signed.Staff)
	out.Body.Due = string(signed.Stage)
	return out, nil
}

type whoOutput struct {
	Body struct {
		ID          string      `json:"id" doc:"As the record names the caller: staff:3 for a person, key:… for a key that belongs to nobody"`
		Name        string      `json:"name"`
		Role        domain.Role `json:"role" enum:"staff,store_manager,ec_admin,system_admin"`
		CustomerID  *string     `json:"customer_id" doc:"The person's own membership"`
		Permissions []string    `json:"permissions" nullable:"false" doc:"What the caller may do, as object:action: what the role may, but for what takes a person where a program asks"`
		ExpiresAt   *time.Time  `json:"expires_at" doc:"When the session ends; null for an API token"`
	} `nameHint:"Who"`
}

func (a *API) who(ctx context.Context, _ *struct{}) (*whoOutput, error) {
	x := exchangeOf(ctx)
	out := &whoOutput{}
	out.Body.ID, out.Body.Name, out.Body.Role, out.Body.CustomerID = x.caller.ID, x.caller.Name, x.caller.Role,
		given(x.caller.CustomerID)
	out.Body.Permissions = a.deps.Policy.RightsOf(x.caller)
	if x.session != nil {
		ends := x.session.ExpiresAt.UTC()
		out.Body.ExpiresAt = &ends
	}
	return out, nil
}

// signOut ends the session that the request came with. An API token is no session: it is revoked where it was made.
func (a *API) signOut(ctx context.Context, _ *struct{}) (*struct{}, error) {
	x := exchangeOf(ctx)
	if x.session == nil {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	return nil, a.deps.Staff.SignOut(ctx, x.caller, *x.session)
}

type changePasswordInput struct {
	Body struct {
		Current string `json:"current_password" minLength:"1" maxLength:"256"`
		New     string `json:"new_password" maxLength:"256" doc:"At least 12 characters, at most 256 bytes, another one than before, and not easy to guess for somebody who knows the person and the shop"`
	} `nameHint:"PasswordChange"`
}

// Resolve checks what a schema cannot say.
func (in *changePasswordInput) Resolve(huma.Context) []error {
	if !domain.GoodPassword(in.Body.New) {
		return []error{wrong("body.new_password", "password")}
	}
	return nil
}

// changePassword is a person's own affair: it asks for the password they have, whatever let them in.
func (a *API) changePassword(ctx context.Context, in *changePasswordInput) (*struct{}, error) {
	x := exchangeOf(ctx)
	if x.staffID == 0 {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	return nil, a.deps.Staff.ChangePassword(ctx, x.staffID, in.Body.Current, in.Body.New)
}
