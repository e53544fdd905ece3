package api

import (
	"context"
	"time"

	"pointbridge/domain"
)

// KeyBody is a key of a program, without its secret.
type KeyBody struct {
	Prefix     string      `json:"prefix" doc:"The public part of the key"`
	Name       string      `json:"name" doc:"What it is for"`
	Role       domain.Role `json:"role" enum:"staff,store_manager,ec_admin,system_admin,pos,customer"`
	CustomerID *string     `json:"customer_id" doc:"The member whose key it is"`
	Owner      *string     `json:"owner" doc:"The mail address of the person who answers for it; null for nobody"`
	Unowned    bool        `json:"unowned" doc:"Nobody answers for it although somebody should: it is from before that was asked for"`
	MadeBy     *string     `json:"made_by" doc:"Who made it, as the record names them"`
	CreatedAt  time.Time   `json:"created_at"`
	ExpiresAt  *time.Time  `json:"expires_at" doc:"From this moment on it is worth nothing; null for a key without an end"`
	Alive      bool        `json:"alive" doc:"It lets in now: its end has not come, and its owner may get in"`
	LastUsedAt *time.Time  `json:"last_used_at" doc:"To the minute; null for never"`
}

type keysOutput struct {
	Body struct {
		Items      []KeyBody `json:"items" nullable:"false"`
		NextCursor *string   `json:"next_cursor" doc:"Always null: the list comes whole"`
	} `nameHint:"KeyList"`
}

// programKeys lists the keys of programs that were not revoked.
func (a *API) programKeys(ctx context.Context, _ *struct{}) (*keysOutput, error) {
	list, err := a.deps.Machines.List(ctx)
	if err != nil {
		return nil, err
	}
	out, now := &keysOutput{}, a.deps.Now()
	out.Body.Items = make([]KeyBody, 0, len(list))
	for _, k := range list {
		out.Body.Items = append(out.Body.Items, KeyBody{Prefix: k.Prefix, Name: k.Caller.Name, Role: k.Caller.Role,
			CustomerID: given(k.Caller.CustomerID), Owner: given(k.Owner), Unowned: k.Unowned(),
			MadeBy: given(k.MadeBy), CreatedAt: k.CreatedAt.UTC(), ExpiresAt: utc(k.ExpiresAt), Alive: k.Alive(now),
			LastUsedAt: utc(k.LastUsedAt)})
	}
	return out, nil
}

// The tokens of the person who asks: nobody else can make one for them.

type ownTokenInput struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"200" doc:"What it is for"`
	} `nameHint:"NewToken"`
}

func (a *API) addOwnToken(ctx context.Context, in *ownTokenInput) (*addTokenOutput, error) {
	person, err := personOf(ctx)
	if err != nil {
		return nil, err
	}
	return a.makeToken(ctx, person, in.Body.Name)
}

func (a *API) ownTokens(ctx context.Context, _ *struct{}) (*tokensOutput, error) {
	person, err := personOf(ctx)
	if err != nil {
		return nil, err
	}
	return a.tokens(ctx, &StaffPath{ID: person})
}

type revokeOwnTokenInput struct {
	TokenID int64 `path:"token" minimum:"1" doc:"The token's number"`
}

func (a *API) revokeOwnToken(ctx context.Context, in *revokeOwnTokenInput) (*struct{}, error) {
	person, err := personOf(ctx)
	if err != nil {
		return nil, err
	}
	return nil, a.deps.Staff.RevokeToken(ctx, exchangeOf(ctx).caller, person, in.TokenID)
}

// personOf is the number of the person who asks. A program's key is nobody who could have tokens. Errors: not_found.
func personOf(ctx context.Context) (int64, error) {
	x := exchangeOf(ctx)
	if x.staffID == 0 {
		return 0, domain.Refuse(domain.CodeNotFound)
	}
	return x.staffID, nil
}
