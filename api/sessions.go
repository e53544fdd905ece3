package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"pointbridge/api/access"
	"pointbridge/domain"
	"pointbridge/domain/staff"
)

const (
	totpPath      = "/v1/session/totp"
	recoveryPath  = "/v1/session/recovery-codes"
	confirmPath   = "/v1/session/confirmation"
	ownTokensPath = "/v1/session/tokens"
)

// sessionRoutes are a person's own sign-in.
func (a *API) sessionRoutes() {
	const get, post, put, remove = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	missing := []domain.Code{domain.CodeNotFound}
	personal := []domain.Code{domain.CodeNotFound, domain.CodeSessionRequired}
	enters := []domain.Code{domain.CodeSecondFactor, domain.CodeSecondFactorWrong, domain.CodePasswordsOff}
	confirms := []domain.Code{domain.CodeSecondFactorWrong, domain.CodeSessionRequired, domain.CodeReauthentication}
	begins := []domain.Code{domain.CodeSecondFactorExists, domain.CodeNotFound}
	finishes := []domain.Code{domain.CodeSecondFactorExists, domain.CodeSecondFactorWrong, domain.CodeSessionRequired}
	removes := []domain.Code{domain.CodeSecondFactorKept, domain.CodeNotFound}
	changes := []domain.Code{domain.CodeNotFound, domain.CodePasswordGuessable, domain.CodePasswordsOff}

	addOpen(
		a,
		route{post, "/v1/session", access.Right{}, "Sign in with mail address and password", false, enters},
		http.StatusCreated,
		a.signInStaff,
	)
	add(
		a,
		route{get, "/v1/session", ownSession, "Who is signed in, and what they may do", false, nil},
		http.StatusOK,
		a.who,
	)
	add(a, route{remove, "/v1/session", ownSession, "Sign out", false, missing}, http.StatusNoContent, a.signOut)
	add(
		a,
		route{
			put,
			"/v1/session/password",
			ownSession,
			"Choose another password, and sign out everywhere",
			false,
			changes,
		},
		http.StatusNoContent,
		a.changePassword,
	)
	add(
		a,
		route{post, confirmPath, ownSession, "Show again who is signed in, before what needs it", false, confirms},
		http.StatusNoContent,
		a.confirm,
	)
	add(
		a,
		route{get, "/v1/sessions", ownSession, "One's own sessions, newest first", false, missing},
		http.StatusOK,
		a.sessions,
	)
	add(
		a,
		route{remove, "/v1/sessions", ownSession, "Sign out everywhere, or everywhere else", false, missing},
		http.StatusNoContent,
		a.signOutEverywhere,
	)
	add(
		a,
		route{remove, "/v1/sessions/{session}", ownSession, "End one of one's own sessions", false, missing},
		http.StatusNoContent,
		a.endSession,
	)
	add(
		a,
		route{get, ownTokensPath, ownSession, "One's own API tokens", false, missing},
		http.StatusOK,
		a.ownTokens,
	)
	add(
		a,
		route{post, ownTokensPath, ownSession, "Make an API token for oneself", false, missing},
		http.StatusCreated,
		a.addOwnToken,
	)
	add(
		a,
		route{remove, ownTokensPath + "/{token}", ownSession, "Revoke one of one's own API tokens", false, missing},
		http.StatusNoContent,
		a.revokeOwnToken,
	)
	add(
		a,
		route{post, totpPath, ownSession, "Begin to set an authenticator app up", false, begins},
		http.StatusOK,
		a.beginTOTP,
	)
	add(
		a,
		route{
			post,
			totpPath + "/activation",
			ownSession,
			"Set the authenticator app up with its first code",
			false,
			finishes,
		},
		http.StatusOK,
		a.finishTOTP,
	)
	add(
		a,
		route{remove, totpPath, ownSession, "Take the authenticator app away", false, removes},
		http.StatusNoContent,
		a.removeTOTP,
	)
	add(
		a,
		route{post, recoveryPath, ownSession, "Get new recovery codes", false, personal},
		http.StatusOK,
		a.renewRecovery,
	)
}

// self is the person who asks by a session. Errors: session_required.
func (a *API) self(ctx context.Context) (domain.Staff, domain.Session, error) {
	x := exchangeOf(ctx)
	if x.session == nil {
		return domain.Staff{}, domain.Session{}, domain.Refuse(domain.CodeSessionRequired)
	}
	person, err := a.deps.Accounts.ByID(ctx, x.staffID)
	return person, *x.session, err
}

type confirmInput struct {
	Body struct {
		Password string `json:"password,omitempty" maxLength:"256" doc:"Either this"`
		Code     string `json:"code,omitempty" maxLength:"40" doc:"Or the authenticator app's code, or a recovery code"`
	} `nameHint:"Confirmation"`
}

// Resolve checks what a schema cannot say.
func (in *confirmInput) Resolve(huma.Context) []error {
	if (in.Body.Password == "") == (in.Body.Code == "") {
		return []error{wrong("body.password", "required")}
	}
	return nil
}

func (a *API) confirm(ctx context.Context, in *confirmInput) (*struct{}, error) {
	person, session, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.deps.Staff.Confirm(
		ctx,
		person,
		session,
		staff.Confirmation{Password: in.Body.Password, Code: in.Body.Code},
	)
}

// SessionBody is one of a person's own sessions.
type SessionBody struct {
	ID        string    `json:"id" doc:"Names the session; it opens nothing"`
	Current   bool      `json:"current" doc:"Whether it is the one that asks"`
	CreatedAt time.Time `json:"created_at"`
	SeenAt    time.Time `json:"seen_at" doc:"When it was last used, to the minute"`
	ExpiresAt time.Time `json:"expires_at"`
	Methods   string    `json:"methods" doc:"How the person signed in, e.g. password totp"`
	Agent     string    `json:"agent" doc:"The browser and system, or the program; empty when it is not known"`
	Address   string    `json:"address" doc:"The network address it was opened from; empty when it is not known"`
}

type sessionsOutput struct {
	Body struct {
		Items      []SessionBody `json:"items" nullable:"false"`
		NextCursor *string       `json:"next_cursor" doc:"Always null: the list comes whole"`
	} `nameHint:"SessionList"`
}

func (a *API) sessions(ctx context.Context, _ *struct{}) (*sessionsOutput, error) {
	x := exchangeOf(ctx)
	if x.staffID == 0 {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	list, err := a.deps.Staff.Sessions(ctx, x.staffID)
	if err != nil {
		return nil, err
	}
	out := &sessionsOutput{}
	out.Body.Items = make([]SessionBody, 0, len(list))
	for _, s := range list {
		out.Body.Items = append(
			out.Body.Items,
			SessionBody{ID: s.PublicID(), Current: x.session != nil && s.PublicID() == x.session.PublicID(),
				CreatedAt: s.CreatedAt.UTC(), SeenAt: s.SeenAt.UTC(), ExpiresAt: s.ExpiresAt.UTC(), Methods: s.Methods,
				Agent: s.Agent, Address: s.Address},
		)
	}
	return out, nil
}

type signOutInput struct {
	Except string `query:"except" enum:"current" doc:"current leaves the session alone that asks"`
}

func (a *API) signOutEverywhere(ctx context.Context, in *signOutInput) (*struct{}, error) {
	x := exchangeOf(ctx)
	if x.staffID == 0 || (in.Except != "" && x.session == nil) {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	if in.Except != "" {
		return nil, a.deps.Staff.EndOtherSessions(ctx, x.caller, *x.session)
	}
	return nil, a.deps.Staff.SignOutEverywhere(ctx, x.caller, x.staffID)
}

type endSessionInput struct {
	ID string `path:"session" maxLength:"64" doc:"The session's id"`
}

func (a *API) endSession(ctx context.Context, in *endSessionInput) (*struct{}, error) {
	x := exchangeOf(ctx)
	if x.staffID == 0 {
		return nil, domain.Refuse(domain.CodeNotFound)
	}
	return nil, a.deps.Staff.EndOwnSession(ctx, x.caller, x.staffID, in.ID)
}

type beginTOTPOutput struct {
	Body struct {
		Secret string `json:"secret" doc:"To be typed into the app; it is kept nowhere until the app's first code comes back"`
		URI    string `json:"uri" doc:"For apps, and for a picture to be photographed"`
		Setup  string `json:"setup" doc:"Goes back with the first code, within ten minutes"`
	} `nameHint:"TOTPSetup"`
}

func (a *API) beginTOTP(ctx context.Context, _ *struct{}) (*beginTOTPOutput, error) {
	person, _, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	begun, err := a.deps.Staff.BeginTOTP(person)
	if err != nil {
		return nil, err
	}
	out := &beginTOTPOutput{}
	out.Body.Secret, out.Body.URI, out.Body.Setup = begun.Secret, begun.URI, begun.Setup
	return out, nil
}

type finishTOTPInput struct {
	Body struct {
		Setup string `json:"setup" minLength:"1" maxLength:"2000"`
		Code  string `json:"code" minLength:"6" maxLength:"20" doc:"The app's code"`
	} `nameHint:"TOTPActivation"`
}

type recoveryOutput struct {
	Body struct {
		Codes []string `json:"recovery_codes" nullable:"false" doc:"Each is good once in place of a code; they are shown this once. Empty when the person has some from before"`
	} `nameHint:"RecoveryCodes"`
}

func (a *API) finishTOTP(ctx context.Context, in *finishTOTPInput) (*recoveryOutput, error) {
	person, session, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	return recovery(a.deps.Staff.FinishTOTP(ctx, person, session, in.Body.Setup, in.Body.Code))
}

func (a *API) removeTOTP(ctx context.Context, _ *struct{}) (*struct{}, error) {
	person, session, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.deps.Staff.RemoveTOTP(ctx, person, session)
}

func (a *API) renewRecovery(ctx context.Context, _ *struct{}) (*recoveryOutput, error) {
	person, session, err := a.self(ctx)
	if err != nil {
		return nil, err
	}
	return recovery(a.deps.Staff.RenewRecovery(ctx, person, session))
}

func recovery(codes []string, err error) (*recoveryOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &recoveryOutput{}
	out.Body.Codes = append([]string{}, codes...)
	return out, nil
}
